package render_test

import (
	"context"
	"errors"
	"path/filepath"
	"testing"
	"testing/fstest"
	"time"

	"github.com/seed-0d4f92cc/pack/pkg/chart"
	"github.com/seed-0d4f92cc/pack/pkg/render"
)

// FuzzRender holds that a template ends, in text within the bound or in an
// error, that it never panics, and that rendering it concurrently with others
// is rendering it alone.
func FuzzRender(f *testing.F) {
	for _, p := range readProbes(f, filepath.Join("testdata", "functions", "special.tsv")) {
		f.Add(p.expr)
	}
	const limit = 1 << 20
	parallel := newRenderer(f, render.Config{MaxBytes: limit, Parallel: 4})
	alone := newRenderer(f, render.Config{MaxBytes: limit, Parallel: 1})
	f.Fuzz(func(t *testing.T, text string) {
		files := fstest.MapFS{
			"Chart.yaml":         {Data: []byte("apiVersion: v2\nname: c\nversion: 0.1.0\n")},
			"values.yaml":        {Data: []byte("text: a\nmap: {k: v}\nlist: [1, {a: b}]\n")},
			"templates/_h.tpl":   {Data: []byte(`{{ define "t" }}{{ .Values.text }}{{ end }}`)},
			"templates/z.yaml":   {Data: []byte(`z: {{ .Values.text }}`)},
			"templates/fuzz.txt": {Data: []byte(text)},
			"templates/a.yaml":   {Data: []byte(`a: {{ .Values | toJson }}`)},
		}
		c, err := chart.Load(files, chart.LoadOptions{})
		if err != nil {
			t.Skip(err)
		}
		configured, err := c.Configure(nil, chart.ConfigureOptions{})
		if err != nil {
			t.Skip(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		first, firstErr := fuzzOnce(ctx, alone, configured)
		if again, _ := fuzzOnce(ctx, alone, configured); again != first {
			t.Skip("not the same twice: random, a time or an address")
		}
		second, secondErr := fuzzOnce(ctx, parallel, configured)
		if ctx.Err() != nil || errors.Is(firstErr, render.ErrTooLarge) || errors.Is(secondErr, render.ErrTooLarge) {
			return
		}
		if len(first) > limit {
			t.Errorf("%d bytes", len(first))
		}
		if first != second || (firstErr == nil) != (secondErr == nil) {
			t.Errorf("alone %q (%v), concurrently %q (%v)", first, firstErr, second, secondErr)
		}
		if firstErr != nil && secondErr != nil && firstErr.Error() != secondErr.Error() {
			t.Errorf("alone %v, concurrently %v", firstErr, secondErr)
		}
	})
}

func fuzzOnce(ctx context.Context, r *render.Renderer, c *chart.Configured) (string, error) {
	var text string
	_, err := r.Render(ctx, c, render.Input{PostRender: take(&text)})
	return text, err
}
