package chart_test

import (
	"errors"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-0d4f92cc/pack/pkg/chart"
)

// nested is a chart of n levels, each with the same dependencies on the next.
func nested(n int, dependencies, defaults string) map[string]string {
	files := map[string]string{}
	for level := range n + 1 {
		dir := strings.Repeat("charts/s/", level)
		name := "s"
		if level == 0 {
			name = "c"
		}
		files[dir+"Chart.yaml"] = meta(name, "dependencies: "+dependencies)
		files[dir+"values.yaml"] = defaults
	}
	files[strings.Repeat("charts/s/", n)+"Chart.yaml"] = meta("s")
	return files
}

// Each level multiplies what the next one has.
func TestConfigureHostileCharts(t *testing.T) {
	t.Parallel()
	imports := strings.Repeat("{child: ., parent: p}, ", 3)
	for i := range 6 {
		imports += strings.ReplaceAll("{child: x, parent: x.aN}, ", "N", string(rune('0'+i)))
	}
	tests := map[string]struct {
		files map[string]string
		want  string
	}{
		"aliases of aliases": {
			nested(25, "[{name: s, version: '*', alias: a}, {name: s, version: '*', alias: b}]", "{}"),
			"chart dependencies processing failed: chart is too large: aliases make it more than 400 charts",
		},
		"imports of imports": {
			nested(25, "[{name: s, version: '*', import-values: ["+imports+"]}]", "{x: {z: 1}}"),
			"chart dependencies processing failed: chart is too large: merging its values takes more than 50000 copies",
		},
		"deep target": {
			nested(1, "[{name: s, version: '*', import-values: [{child: x, parent: "+strings.Repeat("a.", 5000)+"a}]}]", "{x: {z: 1}}"),
			"chart dependencies processing failed: chart is too large: its values are more than 2000 levels deep",
		},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := load(t, tc.files).Configure(nil, chart.ConfigureOptions{MaxCharts: 400, MaxValues: 50_000})
			if !errors.Is(err, chart.ErrTooLarge) || err.Error() != tc.want {
				t.Errorf("error is %v, want %q", err, tc.want)
			}
		})
	}
}

func TestWithValues(t *testing.T) {
	t.Parallel()
	c := load(t, deps("[{name: s1, version: '*'}, {name: s2, version: '*'}]", "{a: 1, b: 1}"))
	replaced := c.WithValues(yaml(t, "{a: 2}"))
	cfg, err := replaced.Configure(nil, chart.ConfigureOptions{})
	if err != nil {
		t.Fatal(err)
	}
	want := `{"a":2,"s1":{"enabled":false,"global":{},"who":"s1"},"s2":{"global":{}}}`
	if diff := cmp.Diff(want, canonical(t, cfg.Values)); diff != "" {
		t.Errorf("values (-want +got):\n%s", diff)
	}
	if got := canonical(t, c.Values()); got != `{"a":1,"b":1}` {
		t.Errorf("the chart's own defaults are now %s", got)
	}
}

// dump prints all that configuring could change.
func dump(t testing.TB, c *chart.Chart) string {
	t.Helper()
	var all []any
	for full, sub := range c.All() {
		all = append(all, full, sub.Metadata(), sub.Values(), sub.Lock(), names(sub.Templates()), names(sub.Files()))
	}
	return canonical(t, all)
}

func TestConfigureConcurrently(t *testing.T) {
	t.Parallel()
	c := load(t, map[string]string{
		"Chart.yaml":           meta("c", "dependencies:", "- {name: s, version: '*', alias: a, condition: a.en, import-values: [data]}", "- {name: s, version: '*', alias: b, tags: [t]}"),
		"values.yaml":          "{global: {m: {x: {z: 1}}}, list: [{a: 1}]}",
		"values.schema.json":   `{"properties":{"n1":{"type":"integer"}}}`,
		"charts/s/Chart.yaml":  meta("s"),
		"charts/s/values.yaml": "{exports: {data: {list2: [1]}}, global: {m: {x: {w: 2}}}}",
	})
	before := dump(t, c)
	user := yaml(t, "{tags: {t: false}, m: {x: null}, a: {q: 1}}")
	userBefore := canonical(t, user)
	want, err := c.Configure(user, chart.ConfigureOptions{})
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for range 16 {
		wg.Go(func() {
			cfg, err := c.Configure(user, chart.ConfigureOptions{})
			if err != nil {
				t.Error(err)
				return
			}
			if diff := cmp.Diff(want.Values, cfg.Values); diff != "" {
				t.Errorf("values differ:\n%s", diff)
			}
			// What is handed out belongs to the caller: changing it must not
			// reach anyone else.
			cfg.Values["mine"] = true
			cfg.Values["list"].([]any)[0].(map[string]any)["a"] = "mine"
			cfg.Chart.Values()["mine"] = true
			cfg.Chart.Metadata().Dependencies[0].Enabled = false
		})
	}
	wg.Wait()
	if diff := cmp.Diff(before, dump(t, c)); diff != "" {
		t.Errorf("the chart changed:\n%s", diff)
	}
	if diff := cmp.Diff(userBefore, canonical(t, user)); diff != "" {
		t.Errorf("the user's values changed:\n%s", diff)
	}
}
