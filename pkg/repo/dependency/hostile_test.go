package dependency_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-0d4f92cc/pack/pkg/chart"
	"github.com/seed-0d4f92cc/pack/pkg/repo"
	"github.com/seed-0d4f92cc/pack/pkg/repo/dependency"
)

// Names and versions are parts of file names, whoever gave them.
func TestHostileNames(t *testing.T) {
	t.Parallel()
	const oci = "oci://example.com/charts"
	for _, tt := range []struct {
		name           string
		declared, lock []string
		want           string
	}{
		{"name", []string{"../../evil 1.0.0 " + oci}, nil, `"../../evil": no chart can have this name`},
		{"dots", []string{".. 1.0.0 " + oci}, nil, `"..": no chart can have this name`},
		{"no name", []string{" 1.0.0 " + oci}, nil, `"": no chart can have this name`},
		{"backslash", []string{`a\b 1.0.0 ` + oci}, nil, `no chart can have this name`},
		{"version", []string{"a 1.0.0/../../../evil " + oci}, nil, `"1.0.0/../../../evil" is no version`},
		{"locked name", []string{"a 1.0.0 " + oci}, []string{"../evil 1.0.0 " + oci}, `"../evil": no chart can have this name`},
		{"locked version", []string{"a 1.0.0 " + oci}, []string{"a 1/../../../../evil " + oci}, `"1/../../../../evil" is no version`},
		{"locked backslash", []string{"a 1.0.0 " + oci}, []string{`a 1\..\evil ` + oci}, `is no version`},
		{"locked range", []string{"a * " + oci}, []string{"a * " + oci}, `dependency a: the version "\*": `},
		{"locked escape", []string{"a 1.0.0 " + oci}, []string{"a 1.0.0\x1b[2J " + oci}, `is no version`},
		{"locked escape in a repository", []string{"a 1.0.0 " + oci}, []string{"a 1.0.0 " + oci + "\x1b[2J"}, `is no repository`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			e := newEnv(t, nil)
			e.chart("app", "0.1.0", tt.declared...)
			if tt.lock != nil {
				// What is locked is in the cache, so that nothing has to be
				// fetched, and what is declared fits.
				data := archive(t, "a", "1.0.0")
				digest, err := e.fetcher.Content.PutChart(data)
				if err != nil {
					t.Fatal(err)
				}
				f := strings.Split(tt.lock[0], " ")
				e.lock(tt.lock, fmt.Sprintf("%q: %s", f[0]+"-"+f[1], digest))
			}
			before := tree(t, e.dir)
			err := e.build(dependency.Options{})
			if err == nil || !matches(tt.want, err.Error()) {
				t.Errorf("%v, want %s", err, tt.want)
			}
			if diff := cmp.Diff(before, tree(t, e.dir)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestHostileLists(t *testing.T) {
	t.Parallel()
	e := newEnv(t, nil)
	var deps []string
	for i := range 1001 {
		deps = append(deps, fmt.Sprintf("c%d * oci://example.com/charts", i))
	}
	e.chart("app", "0.1.0", deps...)
	if err := e.update(dependency.Options{}); err == nil || !strings.Contains(err.Error(), "1001 dependencies, at most 1000") {
		t.Errorf("%v", err)
	}
	if e.registry.asked != nil {
		t.Errorf("%d requests", len(e.registry.asked))
	}
}

// A charts folder, or an archive in it, that is a link out of the chart.
func TestHostileLinks(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	s.serve(t, false, "db-1.1.0")
	e := newEnv(t, s)
	e.chart("app", "0.1.0", "db ^1 "+s.URL)
	write(t, e.path("outside/old-1.0.0.tgz"), string(archive(t, "old", "1.0.0")))
	write(t, e.path("outside/_file"), "mine")
	if err := os.Symlink("../outside", e.path("app/charts")); err != nil {
		t.Fatal(err)
	}
	before := tree(t, e.dir)
	err := e.update(dependency.Options{})
	if err == nil || !strings.Contains(err.Error(), "is a link out of the chart") {
		t.Errorf("%v", err)
	}
	if diff := cmp.Diff(before, tree(t, e.dir)); diff != "" {
		t.Error(diff)
	}
	if err := errors.Join(os.Remove(e.path("app/charts")), os.Mkdir(e.path("app/charts"), 0o755),
		os.Symlink("../../outside/old-1.0.0.tgz", e.path("app/charts/db-1.1.0.tgz"))); err != nil {
		t.Fatal(err)
	}
	if err := e.update(dependency.Options{}); err != nil {
		t.Fatal(err)
	}
	after := tree(t, e.dir)
	if after["app/charts/db-1.1.0.tgz"] != string(s.files["/db-1.1.0.tgz"]) || after["outside/old-1.0.0.tgz"] != before["outside/old-1.0.0.tgz"] {
		t.Error("the link was followed")
	}
}

// Local charts that depend on each other, in a circle, too deep, and in so many
// ways that there is no end to it.
func TestHostileFolders(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name  string
		write func(*env)
		want  string
	}{
		{"itself", func(e *env) { e.chart("app", "0.1.0", "app * file://.") }, "the chart depends on itself"},
		{"circle", func(e *env) {
			e.chart("app", "0.1.0", "a * file://../a", "b * file://../b")
			e.chart("a", "0.1.0", "b * file://../b")
			e.chart("b", "0.1.0", "a * file://../x/../a")
		}, "the chart depends on itself"},
		{"links", func(e *env) {
			e.chart("app", "0.1.0", "a * file://a/a/a")
			e.chart("a", "0.1.0", "b * file://a/a")
			if err := os.Symlink("../a", e.path("a/a")); err != nil {
				e.t.Fatal(err)
			}
			if err := os.Symlink("../a", e.path("app/a")); err != nil {
				e.t.Fatal(err)
			}
		}, "."},
		{"deep", func(e *env) {
			e.chart("app", "0.1.0", "c0 * file://../c0")
			for i := range 20 {
				e.chart(fmt.Sprintf("c%d", i), "0.1.0", fmt.Sprintf("c%d * file://../c%[1]d", i+1))
			}
			e.chart("c20", "0.1.0")
		}, "more than 16 deep"},
		{"wide", func(e *env) {
			e.chart("app", "0.1.0", "a0 * file://../a0", "b0 * file://../b0", "c0 * file://../c0")
			for i := range 14 {
				below := []string{fmt.Sprintf("a%d * file://../a%[1]d", i+1), fmt.Sprintf("b%d * file://../b%[1]d", i+1), fmt.Sprintf("c%d * file://../c%[1]d", i+1)}
				for _, name := range []string{"a", "b", "c"} {
					e.chart(fmt.Sprintf("%s%d", name, i), "0.1.0", below...)
				}
			}
			for _, name := range []string{"a", "b", "c"} {
				e.chart(name+"14", "0.1.0")
			}
		}, "more than 5000 charts"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			e := newEnv(t, nil)
			tt.write(e)
			err := e.update(dependency.Options{})
			if err == nil || !matches(tt.want, err.Error()) {
				t.Errorf("%v, want %s", err, tt.want)
			}
			if got := e.vendored(); got != nil {
				t.Errorf("%v", got)
			}
		})
	}
}

// Archives that are small, and large together once they are unpacked.
func TestHostileSizes(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	s.serve(t, false, "a-1.0.0", "b-1.0.0")
	for _, name := range []string{"a", "b"} {
		fsys := fstest.MapFS{
			"Chart.yaml": {Data: []byte("apiVersion: v2\nname: " + name + "\nversion: 1.0.0\n")},
			"zeros":      {Data: make([]byte, 60<<20)},
		}
		c, err := chart.Load(fsys, chart.LoadOptions{})
		if err != nil {
			t.Fatal(err)
		}
		var b strings.Builder
		if err := c.WriteArchive(&b, chart.ArchiveOptions{}); err != nil {
			t.Fatal(err)
		}
		s.files["/"+name+"-1.0.0.tgz"] = []byte(b.String())
	}
	e := newEnv(t, s)
	e.chart("app", "0.1.0", "a * "+s.URL, "b * "+s.URL)
	err := e.update(dependency.Options{})
	if !errors.Is(err, chart.ErrTooLarge) || !strings.Contains(err.Error(), "together") {
		t.Errorf("%v", err)
	}
	if got := e.vendored(); got != nil {
		t.Errorf("%v", got)
	}
}

// Archives that have no end, several at once.
func TestHostileLengths(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	s.serve(t, false, "a-1.0.0", "b-1.0.0", "c-1.0.0")
	junk := make([]byte, 40<<20)
	var deps []string
	for _, name := range []string{"a", "b", "c"} {
		s.files["/"+name+"-1.0.0.tgz"] = junk
		deps = append(deps, name+" * "+s.URL)
	}
	e := newEnv(t, s)
	e.chart("app", "0.1.0", deps...)
	// None of them is a chart; which is told of first is chance.
	err := e.update(dependency.Options{})
	if err == nil || e.vendored() != nil {
		t.Errorf("%v, %v", err, e.vendored())
	}
	s.files["/a-1.0.0.tgz"] = make([]byte, 101<<20)
	e.chart("app", "0.1.0", deps[0])
	if err := e.update(dependency.Options{}); err == nil || !strings.Contains(err.Error(), "longer than 104857600 bytes") {
		t.Errorf("%v", err)
	}
}

// Two charts of one name and version from two places cannot both be had.
func TestTwoOfOneName(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	s.serve(t, false, "db-1.1.0")
	s.files["/db-1.1.0.tgz"] = packed(t, map[string]string{"Chart.yaml": "apiVersion: v2\nname: db\nversion: 1.1.0\n"})
	e := newEnv(t, s)
	e.registry.charts["example.com/charts/db:1.1.0"] = archive(t, "db", "1.1.0")
	e.chart("app", "0.1.0", "db ^1 "+s.URL, "db 1.1.0 oci://example.com/charts second")
	err := e.update(dependency.Options{})
	if err == nil || !strings.Contains(err.Error(), "different charts with the same name and version, db-1.1.0") {
		t.Errorf("%v", err)
	}
}

// Credentials go where they belong to, and passwords are not shown.
func TestCredentials(t *testing.T) {
	t.Parallel()
	mine, other := newServer(t), newServer(t)
	mine.serve(t, false, "db-1.1.0", "web-1.0.0")
	other.serve(t, false, "web-1.0.0")
	// An index that leads to another host.
	mine.files["/index.yaml"] = []byte(strings.Replace(string(mine.files["/index.yaml"]), "[web-1.0.0.tgz]", "["+other.URL+"/web-1.0.0.tgz]", 1))
	e := newEnv(t, mine)
	both := e.path("both.pem")
	pems := tree(t, mine.caFile)["."] + tree(t, other.caFile)["."]
	write(t, both, pems)
	e.cfg.Access = repo.Access{CAFile: both, Username: "given", Password: "secret"}
	e.repos = []repo.Entry{{Name: "mine", URL: mine.URL, Access: repo.Access{CAFile: both, Username: "configured", Password: "secret"}}}
	e.chart("app", "0.1.0", "db ^1 @mine", "web * @mine", "web * "+other.URL+" second")
	if err := e.update(dependency.Options{}); err != nil {
		t.Fatal(err)
	}
	if !mine.users["configured"] || mine.users["given"] || len(other.users) != 0 {
		t.Errorf("%v, %v", mine.users, other.users)
	}
	e.chart("app", "0.1.0", "a 1.0.0 oci://one.example.com/charts", "b 1.0.0 oci://two.example.com/charts")
	err := e.update(dependency.Options{})
	if err == nil || !strings.Contains(err.Error(), "two registries, one.example.com and two.example.com") || e.registry.asked != nil {
		t.Errorf("%v, %v", err, e.registry.asked)
	}
	e.cfg.Access = repo.Access{CAFile: both}
	withPassword := strings.Replace(other.URL, "https://", "https://me:hidden@", 1)
	e.chart("app", "0.1.0", "web 1.0.0 "+withPassword, "nope * "+withPassword)
	err = e.update(dependency.Options{})
	if err == nil || strings.Contains(err.Error()+strings.Join(e.lines, ""), "hidden") {
		t.Errorf("%v, %v", err, e.lines)
	}
	if !slices.Contains(e.lines, "Getting updates for unmanaged Helm repositories...") {
		t.Errorf("%v", e.lines)
	}
}

// TestSecretsInRepositories: what may be secret in the URL of a repository is not shown,
// wherever that stands.
func TestSecretsInRepositories(t *testing.T) {
	t.Parallel()
	for name, deps := range map[string][]string{
		"token":        {"web * https://s3cret@127.0.0.1:1/c"},
		"exact":        {"web 1.0.0 https://s3cret@127.0.0.1:1/c"},
		"query":        {"web * https://127.0.0.1:1/c?token=s3cret"},
		"none":         {"web * https://me:s3cret%zz@127.0.0.1:1/c"},
		"registry":     {"web * oci://me:s3cret@127.0.0.1:1/c"},
		"tag":          {"web 1.0.0 oci://me:s3cret@127.0.0.1:1/c"},
		"registries":   {"web 1.0.0 oci://me:s3cret@127.0.0.1:1/c", "db 1.0.0 oci://127.0.0.1:2/c"},
		"wrong scheme": {"web * ftp://me:s3cret@127.0.0.1:1/c"},
	} {
		for _, offline := range []bool{false, true} {
			e := newEnv(t, nil)
			web := repo.NewHTTP(repo.HTTPConfig{Retries: -1})
			e.fetcher.Getter = func(string) (repo.Getter, error) { return web, nil }
			e.cfg.Getter = e.fetcher.Getter
			e.fetcher.Registry = func() (repo.Registry, error) { return noRegistry{}, nil }
			e.cfg.Registry = e.fetcher.Registry
			e.cfg.Access = repo.Access{Username: "me", Password: "hidden"}
			e.chart("app", "0.1.0", deps...)
			err := e.update(dependency.Options{Offline: offline})
			if said := fmt.Sprint(err, e.lines); err == nil || strings.Contains(said, "s3cret") || strings.Contains(said, "hidden") {
				t.Errorf("%s, offline %t: %s", name, offline, said)
			}
		}
	}
}

// noRegistry does not answer.
type noRegistry struct{ repo.Registry }

var errAway = errors.New("it is away")

func (noRegistry) Versions(context.Context, string, repo.Access) ([]string, error) {
	return nil, errAway
}

func (noRegistry) Pull(context.Context, string, repo.PullOptions) (*repo.Pulled, error) {
	return nil, errAway
}
