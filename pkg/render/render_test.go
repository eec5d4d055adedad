package render_test

import (
	"context"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-0d4f92cc/pack/pkg/chart"
	"github.com/seed-0d4f92cc/pack/pkg/render"
)

// configured loads a chart from files and gives it its own defaults.
func configured(t *testing.T, files map[string]string) *chart.Configured {
	t.Helper()
	c, err := chart.Load(mapFS(files), chart.LoadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return &chart.Configured{Chart: c, Values: c.Values()}
}

// mapFS is the files of a chart, with metadata if they have none.
func mapFS(files map[string]string) fstest.MapFS {
	fsys := fstest.MapFS{"Chart.yaml": {Data: []byte("apiVersion: v2\nname: c\nversion: 0.1.0\n")}}
	for name, text := range files {
		fsys[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return fsys
}

func TestRender(t *testing.T) {
	t.Parallel()
	r, err := render.New(render.Config{})
	if err != nil {
		t.Fatal(err)
	}
	c := configured(t, map[string]string{
		"values.yaml":         "a: 1\n",
		"templates/_h.tpl":    `{{ define "n" }}{{ .Release.Name }}-{{ .Chart.Name }}{{ end }}`,
		"templates/a.yaml":    "kind: ConfigMap\nmetadata:\n  name: {{ include \"n\" . }}\ndata: {a: {{ .Values.a }}}\n",
		"templates/NOTES.txt": "hello {{ .Release.Name }}",
	})
	got, err := r.Render(t.Context(), c, render.Input{Release: render.Release{Name: "r"}})
	if err != nil {
		t.Fatal(err)
	}
	if got.Notes != "hello r" {
		t.Errorf("notes: %q", got.Notes)
	}
	want := []render.File{{Path: "c/templates/a.yaml", Content: "kind: ConfigMap\nmetadata:\n  name: r-c\ndata: {a: 1}\n"}}
	if diff := cmp.Diff(want, got.Files); diff != "" {
		t.Error(diff)
	}
}

// take is a post-renderer that keeps the text of the files and yields none.
func take(text *string) func(context.Context, []render.File) ([]render.File, error) {
	return func(_ context.Context, files []render.File) ([]render.File, error) {
		for _, f := range files {
			*text += f.Content
		}
		return nil, nil
	}
}
