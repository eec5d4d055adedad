package chart_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-0d4f92cc/pack/pkg/chart"
	"github.com/seed-0d4f92cc/pack/pkg/values"
)

// tree makes a file system of paths and contents.
func tree(files map[string]string) fstest.MapFS {
	fsys := fstest.MapFS{}
	for name, content := range files {
		fsys[name] = &fstest.MapFile{Data: []byte(content)}
	}
	return fsys
}

// meta is a Chart.yaml with more lines.
func meta(name string, more ...string) string {
	return "apiVersion: v2\nname: " + name + "\nversion: 1.0.0\n" + strings.Join(more, "\n") + "\n"
}

func load(t testing.TB, files map[string]string) *chart.Chart {
	t.Helper()
	c, err := chart.Load(tree(files), chart.LoadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func names(files []chart.File) []string {
	var out []string
	for _, f := range files {
		out = append(out, f.Name)
	}
	return out
}

func TestLoadSortsFiles(t *testing.T) {
	t.Parallel()
	c := load(t, map[string]string{
		"Chart.yaml":                         "\xef\xbb\xbf" + meta("web"),
		"Chart.lock":                         "digest: sha256:0\ngenerated: \"2026-01-02T03:04:05Z\"\n",
		"values.yaml":                        "\xef\xbb\xbfa: 1\n---\nb: 2\n",
		"values.schema.json":                 "{}",
		"templates/a.yaml":                   "a",
		"templates/sub/.hidden":              "seen",
		"templates/.hidden":                  "left out",
		"crds/x.yaml":                        "x",
		"README.md":                          "read",
		"charts/db-1.0.0.tgz.prov":           "signature",
		"charts/_off/Chart.yaml":             "not a chart",
		"charts/.off/Chart.yaml":             "not a chart",
		"charts/zdb/Chart.yaml":              meta("a"),
		"charts/adb/Chart.yaml":              meta("z"),
		"charts/adb/charts/inner/Chart.yaml": meta("inner"),
	})
	if diff := cmp.Diff(values.Map{"a": 1.0, "b": 2.0}, c.Values()); diff != "" {
		t.Errorf("values (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"templates/a.yaml", "templates/sub/.hidden"}, names(c.Templates())); diff != "" {
		t.Errorf("templates (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"README.md", "charts/db-1.0.0.tgz.prov", "crds/x.yaml"}, names(c.Files())); diff != "" {
		t.Errorf("files (-want +got):\n%s", diff)
	}
	if c.Lock().Digest != "sha256:0" || string(c.Schema().Data) != "{}" || string(c.RawValues()) != "a: 1\n---\nb: 2\n" {
		t.Errorf("lock %v, schema %q, raw values %q", c.Lock(), c.Schema().Data, c.RawValues())
	}
	var paths []string
	for full, sub := range c.All() {
		if sub.FullPath() != full || sub.IsRoot() != (full == "web") {
			t.Errorf("%s says that it is %s", full, sub.FullPath())
		}
		paths = append(paths, full)
	}
	if diff := cmp.Diff([]string{"web", "web/charts/z", "web/charts/z/charts/inner", "web/charts/a"}, paths); diff != "" {
		t.Errorf("charts (-want +got):\n%s", diff)
	}
}

func TestLoadMetadata(t *testing.T) {
	t.Parallel()
	c := load(t, map[string]string{"Chart.yaml": `
name: "a\u00a0b"
version: 1.10
appVersion: 2
description: "tab\tand \u0007 bell"
annotations: {number: 5}
unknown: true
dependencies:
- {name: db, import-values: [data, {child: a, parent: b}]}
`, "charts/db/Chart.yaml": meta("db")})
	want := &chart.Metadata{
		APIVersion: "v1", Name: "a b", Version: "1.1", AppVersion: "2",
		Description: "tab and  bell", Annotations: map[string]string{"number": "5"},
		Dependencies: []*chart.Dependency{{Name: "db", ImportValues: []any{"data", map[string]any{"child": "a", "parent": "b"}}}},
	}
	if diff := cmp.Diff(want, c.Metadata()); diff != "" {
		t.Errorf("metadata (-want +got):\n%s", diff)
	}
}

func TestLoadLegacyDependencies(t *testing.T) {
	t.Parallel()
	files := map[string]string{
		"requirements.yaml":    "dependencies:\n- {name: db, version: \"*\"}\n",
		"requirements.lock":    "digest: sha256:1\ngenerated: \"2026-01-02T03:04:05Z\"\n",
		"charts/db/Chart.yaml": meta("db"),
	}
	tests := map[string]struct {
		apiVersion string
		files      []string
		warnings   int
	}{
		"v1": {"v1", []string{"requirements.lock", "requirements.yaml"}, 0},
		"v2": {"v2", nil, 2},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			fsys := tree(files)
			fsys["Chart.yaml"] = &fstest.MapFile{Data: []byte("apiVersion: " + tc.apiVersion + "\nname: c\nversion: 1.0.0\n")}
			var warnings []string
			c, err := chart.Load(fsys, chart.LoadOptions{Warn: func(text string) { warnings = append(warnings, text) }})
			if err != nil {
				t.Fatal(err)
			}
			if c.Metadata().Dependencies[0].Name != "db" || c.Lock().Digest != "sha256:1" {
				t.Errorf("dependencies %v, lock %v", c.Metadata().Dependencies, c.Lock())
			}
			if diff := cmp.Diff(tc.files, names(c.Files())); diff != "" {
				t.Errorf("files (-want +got):\n%s", diff)
			}
			if len(warnings) != tc.warnings {
				t.Errorf("warnings are %q", warnings)
			}
		})
	}
}

func TestLoadErrors(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		files map[string]string
		text  string
		path  string
		line  int
		is    error
	}{
		"no chart": {map[string]string{"values.yaml": ""}, "Chart.yaml file is missing", "Chart.yaml", 0, chart.ErrNoMetadata},
		"broken YAML": {
			map[string]string{"Chart.yaml": "name: c\na: [\nb: c"},
			"cannot load Chart.yaml: error converting YAML to JSON: yaml: line 3: did not find expected ',' or ']'", "Chart.yaml", 2, nil,
		},
		"wrong type": {
			map[string]string{"Chart.yaml": meta("c", `deprecated: "true"`)},
			"cannot load Chart.yaml: error unmarshaling JSON: while decoding JSON: json: cannot unmarshal string into Go struct field Metadata.deprecated of type bool", "Chart.yaml", 0, nil,
		},
		"broken values": {
			map[string]string{"Chart.yaml": meta("c"), "values.yaml": "a: ["},
			"cannot load values.yaml: cannot unmarshal yaml document: error converting YAML to JSON: yaml: line 1: did not find expected node content", "values.yaml", 1, nil,
		},
		"broken lock": {
			map[string]string{"Chart.yaml": meta("c"), "Chart.lock": "a: ["},
			"cannot load Chart.lock: error converting YAML to JSON: yaml: line 1: did not find expected node content", "Chart.lock", 1, nil,
		},
		"broken requirements": {
			map[string]string{"Chart.yaml": meta("c"), "requirements.yaml": "a: ["},
			"cannot load requirements.yaml: error converting YAML to JSON: yaml: line 1: did not find expected node content", "requirements.yaml", 1, nil,
		},
		"v3": {
			map[string]string{"Chart.yaml": "apiVersion: v3\nname: c\nversion: 1.0.0"},
			"unsupported chart version: apiVersion v3 is experimental, use v2", "Chart.yaml", 0, chart.ErrUnsupportedVersion,
		},
		"v9": {map[string]string{"Chart.yaml": "apiVersion: v9\nname: c\nversion: 1.0.0"}, "unsupported chart version", "Chart.yaml", 0, chart.ErrUnsupportedVersion},
		"bad ignore file": {
			map[string]string{"Chart.yaml": meta("c"), ".helmignore": "a\n**"},
			"double-star (**) syntax is not supported", ".helmignore", 2, nil,
		},
		"ignored chart": {map[string]string{"Chart.yaml": meta("c"), ".helmignore": "!values.yaml"}, "Chart.yaml file is missing", "Chart.yaml", 0, chart.ErrNoMetadata},
		"stray file in charts": {
			map[string]string{"Chart.yaml": meta("c"), "charts/readme.txt": ""},
			"error unpacking subchart readme.txt in c: Chart.yaml file is missing", "charts/readme.txt/Chart.yaml", 0, chart.ErrNoMetadata,
		},
		"broken subchart of a subchart": {
			map[string]string{"Chart.yaml": meta("c"), "charts/s/Chart.yaml": meta("s"), "charts/s/charts/t/Chart.yaml": meta("t"), "charts/s/charts/t/values.yaml": "a: 1\nb: ["},
			"error unpacking subchart s in c: error unpacking subchart t in s: cannot load values.yaml: cannot unmarshal yaml document: error converting YAML to JSON: yaml: line 2: did not find expected node content",
			"charts/s/charts/t/values.yaml", 2, nil,
		},
		"archive that is none": {
			map[string]string{"Chart.yaml": meta("c"), "charts/s.tgz": "hi"},
			"error unpacking subchart s.tgz in c: does not appear to be a gzipped archive", "charts/s.tgz", 0, chart.ErrNotArchive,
		},
		"archive below a folder": {
			map[string]string{"Chart.yaml": meta("c"), "charts/s.tgz/a": "hi"},
			"error unpacking subchart tar in c: expected s.tgz, got s.tgz/a", "charts/s.tgz/a", 0, nil,
		},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := chart.Load(tree(tc.files), chart.LoadOptions{})
			e, ok := errors.AsType[*chart.Error](err)
			if !ok {
				t.Fatalf("error is %v", err)
			}
			if tc.is != nil && !errors.Is(err, tc.is) {
				t.Errorf("error %v is not %v", err, tc.is)
			}
			if diff := cmp.Diff([]any{tc.text, tc.path, tc.line}, []any{e.Error(), e.Path, e.Line}); diff != "" {
				t.Errorf("error (-want +got):\n%s", diff)
			}
		})
	}
}

func TestLoadLimits(t *testing.T) {
	t.Parallel()
	deep := map[string]string{"Chart.yaml": meta("c")}
	for n := 1; n <= 5; n++ {
		deep[strings.Repeat("charts/s/", n)+"Chart.yaml"] = meta("s")
	}
	tests := map[string]struct {
		files map[string]string
		opts  chart.LoadOptions
		text  string
	}{
		"bytes": {
			map[string]string{"Chart.yaml": meta("c"), "values.yaml": strings.Repeat("#", 100)},
			chart.LoadOptions{MaxBytes: 110}, "error reading values.yaml: chart exceeds maximum decompressed size of 110 bytes",
		},
		"ignore file": {
			map[string]string{"Chart.yaml": meta("c"), ".helmignore": strings.Repeat("#", 120)},
			chart.LoadOptions{MaxBytes: 110}, "error reading .helmignore: chart exceeds maximum decompressed size of 110 bytes",
		},
		"files": {
			map[string]string{"Chart.yaml": meta("c"), "a": "", "b": "", "c": ""},
			chart.LoadOptions{MaxFiles: 3}, "error reading c: chart is too large: more than 3 files and folders",
		},
		"folders": {
			map[string]string{"Chart.yaml": meta("c"), "a/b/c/d": ""},
			chart.LoadOptions{MaxDepth: 2}, "a/b/c: chart is too large: folders lie more than 2 deep",
		},
		"aliases in Chart.yaml": {
			map[string]string{"Chart.yaml": "a: &a " + strings.Repeat("x", 100_000) + "\nb: [" + strings.Repeat("*a,", 1000) + "]\n"},
			chart.LoadOptions{}, "cannot load Chart.yaml: yaml: input is too large: aliases add more than 16777216 bytes",
		},
		"aliases in values.yaml": {
			map[string]string{"Chart.yaml": meta("c"), "values.yaml": "a: &a " + strings.Repeat("x", 100_000) + "\nb: [" + strings.Repeat("*a,", 1000) + "]\n"},
			chart.LoadOptions{}, "cannot load values.yaml: cannot unmarshal yaml document: yaml: input is too large: aliases add more than 16777216 bytes",
		},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := chart.Load(tree(tc.files), tc.opts)
			if !errors.Is(err, chart.ErrTooLarge) {
				t.Fatalf("error is %v, want ErrTooLarge", err)
			}
			if diff := cmp.Diff(tc.text, err.Error()); diff != "" {
				t.Errorf("text (-want +got):\n%s", diff)
			}
		})
	}
}

func TestLoadFollowsLinks(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write := func(name, content string) {
		t.Helper()
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	link := func(target, name string) {
		t.Helper()
		if err := os.Symlink(target, filepath.Join(dir, name)); err != nil {
			t.Skip("no symbolic links here: ", err)
		}
	}
	write("shared/_a.tpl", "shared")
	write("chart/Chart.yaml", meta("c"))
	write("chart/templates/b.yaml", "b")
	link("../../shared", "chart/templates/lib")
	link("../shared/_a.tpl", "chart/copy.tpl")

	var warnings []string
	c, err := chart.Load(os.DirFS(filepath.Join(dir, "chart")), chart.LoadOptions{
		Warn: func(text string) { warnings = append(warnings, text) },
	})
	if err != nil {
		t.Fatal(err)
	}
	wantWarnings := []string{
		"copy.tpl is a symbolic link: what it leads to is taken into the chart",
		"templates/lib is a symbolic link: what it leads to is taken into the chart",
	}
	if diff := cmp.Diff(wantWarnings, warnings); diff != "" {
		t.Errorf("warnings (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"templates/b.yaml", "templates/lib/_a.tpl"}, names(c.Templates())); diff != "" {
		t.Errorf("templates (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"copy.tpl"}, names(c.Files())); diff != "" {
		t.Errorf("files (-want +got):\n%s", diff)
	}

	link("..", "chart/templates/loop")
	_, err = chart.Load(os.DirFS(filepath.Join(dir, "chart")), chart.LoadOptions{})
	if err == nil || err.Error() != "templates/loop: symbolic link leads back to a folder that it lies in" {
		t.Errorf("error of a loop is %v", err)
	}
	link("nowhere", "chart/dangling")
	_, err = chart.Load(os.DirFS(filepath.Join(dir, "chart")), chart.LoadOptions{})
	if e, ok := errors.AsType[*chart.Error](err); !ok || e.Path != "dangling" || !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("error of a dangling link is %v", err)
	}
}

func TestLoadRefusesIrregularFiles(t *testing.T) {
	t.Parallel()
	fsys := tree(map[string]string{"Chart.yaml": meta("c")})
	fsys["pipe"] = &fstest.MapFile{Mode: fs.ModeNamedPipe}
	_, err := chart.Load(fsys, chart.LoadOptions{})
	if err == nil || err.Error() != "cannot load irregular file pipe as it has file mode type bits set" {
		t.Errorf("error is %v", err)
	}
}

// TestEmptyLock: a lock file that says nothing is as good as none.
func TestEmptyLock(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{"": false, "# nothing\n": false, "null\n": false, "{}\n": true, "digest: sha256:0\n": true} {
		for file, metadata := range map[string]string{
			"Chart.lock":        "apiVersion: v2\nname: web\nversion: 1.0.0\n",
			"requirements.lock": "apiVersion: v1\nname: web\nversion: 1.0.0\n",
		} {
			c, err := chart.Load(fstest.MapFS{"Chart.yaml": {Data: []byte(metadata)}, file: {Data: []byte(text)}}, chart.LoadOptions{})
			if err != nil || (c.Lock() != nil) != want {
				t.Errorf("%s %q: lock %v, error %v", file, text, c.Lock(), err)
			}
		}
	}
}
