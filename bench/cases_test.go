package bench_test

import (
	"context"
	"io/fs"
	"os"
	"strings"
	"testing"

	"github.com/seed-0d4f92cc/pack/bench/internal/charts"
	"github.com/seed-0d4f92cc/pack/pkg/chart"
	"github.com/seed-0d4f92cc/pack/pkg/lint"
	"github.com/seed-0d4f92cc/pack/pkg/render"
	"github.com/seed-0d4f92cc/pack/pkg/values"
)

// The cases of bench-helm, in the process: each iteration does what "template"
// does, from the files of the chart to its manifests.

func BenchmarkTrivial(b *testing.B) { fromFiles(b, charts.Trivial(), "") }

func BenchmarkCreated(b *testing.B) {
	files, err := charts.Created("web")
	fromFiles(b, must(b, files, err), "")
}

func BenchmarkUmbrella(b *testing.B) {
	files, err := charts.Umbrella(40)
	fromFiles(b, must(b, files, err), "")
}

func BenchmarkManyTemplates(b *testing.B) { fromFiles(b, charts.Many(2000), "") }

func BenchmarkTpl(b *testing.B) {
	b.Run("500", func(b *testing.B) { fromFiles(b, charts.Tpl(500, 200), "") })
	b.Run("1000", func(b *testing.B) { fromFiles(b, charts.Tpl(1000, 400), "") })
}

func BenchmarkDocuments(b *testing.B) { fromFiles(b, charts.Documents(10_000), "") }

func BenchmarkLargeValues(b *testing.B) { fromFiles(b, charts.Large(), charts.LargeValues(5<<20)) }

func BenchmarkLint(b *testing.B) {
	fsys := onDisk(b, charts.Many(2000))
	b.ReportAllocs()
	for b.Loop() {
		found, err := lint.Run(b.Context(), fsys, lint.Options{})
		if err != nil || len(found) > 0 {
			b.Fatal(found, err)
		}
	}
}

// BenchmarkAgain renders one chart again and again from many goroutines, as a
// controller does: parsing is over after the first time.
func BenchmarkAgain(b *testing.B) {
	created, err := charts.Created("web")
	umbrella, uerr := charts.Umbrella(40)
	for name, files := range map[string]charts.Files{
		"created":  must(b, created, err),
		"umbrella": must(b, umbrella, uerr),
		"many":     charts.Many(2000),
	} {
		b.Run(name, func(b *testing.B) {
			c, err := chart.Load(files.FS(), chart.LoadOptions{})
			again(b, must(b, c, err))
		})
	}
}

func again(b *testing.B, c *chart.Chart) {
	r, err := render.New(render.Config{})
	if err != nil {
		b.Fatal(err)
	}
	if err := renderOnce(b.Context(), r, c, nil); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if err := renderOnce(b.Context(), r, c, nil); err != nil {
				b.Error(err)
				return
			}
		}
	})
}

func must[T any](b *testing.B, x T, err error) T {
	b.Helper()
	if err != nil {
		b.Fatal(err)
	}
	return x
}

func onDisk(b *testing.B, files charts.Files) fs.FS {
	b.Helper()
	dir := b.TempDir()
	if err := files.Write(dir); err != nil {
		b.Fatal(err)
	}
	return os.DirFS(dir)
}

// fromFiles loads and renders a chart with a values file.
func fromFiles(b *testing.B, files charts.Files, user string) {
	b.Helper()
	fsys := onDisk(b, files)
	b.ReportAllocs()
	for b.Loop() {
		vals, err := values.Parse([]byte(user))
		if err != nil {
			b.Fatal(err)
		}
		c, err := chart.Load(fsys, chart.LoadOptions{})
		if err != nil {
			b.Fatal(err)
		}
		r, err := render.New(render.Config{})
		if err != nil {
			b.Fatal(err)
		}
		if err := renderOnce(b.Context(), r, c, vals); err != nil {
			b.Fatal(err)
		}
	}
}

func renderOnce(ctx context.Context, r *render.Renderer, c *chart.Chart, user values.Map) error {
	configured, err := c.Configure(user, chart.ConfigureOptions{})
	if err != nil {
		return err
	}
	_, err = r.Render(ctx, configured, render.Input{
		Release: render.Release{Name: "demo", Namespace: "shop", Revision: 1, IsInstall: true},
	})
	return err
}

// TestGenerated sees to it that the charts that are measured are good ones.
func TestGenerated(t *testing.T) {
	t.Parallel()
	created, err := charts.Created("web")
	if err != nil {
		t.Fatal(err)
	}
	umbrella, err := charts.Umbrella(3)
	if err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		files charts.Files
		user  string
		want  []string
	}{
		"trivial":   {charts.Trivial(), "", []string{"name: demo"}},
		"created":   {created, "", []string{"name: demo-web", "kind: Deployment"}},
		"umbrella":  {umbrella, "", []string{"name: demo-sub0", "name: demo-sub2"}},
		"many":      {charts.Many(3), "", []string{"name: demo-2", "memory: 1Gi", "app: many"}},
		"tpl":       {charts.Tpl(3, 2), "", []string{"k2: demo-2"}},
		"documents": {charts.Documents(3), "", []string{"name: c2"}},
		"large":     {charts.Large(), charts.LargeValues(3000), []string{`groups: "4"`}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			text := rendered(t, test.files, test.user)
			for _, want := range test.want {
				if !strings.Contains(text, want) {
					t.Errorf("%q is not in:\n%s", want, text)
				}
			}
		})
	}
}

func rendered(t *testing.T, files charts.Files, user string) string {
	t.Helper()
	vals, err := values.Parse([]byte(user))
	if err != nil {
		t.Fatal(err)
	}
	c, err := chart.Load(files.FS(), chart.LoadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	configured, err := c.Configure(vals, chart.ConfigureOptions{})
	if err != nil {
		t.Fatal(err)
	}
	r, err := render.New(render.Config{})
	if err != nil {
		t.Fatal(err)
	}
	result, err := r.Render(t.Context(), configured, render.Input{Release: render.Release{Name: "demo"}})
	if err != nil {
		t.Fatal(err)
	}
	var sb strings.Builder
	for _, m := range result.Manifests {
		sb.WriteString(m.Content)
	}
	return sb.String()
}
