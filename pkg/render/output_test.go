package render_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-0d4f92cc/pack/pkg/manifest"
	"github.com/seed-0d4f92cc/pack/pkg/render"
)

func TestResultText(t *testing.T) {
	t.Parallel()
	hook := func(path string, events ...manifest.Event) manifest.Hook {
		return manifest.Hook{Manifest: manifest.Manifest{Path: path, Content: "hook: " + path + "\n"}, Events: events}
	}
	res := &render.Result{
		CRDs: []render.CRD{{Path: "c/crds/a.yaml", Content: []byte("crd: 1\n---\ncrd: 2\n")}},
		Manifests: []manifest.Manifest{
			{Path: "c/templates/a.yaml", Content: "a: 1\n"},
			{Path: "c/templates/b.yaml", Content: "b: 1\n\n"},
		},
		Hooks: []manifest.Hook{
			hook("c/templates/pre.yaml", manifest.EventPreInstall),
			hook("c/templates/t.yaml", manifest.EventPreInstall, manifest.EventTest),
		},
	}
	const (
		crds    = "---\n# Source: c/crds/a.yaml\ncrd: 1\n---\ncrd: 2\n\n"
		objects = "---\n# Source: c/templates/a.yaml\na: 1\n\n---\n# Source: c/templates/b.yaml\nb: 1\n"
		pre     = "---\n# Source: c/templates/pre.yaml\nhook: c/templates/pre.yaml\n\n"
		test    = "---\n# Source: c/templates/t.yaml\nhook: c/templates/t.yaml\n\n"
	)
	for _, tc := range []struct {
		name string
		res  *render.Result
		opts render.OutputOptions
		want string
		docs int
	}{
		{name: "all but CRDs", res: res, want: objects + pre + test, docs: 4},
		{name: "CRDs first", res: res, opts: render.OutputOptions{IncludeCRDs: true}, want: crds + objects + pre + test, docs: 5},
		{name: "no hooks", res: res, opts: render.OutputOptions{SkipHooks: true}, want: objects, docs: 2},
		{name: "no tests", res: res, opts: render.OutputOptions{SkipTests: true}, want: objects + pre, docs: 3},
		{name: "nothing", res: &render.Result{}, want: "\n"},
		{name: "hooks alone", res: &render.Result{Hooks: res.Hooks[:1]}, want: "\n" + pre, docs: 1},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(tc.want, tc.res.Text(tc.opts)); diff != "" {
				t.Errorf("text (-want +got):\n%s", diff)
			}
			if got := len(tc.res.Documents(tc.opts)); got != tc.docs {
				t.Errorf("got %d documents, want %d", got, tc.docs)
			}
		})
	}
}

func TestResultFilesText(t *testing.T) {
	t.Parallel()
	res := &render.Result{Files: []render.File{
		{Path: "c/templates/a.yaml", Content: "a: [\n"},
		{Path: "c/templates/blank.yaml", Content: " \n"},
		{Path: "c/templates/c.yaml", Content: "c: 1"},
	}}
	const want = "---\n# Source: c/templates/a.yaml\na: [\n\n---\n# Source: c/templates/c.yaml\nc: 1\n"
	if diff := cmp.Diff(want, res.FilesText()); diff != "" {
		t.Errorf("text (-want +got):\n%s", diff)
	}
}
