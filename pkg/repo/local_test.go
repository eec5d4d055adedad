package repo_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gofrs/flock"
	"github.com/google/go-cmp/cmp"

	"github.com/seed-0d4f92cc/pack/pkg/repo"
)

// served serves an index to those who know the password.
func served(t *testing.T) *httptest.Server {
	t.Helper()
	srv := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch _, password, _ := r.BasicAuth(); {
		case r.URL.Path != "/charts/index.yaml":
			http.NotFound(w, r)
		case password != "secret":
			w.WriteHeader(http.StatusUnauthorized)
		default:
			_, _ = io.WriteString(w, plainIndex)
		}
	}))
	srv.Config.ErrorLog = quiet()
	srv.StartTLS()
	t.Cleanup(srv.Close)
	return srv
}

func newLocal(t *testing.T) repo.Local {
	t.Helper()
	dir := t.TempDir()
	getter := newGetter()
	return repo.Local{
		File:    filepath.Join(dir, "config", "repositories.yaml"),
		Indexes: &repo.IndexCache{Dir: filepath.Join(dir, "cache")},
		Getter: func(scheme string) (repo.Getter, error) {
			if scheme != "http" && scheme != "https" {
				return nil, errors.New("no such scheme")
			}
			return getter, nil
		},
	}
}

// configured are the names in repositories.yaml.
func configured(t *testing.T, l repo.Local) []string {
	t.Helper()
	r, err := repo.ReadRepositories(l.File)
	if err != nil {
		t.Fatal(err)
	}
	names := []string{}
	for e := range r.All() {
		names = append(names, e.Name)
	}
	return names
}

func TestLocal(t *testing.T) {
	t.Parallel()
	srv := served(t)
	l := newLocal(t)
	e := repo.Entry{Name: "one", URL: srv.URL + "/charts", Access: repo.Access{Username: "me", Password: "secret", CAFile: caFile(t, srv)}}
	other := e
	other.URL += "/"
	add := func(e repo.Entry, replace, want bool, wantErr string) {
		t.Helper()
		added, err := l.Add(t.Context(), e, replace)
		if added != want || (err == nil) != (wantErr == "") || err != nil && !strings.Contains(err.Error(), wantErr) {
			t.Errorf("added: %v, error %v", added, err)
		}
	}
	add(e, false, true, "")
	add(e, false, false, "")
	add(e, true, true, "")
	add(other, false, false, "repository name (one) already exists, please specify a different name")
	add(other, true, true, "")
	wrong := e
	wrong.Name, wrong.Access.Password = "two", "wrong"
	add(wrong, false, false, fmt.Sprintf("looks like %q is not a valid chart repository or cannot be reached: failed to fetch %s/charts/index.yaml : 401 Unauthorized", e.URL, srv.URL))
	for name, text := range map[string]string{
		"a/b": "repository name (a/b) contains '/', please specify a different name without '/'", "": "needs a name", "  ": "needs a name",
		`a\b`: "contains a character", "a\nb": "contains a character", "a\x1b[2Jb": "contains a character", "a\u202eb": "contains a character",
	} {
		bad := e
		bad.Name = name
		add(bad, false, false, text)
	}
	add(repo.Entry{Name: "x", URL: "foo://x"}, false, false, "could not find protocol handler for: foo")
	add(repo.Entry{Name: "x", URL: "http://me:topsecret@%zz"}, false, false, "invalid chart URL format: (a URL that cannot be parsed)")
	if diff := cmp.Diff([]string{"one"}, configured(t, l)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	index, err := l.Indexes.Open("one")
	if err != nil {
		t.Fatal(err)
	}
	if err := index.Close(); err != nil {
		t.Error(err)
	}
	removeAll(t, l)
}

// removeAll removes "one", which is all there is.
func removeAll(t *testing.T, l repo.Local) {
	t.Helper()
	for _, c := range []struct{ name, want string }{
		{"two", `no repo named "two" found`},
		{"one", ""},
		{"one", "no repositories configured"},
	} {
		err := l.Remove(t.Context(), c.name)
		if (err == nil) != (c.want == "") || err != nil && err.Error() != c.want {
			t.Errorf("%s: error %v, want %q", c.name, err, c.want)
		}
		if err != nil && !errors.Is(err, repo.ErrNotConfigured) {
			t.Errorf("%v is no ErrNotConfigured", err)
		}
	}
	left, err := os.ReadDir(l.Indexes.Dir)
	if err != nil || len(left) > 0 {
		t.Errorf("files were left in the cache: %v, %v", left, err)
	}
}

func TestLocalUpdate(t *testing.T) {
	t.Parallel()
	srv := served(t)
	l := newLocal(t)
	if _, err := l.Select(nil); err == nil || err.Error() != "no repositories found. You must add one before updating" {
		t.Errorf("error %v", err)
	}
	access := repo.Access{Username: "me", Password: "secret", CAFile: caFile(t, srv)}
	r := &repo.Repositories{}
	for i := range 20 {
		r.Set(repo.Entry{Name: fmt.Sprintf("good%d", i), URL: srv.URL + "/charts", Access: access})
	}
	r.Set(repo.Entry{Name: "gone", URL: srv.URL + "/nowhere?token=topsecret", Access: access})
	r.Set(repo.Entry{Name: "plugin", URL: "foo://bucket"})
	if err := r.Write(l.File); err != nil {
		t.Fatal(err)
	}
	if _, err := l.Select([]string{"good1", "nope"}); err == nil || err.Error() != "no repositories found matching 'nope'.  Nothing will be updated" {
		t.Errorf("error %v", err)
	}
	all, err := l.Select(nil)
	if err != nil || len(all) != 22 {
		t.Fatalf("%d repositories, %v", len(all), err)
	}
	told := map[string]string{}
	err = l.Update(t.Context(), all, func(e repo.Entry, err error) {
		if err != nil {
			told[e.Name] = err.Error()
		}
	})
	want := map[string]string{
		"gone":   "failed to fetch " + srv.URL + "/nowhere/index.yaml?token=xxxxx : 404 Not Found",
		"plugin": "could not find protocol handler for: foo",
	}
	if diff := cmp.Diff(want, told); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	text := fmt.Sprintf("failed to update the following repositories: [%s/nowhere?token=xxxxx foo://bucket]", srv.URL)
	if failed, ok := errors.AsType[*repo.UpdateError](err); !ok || failed.Error() != text || len(failed.Errs) != 2 {
		t.Errorf("error %v", err)
	}
	some, err := l.Select([]string{"good3", "good1", "good3"})
	if err != nil || len(some) != 2 || some[0].Name != "good1" {
		t.Errorf("selected %v, %v", some, err)
	}
	if err := l.Update(t.Context(), some, func(repo.Entry, error) {}); err != nil {
		t.Error(err)
	}
}

func TestLocalTimeout(t *testing.T) {
	t.Parallel()
	srv := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }))
	t.Cleanup(srv.Close)
	l := newLocal(t)
	l.Timeout = 20 * time.Millisecond
	_, err := l.Add(t.Context(), repo.Entry{Name: "one", URL: srv.URL}, false)
	if !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "has not come within 20ms") {
		t.Errorf("error %v", err)
	}
}

// TestAddAtOnce holds that nothing is lost where many add at the same time.
func TestAddAtOnce(t *testing.T) {
	t.Parallel()
	srv := served(t)
	l := newLocal(t)
	access := repo.Access{Username: "me", Password: "secret", CAFile: caFile(t, srv)}
	var group sync.WaitGroup
	var want []string
	for i := range 10 {
		name := fmt.Sprintf("repo%d", i)
		want = append(want, name)
		group.Go(func() {
			if added, err := l.Add(t.Context(), repo.Entry{Name: name, URL: srv.URL + "/charts", Access: access}, false); !added || err != nil {
				t.Errorf("%s: %v, %v", name, added, err)
			}
		})
	}
	group.Wait()
	got := configured(t, l)
	slices.Sort(got)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestRepositoriesLock holds that whoever has Helm's lock is waited for.
func TestRepositoriesLock(t *testing.T) {
	t.Parallel()
	for file, lock := range map[string]string{"repositories.yaml": "repositories.lock", "repos": "repos.lock", ".yaml": ".lock"} {
		t.Run(file, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			held := flock.New(filepath.Join(dir, lock))
			if err := held.Lock(); err != nil {
				t.Fatal(err)
			}
			ctx, cancel := context.WithCancel(t.Context())
			time.AfterFunc(20*time.Millisecond, cancel)
			path := filepath.Join(dir, file)
			set := func(r *repo.Repositories) error {
				r.Set(repo.Entry{Name: "one", URL: "https://one.example.com"})
				return nil
			}
			if err := repo.EditRepositories(ctx, path, set); !errors.Is(err, context.Canceled) {
				t.Errorf("error %v", err)
			}
			if _, err := os.Stat(path); !errors.Is(err, os.ErrNotExist) {
				t.Errorf("the file was written: %v", err)
			}
			time.AfterFunc(20*time.Millisecond, func() { _ = held.Unlock() })
			if err := repo.EditRepositories(t.Context(), path, set); err != nil {
				t.Error(err)
			}
			if r, err := repo.ReadRepositories(path); err != nil || r.Len() != 1 {
				t.Errorf("%v, %v", r, err)
			}
		})
	}
}

// TestRepositoriesFile reads what others may have written.
func TestRepositoriesFile(t *testing.T) {
	t.Parallel()
	bomb := "a: &a [x, x, x, x, x, x, x, x, x, x]\n"
	for c := 'b'; c < 'j'; c++ {
		bomb += fmt.Sprintf("%c: &%c [%s]\n", c, c, strings.TrimSuffix(strings.Repeat(fmt.Sprintf("*%c, ", c-1), 10), ", "))
	}
	for name, c := range map[string]struct {
		data string
		want []string
		err  string
	}{
		"empty":        {"", []string{}, ""},
		"unknown keys": {"more: 1\nrepositories:\n- {name: one, url: u, more: [1]}\n", []string{"one"}, ""},
		"nulls":        {"repositories:\n- null\n- name: one\n", []string{"one"}, ""},
		"no list":      {"repositories:\n", []string{}, ""},
		"JSON":         {`{"repositories": [{"name": "one"}]}`, []string{"one"}, ""},
		"a bomb":       {bomb + "repositories: *i\n", nil, "couldn't load repositories file"},
		"deep":         {strings.Repeat("[", 100_000), nil, "couldn't load repositories file"},
		"a wrong type": {"repositories: [{name: [x]}]", nil, "couldn't load repositories file"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "repositories.yaml")
			if err := os.WriteFile(path, []byte(c.data), 0o600); err != nil {
				t.Fatal(err)
			}
			r, err := repo.ReadRepositories(path)
			if c.err != "" {
				if err == nil || !strings.Contains(err.Error(), c.err) {
					t.Errorf("error %v, want %q", err, c.err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			got := []string{}
			for e := range r.All() {
				got = append(got, e.Name)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// TestWriteThroughLink holds that a link stays one.
func TestWriteThroughLink(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	target, link := filepath.Join(dir, "target.yaml"), filepath.Join(dir, "repositories.yaml")
	if err := os.WriteFile(target, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("target.yaml", link); err != nil {
		t.Fatal(err)
	}
	r := &repo.Repositories{}
	r.Set(repo.Entry{Name: "one"})
	if err := r.Write(link); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Lstat(link); err != nil || info.Mode().Type() != os.ModeSymlink {
		t.Errorf("%v, %v", info, err)
	}
	info, err := os.Stat(target)
	if err != nil || info.Size() == 0 || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info, err)
	}
}
