// Package bench_test measures pack's main jobs from outside: `make bench`.
package bench_test

import (
	"fmt"
	"os"
	"testing"
	"testing/fstest"

	"github.com/seed-0d4f92cc/pack/pkg/chart"
	"github.com/seed-0d4f92cc/pack/pkg/release"
	"github.com/seed-0d4f92cc/pack/pkg/release/releasetest"
	"github.com/seed-0d4f92cc/pack/pkg/render"
	"github.com/seed-0d4f92cc/pack/pkg/values"
)

const example = "../charts/examples/mongo-express"

func load(b *testing.B) *chart.Chart {
	b.Helper()
	c, err := chart.Load(os.DirFS(example), chart.LoadOptions{})
	if err != nil {
		b.Fatal(err)
	}
	return c
}

func BenchmarkLoad(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		load(b)
	}
}

// BenchmarkRender renders the example chart for one environment again and
// again, as an operator does.
func BenchmarkRender(b *testing.B) {
	c := load(b)
	text, err := os.ReadFile(example + "/environments/prod.yaml")
	if err != nil {
		b.Fatal(err)
	}
	user, err := values.Parse(text)
	if err != nil {
		b.Fatal(err)
	}
	r, err := render.New(render.Config{})
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		configured, err := c.Configure(user, chart.ConfigureOptions{})
		if err != nil {
			b.Fatal(err)
		}
		in := render.Input{Release: render.Release{Name: "demo", Namespace: "shop", Revision: 1, IsInstall: true}}
		if _, err := r.Render(b.Context(), configured, in); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkUpgrade plans and applies an upgrade of 200 objects, on a store and a
// cluster in memory: what the engine itself costs.
func BenchmarkUpgrade(b *testing.B) {
	files := fstest.MapFS{"Chart.yaml": {Data: []byte("apiVersion: v2\nname: many\nversion: 1.0.0\n")}}
	for i := range 200 {
		files[fmt.Sprintf("templates/%03d.yaml", i)] = &fstest.MapFile{Data: fmt.Appendf(nil,
			"apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: c%d\ndata:\n  revision: \"{{ .Release.Revision }}\"\n", i)}
	}
	c, err := chart.Load(files, chart.LoadOptions{})
	if err != nil {
		b.Fatal(err)
	}
	engine, err := release.New(release.Config{
		Store: releasetest.NewStore(releasetest.StoreConfig{}), Cluster: releasetest.NewCluster(releasetest.ClusterConfig{}),
	})
	if err != nil {
		b.Fatal(err)
	}
	req := release.DeployRequest{
		Key: release.Key{Namespace: "default", Name: "many"}, Mode: release.UpgradeOrInstall, Chart: c, HistoryMax: 3,
	}
	b.ReportAllocs()
	for b.Loop() {
		plan, err := engine.PlanDeploy(b.Context(), req)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := engine.Apply(b.Context(), plan, release.ApplyOptions{}); err != nil {
			b.Fatal(err)
		}
	}
}
