package dependency_test

import (
	"errors"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-0d4f92cc/pack/pkg/chart"
	"github.com/seed-0d4f92cc/pack/pkg/repo"
	"github.com/seed-0d4f92cc/pack/pkg/repo/dependency"
)

func matches(pattern, text string) bool { return regexp.MustCompile(pattern).MatchString(text) }

// What is locked is what is used, and nothing else.
func TestBuild(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	s.serve(t, false, "db-1.1.0")
	good := s.files["/db-1.1.0.tgz"]
	e := newEnv(t, s)
	e.chart("app", "0.1.0", "db ^1 "+s.URL, "local * file://../local")
	e.chart("local", "0.3.0")
	if err := e.build(dependency.Options{}); err != nil {
		t.Fatalf("without a lock file: %v", err)
	}

	// Another archive under the same name: neither by build, nor silently by
	// update.
	e.fetcher.Content, e.cfg.Content = repo.ContentCache{}, repo.ContentCache{}
	if err := os.RemoveAll(e.path("app/charts")); err != nil {
		t.Fatal(err)
	}
	s.files["/db-1.1.0.tgz"] = packed(t, map[string]string{"Chart.yaml": "apiVersion: v2\nname: db\nversion: 1.1.0\n", "templates/evil.yaml": "x: y\n"})
	err := e.build(dependency.Options{})
	content, ok := errors.AsType[*dependency.ContentError](err)
	if !ok || !errors.Is(err, repo.ErrDigest) || content.Want != repo.DigestOf(good) || !strings.HasPrefix(err.Error(), "dependency db 1.1.0 is not what Chart.lock says: digest mismatch: ") {
		t.Errorf("%v", err)
	}
	if got := e.vendored(); got != nil {
		t.Errorf("%v", got)
	}
	if err := e.update(dependency.Options{}); err != nil {
		t.Fatal(err)
	}
	if !slices.ContainsFunc(e.lines, func(l string) bool {
		return strings.HasPrefix(l, "WARNING: db 1.1.0 is not what it was when it was locked: ")
	}) {
		t.Errorf("%v", e.lines)
	}

	// A local chart that has changed.
	write(t, e.path("local/templates/b.yaml"), "x: y\n")
	err = e.build(dependency.Options{})
	if content, ok = errors.AsType[*dependency.ContentError](err); !ok || content.Folder != e.path("local") {
		t.Errorf("%v", err)
	}
	if err := e.update(dependency.Options{}); err != nil {
		t.Fatal(err)
	}
	if err := e.build(dependency.Options{}); err != nil {
		t.Error(err)
	}

	// Other declarations.
	e.chart("app", "0.1.0", "db ^1.1 "+s.URL, "local * file://../local")
	if err := e.build(dependency.Options{}); !errors.Is(err, dependency.ErrOutOfSync) {
		t.Errorf("%v", err)
	}
}

// A lock file as Helm writes it has no digests of archives: it is enough, but
// its repositories must be configured.
func TestBuildHelms(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	s.serve(t, false, "db-1.1.0")
	e := newEnv(t, s)
	e.chart("app", "0.1.0", "db ^1 "+s.URL)
	e.lock([]string{"db 1.1.0 " + s.URL})
	before := tree(t, e.dir)
	err := e.build(dependency.Options{})
	if want := "no repository definition for " + s.URL + ". Please add the missing repos via 'helm repo add'"; err == nil || err.Error() != want {
		t.Errorf("%v, want %s", err, want)
	}
	if diff := cmp.Diff(before, tree(t, e.dir)); diff != "" {
		t.Error(diff)
	}
	e.repos = []repo.Entry{{Name: "good", URL: s.URL, Access: repo.Access{CAFile: s.caFile}}}
	if err := e.build(dependency.Options{}); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"db-1.1.0.tgz"}, e.vendored()); diff != "" {
		t.Error(diff)
	}
	if got := tree(t, e.dir)["app/Chart.lock"]; got != before["app/Chart.lock"] {
		t.Errorf("%s", got)
	}
}

// A chart of version 1 has its dependencies in files of its own, and a digest of
// Helm 2 will do.
func TestV1(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	s.serve(t, false, "db-1.1.0")
	e := newEnv(t, s)
	e.repos = []repo.Entry{{Name: "good", URL: s.URL, Access: repo.Access{CAFile: s.caFile}}}
	write(t, e.path("app/Chart.yaml"), "apiVersion: v1\nname: app\nversion: 0.1.0\n")
	write(t, e.path("app/requirements.yaml"), "dependencies:\n- {name: db, version: ^1, repository: \"@good\"}\n")
	if err := e.update(dependency.Options{}); err != nil {
		t.Fatal(err)
	}
	files := tree(t, e.path("app"))
	if !strings.Contains(files["requirements.lock"], "\n  db-1.1.0: sha256:") || files["Chart.lock"] != "" {
		t.Errorf("%v", files["requirements.lock"])
	}
	if err := e.build(dependency.Options{}); err != nil {
		t.Error(err)
	}
	// sha256 of {"dependencies":[{"name":"db","version":"^1","repository":"@good"}]}
	write(t, e.path("app/requirements.lock"), "dependencies:\n- {name: db, version: 1.1.0, repository: "+s.URL+"}\n"+
		"digest: sha256:40ae9ec9a67f584b83a2db05bb5cfaf59281a0414474c420842407b5b96ff354\n")
	if err := e.build(dependency.Options{}); err != nil {
		t.Error(err)
	}
	write(t, e.path("app/requirements.yaml"), "dependencies:\n- {name: db, version: ^1.1, repository: \"@good\"}\n")
	err := e.build(dependency.Options{})
	if want := "the lock file (requirements.lock) is out of sync with the dependencies file (requirements.yaml). Please update the dependencies"; err == nil || err.Error() != want {
		t.Errorf("%v", err)
	}
}

func TestOffline(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	s.serve(t, true, "db-1.1.0")
	e := newEnv(t, s)
	e.registry.charts["example.com/charts/cache:1.2.0"] = archive(t, "cache", "1.2.0")
	e.chart("app", "0.1.0", "db ^1 "+s.URL, "cache 1.2.0 oci://example.com/charts")
	if err := e.update(dependency.Options{Offline: true}); err == nil {
		t.Error("nothing is cached")
	}
	if err := e.update(dependency.Options{}); err != nil {
		t.Fatal(err)
	}
	s.requests()
	e.registry.asked = nil
	want := e.vendored()
	// From the charts folder, and with the cached index from the cache.
	if err := e.update(dependency.Options{Offline: true}); err != nil {
		t.Error(err)
	}
	if err := os.RemoveAll(e.path("app/charts")); err != nil {
		t.Fatal(err)
	}
	if err := e.build(dependency.Options{Offline: true}); err != nil {
		t.Error(err)
	}
	if diff := cmp.Diff(want, e.vendored()); diff != "" {
		t.Error(diff)
	}
	// The index says which digest the archive has, and the lock file.
	if err := os.RemoveAll(e.path("app/charts")); err != nil {
		t.Fatal(err)
	}
	if err := e.update(dependency.Options{Offline: true}); err != nil {
		t.Error(err)
	}
	if diff := cmp.Diff(want, e.vendored()); diff != "" {
		t.Error(diff)
	}
	// A signature is not there: offline is no way round it.
	e.cfg.Provenance = repo.ProvenanceMust
	if err := e.build(dependency.Options{Offline: true}); err == nil || !strings.Contains(err.Error(), "provenance") {
		t.Errorf("%v", err)
	}
	e.cfg.Provenance = repo.ProvenanceIgnore
	e.fetcher.Content, e.cfg.Content = repo.ContentCache{}, repo.ContentCache{}
	if err := os.RemoveAll(e.path("app/charts")); err != nil {
		t.Fatal(err)
	}
	err := e.build(dependency.Options{Offline: true})
	if !errors.Is(err, repo.ErrOffline) || !strings.Contains(err.Error(), "db 1.1.0 is neither in the cache nor in the charts folder") {
		t.Errorf("%v", err)
	}
	if got := s.requests(); got != nil || e.registry.asked != nil {
		t.Errorf("%v, %v", got, e.registry.asked)
	}
}

// TestOfflineWithoutDigests has repositories that do not say what their archives are:
// what the lock file says of them is enough, if it is about the same.
func TestOfflineWithoutDigests(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	s.serve(t, false, "db-1.1.0")
	e := newEnv(t, s)
	e.registry.charts["example.com/charts/cache:1.2.0"] = archive(t, "cache", "1.2.0")
	e.registry.charts["example.com/charts/cache:1.1.0"] = archive(t, "cache", "1.1.0")
	e.chart("app", "0.1.0", "db ^1 "+s.URL, "cache ^1 oci://example.com/charts")
	if err := e.update(dependency.Options{}); err != nil {
		t.Fatal(err)
	}
	want := e.vendored()
	lock, err := os.ReadFile(e.path("app/Chart.lock"))
	if err != nil {
		t.Fatal(err)
	}
	s.requests()
	e.registry.asked = nil
	for _, tt := range []struct {
		name string
		deps []string
		// keep says what is left of the lock file and of the charts folder.
		lock, charts bool
		want         string
	}{
		{"all", nil, true, true, ""},
		{"lock file", nil, true, false, ""},
		{"charts folder", nil, false, true, ""},
		{"another place", []string{"db ^1 " + s.URL + "/sub", "cache ^1 oci://example.com/charts"}, true, false, "no cached repository for "},
		{"never pulled", []string{"other ^1 oci://example.com/charts"}, false, false, "offline: which versions of other there are in oci://example.com/charts would have to be asked, and none"},
		{"pulled elsewhere", []string{"cache ^1 oci://example.com/other"}, false, false, "offline: which versions of cache there are in oci://example.com/other would have to be asked"},
		{"pulled, out of range", []string{"cache >1.2 oci://example.com/charts"}, false, false, "can't get a valid version for 1 subchart"},
		{"pulled, and no digest", nil, false, false, "offline: db 1.1.0 is not in the charts folder"},
		{"no digest", []string{"db ^1 " + s.URL}, false, false, "offline: db 1.1.0 is not in the charts folder, and it cannot be looked up in the cache"},
		{"out of range", []string{"cache ^2 oci://example.com/charts"}, true, true, "can't get a valid version for 1 subchart"},
		{"exact", []string{"cache 1.1.0 oci://example.com/charts"}, true, true, "offline: cache 1.1.0 is not in the charts folder"},
	} {
		if tt.deps == nil {
			tt.deps = []string{"db ^1 " + s.URL, "cache ^1 oci://example.com/charts"}
		}
		e.chart("app", "0.1.0", tt.deps...)
		if err := errors.Join(os.RemoveAll(e.path("app/Chart.lock")), os.RemoveAll(e.path("app/charts"))); err != nil {
			t.Fatal(err)
		}
		if tt.lock {
			write(t, e.path("app/Chart.lock"), string(lock))
		}
		if tt.charts {
			write(t, e.path("app/charts/db-1.1.0.tgz"), string(archive(t, "db", "1.1.0")))
			write(t, e.path("app/charts/cache-1.2.0.tgz"), string(archive(t, "cache", "1.2.0")))
		}
		err := e.update(dependency.Options{Offline: true})
		if (err == nil) != (tt.want == "") || err != nil && !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v, want %q", tt.name, err, tt.want)
		}
		if err == nil {
			if diff := cmp.Diff(want, e.vendored()); diff != "" {
				t.Errorf("%s: %s", tt.name, diff)
			}
		}
	}
	e.chart("app", "0.1.0", "cache ^1 oci://example.com/charts")
	if err := errors.Join(os.RemoveAll(e.path("app/Chart.lock")), os.RemoveAll(e.path("app/charts"))); err != nil {
		t.Fatal(err)
	}
	if err := e.update(dependency.Options{Offline: true}); err != nil {
		t.Errorf("pulled: %v", err)
	}
	if got, want := e.vendored(), []string{"cache-1.2.0.tgz"}; !slices.Equal(got, want) {
		t.Errorf("pulled: %v, want %v", got, want)
	}
	if got := s.requests(); got != nil || e.registry.asked != nil {
		t.Errorf("%v, %v", got, e.registry.asked)
	}
}

// A chart is completed as its lock file says, and nothing is written beside it.
func TestComplete(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	s.serve(t, false, "db-1.1.0")
	e := newEnv(t, s)
	e.chart("app", "0.1.0", "db >=1 "+s.URL, "local * file://../local", "own * ")
	e.chart("app/charts/own", "0.1.0")
	e.chart("local", "0.3.0", "below * file://../below")
	e.chart("below", "0.4.0")
	if err := e.update(dependency.Options{}); err != nil {
		t.Fatal(err)
	}
	for _, name := range e.vendored() {
		if strings.HasSuffix(name, ".tgz") {
			if err := os.Remove(e.path("app/charts/" + name)); err != nil {
				t.Fatal(err)
			}
		}
	}
	s.serve(t, false, "db-2.0.0")
	before := tree(t, e.dir)
	c, err := chart.Load(os.DirFS(e.path("app")), chart.LoadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	complete, err := e.manager(false).Complete(t.Context(), c, e.path("app"), dependency.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for path, sub := range complete.All() {
		got = append(got, path+" "+sub.Metadata().Version)
	}
	slices.Sort(got)
	want := []string{"app 0.1.0", "app/charts/db 1.1.0", "app/charts/local 0.3.0", "app/charts/local/charts/below 0.4.0", "app/charts/own 0.1.0"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(before, tree(t, e.dir)); diff != "" {
		t.Error(diff)
	}
	if c.MissingDependencies() == nil {
		t.Error("the chart itself has changed")
	}
}

// A chart that was fetched says nothing about folders here, and what it brings
// along is what it uses.
func TestCompleteFetched(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	s.serve(t, false, "db-1.1.0")
	e := newEnv(t, s)
	e.chart("local", "0.3.0")
	load := func(files map[string]string) *chart.Chart {
		c, err := chart.Read(strings.NewReader(string(packed(t, files))), chart.LoadOptions{})
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	const head = "apiVersion: v2\nname: app\nversion: 0.1.0\ndependencies:\n"
	own := "- {name: local, version: \"*\", repository: \"file://" + e.path("local") + "\"}\n"
	db := "- {name: db, version: ^1, repository: \"" + s.URL + "\"}\n"
	sub := "apiVersion: v2\nname: local\nversion: 9.0.0\n"

	m := e.manager(false)
	_, err := m.Complete(t.Context(), load(map[string]string{"Chart.yaml": head + own}), "", dependency.Options{})
	if err == nil || !strings.Contains(err.Error(), "beside a chart that was fetched") {
		t.Errorf("%v", err)
	}
	c := load(map[string]string{"Chart.yaml": head + own, "charts/local/Chart.yaml": sub})
	if got, err := m.Complete(t.Context(), c, "", dependency.Options{}); err != nil || got != c {
		t.Errorf("%v", err)
	}
	if got := s.requests(); got != nil {
		t.Errorf("%v", got)
	}
	c = load(map[string]string{"Chart.yaml": head + own + db, "charts/local/Chart.yaml": sub})
	got, err := m.Complete(t.Context(), c, "", dependency.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if got.MissingDependencies() != nil || len(got.Dependencies()) != 2 {
		t.Errorf("%v", got.Dependencies())
	}
}
