package dependency_test

import (
	"errors"
	"fmt"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-0d4f92cc/pack/pkg/chart"
	"github.com/seed-0d4f92cc/pack/pkg/repo"
	"github.com/seed-0d4f92cc/pack/pkg/repo/dependency"
)

// The digests are Helm 4's.
func TestDigest(t *testing.T) {
	t.Parallel()
	const at = "http://127.0.0.1:18765"
	for _, tt := range []struct {
		declared, locked chart.Dependency
		want             string
	}{
		{
			chart.Dependency{Name: "db", Version: "^1", Repository: at},
			chart.Dependency{Name: "db", Version: "1.1.0", Repository: at},
			"sha256:26e0a8098ef37edbeafad9a2c64fb509f3d932f572ac75689448094fafc36d44",
		},
		{
			chart.Dependency{
				Name: "db", Version: "^1", Repository: at, Alias: "one", Condition: "a.b,c", Tags: []string{"x", "<y>&"}, Enabled: true,
				ImportValues: []any{"data", map[string]any{"child": "a", "parent": "b"}},
			},
			chart.Dependency{Name: "db", Version: "1.1.0", Repository: at},
			"sha256:7d29b96a6094c4c1a651ba366216b9bf4561e0e2513381fa93e1b95bdf32bad5",
		},
		{
			chart.Dependency{Name: "own", Version: "^0.1"},
			chart.Dependency{Name: "own", Version: "^0.1"},
			"sha256:16b252450a35ef9caebc29aede3e7edd7803ee550aefa9f1e0c4630f1843dc2f",
		},
	} {
		got, err := dependency.Digest([]*chart.Dependency{&tt.declared}, []*chart.Dependency{&tt.locked})
		if err != nil || got != tt.want {
			t.Errorf("%+v: %s, %v, want %s", tt.declared, got, err, tt.want)
		}
	}
}

// Twenty charts are fetched at once, with one index, and from the cache
// with no request at all.
func TestConcurrent(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	var charts, deps []string
	for i := range 20 {
		charts = append(charts, fmt.Sprintf("c%02d-1.0.%d", i, i))
		deps = append(deps, fmt.Sprintf("c%02d ^1 %s", i, s.URL))
	}
	s.serve(t, false, charts...)
	// Nobody is answered until as many have asked as may do so at once.
	var mu sync.Mutex
	waiting := 0
	full := make(chan struct{})
	s.before = func(r *http.Request) {
		if !strings.HasSuffix(r.URL.Path, ".tgz") {
			return
		}
		mu.Lock()
		waiting++
		if waiting == 20 {
			close(full)
		}
		mu.Unlock()
		select {
		case <-full:
		case <-time.After(30 * time.Second):
		}
	}
	e := newEnv(t, s)
	e.chart("app", "0.1.0", deps...)
	if err := e.update(dependency.Options{}); err != nil {
		t.Fatal(err)
	}
	select {
	case <-full:
	default:
		t.Errorf("%d requests at once", waiting)
	}
	want := []string{"/index.yaml 1"}
	for _, c := range charts {
		want = append(want, "/"+c+".tgz 1")
	}
	got := s.requests()
	if diff := cmp.Diff(append(want[1:], want[0]), got); diff != "" {
		t.Error(diff)
	}
	lines := strings.Join(e.lines, "\n")
	if !strings.Contains(lines, "Saving 20 charts\nDownloading c00 from repo "+s.URL+"\nDownloading c01 ") {
		t.Error(lines)
	}
	if err := os.RemoveAll(e.path("app/charts")); err != nil {
		t.Fatal(err)
	}
	if err := e.build(dependency.Options{}); err != nil {
		t.Fatal(err)
	}
	if got := s.requests(); got != nil || len(e.vendored()) != 20 {
		t.Errorf("%v, %v", got, e.vendored())
	}
}

// Every kind of repository, and which requests each takes.
func TestUpdate(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	s.serve(t, true, "db-1.1.0", "web-2.0.0+b")
	e := newEnv(t, s)
	e.repos = []repo.Entry{{Name: "good", URL: s.URL + "/", Access: repo.Access{CAFile: s.caFile}}}
	e.registry.charts["example.com/charts/cache:1.2.0"] = archive(t, "cache", "1.2.0")
	e.registry.charts["example.com/charts/cache:1.3.0"] = archive(t, "cache", "1.3.0")
	e.registry.charts["example.com/charts/mail:0.1.0"] = archive(t, "mail", "0.1.0")
	e.chart("app", "0.1.0", "db ^1 @good", "web * "+s.URL, "web * alias:good again", "cache ~1.2 oci://example.com/charts",
		"mail 0.1.0 oci://example.com/charts", "local * file://../local", "own * ")
	e.chart("app/charts/own", "0.2.0")
	e.chart("local", "0.3.0", "below * file://../below")
	e.chart("below", "0.4.0")
	write(t, e.path("app/charts/old-1.0.0.tgz"), string(archive(t, "old", "1.0.0")))
	write(t, e.path("app/charts/own-0.1.0.tgz"), string(archive(t, "own", "0.1.0")))
	write(t, e.path("app/charts/_notes.txt"), "mine")
	if err := e.update(dependency.Options{}); err != nil {
		t.Fatal(err)
	}
	wantFiles := []string{"_notes.txt", "cache-1.2.0.tgz", "db-1.1.0.tgz", "local-0.3.0.tgz", "mail-0.1.0.tgz", "own", "own-0.1.0.tgz", "web-2.0.0+b.tgz"}
	if diff := cmp.Diff(wantFiles, e.vendored()); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"/db-1.1.0.tgz 1", "/index.yaml 1", "/web-2.0.0+b.tgz 1"}, s.requests()); diff != "" {
		t.Error(diff)
	}
	wantAsked := map[string]int{"versions example.com/charts/cache": 1, "pull example.com/charts/cache:1.2.0": 1, "pull example.com/charts/mail:0.1.0": 1}
	asked := map[string]int{}
	for _, line := range e.registry.asked {
		asked[line]++
	}
	if diff := cmp.Diff(wantAsked, asked); diff != "" {
		t.Error(diff)
	}
	lock := tree(t, e.path("app"))["Chart.lock"]
	for _, want := range []string{
		"contents:\n  cache-1.2.0: " + repo.DigestOf(e.registry.charts["example.com/charts/cache:1.2.0"]) + "\n",
		"\n  db-1.1.0: " + repo.DigestOf(s.files["/db-1.1.0.tgz"]) + "\n", "\n  local-0.3.0: files-sha256:",
		"\n- name: db\n  repository: " + s.URL + "/\n  version: 1.1.0\n", "\n- name: own\n  repository: \"\"\n  version: '*'\n",
		"\ngenerated: \"2026-01-02T03:04:05Z\"\n",
	} {
		if !strings.Contains(lock, want) {
			t.Errorf("no %q in\n%s", want, lock)
		}
	}
	wantLines := []string{
		"Hang tight while we grab the latest from your chart repositories...",
		`...Successfully got an update from the "good" chart repository`,
		"Update Complete. ⎈Happy Helming!⎈",
		"Saving 7 charts",
		"Downloading db from repo " + s.URL + "/",
		"Downloading web from repo " + s.URL,
		"Already downloaded web from repo " + s.URL + "/",
		"Downloading cache from repo oci://example.com/charts",
		"Pulled: example.com/charts/cache:1.2.0", "Digest: " + repo.DigestOf([]byte("example.com/charts/cache:1.2.0")),
		"Downloading mail from repo oci://example.com/charts",
		"Pulled: example.com/charts/mail:0.1.0", "Digest: " + repo.DigestOf([]byte("example.com/charts/mail:0.1.0")),
		"Dependency own did not declare a repository. Assuming it exists in the charts directory",
		"Deleting outdated charts",
	}
	if diff := cmp.Diff(wantLines, e.lines[:len(wantLines)]); diff != "" {
		t.Error(diff)
	}
	// Again nothing changes, and what has a digest in the index is not fetched.
	before := tree(t, e.path("app"))
	if err := e.update(dependency.Options{ModTime: time.Unix(1e9, 0)}); err != nil {
		t.Fatal(err)
	}
	after := tree(t, e.path("app"))
	// The time of the files is another one, but not what is locked.
	delete(before, "charts/local-0.3.0.tgz")
	delete(after, "charts/local-0.3.0.tgz")
	if diff := cmp.Diff(before, after); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"/index.yaml 1"}, s.requests()); diff != "" {
		t.Error(diff)
	}
}

// What fails leaves everything as it was.
func TestNothingChanges(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name    string
		prepare func(*env, *server)
		want    string
		is      error
	}{
		{"no archive", func(_ *env, s *server) { delete(s.files, "/db-1.1.0.tgz") }, "could not download https://.*/db-1.1.0.tgz: .*404", nil},
		{"another chart", func(e *env, s *server) { s.files["/db-1.1.0.tgz"] = archive(e.t, "web", "1.1.0") }, `db-1.1.0.tgz holds the chart "web"`, nil},
		{"no chart", func(_ *env, s *server) { s.files["/db-1.1.0.tgz"] = []byte("<html>") }, "dependency db 1.1.0: https://.*/db-1.1.0.tgz: ", nil},
		{"lock is a link", func(e *env, _ *server) {
			e.t.Helper()
			write(e.t, e.path("elsewhere"), "digest: x\n")
			if err := errors.Join(os.Remove(e.path("app/Chart.lock")), os.Symlink("../elsewhere", e.path("app/Chart.lock"))); err != nil {
				e.t.Fatal(err)
			}
		}, `the Chart.lock file is a symlink to "../elsewhere"`, nil},
		{"unknown version", func(e *env, _ *server) { e.chart("app", "0.1.0", "db >7 @good", "web >7 @good") }, `can't get a valid version for 2 subchart\(s\): "db" `, nil},
		{"unknown chart", func(e *env, _ *server) { e.chart("app", "0.1.0", "nope * @good") }, "nope chart not found in repo https://", repo.ErrNotFound},
		{"unknown repository", func(e *env, _ *server) { e.chart("app", "0.1.0", "db * @nope") }, "no repository definition for @nope. Please add them via 'helm repo add'$", nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := newServer(t)
			s.serve(t, false, "db-1.1.0", "web-2.0.0")
			e := newEnv(t, s)
			e.repos = []repo.Entry{{Name: "good", URL: s.URL, Access: repo.Access{CAFile: s.caFile}}}
			e.chart("app", "0.1.0", "db ^1 @good", "web * @good")
			write(t, e.path("app/charts/old-1.0.0.tgz"), string(archive(t, "old", "1.0.0")))
			write(t, e.path("app/Chart.lock"), "digest: x\n")
			tt.prepare(e, s)
			before := tree(t, e.dir)
			err := e.update(dependency.Options{})
			if err == nil || !matches(tt.want, err.Error()) || tt.is != nil && !errors.Is(err, tt.is) {
				t.Errorf("%v, want %s", err, tt.want)
			}
			if diff := cmp.Diff(before, tree(t, e.dir)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestConfigDefaults: a Manager works with what it was given, and says what it lacks.
func TestConfigDefaults(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	s.serve(t, true, "db-1.1.0")
	e := newEnv(t, s)
	e.repos = []repo.Entry{{Name: "good", URL: s.URL + "/", Access: repo.Access{CAFile: s.caFile}}}
	e.registry.charts["example.com/charts/mail:0.1.0"] = archive(t, "mail", "0.1.0")
	e.chart("app", "0.1.0", "db ^1 @good", "mail 0.1.0 oci://example.com/charts")
	if err := dependency.New(dependency.Config{}).Update(t.Context(), e.path("app"), dependency.Options{}); err == nil {
		t.Error("dependencies come from nowhere")
	}
	if err := dependency.New(e.cfg).Update(t.Context(), e.path("app"), dependency.Options{}); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"db-1.1.0.tgz", "mail-0.1.0.tgz"}, e.vendored()); diff != "" {
		t.Errorf("archives (-want +got):\n%s", diff)
	}
}
