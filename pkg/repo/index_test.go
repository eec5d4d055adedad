package repo_test

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-0d4f92cc/pack/pkg/repo"
)

const plainIndex = `apiVersion: v1
entries:
  db:
  - apiVersion: v2
    created: "2026-01-02T10:11:12.123456789Z"
    description: |
      A database
        - with a list
    digest: ab11223344556677889900112233445566778899001122334455667788990011
    name: db
    urls:
    - db-2.0.0.tgz
    version: 2.0.0
  web:
  - apiVersion: v2
    appVersion: "1.0"
    dependencies:
    - name: db
      repository: https://example.com
      version: ^2
    description: a web server
    keywords:
    - http
    - server
    name: web
    urls:
    - charts/web-1.0.0.tgz
    version: 1.0.0

  # A comment, and the highest version in between.
  - name: web
    version: 1.10.0
    description: "a web
      server"
    urls: [https://cdn.example.com/web-1.10.0.tgz]
  - name: web
    version: 2.0.0-rc.1
    urls:
    - web-2.0.0-rc.1.tgz
  - name: web
    version: "1.9"
    urls: []
generated: "2026-01-02T10:11:12.123456789Z"
`

// jsonIndex is plainIndex as some servers write it.
const jsonIndex = `{"entries": {
 "web": [
  {"name":"web","version":"1.0.0","urls":["charts/web-1.0.0.tgz"],"appVersion":"1.0","unknown":1,
   "description":"a web server","keywords":["http","server"],
   "dependencies":[{"name":"db","version":"^2","repository":"https://example.com"}]},
  {"name":"web","version":"1.9","urls":[]},
  null,
  {"name":"web","version":"2.0.0-rc.1","urls":["web-2.0.0-rc.1.tgz"]},
  {"name":"web","version":"1.10.0","description":"a web server","urls":["https://cdn.example.com/web-1.10.0.tgz"]}
 ],
 "db": [{"name":"db","version":"2.0.0","urls":["db-2.0.0.tgz"],"created":"2026-01-02T10:11:12.123456789Z",
   "digest":"ab11223344556677889900112233445566778899001122334455667788990011",
   "description":"A database\n  - with a list\n"}]
}, "apiVersion": "v1"}`

// put writes an index into a new cache.
func put(t *testing.T, text string) *repo.IndexCache {
	t.Helper()
	cache := &repo.IndexCache{Dir: t.TempDir()}
	if err := os.WriteFile(filepath.Join(cache.Dir, "r-index.yaml"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return cache
}

func open(t *testing.T, cache *repo.IndexCache) *repo.Index {
	t.Helper()
	index, err := cache.Open("r")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := index.Close(); err != nil {
			t.Error(err)
		}
	})
	return index
}

// list is an index as a text: names and versions in order.
func list(t *testing.T, index *repo.Index) string {
	t.Helper()
	var b strings.Builder
	for name, err := range index.Names() {
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&b, "%s:", name)
		for v, err := range index.Versions(name) {
			if err != nil {
				t.Fatal(err)
			}
			fmt.Fprintf(&b, " %s %q %q %v %v %q;", v.Version, v.AppVersion, v.Description, v.Keywords, v.URLs, v.Digest)
			for _, d := range v.Dependencies {
				fmt.Fprintf(&b, " needs %s %s %s;", d.Name, d.Version, d.Repository)
			}
		}
		b.WriteString("\n")
	}
	return b.String()
}

const listed = `db: 2.0.0 "" "A database   - with a list " [] [db-2.0.0.tgz] "ab11223344556677889900112233445566778899001122334455667788990011";
web: 2.0.0-rc.1 "" "" [] [web-2.0.0-rc.1.tgz] ""; 1.10.0 "" "a web server" [] [https://cdn.example.com/web-1.10.0.tgz] ""; 1.9 "" "" [] [] ""; 1.0.0 "1.0" "a web server" [http server] [charts/web-1.0.0.tgz] ""; needs db ^2 https://example.com;
`

func TestIndexForms(t *testing.T) {
	t.Parallel()
	indented := strings.ReplaceAll(plainIndex, "\n    ", "\n      ")
	indented = strings.ReplaceAll(indented, "\n  - ", "\n    - ")
	for name, text := range map[string]string{
		"plain":         plainIndex,
		"with dashes":   "---\n" + plainIndex,
		"line feeds":    strings.ReplaceAll(plainIndex, "\n", "\r\n"),
		"more indented": indented,
		"JSON":          jsonIndex,
		"two documents": plainIndex + "---\nother: document\n",
		"anchors":       strings.Replace(strings.Replace(plainIndex, "1.0.0\n", "&v 1.0.0\n", 1), "version: 1.10.0", "version: 1.10.0 # *v", 1),
		"quoted name":   strings.Replace(plainIndex, "  db:", `  "db":`, 1),
		"entries last":  "generated: 2026-01-02T10:11:12Z\n" + strings.Replace(plainIndex, "generated: \"2026-01-02T10:11:12.123456789Z\"\n", "", 1),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cache := put(t, text)
			if diff := cmp.Diff(listed, list(t, open(t, cache))); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			// Once more, from the compact form.
			if diff := cmp.Diff(listed, list(t, open(t, cache))); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestIndexFind(t *testing.T) {
	t.Parallel()
	index := open(t, put(t, plainIndex))
	for _, c := range []struct {
		name, constraint string
		devel            bool
		want             string
	}{
		{"web", "", false, "1.10.0"},
		{"web", "", true, "2.0.0-rc.1"},
		{"web", "1.9", false, "1.9"},
		{"web", "1.0", false, "1.0.0"},
		{"web", "<1.5", false, "1.0.0"},
		{"web", ">1.5", false, "1.10.0"},
		{"web", "2.0.0-rc.1", false, "2.0.0-rc.1"},
		{"web", ">9", false, "no chart version found for web->9"},
		{"web", "x.y", false, "improper constraint"},
		{"none", "", false, "no chart name found"},
		{"db", "*", false, "2.0.0"},
	} {
		v, err := index.Find(c.name, c.constraint, c.devel)
		if err != nil {
			if !strings.Contains(err.Error(), c.want) {
				t.Errorf("Find(%q, %q): %v, want %q", c.name, c.constraint, err, c.want)
			}
			continue
		}
		if v.Version != c.want {
			t.Errorf("Find(%q, %q) = %s, want %s", c.name, c.constraint, v.Version, c.want)
		}
	}
	for _, c := range [][2]string{{"none", ""}, {"web", ">9"}} {
		if _, err := index.Find(c[0], c[1], false); !errors.Is(err, repo.ErrNotFound) {
			t.Errorf("Find(%q, %q): %v is no ErrNotFound", c[0], c[1], err)
		}
	}
}

func TestIndexErrors(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ text, want string }{
		"empty":               {"", "empty index.yaml file"},
		"no version":          {"entries: {}\n", "no API version specified"},
		"no YAML":             {"apiVersion: v1\nentries:\n  a: [", "yaml:"},
		"a page":              {"<html><body>not found</body></html>", "cannot unmarshal string"},
		"unknown key":         {"apiVersion: v1\nkind: Index\nentries: {}\n", `unknown field "kind"`},
		"unknown version key": {strings.Replace(plainIndex, "appVersion", "appversions", 1), `unknown field "appversions"`},
		"a key twice":         {strings.Replace(plainIndex, "    appVersion", "    apiVersion", 1), "already set"},
		"a chart twice":       {plainIndex + "entries: {}\n", "already set"},
		"a name twice":        {strings.Replace(plainIndex, "  db:", "  web:", 1), "already set"},
		"a number":            {strings.Replace(plainIndex, `"1.9"`, "1.9", 1), "cannot unmarshal number"},
		"wrong type":          {strings.Replace(plainIndex, "urls:\n    - db", "urls:\n      db: x\n    - db", 1), "yaml:"},
		"a chart too large":   {plainIndex[:len("apiVersion: v1\nentries:\n")] + "  a:\n  - name: a\n    description: " + strings.Repeat("x", 9<<20), "takes more than 4194304 bytes"},
		"aliases": {"apiVersion: v1\nannotations:\n  a: &a [x,x,x,x,x,x,x,x,x]\n  b: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\n  c: &c [*b,*b,*b,*b,*b,*b,*b,*b]\n" +
			"  d: &d [*c,*c,*c,*c,*c,*c,*c,*c]\n  e: &e [*d,*d,*d,*d,*d,*d,*d,*d]\n  f: &f [*e,*e,*e,*e,*e,*e,*e,*e]\n  g: [*f,*f,*f,*f,*f,*f,*f,*f]\nentries: {}\n", "yaml:"},
		"JSON cut off":     {jsonIndex[:len(jsonIndex)-9], "yaml:"},
		"JSON, wrong type": {strings.Replace(jsonIndex, `"version":"1.9"`, `"version":1.9`, 1), "cannot unmarshal number"},
		"JSON, too large":  {`{"apiVersion":"v1","entries":{"a":[{"description":"` + strings.Repeat("x", 20<<20) + `"}]}}`, "takes more than"},
		"JSON without end": {`{"apiVersion":"v1","entries":{"a":[` + strings.Repeat("[", 100_000), "yaml"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := put(t, c.text).Open("r")
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want %q", err, c.want)
			}
		})
	}
	if _, err := put(t, "").Open("other"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("error %v", err)
	}
}

// TestIndexSkips sees to it that one version that is not valid does no harm to
// the others.
func TestIndexSkips(t *testing.T) {
	t.Parallel()
	text := strings.Replace(plainIndex, "  - name: web\n    version: \"1.9\"\n", "  - null\n  - name: ../web\n    version: \"1.9\"\n", 1)
	cache := put(t, text)
	var log strings.Builder
	cache.Log = slog.New(slog.NewTextHandler(&log, nil))
	index := open(t, cache)
	if _, versions := index.Len(); versions != 4 {
		t.Errorf("%d versions", versions)
	}
	for _, want := range []string{"empty entry", "is invalid"} {
		if !strings.Contains(log.String(), want) {
			t.Errorf("nothing was told of %q: %s", want, log.String())
		}
	}
}

// TestCompactIndex sees to it that damage to the compact form is mended, and
// that it never outlives its index.
func TestCompactIndex(t *testing.T) {
	t.Parallel()
	cache := put(t, plainIndex)
	open(t, cache)
	path := filepath.Join(cache.Dir, "r-index.pack")
	good, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for i := range good {
		bad := append([]byte(nil), good...)
		bad[i] ^= 0x55
		for _, data := range [][]byte{bad, good[:i]} {
			if err := os.WriteFile(path, data, 0o600); err != nil {
				t.Fatal(err)
			}
			index, err := cache.Open("r")
			if err != nil {
				t.Fatalf("at %d: %v", i, err)
			}
			// What is damaged in the middle is noticed when it is read, and made anew.
			if got := list(t, index); got != listed {
				t.Errorf("at %d: read %s", i, got)
			}
			_ = index.Close()
		}
	}
	// Another tool has fetched another index.
	other := strings.Replace(plainIndex, "version: 2.0.0\n", "version: 2.0.1\n", 1)
	if err := os.WriteFile(filepath.Join(cache.Dir, "r-index.yaml"), []byte(other), 0o600); err != nil {
		t.Fatal(err)
	}
	if v, err := open(t, cache).Find("db", "", false); err != nil || v.Version != "2.0.1" {
		t.Errorf("found %v, %v", v, err)
	}
}

func TestIndexReadOnly(t *testing.T) {
	t.Parallel()
	cache := put(t, plainIndex)
	if err := os.Mkdir(filepath.Join(cache.Dir, "r-index.pack"), 0o700); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(listed, list(t, open(t, cache))); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestIndexUpdate(t *testing.T) {
	t.Parallel()
	text, asked := plainIndex, 0
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/charts/index.yaml" {
			http.NotFound(w, r)
			return
		}
		tag := fmt.Sprintf("%q", fmt.Sprint(len(text)))
		w.Header().Set("ETag", tag)
		if r.Header.Get("If-None-Match") == tag {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		asked++
		_, _ = io.WriteString(w, text)
	}))
	t.Cleanup(srv.Close)
	cache := &repo.IndexCache{Dir: filepath.Join(t.TempDir(), "cache")}
	entry := repo.Entry{Name: "r", URL: srv.URL + "/charts"}
	update := func(want bool) {
		t.Helper()
		fetched, err := cache.Update(t.Context(), newGetter(), entry)
		if err != nil || fetched != want {
			t.Errorf("fetched: %v, %v", fetched, err)
		}
	}
	update(true)
	update(false)
	if diff := cmp.Diff(listed, list(t, open(t, cache))); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	for name, want := range map[string]string{"r-index.yaml": plainIndex, "r-charts.txt": "db\nweb\n"} {
		data, err := os.ReadFile(filepath.Join(cache.Dir, name))
		if diff := cmp.Diff(want, string(data)); diff != "" || err != nil {
			t.Errorf("%s, %v (-want +got):\n%s", name, err, diff)
		}
	}
	text = "no index: at all"
	if _, err := cache.Update(t.Context(), newGetter(), entry); err == nil {
		t.Error("what is no index is taken")
	}
	if diff := cmp.Diff(listed, list(t, open(t, cache))); diff != "" {
		t.Errorf("the old index is gone (-want +got):\n%s", diff)
	}
	text = strings.Replace(plainIndex, "version: 2.0.0\n", "version: 2.0.10\n", 1)
	update(true)
	if v, err := open(t, cache).Find("db", "", false); err != nil || v.Version != "2.0.10" {
		t.Errorf("found %v, %v", v, err)
	}
	if err := cache.Remove("r"); err != nil {
		t.Fatal(err)
	}
	left, err := os.ReadDir(cache.Dir)
	if err != nil || len(left) > 0 {
		t.Errorf("files were left: %v, %v", left, err)
	}
	entry.Name = "../r"
	if _, err := cache.Update(t.Context(), newGetter(), entry); err == nil {
		t.Error("a name that leads elsewhere is taken")
	}
}

func TestResolveURL(t *testing.T) {
	t.Parallel()
	for _, c := range [][3]string{
		{"https://e.com/charts", "web-1.tgz", "https://e.com/charts/web-1.tgz"},
		{"https://e.com/charts/", "web-1.tgz", "https://e.com/charts/web-1.tgz"},
		{"https://e.com/charts/?k=v", "a/web-1.tgz", "https://e.com/charts/a/web-1.tgz?k=v"},
		{"https://e.com/charts", "https://cdn.com/web-1.tgz", "https://cdn.com/web-1.tgz"},
		{"https://e.com/charts", "/web-1.tgz", "https://e.com/web-1.tgz"},
		{"https://e.com/charts%2fwith%2fescaped%2fslash", "web-1.tgz", "https://e.com/charts%2fwith%2fescaped%2fslash/web-1.tgz"},
		{"https://me:secret@e.com/charts", "web-1.tgz", "https://me:secret@e.com/charts/web-1.tgz"},
		{"s3://bucket/charts", "web-1.tgz", "s3://bucket/charts/web-1.tgz"},
	} {
		got, err := repo.ResolveURL(c[0], c[1])
		if got != c[2] || err != nil {
			t.Errorf("ResolveURL(%q, %q) = %q, %v, want %q", c[0], c[1], got, err, c[2])
		}
	}
}
