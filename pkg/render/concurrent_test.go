package render_test

import (
	"fmt"
	"sync"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-0d4f92cc/pack/pkg/chart"
	"github.com/seed-0d4f92cc/pack/pkg/render"
	"github.com/seed-0d4f92cc/pack/pkg/values"
)

// sharedChart has templates that change what they are given, in all the ways
// there are, and a subchart.
func sharedChart() fstest.MapFS {
	return fstest.MapFS{
		"Chart.yaml":  {Data: []byte("apiVersion: v2\nname: app\nversion: 0.1.0\ndependencies: [{name: db, version: 0.1.0, import-values: [shared]}]\n")},
		"values.yaml": {Data: []byte("name: app\nlist: [{k: default}]\nimage: {tag: v1, pull: Always}\ntext: '{{ .Values.image.tag }}'\nglobal: {zone: a}\n")},
		"templates/_helpers.tpl": {Data: []byte(`{{ define "app.label" }}{{ .Values.name }}-{{ tpl .Values.text . }}{{ end }}
{{ define "app.merged" }}{{ mergeOverwrite .Values.image (dict "seen" .Template.Name) | toJson }}{{ end }}`)},
		"templates/a.yaml":           {Data: []byte("a: {{ include \"app.label\" . }}\nvalues: {{ toJson .Values }}\n")},
		"templates/b.yaml":           {Data: []byte("b: {{ $_ := set .Values.image \"tag\" \"changed\" }}{{ include \"app.label\" . }}\n")},
		"templates/c.yaml":           {Data: []byte("c: {{ include \"app.merged\" . }}{{ $_ := unset .Values.image \"pull\" }}\n")},
		"templates/d.yaml":           {Data: []byte("d: {{ range .Values.list }}{{ $_ := set . \"k\" (upper .k) }}{{ .k }}{{ end }}{{ toJson .Values }}\n")},
		"templates/e.yaml":           {Data: []byte("e: {{ sortAlpha (keys .Values.global) }}{{ $_ := set .Values.global \"zone\" .Release.Name }}\n")},
		"charts/db/Chart.yaml":       {Data: []byte("apiVersion: v2\nname: db\nversion: 0.1.0\n")},
		"charts/db/values.yaml":      {Data: []byte("size: 1\nexports: {shared: {port: 5432}}\n")},
		"charts/db/templates/x.yaml": {Data: []byte("x: {{ $_ := set .Values \"size\" (add .Values.size 1) }}{{ toJson .Values }}\n")},
	}
}

// variant is what the n-th caller wants.
func variant(n int) values.Map {
	return values.Map{
		"name":  fmt.Sprintf("app%d", n),
		"list":  []any{map[string]any{"k": fmt.Sprintf("x%d", n)}, map[string]any{"k": "y"}},
		"image": values.Map{"tag": fmt.Sprintf("v%d", n)},
		"db":    values.Map{"size": float64(n)},
	}
}

// One chart and one renderer serve many goroutines, whose results are those of
// one after another, and nothing that is shared changes.
func TestSharedChartIsNeverChanged(t *testing.T) {
	t.Parallel()
	c, err := chart.Load(sharedChart(), chart.LoadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defaults := values.Clone(c.Values())
	const variants = 5
	var want [variants]string
	for n := range variants {
		want[n] = renderVariant(t, newRenderer(t, render.Config{Parallel: 1}), c, n)
	}
	r := newRenderer(t, render.Config{Parallel: 2})
	var group sync.WaitGroup
	for worker := range 8 {
		group.Go(func() {
			for round := range 20 {
				n := (worker + round) % variants
				if got := renderVariant(t, r, c, n); got != want[n] {
					t.Errorf("variant %d (-want +got)\n%s", n, cmp.Diff(want[n], got))
				}
			}
		})
	}
	group.Wait()
	if diff := cmp.Diff(defaults, c.Values()); diff != "" {
		t.Errorf("the chart's defaults changed\n%s", diff)
	}
	fresh, err := chart.Load(sharedChart(), chart.LoadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for i, f := range fresh.Templates() {
		if got := c.Templates()[i]; got.Name != f.Name || string(got.Data) != string(f.Data) {
			t.Errorf("%s changed", f.Name)
		}
	}
	if diff := cmp.Diff(fresh.Metadata(), c.Metadata()); diff != "" {
		t.Errorf("the chart's metadata changed\n%s", diff)
	}
}

// renderVariant configures and renders, and sees to it that neither the user's
// values nor the configured ones change.
func renderVariant(t *testing.T, r *render.Renderer, c *chart.Chart, n int) string {
	user := variant(n)
	configured, err := c.Configure(user, chart.ConfigureOptions{})
	if err != nil {
		t.Error(err)
		return ""
	}
	before := values.Clone(configured.Values)
	res, err := r.Render(t.Context(), configured, render.Input{Release: render.Release{Name: fmt.Sprint("r", n)}})
	if err != nil {
		t.Error(err)
		return ""
	}
	if diff := cmp.Diff(variant(n), user); diff != "" {
		t.Errorf("the user's values changed\n%s", diff)
	}
	if diff := cmp.Diff(before, configured.Values); diff != "" {
		t.Errorf("the configured values changed\n%s", diff)
	}
	return res.Text(render.OutputOptions{})
}
