package release_test

import (
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-0d4f92cc/pack/pkg/chart"
	"github.com/seed-0d4f92cc/pack/pkg/release"
)

func configured(t testing.TB, files fstest.MapFS) *chart.Chart {
	t.Helper()
	c, err := chart.Load(files, chart.LoadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	conf, err := c.Configure(nil, chart.ConfigureOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return conf.Chart
}

func TestNewRecordChart(t *testing.T) {
	t.Parallel()
	day := func(n int) time.Time { return time.Date(2026, 1, n, 0, 0, 0, 0, time.UTC) }
	c := configured(t, fstest.MapFS{
		"Chart.yaml": {ModTime: day(1), Data: []byte("apiVersion: v2\nname: web\nversion: 1.2.3\nappVersion: 4\n" +
			"dependencies: [{name: cache, version: 0.x, import-values: [defaults]}]\n")},
		"Chart.lock":                    {Data: []byte("digest: sha256:1\ngenerated: 2026-01-09T00:00:00Z\ndependencies: []\ncontents: {a-1: sha256:2}\n")},
		"values.yaml":                   {Data: []byte("replicas: 2\n")},
		"values.schema.json":            {ModTime: day(2), Data: []byte("{}")},
		"README.md":                     {ModTime: day(3), Data: []byte("# web")},
		"templates/web.yaml":            {ModTime: day(4), Data: []byte("a: b")},
		"charts/cache/Chart.yaml":       {Data: []byte("apiVersion: v2\nname: cache\nversion: 0.1.0\n")},
		"charts/cache/values.yaml":      {Data: []byte("size: 64\nexports: {defaults: {cacheSize: 64}}\n")},
		"charts/cache/templates/c.yaml": {Data: []byte("a: b")},
	})
	want := &release.Chart{
		Metadata: &chart.Metadata{
			APIVersion: "v2", Name: "web", Version: "1.2.3", AppVersion: "4",
			Dependencies: []*chart.Dependency{{
				Name: "cache", Version: "0.x", Enabled: true,
				ImportValues: []any{map[string]any{"child": "exports.defaults", "parent": "."}},
			}},
		},
		Lock:      &chart.Lock{Digest: "sha256:1", Generated: day(9), Dependencies: []*chart.Dependency{}},
		Templates: []release.File{{Name: "templates/web.yaml", Data: []byte("a: b"), ModTime: day(4)}},
		Values: map[string]any{
			"replicas": 2.0, "cacheSize": 64.0,
			"cache": map[string]any{
				"size": 64.0, "global": map[string]any{},
				"exports": map[string]any{"defaults": map[string]any{"cacheSize": 64.0}},
			},
		},
		Schema: []byte("{}"), SchemaModTime: day(2),
		Files:   []release.File{{Name: "README.md", Data: []byte("# web"), ModTime: day(3)}},
		ModTime: day(1),
	}
	// What a record reads back is what matters.
	rel := &release.Release{Name: "web", Namespace: "n", Version: 1, Info: &release.Info{}, Chart: release.NewRecordChart(c)}
	if diff := cmp.Diff(want, mustDecode(t, mustEncode(t, rel)).Chart); diff != "" {
		t.Error(diff)
	}
	if got := rel.Chart.FullName() + " " + rel.Chart.AppVersion(); got != "web-1.2.3 4" {
		t.Errorf("it is called %q", got)
	}
}

// TestNewRecordChartBare holds a chart of one file to the nulls of Helm 4's
// record of such a chart.
func TestNewRecordChartBare(t *testing.T) {
	t.Parallel()
	want := mustDecode(t, helmRecords(t)["helm4-uninstall"])
	c := configured(t, fstest.MapFS{"Chart.yaml": {
		Data: []byte("apiVersion: v2\nname: bare\nversion: 0.0.1\n"), ModTime: want.Chart.ModTime,
	}})
	got := *want
	got.Chart = release.NewRecordChart(c)
	if diff := cmp.Diff(unpackE(t, mustEncode(t, want)), unpackE(t, mustEncode(t, &got))); diff != "" {
		t.Errorf("(-helm +pack):\n%s", diff)
	}
}

func TestChartNames(t *testing.T) {
	t.Parallel()
	var none *release.Chart
	for _, c := range []*release.Chart{none, {}} {
		if got := c.FullName() + c.AppVersion(); got != "" {
			t.Errorf("a record without a chart says %q", got)
		}
	}
}
