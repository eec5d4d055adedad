package chart_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-0d4f92cc/pack/pkg/chart"
)

func write(t testing.TB, c *chart.Chart, opts chart.ArchiveOptions) []byte {
	t.Helper()
	var buf bytes.Buffer
	if err := c.WriteArchive(&buf, opts); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

// unpack returns the headers of an archive, and the contents by name.
func unpack(t testing.TB, data []byte) ([]*tar.Header, map[string]string) {
	t.Helper()
	zr, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	var headers []*tar.Header
	contents := map[string]string{}
	for tr := tar.NewReader(zr); ; {
		h, err := tr.Next()
		if errors.Is(err, io.EOF) {
			return headers, contents
		}
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(tr)
		if err != nil {
			t.Fatal(err)
		}
		headers = append(headers, h)
		contents[h.Name] = string(content)
	}
}

var archived = map[string]string{
	"Chart.yaml":                 "# a comment\nversion: 1.2.3+build\nname: web\napiVersion: v2\nunknown: 1\ndependencies:\n- {name: db, version: '*'}\n",
	"Chart.lock":                 "digest: sha256:0\ngenerated: \"2026-01-02T03:04:05Z\"\n",
	"values.yaml":                "# kept\na:   1\n",
	"values.schema.json":         "{}",
	"templates/b.yaml":           "b",
	"templates/a/z.yaml":         "z",
	".helmignore":                "*.bak\n",
	"x.bak":                      "left out",
	"README.md":                  "read",
	"charts/db/Chart.yaml":       meta("db"),
	"charts/db/templates/d.yaml": "d",
	"charts/db-2/Chart.yaml":     "name: db\nversion: 2.0.0\n",
}

func TestWriteArchive(t *testing.T) {
	t.Parallel()
	c := load(t, archived)
	if got := c.ArchiveName(); got != "web-1.2.3+build.tgz" {
		t.Errorf("archive name is %q", got)
	}
	headers, contents := unpack(t, write(t, c, chart.ArchiveOptions{}))
	var order []string
	for _, h := range headers {
		order = append(order, h.Name)
		if h.Mode != 0o644 || h.Typeflag != tar.TypeReg || h.Uid != 0 || h.Uname != "" ||
			!h.ModTime.Equal(time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC)) {
			t.Errorf("header is %+v", h)
		}
	}
	want := []string{
		"web/Chart.yaml", "web/Chart.lock", "web/values.yaml", "web/values.schema.json",
		"web/templates/a/z.yaml", "web/templates/b.yaml", "web/.helmignore", "web/README.md",
		"web/charts/db/Chart.yaml", "web/charts/db/templates/d.yaml", "web/charts/db-2.0.0/Chart.yaml",
	}
	if diff := cmp.Diff(want, order); diff != "" {
		t.Errorf("entries (-want +got):\n%s", diff)
	}
	wantMeta := "apiVersion: v2\ndependencies:\n- name: db\n  repository: \"\"\n  version: '*'\nname: web\nversion: 1.2.3+build\n"
	if diff := cmp.Diff(wantMeta, contents["web/Chart.yaml"]); diff != "" {
		t.Errorf("Chart.yaml (-want +got):\n%s", diff)
	}
	if contents["web/values.yaml"] != archived["values.yaml"] {
		t.Errorf("values.yaml is %q", contents["web/values.yaml"])
	}
}

func TestWriteArchiveIsReproducible(t *testing.T) {
	t.Parallel()
	fsys := tree(archived)
	var outs [][]byte
	for _, mod := range []time.Time{time.Unix(1e9, 5), time.Unix(2e9, 0)} {
		for _, f := range fsys {
			f.ModTime = mod
		}
		c, err := chart.Load(fsys, chart.LoadOptions{})
		if err != nil {
			t.Fatal(err)
		}
		outs = append(outs, write(t, c, chart.ArchiveOptions{}))
	}
	if !bytes.Equal(outs[0], outs[1]) {
		t.Error("the archive depends on the times of files")
	}
}

func TestWriteArchiveAtTime(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 5, 6, 7, 8, 9, 10, time.FixedZone("", 3600))
	headers, contents := unpack(t, write(t, load(t, archived), chart.ArchiveOptions{ModTime: at}))
	for _, h := range headers {
		if !h.ModTime.Equal(at.Truncate(time.Second)) {
			t.Errorf("%s has time %v", h.Name, h.ModTime)
		}
	}
	if got := contents["web/Chart.lock"]; !strings.Contains(got, `generated: "2026-05-06T06:08:09.00000001Z"`) {
		t.Errorf("lock is %q", got)
	}
}

func TestWriteArchiveV1(t *testing.T) {
	t.Parallel()
	c := load(t, map[string]string{
		"Chart.yaml":           "name: c\nversion: 1.0.0\n",
		"requirements.yaml":    "dependencies: [{name: db, version: '*'}]\n",
		"requirements.lock":    "digest: sha256:1\ngenerated: \"2026-01-02T03:04:05Z\"\n",
		"charts/db/Chart.yaml": meta("db"),
	})
	_, contents := unpack(t, write(t, c, chart.ArchiveOptions{}))
	want := map[string]string{
		"c/Chart.yaml":           "apiVersion: v1\nname: c\nversion: 1.0.0\n",
		"c/requirements.yaml":    "dependencies: [{name: db, version: '*'}]\n",
		"c/requirements.lock":    "digest: sha256:1\ngenerated: \"2026-01-02T03:04:05Z\"\n",
		"c/charts/db/Chart.yaml": "apiVersion: v2\nname: db\nversion: 1.0.0\n",
	}
	if diff := cmp.Diff(want, contents); diff != "" {
		t.Errorf("archive (-want +got):\n%s", diff)
	}
	if c.Metadata().Dependencies == nil {
		t.Error("writing took the dependencies from the chart")
	}
}

func TestArchiveRoundTrip(t *testing.T) {
	t.Parallel()
	inner := write(t, load(t, map[string]string{"Chart.yaml": meta("tgz"), "templates/t": "t"}), chart.ArchiveOptions{})
	fsys := tree(archived)
	fsys["charts/tgz-1.0.0.tgz"] = &fstest.MapFile{Data: inner}
	c, err := chart.Load(fsys, chart.LoadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	data := write(t, c, chart.ArchiveOptions{})
	again, err := chart.Read(bytes.NewReader(data), chart.LoadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(dump(t, c), dump(t, again)); diff != "" {
		t.Errorf("what was read (-written +read):\n%s", diff)
	}
	if !bytes.Equal(data, write(t, again, chart.ArchiveOptions{})) {
		t.Error("writing what was read gives other bytes")
	}
}

func TestWriteArchiveErrors(t *testing.T) {
	t.Parallel()
	c := load(t, map[string]string{"Chart.yaml": meta("c"), "values.schema.json": "{"})
	err := c.WriteArchive(io.Discard, chart.ArchiveOptions{})
	if e, ok := errors.AsType[*chart.Error](err); !ok || e.Path != "values.schema.json" || err.Error() != "invalid JSON in values.schema.json" {
		t.Errorf("error is %v", err)
	}
	if err := load(t, archived).WriteArchive(failing{}, chart.ArchiveOptions{}); !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("error is %v", err)
	}
}

type failing struct{}

func (failing) Write([]byte) (int, error) { return 0, io.ErrClosedPipe }

func TestWithVersion(t *testing.T) {
	t.Parallel()
	c := load(t, map[string]string{"Chart.yaml": meta("c", "appVersion: a")})
	tests := map[string]struct{ version, app, want, err string }{
		"both":        {"2.0.0", "b", "2.0.0 b", ""},
		"neither":     {"", "", "1.0.0 a", ""},
		"lenient":     {"v2", "", "v2 a", ""},
		"no version":  {"two", "", "", `invalid semantic version: "two"`},
		"app is free": {"", "latest & greatest", "1.0.0 latest & greatest", ""},
	}
	for name, tc := range tests {
		got, err := c.WithVersion(tc.version, tc.app)
		if tc.err != "" {
			if err == nil || err.Error() != tc.err {
				t.Errorf("%s: error is %v, want %q", name, err, tc.err)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if m := got.Metadata(); m.Version+" "+m.AppVersion != tc.want {
			t.Errorf("%s: versions are %s %s, want %s", name, m.Version, m.AppVersion, tc.want)
		}
	}
	if m := c.Metadata(); m.Version != "1.0.0" || m.AppVersion != "a" {
		t.Errorf("the chart changed: %+v", m)
	}
}

func TestReadErrors(t *testing.T) {
	t.Parallel()
	whole := write(t, load(t, archived), chart.ArchiveOptions{})
	nested := load(t, map[string]string{"Chart.yaml": meta("c"), "values.yaml": "#" + strings.Repeat("x", 4000)})
	bomb := tree(map[string]string{"Chart.yaml": meta("bomb")})
	for _, name := range []string{"a", "b", "c"} {
		bomb["charts/"+name+".tgz"] = &fstest.MapFile{Data: write(t, nested, chart.ArchiveOptions{})}
	}
	tests := map[string]struct {
		data []byte
		opts chart.LoadOptions
		is   error
	}{
		"not an archive": {[]byte("name: c\n"), chart.LoadOptions{}, chart.ErrNotArchive},
		"cut off":        {whole[:len(whole)/2], chart.LoadOptions{}, io.ErrUnexpectedEOF},
		"too many files": {whole, chart.LoadOptions{MaxFiles: 5}, chart.ErrTooLarge},
		"too many bytes": {whole, chart.LoadOptions{MaxBytes: 200}, chart.ErrTooLarge},
	}
	for name, tc := range tests {
		_, err := chart.Read(bytes.NewReader(tc.data), tc.opts)
		if _, ok := errors.AsType[*chart.Error](err); !ok || !errors.Is(err, tc.is) {
			t.Errorf("%s: error is %v, want %v", name, err, tc.is)
		}
	}
	if _, err := chart.Load(bomb, chart.LoadOptions{MaxBytes: 10_000}); !errors.Is(err, chart.ErrTooLarge) {
		t.Errorf("archives in archives: error is %v", err)
	}
	if _, err := chart.Load(bomb, chart.LoadOptions{MaxBytes: 20_000}); err != nil {
		t.Error(err)
	}
}

// matryoshka is a chart that holds itself, as an archive, so many times.
func matryoshka(t *testing.T, depth int) *chart.Chart {
	t.Helper()
	files := tree(map[string]string{"Chart.yaml": meta("c")})
	var c *chart.Chart
	for range depth + 1 {
		var err error
		if c, err = chart.Load(files, chart.LoadOptions{MaxDepth: depth + 1}); err != nil {
			t.Fatal(err)
		}
		// The raw archive goes in, not its unpacked form.
		var buf bytes.Buffer
		zw := gzip.NewWriter(&buf)
		tw := tar.NewWriter(zw)
		for name, f := range files {
			if err := tw.WriteHeader(&tar.Header{Name: "c/" + name, Size: int64(len(f.Data)), Typeflag: tar.TypeReg}); err != nil {
				t.Fatal(err)
			}
			if _, err := tw.Write(f.Data); err != nil {
				t.Fatal(err)
			}
		}
		if err := errors.Join(tw.Close(), zw.Close()); err != nil {
			t.Fatal(err)
		}
		files["charts/c.tgz"] = &fstest.MapFile{Data: buf.Bytes()}
	}
	if _, err := chart.Load(files, chart.LoadOptions{MaxDepth: depth}); !errors.Is(err, chart.ErrTooLarge) {
		t.Errorf("%d levels: error is %v", depth+1, err)
	}
	return c
}

func TestReadDepth(t *testing.T) {
	t.Parallel()
	levels := -1
	for range matryoshka(t, 4).All() {
		levels++
	}
	if levels != 4 {
		t.Errorf("%d levels were read, want 4", levels)
	}
}
