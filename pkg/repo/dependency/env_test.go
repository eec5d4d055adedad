package dependency_test

import (
	"bytes"
	"context"
	"encoding/pem"
	"fmt"
	"io"
	"io/fs"
	"log"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/seed-0d4f92cc/pack/pkg/chart"
	"github.com/seed-0d4f92cc/pack/pkg/repo"
	"github.com/seed-0d4f92cc/pack/pkg/repo/dependency"
)

// archive packs a chart of one template.
func archive(t *testing.T, name, version string) []byte {
	t.Helper()
	return packed(t, map[string]string{
		"Chart.yaml":       "apiVersion: v2\nname: " + name + "\nversion: " + version + "\n",
		"templates/a.yaml": "from: " + name + "-" + version + "\n",
	})
}

func packed(t *testing.T, files map[string]string) []byte {
	t.Helper()
	fsys := fstest.MapFS{}
	for name, text := range files {
		fsys[name] = &fstest.MapFile{Data: []byte(text)}
	}
	c, err := chart.Load(fsys, chart.LoadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	var buf bytes.Buffer
	if err := c.WriteArchive(&buf, chart.ArchiveOptions{}); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

// server is a repository by TLS.
type server struct {
	*httptest.Server
	caFile string

	mu    sync.Mutex
	files map[string][]byte
	// asked counts requests by path; users are who asked.
	asked map[string]int
	users map[string]bool
	// before is called before a request is answered.
	before func(r *http.Request)
}

func newServer(t *testing.T) *server {
	t.Helper()
	s := &server{files: map[string][]byte{}, asked: map[string]int{}, users: map[string]bool{}}
	s.Server = httptest.NewUnstartedServer(s)
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.StartTLS()
	t.Cleanup(s.Close)
	s.caFile = filepath.Join(t.TempDir(), "ca.pem")
	write(t, s.caFile, string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.Certificate().Raw})))
	return s
}

func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if s.before != nil {
		s.before(r)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked[r.URL.Path]++
	if user, _, ok := r.BasicAuth(); ok {
		s.users[user] = true
	}
	data, ok := s.files[r.URL.Path]
	if !ok {
		http.NotFound(w, r)
		return
	}
	_, _ = w.Write(data)
}

// requests are the paths that were asked for since the last call, in order, each
// with how often.
func (s *server) requests() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []string
	for _, path := range slices.Sorted(maps.Keys(s.asked)) {
		out = append(out, fmt.Sprintf("%s %d", path, s.asked[path]))
	}
	clear(s.asked)
	return out
}

// serve puts charts, "name-version", into the repository and its index. Digests
// say that the index has those of the archives.
func (s *server) serve(t *testing.T, digests bool, charts ...string) {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	index := "apiVersion: v1\nentries:\n"
	for _, full := range charts {
		name, version, _ := strings.Cut(full, "-")
		data := archive(t, name, version)
		s.files["/"+full+".tgz"] = data
		index += fmt.Sprintf("  %s:\n  - name: %s\n    version: %s\n    urls: [%s.tgz]\n", name, name, version, full)
		if digests {
			index += "    digest: " + strings.TrimPrefix(repo.DigestOf(data), "sha256:") + "\n"
		}
	}
	s.files["/index.yaml"] = []byte(index)
}

// registry is a registry in memory.
type registry struct {
	mu     sync.Mutex
	charts map[string][]byte
	asked  []string
}

func (r *registry) note(what string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.asked = append(r.asked, what)
}

func (r *registry) Versions(_ context.Context, repository string, _ repo.Access) ([]string, error) {
	r.note("versions " + repository)
	var out []string
	for ref := range r.charts {
		if version, ok := strings.CutPrefix(ref, repository+":"); ok {
			out = append(out, version)
		}
	}
	slices.Sort(out)
	slices.Reverse(out)
	return out, nil
}

func (r *registry) Resolve(context.Context, string, repo.Access) (string, error) { return "", nil }

func (r *registry) Pull(_ context.Context, ref string, _ repo.PullOptions) (*repo.Pulled, error) {
	r.note("pull " + ref)
	data, ok := r.charts[ref]
	if !ok {
		return nil, repo.ErrNotFound
	}
	return &repo.Pulled{Ref: ref, Digest: repo.DigestOf([]byte(ref)), Chart: data}, nil
}

// env is a folder with charts, and a manager with caches of its own.
type env struct {
	t     *testing.T
	dir   string
	lines []string
	cfg   dependency.Config
	// fetcher is what cfg.Fetcher is made of.
	fetcher  repo.FetcherConfig
	repos    []repo.Entry
	registry *registry
}

func newEnv(t *testing.T, s *server) *env {
	t.Helper()
	cache := t.TempDir()
	e := &env{t: t, dir: t.TempDir(), registry: &registry{charts: map[string][]byte{}}}
	web := repo.NewHTTP(repo.HTTPConfig{})
	e.fetcher = repo.FetcherConfig{
		Getter:   func(string) (repo.Getter, error) { return web, nil },
		Registry: func() (repo.Registry, error) { return e.registry, nil },
		Repositories: func() (*repo.Repositories, error) {
			out := new(repo.Repositories)
			for _, entry := range e.repos {
				out.Set(entry)
			}
			return out, nil
		},
		Indexes: &repo.IndexCache{Dir: filepath.Join(cache, "repository")},
		Content: repo.ContentCache{Dir: filepath.Join(cache, "content")},
	}
	e.cfg = dependency.Config{
		Repositories: e.fetcher.Repositories, Indexes: e.fetcher.Indexes, Getter: e.fetcher.Getter,
		Registry: e.fetcher.Registry, Content: e.fetcher.Content,
		Now:  func() time.Time { return time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC) },
		Tell: func(line string) { e.lines = append(e.lines, line) },
	}
	if s != nil {
		e.cfg.Access.CAFile = s.caFile
	}
	return e
}

func (e *env) manager(offline bool) *dependency.Manager {
	cfg, fetcher := e.cfg, e.fetcher
	fetcher.Offline = offline
	cfg.Fetcher = repo.NewFetcher(fetcher)
	return dependency.New(cfg)
}

// update and build are the operations on the chart "app".
func (e *env) update(opts dependency.Options) error {
	e.lines = nil
	return e.manager(opts.Offline).Update(e.t.Context(), e.path("app"), opts)
}

func (e *env) build(opts dependency.Options) error {
	e.lines = nil
	return e.manager(opts.Offline).Build(e.t.Context(), e.path("app"), opts)
}

func (e *env) path(name string) string { return filepath.Join(e.dir, filepath.FromSlash(name)) }

// chart writes a chart with dependencies, each "name version repository",
// and an alias.
func (e *env) chart(name, version string, deps ...string) {
	e.t.Helper()
	text := "apiVersion: v2\nname: " + filepath.Base(name) + "\nversion: " + version + "\n"
	if deps != nil {
		text += "dependencies:\n" + declarations(deps)
	}
	write(e.t, e.path(name+"/Chart.yaml"), text)
	write(e.t, e.path(name+"/templates/a.yaml"), "from: "+name+"\n")
}

func declarations(deps []string) string {
	var b strings.Builder
	for _, d := range deps {
		f := strings.Split(d, " ")
		fmt.Fprintf(&b, "- {name: %q, version: %q, repository: %q", f[0], f[1], f[2])
		if len(f) > 3 {
			fmt.Fprintf(&b, ", alias: %q", f[3])
		}
		b.WriteString("}\n")
	}
	return b.String()
}

// lock writes a lock file that fits the declarations of "app". contents are
// lines below that key.
func (e *env) lock(deps []string, contents ...string) {
	e.t.Helper()
	c, err := chart.Load(os.DirFS(e.path("app")), chart.LoadOptions{})
	if err != nil {
		e.t.Fatal(err)
	}
	var locked []*chart.Dependency
	for _, d := range deps {
		f := strings.Split(d, " ")
		locked = append(locked, &chart.Dependency{Name: f[0], Version: f[1], Repository: f[2]})
	}
	digest, err := dependency.Digest(c.Metadata().Dependencies, locked)
	if err != nil {
		e.t.Fatal(err)
	}
	text := "dependencies:\n" + declarations(deps) + "digest: " + digest + "\n"
	if contents != nil {
		text += "contents:\n  " + strings.Join(contents, "\n  ") + "\n"
	}
	write(e.t, e.path("app/Chart.lock"), text)
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// tree is what lies in a folder: paths with contents.
func tree(t *testing.T, dir string) map[string]string {
	t.Helper()
	out := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		rel, _ := filepath.Rel(dir, path)
		if d.Type()&fs.ModeSymlink != 0 {
			target, err := os.Readlink(path)
			out[rel] = "-> " + target
			return err
		}
		data, err := os.ReadFile(path)
		out[rel] = string(data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// vendored are the names in the charts folder of "app".
func (e *env) vendored() []string {
	e.t.Helper()
	entries, err := os.ReadDir(e.path("app/charts"))
	if err != nil {
		return nil
	}
	var out []string
	for _, entry := range entries {
		out = append(out, entry.Name())
	}
	return out
}
