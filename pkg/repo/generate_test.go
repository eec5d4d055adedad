package repo_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/Masterminds/semver/v3"
	"github.com/google/go-cmp/cmp"

	"github.com/seed-0d4f92cc/pack/internal/yamlio"
	"github.com/seed-0d4f92cc/pack/pkg/repo"
)

func noon() time.Time { return time.Date(2026, 1, 2, 12, 0, 0, 5000, time.FixedZone("", 3600)) }

// packed is an archive with files, whose names and texts take turns.
func packed(t testing.TB, files ...string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	w := tar.NewWriter(z)
	for i := 0; i < len(files); i += 2 {
		if err := w.WriteHeader(&tar.Header{Name: files[i], Mode: 0o644, Size: int64(len(files[i+1]))}); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(files[i+1])); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// folder writes files into a new folder.
func folder(t testing.TB, files map[string][]byte) string {
	t.Helper()
	dir := t.TempDir()
	for name, data := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func generate(t testing.TB, dir string, opts repo.GenerateOptions) string {
	t.Helper()
	opts.Now = noon
	if err := repo.GenerateIndex(t.Context(), dir, opts); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(filepath.Join(dir, "index.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func meta(name, version string, more ...string) string {
	return "name: " + name + "\nversion: " + version + "\n" + strings.Join(more, "")
}

func TestGenerateIndex(t *testing.T) {
	t.Parallel()
	full := packed(t,
		"web/Chart.yaml", "apiVersion: v2\n"+meta("web", "1.0.0", "description: |\n  folded\n  lines\nkeywords: [a, b]\ndeprecated: true\n",
			"maintainers: [{name: me, email: me@example.com}]\nannotations: {x: \"1\"}\n",
			"dependencies: [{name: db, version: \">1\", repository: \"\", tags: [t], alias: d, import-values: [a, {child: c, parent: p}]}]\n"),
		"web/values.yaml", "a: 1\n", "web/templates/x.yaml", "{{ not looked at", "web/charts/db/Chart.yaml", meta("db", "1.2.3"))
	// What stands behind an archive belongs to the file, and so to its digest.
	trailing := append(packed(t, "web/Chart.yaml", meta("web", "v1.10")), "more"...)
	dir := folder(t, map[string][]byte{
		"web-1.0.0.tgz":       full,
		"any name.tgz":        trailing,
		"sub/db-1.tgz":        packed(t, "db/Chart.yaml", meta("db", "1.0.0", "apiVersion: v3\n")),
		"sub/deeper/no.tgz":   packed(t, "no/Chart.yaml", meta("no", "1.0.0")),
		"text.tgz":            []byte("no archive"),
		"cut.tgz":             full[:len(full)-20],
		"no-version.tgz":      packed(t, "a/Chart.yaml", "name: a\n"),
		"wrong-version.tgz":   packed(t, "a/Chart.yaml", meta("a", "one")),
		"wrong-values.tgz":    packed(t, "a/Chart.yaml", meta("a", "1.0.0"), "a/values.yaml", "a: ["),
		"wrong-subchart.tgz":  packed(t, "a/Chart.yaml", meta("a", "1.0.0"), "a/charts/b/Chart.yaml", "name: [b"),
		"wrong-archive.tgz":   packed(t, "a/Chart.yaml", meta("a", "1.0.0"), "a/charts/b-1.tgz", "no archive"),
		"climbs.tgz":          packed(t, "a/Chart.yaml", meta("a", "1.0.0"), "a/../../b", ""),
		"directory.tgz/a.txt": nil,
		"other.zip":           full,
	})
	var log strings.Builder
	got := generate(t, dir, repo.GenerateOptions{URL: "https://example.com/c?k=v", Log: slog.New(slog.NewTextHandler(&log, nil))})
	sum := func(name string) string {
		data, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		return fmt.Sprintf("%x", sha256.Sum256(data))
	}
	want := `apiVersion: v1
entries:
  db:
  - apiVersion: v3
    created: "2026-01-02T12:00:00.000005+01:00"
    digest: ` + sum("sub/db-1.tgz") + `
    name: db
    urls:
    - https://example.com/c/sub/db-1.tgz?k=v
    version: 1.0.0
  web:
  - apiVersion: v1
    created: "2026-01-02T12:00:00.000005+01:00"
    digest: ` + sum("any name.tgz") + `
    name: web
    urls:
    - https://example.com/c/any%20name.tgz?k=v
    version: v1.10
  - annotations:
      x: "1"
    apiVersion: v2
    created: "2026-01-02T12:00:00.000005+01:00"
    dependencies:
    - alias: d
      import-values:
      - a
      - child: c
        parent: p
      name: db
      repository: ""
      tags:
      - t
      version: '>1'
    deprecated: true
    description: 'folded lines '
    digest: ` + sum("web-1.0.0.tgz") + `
    keywords:
    - a
    - b
    maintainers:
    - email: me@example.com
      name: me
    name: web
    urls:
    - https://example.com/c/web-1.0.0.tgz?k=v
    version: 1.0.0
generated: "2026-01-02T12:00:00.000005+01:00"
`
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	for _, name := range []string{"text", "cut", "no-version", "wrong-version", "wrong-values", "wrong-subchart", "wrong-archive", "climbs"} {
		if !strings.Contains(log.String(), "/"+name+".tgz ") {
			t.Errorf("nothing was told of %s: %s", name, log.String())
		}
	}
}

func TestGenerateIndexJSON(t *testing.T) {
	t.Parallel()
	dir := folder(t, map[string][]byte{
		"a.tgz": packed(t, "a/Chart.yaml", meta("a", "1.0.0", "description: <&>\n")),
		"b.tgz": packed(t, "b/Chart.yaml", meta("b", "1.0.0")),
	})
	got := generate(t, dir, repo.GenerateOptions{JSON: true})
	var back any
	if err := json.Unmarshal([]byte(got), &back); err != nil {
		t.Fatal(err)
	}
	const begins = `{
  "apiVersion": "v1",
  "generated": "2026-01-02T12:00:00.000005+01:00",
  "entries": {
    "a": [
      {
        "name": "a",
        "version": "1.0.0",
        "description": "\u003c\u0026\u003e",
        "apiVersion": "v1",
        "urls": [
          "a.tgz"
        ],
        "created": "2026-01-02T12:00:00.000005+01:00",
        "digest": "`
	if !strings.HasPrefix(got, begins) {
		t.Errorf("got %s", got)
	}
	if i := strings.Index(got, "\n    ],\n    \"b\": [\n"); i < 0 || !strings.HasSuffix(got, "\n    ]\n  }\n}") {
		t.Errorf("got %s", got)
	}
	empty := t.TempDir()
	want := "{\n  \"apiVersion\": \"v1\",\n  \"generated\": \"2026-01-02T12:00:00.000005+01:00\",\n  \"entries\": {}\n}"
	if diff := cmp.Diff(want, generate(t, empty, repo.GenerateOptions{JSON: true})); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	want = "apiVersion: v1\nentries: {}\ngenerated: \"2026-01-02T12:00:00.000005+01:00\"\n"
	if diff := cmp.Diff(want, generate(t, empty, repo.GenerateOptions{})); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestGenerateIndexOrder has charts in the order that the YAML library gives keys.
func TestGenerateIndexOrder(t *testing.T) {
	t.Parallel()
	files, keys := map[string][]byte{}, map[string]any{}
	for i, name := range []string{"x-10", "x-9", "x-002", "X1", "x", "a.b", "a-b", "ab", "a1", "10", "9", "ä"} {
		files[fmt.Sprintf("%d.tgz", i)] = packed(t, "a/Chart.yaml", meta(strconv.Quote(name), "1.0.0"))
		keys[name] = []any{}
	}
	var got strings.Builder
	for line := range strings.Lines(generate(t, folder(t, files), repo.GenerateOptions{})) {
		if key, ok := strings.CutPrefix(line, "  "); ok && !strings.HasPrefix(key, " ") && !strings.HasPrefix(key, "-") {
			got.WriteString(strings.TrimSuffix(key, "\n") + " []\n")
		}
	}
	want, err := yamlio.Marshal(keys)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got.String()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

const mergedIndex = `apiVersion: v1
serverInfo: {x: y}
entries:
  a:
  - {name: a, version: 1.0.0, urls: [old]}
  - {name: a, version: 1.0.1, checksum: sum, engine: e, tillerVersion: ">2", url: u, urls: [old], created: "2020-01-01T00:00:00+02:00", removed: true, digest: d}
  - {name: a, version: "1.1", urls: [old]}
  - {name: a, version: wrong, urls: [old]}
  - null
  empty: []
  z:
  - {name: a, version: 9.0.0, urls: [stray]}
  - {name: z, version: 1.0.0}
`

func TestMergeIndex(t *testing.T) {
	t.Parallel()
	dir := folder(t, map[string][]byte{"a.tgz": packed(t, "a/Chart.yaml", meta("a", "1.0.0"))})
	list := func() string {
		cache := &repo.IndexCache{Dir: t.TempDir()}
		data, err := os.ReadFile(filepath.Join(dir, "index.yaml"))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(cache.Dir, "r-index.yaml"), data, 0o600); err != nil {
			t.Fatal(err)
		}
		var b strings.Builder
		index := open(t, cache)
		for name := range index.Names() {
			b.WriteString(name + ":")
			for v, err := range index.Versions(name) {
				if err != nil {
					t.Fatal(err)
				}
				fmt.Fprintf(&b, " %s %v", v.Version, v.URLs)
			}
			b.WriteString("\n")
		}
		return b.String()
	}
	for name, text := range map[string]string{
		"YAML": mergedIndex,
		"unusual YAML": "apiVersion: &v v1\nentries: {a: [{name: a, version: 1.0.0, urls: [old]}, {name: a, version: 1.0.1, urls: [old]}," +
			" {name: a, version: '1.1', urls: [old]}], z: [{name: a, version: 9.0.0, urls: [stray]}, {name: z, version: 1.0.0}]}\n",
	} {
		old := filepath.Join(t.TempDir(), "old.yaml")
		if err := os.WriteFile(old, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		for _, asJSON := range []bool{false, true} {
			generate(t, dir, repo.GenerateOptions{Merge: old, JSON: asJSON})
			want := "a: 9.0.0 [stray] 1.1 [old] 1.0.1 [old] 1.0.0 [a.tgz]\nz: 1.0.0 []\n"
			if diff := cmp.Diff(want, list()); diff != "" {
				t.Errorf("%s (-want +got):\n%s", name, diff)
			}
		}
	}
	// What an entry had is kept, keys of old too.
	old := filepath.Join(t.TempDir(), "old.yaml")
	if err := os.WriteFile(old, []byte(mergedIndex), 0o600); err != nil {
		t.Fatal(err)
	}
	got := generate(t, dir, repo.GenerateOptions{Merge: old})
	want := `  - apiVersion: v1
    checksum: sum
    created: "2020-01-01T00:00:00+02:00"
    digest: d
    engine: e
    name: a
    removed: true
    tillerVersion: '>2'
    url: u
    urls:
    - old
    version: 1.0.1
`
	if !strings.Contains(got, want) {
		t.Errorf("got %s", got)
	}
	// The index may be merged into itself; one that is missing is made.
	self := filepath.Join(dir, "index.yaml")
	if diff := cmp.Diff(got, generate(t, dir, repo.GenerateOptions{Merge: self})); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	missing := filepath.Join(t.TempDir(), "missing.yaml")
	generate(t, dir, repo.GenerateOptions{Merge: missing})
	if data, err := os.ReadFile(missing); err != nil || !strings.Contains(string(data), "entries: {}") {
		t.Errorf("made %s, %v", data, err)
	}
	for text, want := range map[string]string{"": "merge failed: error loading ", "entries: [": "merge failed: error loading ", "entries: {}": "no API version specified"} {
		if err := os.WriteFile(old, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		err := repo.GenerateIndex(t.Context(), dir, repo.GenerateOptions{Merge: old})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("merging %q: %v, want %q", text, err, want)
		}
		if data, err := os.ReadFile(self); err != nil || !bytes.Contains(data, []byte("a.tgz")) {
			t.Errorf("the index is gone: %s, %v", data, err)
		}
	}
}

// FuzzMergeVersions compares what is taken over of another index with what
// Helm's rule says: a version stays out if one that is there satisfies it as a
// constraint.
func FuzzMergeVersions(f *testing.F) {
	f.Add("1.0.0 2.0.0", "1.0.0 1.0.1 2 2.0 v1.0.0 1.0.0-rc.1 1.0.0+b")
	f.Add("1.0.0-rc.1", "1.0.0 1 1.0.0-rc.1+x 1.x 0")
	f.Add("", "1.0.0 1.0.0 v1 1 1.0.0-0 1.0.0-1")
	f.Add("01.2.3 1.02", "1.2 1.2.3 1.2.0 v1.2.3-4 1.2-4")
	f.Fuzz(func(t *testing.T, have, others string) {
		files := map[string][]byte{}
		var all []*semver.Version
		valid := func(list string) (out []string) {
			for _, text := range strings.Fields(list) {
				if _, err := semver.NewVersion(text); err == nil && len(out) < 12 {
					out = append(out, text)
				}
			}
			return out
		}
		for i, text := range valid(have) {
			quoted, _ := json.Marshal(text)
			files[fmt.Sprintf("%02d.tgz", i)] = packed(t, "a/Chart.yaml", meta("a", string(quoted)))
		}
		for _, text := range valid(have) {
			v, err := semver.NewVersion(text)
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, v)
		}
		type entry struct {
			Name    string   `json:"name"`
			Version string   `json:"version"`
			URLs    []string `json:"urls"`
		}
		var list []entry
		for _, text := range valid(others) {
			list = append(list, entry{"a", text, nil})
		}
		index, err := json.Marshal(map[string]any{"apiVersion": "v1", "entries": map[string]any{"a": list}})
		if err != nil {
			t.Fatal(err)
		}
		files["old.json"] = index
		dir := folder(t, files)
		generate(t, dir, repo.GenerateOptions{Merge: filepath.Join(dir, "old.json"), JSON: true})
		// As the reader sorts them, which is tested elsewhere.
		cache := &repo.IndexCache{Dir: t.TempDir()}
		if err := os.WriteFile(filepath.Join(cache.Dir, "r-index.yaml"), index, 0o600); err != nil {
			t.Fatal(err)
		}
		want := len(all)
		for v, err := range open(t, cache).Versions("a") {
			if err != nil {
				t.Fatal(err)
			}
			check, err := semver.NewConstraint(v.Version)
			there := false
			for _, other := range all {
				there = there || err == nil && (check.Check(other) || other.Original() == v.Version)
			}
			if !there {
				parsed, err := semver.NewVersion(v.Version)
				if err != nil {
					t.Fatal(err)
				}
				all = append(all, parsed)
				want++
			}
		}
		data, err := os.ReadFile(filepath.Join(dir, "index.yaml"))
		if err != nil {
			t.Fatal(err)
		}
		var out struct{ Entries map[string][]entry }
		if err := json.Unmarshal(data, &out); err != nil {
			t.Fatal(err)
		}
		got := map[string]int{}
		for _, e := range out.Entries["a"] {
			got[e.Version]++
		}
		for _, v := range all {
			got[v.Original()]--
		}
		for text, n := range got {
			if n != 0 {
				t.Errorf("%s: %d too many; have %q, others %q", text, n, have, others)
			}
		}
	})
}
