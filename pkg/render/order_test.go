package render_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-0d4f92cc/pack/pkg/manifest"
	"github.com/seed-0d4f92cc/pack/pkg/render"
)

func newRenderer(t testing.TB, cfg render.Config) *render.Renderer {
	t.Helper()
	r, err := render.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// texts are the contents of rendered files by path.
func texts(files []render.File) map[string]string {
	m := map[string]string{}
	for _, f := range files {
		m[f.Path] = f.Content
	}
	return m
}

// subchart is a subchart's metadata.
func subchart(name, rest string) string {
	return "apiVersion: v2\nname: " + name + "\nversion: 0.1.0\n" + rest
}

func TestDefinePrecedence(t *testing.T) {
	t.Parallel()
	define := func(name, text string) string {
		return `{{ define "` + name + `" }}` + text + `{{ end }}`
	}
	c := configured(t, map[string]string{
		"charts/aa/Chart.yaml":        subchart("aa", ""),
		"charts/aa/templates/_h.tpl":  define("shared", "aa") + define("both", "aa"),
		"charts/aa/templates/a.yaml":  "k: aa\n",
		"charts/bb/Chart.yaml":        subchart("bb", ""),
		"charts/bb/templates/_h.tpl":  define("shared", "bb") + define("both", "bb"),
		"charts/lib/Chart.yaml":       subchart("lib", "type: library\n"),
		"charts/lib/templates/_l.tpl": define("lib", "from lib"),
		"charts/lib/templates/x.yaml": "k: never\n",
		"templates/_a.tpl":            define("files", "_a") + define("case", "_a"),
		"templates/_b.tpl":            define("files", "_b"),
		"templates/A.yaml":            define("case", "A"),
		"templates/a.yaml":            define("case", "a") + define("both", "root") + "{{ include \"shared\" . }} {{ include \"both\" . }} {{ include \"files\" . }} {{ include \"case\" . }} {{ include \"lib\" . }}",
		"templates/deep/er/_h.tpl":    define("files", "deep"),
		"templates/_dir/file.txt":     "rendered: yes",
	})
	res, err := newRenderer(t, render.Config{}).Render(t.Context(), c, render.Input{
		PostRender: func(_ context.Context, files []render.File) ([]render.File, error) { return files, errStop },
	})
	if !errors.Is(err, errStop) || res != nil {
		t.Fatalf("the post-renderer's error is %v", err)
	}
	var got map[string]string
	_, err = newRenderer(t, render.Config{}).Render(t.Context(), c, render.Input{
		PostRender: func(_ context.Context, files []render.File) ([]render.File, error) {
			got = texts(files)
			return nil, nil
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{
		"c/charts/aa/templates/a.yaml": "k: aa\n",
		"c/templates/A.yaml":           "",
		"c/templates/_dir/file.txt":    "rendered: yes",
		"c/templates/a.yaml":           "aa root _a A from lib",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

var errStop = errors.New("stop")

// changing has a template in the middle that changes what others see. Helm
// renders it backwards by name.
func changing() map[string]string {
	files := map[string]string{
		"values.yaml":      "x: old\nlist: [{k: old}]\n",
		"templates/m.yaml": `m: {{ (set .Values "x" "new").x }}{{ $_ := set . "own" "shared" }}{{ $_ := set (first .Values.list) "k" "new" }}`,
	}
	for _, name := range "abcdefghijklnopqrstuvwxyz" {
		files[fmt.Sprintf("templates/%c.yaml", name)] = fmt.Sprintf(
			`%c: {{ .Values.x }} {{ .own }} {{ (first .Values.list).k }} {{ .Template.Name }}{{ $l := set (dict) "a" 1 }}`, name)
	}
	return files
}

func TestChangesAreSeenByLaterFiles(t *testing.T) {
	t.Parallel()
	c := configured(t, changing())
	for _, parallel := range []int{1, 2, 8} {
		res, err := newRenderer(t, render.Config{Parallel: parallel}).Render(t.Context(), c, render.Input{})
		if err != nil {
			t.Fatal(err)
		}
		got := texts(res.Files)
		for name := 'a'; name <= 'z'; name++ {
			path := fmt.Sprintf("c/templates/%c.yaml", name)
			want := fmt.Sprintf("%c: new shared new %s", name, path)
			switch {
			case name == 'm':
				want = "m: new"
			case name > 'm':
				want = fmt.Sprintf("%c: old  old %s", name, path)
			}
			if got[path] != want {
				t.Errorf("parallel %d: %s is %q, want %q", parallel, path, got[path], want)
			}
		}
		if diff := cmp.Diff(map[string]any{"x": "old", "list": []any{map[string]any{"k": "old"}}}, c.Values); diff != "" {
			t.Fatalf("the chart's values changed: %s", diff)
		}
	}
}

func TestConcurrentRenderings(t *testing.T) {
	t.Parallel()
	files := changing()
	files["templates/_h.tpl"] = `{{ define "h" }}{{ .Values.x }}-{{ tpl "{{ .Release.Name }}" . }}{{ end }}`
	files["templates/0.yaml"] = `k: {{ include "h" . }}`
	c := configured(t, files)
	r := newRenderer(t, render.Config{Parallel: 4})
	var group sync.WaitGroup
	for i := range 16 {
		group.Go(func() {
			name := fmt.Sprintf("r%d", i)
			for range 10 {
				res, err := r.Render(t.Context(), c, render.Input{Release: render.Release{Name: name}})
				if err != nil {
					t.Error(err)
					return
				}
				if got, want := texts(res.Files)["c/templates/0.yaml"], "k: new-"+name; got != want {
					t.Errorf("%q, want %q", got, want)
				}
			}
		})
	}
	group.Wait()
}

func TestNotes(t *testing.T) {
	t.Parallel()
	c := configured(t, map[string]string{
		"charts/zz/Chart.yaml":          subchart("zz", ""),
		"charts/zz/templates/NOTES.txt": "zz",
		"charts/aa/Chart.yaml":          subchart("aa", ""),
		"charts/aa/templates/NOTES.txt": "aa",
		"templates/NOTES.txt":           "root {{ .Release.Name }}",
		"templates/otherNOTES.txt":      "other",
	})
	r := newRenderer(t, render.Config{})
	for sub, want := range map[bool]string{false: "root r", true: "root r\naa\nzz\nother"} {
		res, err := r.Render(t.Context(), c, render.Input{Release: render.Release{Name: "r"}, SubchartNotes: sub})
		if err != nil {
			t.Fatal(err)
		}
		if res.Notes != want || len(res.Files) > 0 {
			t.Errorf("notes %q, files %v", res.Notes, res.Files)
		}
	}
}

func TestResultHoldsFilesOfUnreadableYAML(t *testing.T) {
	t.Parallel()
	c := configured(t, map[string]string{"templates/a.yaml": "a: [", "templates/b.yaml": "b: 1\n"})
	res, err := newRenderer(t, render.Config{}).Render(t.Context(), c, render.Input{})
	var parse *manifest.ParseError
	if !errors.As(err, &parse) || parse.Path != "c/templates/a.yaml" {
		t.Fatalf("error %v", err)
	}
	if res == nil || len(res.Files) != 2 {
		t.Errorf("result %v", res)
	}
}

func TestSubchartWithADotInItsName(t *testing.T) {
	t.Parallel()
	c := configured(t, map[string]string{
		"charts/a.b/Chart.yaml":       subchart("a.b", ""),
		"charts/a.b/templates/v.yaml": "v: {{ .Values.x }}\n",
	})
	c.Values = map[string]any{"a.b": map[string]any{"x": "own"}, "a": map[string]any{"b": map[string]any{"x": "steps"}}}
	res, err := newRenderer(t, render.Config{}).Render(t.Context(), c, render.Input{})
	if err != nil {
		t.Fatal(err)
	}
	if got := res.Files[0].Content; got != "v: steps\n" {
		t.Errorf("%q: Helm takes the dot for a step down", got)
	}
}

func TestCRDs(t *testing.T) {
	t.Parallel()
	c := configured(t, map[string]string{
		"charts/sub/Chart.yaml":   subchart("sub", ""),
		"charts/sub/crds/s.json":  "{}",
		"crds/deep/a.YAML":        "{{ not a template",
		"crds/readme.md":          "no",
		"charts/sub/files/c.yaml": "no",
	})
	res, err := newRenderer(t, render.Config{}).Render(t.Context(), c, render.Input{})
	if err != nil {
		t.Fatal(err)
	}
	want := []render.CRD{
		{Path: "c/crds/deep/a.YAML", Content: []byte("{{ not a template")},
		{Path: "c/charts/sub/crds/s.json", Content: []byte("{}")},
	}
	if diff := cmp.Diff(want, res.CRDs); diff != "" {
		t.Error(diff)
	}
}

func TestLintWarns(t *testing.T) {
	t.Parallel()
	c := configured(t, map[string]string{
		"templates/b.yaml": `a: {{ required "need a" .Values.a }}{{ fail "stop" }}`,
		"templates/a.yaml": `a: {{ required "need b" "" }}{{ (lookup "v1" "Pod" "" "").items }}`,
	})
	r := newRenderer(t, render.Config{Lint: true, Lookup: func(context.Context, string, string, string, string) (map[string]any, error) {
		return nil, errStop
	}})
	res, err := r.Render(t.Context(), c, render.Input{})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"missing required value: need a", "fail: stop", "missing required value: need b"}
	if diff := cmp.Diff(want, res.Warnings); diff != "" {
		t.Error(diff)
	}
}

func TestKubeVersion(t *testing.T) {
	t.Parallel()
	for constraint, message := range map[string]string{
		"":             "",
		">=1.20.0-0":   "",
		"^1.30":        "",
		"<1.30":        "chart requires kubeVersion: <1.30 which is incompatible with Kubernetes v1.30.4-gke.5",
		"no such":      "chart requires kubeVersion: no such which is incompatible with Kubernetes v1.30.4-gke.5",
		"=1.30.4":      "",
		"1.30.x":       "",
		">=1.31 || <2": "",
	} {
		c := configured(t, map[string]string{"Chart.yaml": subchart("c", "kubeVersion: \""+constraint+"\"\n")})
		version, err := render.ParseKubeVersion("1.30.4-gke.5")
		if err != nil {
			t.Fatal(err)
		}
		_, err = newRenderer(t, render.Config{}).Render(t.Context(), c, render.Input{
			Capabilities: render.Capabilities{KubeVersion: version},
		})
		if got := fmt.Sprint(err); got != message && (message != "" || err != nil) {
			t.Errorf("%q: %v", constraint, err)
		}
	}
}

func TestParseKubeVersion(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]render.KubeVersion{
		"1.30":                {Version: "v1.30", Normalized: "v1.30", Major: "1", Minor: "30"},
		"v1.30.2-alpha.1+b.5": {Version: "v1.30.2-alpha.1+b.5", Normalized: "v1.30.2", Major: "1", Minor: "30"},
		"1.2.3.4":             {Version: "v1.2.3.4", Normalized: "v1.2.3.4", Major: "1", Minor: "2"},
		"1.2.x":               {Version: "v1.2.x", Normalized: "v1.2", Major: "1", Minor: "2"},
	} {
		got, err := render.ParseKubeVersion(text)
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("%q: %v %s", text, err, diff)
		}
	}
	for text, want := range map[string]string{
		"abc":      `invalid kube version 'abc': could not parse "abc" as version`,
		"1":        `invalid kube version '1': illegal version string "1"`,
		"01.030.1": `invalid kube version '01.030.1': illegal zero-prefixed version component "01" in "01.030.1"`,
	} {
		if _, err := render.ParseKubeVersion(text); err == nil || err.Error() != want {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestDefaultCapabilities(t *testing.T) {
	t.Parallel()
	caps := render.DefaultCapabilities()
	if caps.KubeVersion.String() != "v1.37.0" || len(caps.APIVersions) != 57 || caps.APIVersions[0] != "v1" {
		t.Errorf("%v", caps)
	}
	more := render.Capabilities{}.WithAPIVersions("a/b", "c/d/E")
	if len(more.APIVersions) != 59 || len(render.DefaultCapabilities().APIVersions) != 57 {
		t.Errorf("%v", more)
	}
}

func TestCustomFunctions(t *testing.T) {
	t.Parallel()
	c := configured(t, map[string]string{"templates/a.yaml": `a: {{ shout "x" }}{{ upper "y" }}`})
	r := newRenderer(t, render.Config{Funcs: map[string]any{
		"shout": func(s string) string { return strings.ToUpper(s) + "!" },
		"upper": func(s string) string { return "own " + s },
	}})
	res, err := r.Render(t.Context(), c, render.Input{})
	if err != nil {
		t.Fatal(err)
	}
	if got := res.Files[0].Content; got != "a: X!own y" {
		t.Errorf("%q", got)
	}
	if _, err := render.New(render.Config{Funcs: map[string]any{"bad": 1}}); err == nil {
		t.Error("a function that is none was taken")
	}
}
