package chart_test

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-0d4f92cc/pack/pkg/chart"
	"github.com/seed-0d4f92cc/pack/pkg/values"
)

// yaml reads values.
func yaml(t testing.TB, text string) values.Map {
	t.Helper()
	m, err := values.Parse([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// canonical prints a tree as JSON with sorted keys.
func canonical(t testing.TB, v any) string {
	t.Helper()
	data, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func configure(t testing.TB, files map[string]string, user string) *chart.Configured {
	t.Helper()
	cfg, err := load(t, files).Configure(yaml(t, user), chart.ConfigureOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return cfg
}

// What is wanted here was printed by Helm 4.3.1 from the same charts.
func TestCoalesceOneChart(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ defaults, user, want string }{
		"user wins":                 {"{a: 1, m: {x: 1, z: 2}}", "{a: 2, m: {x: 3}}", `{"a":2,"m":{"x":3,"z":2}}`},
		"lists are replaced":        {"{l: [1, 2]}", "{l: [3]}", `{"l":[3]}`},
		"null deletes":              {"{a: 1, m: {x: 1, z: 2}}", "{a: null, m: {x: null}}", `{"m":{"z":2}}`},
		"null without a default":    {"{}", "{a: null, m: {x: null}}", `{"a":null,"m":{"x":null}}`},
		"null below a null default": {"{m: {x: null}}", "{m: {x: null}}", `{"m":{"x":null}}`},
		"null default":              {"{a: null, m: {x: null, z: 1}}", "{m: {w: 1}}", `{"m":{"w":1,"z":1}}`},
		"scalar over map":           {"{m: {x: 1}}", "{m: 5}", `{"m":5}`},
		"map over scalar":           {"{m: 5}", "{m: {x: 1}}", `{"m":{"x":1}}`},
		"no user values":            {"{a: {b: {c: null, d: [null]}}}", "{}", `{"a":{"b":{"d":[null]}}}`},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cfg := configure(t, map[string]string{"Chart.yaml": meta("c"), "values.yaml": tc.defaults}, tc.user)
			if diff := cmp.Diff(tc.want, canonical(t, cfg.Values)); diff != "" {
				t.Errorf("values (-want +got):\n%s", diff)
			}
			flat := chart.CoalesceValues(yaml(t, tc.defaults), yaml(t, tc.user))
			if diff := cmp.Diff(tc.want, canonical(t, flat)); diff != "" {
				t.Errorf("CoalesceValues (-want +got):\n%s", diff)
			}
		})
	}
}

// What is wanted here was printed by Helm 4.3.1 from the same charts.
func TestCoalesceSubchart(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ parent, sub, user, want string }{
		"defaults of both":                                  {"{s: {a: 1}}", "{a: 2, b: 2}", "{}", `{"s":{"a":1,"b":2,"global":{}}}`},
		"user over parent over subchart":                    {"{s: {a: 1, b: 1}}", "{a: 2, b: 2, c: 2}", "{s: {a: 3}}", `{"s":{"a":3,"b":1,"c":2,"global":{}}}`},
		"user null deletes":                                 {"{}", "{k: 1, m: {j: 1}}", "{s: {k: null, m: {j: null}}}", `{"s":{"global":{},"m":{}}}`},
		"parent null deletes":                               {"{s: {k: null}}", "{k: 1}", "{s: {}}", `{"s":{"global":{}}}`},
		"parent null deletes deep":                          {"{s: {k: {j: null}}}", "{k: {j: 1}}", "{s: {}}", `{"s":{"global":{},"k":{}}}`},
		"parent null is lost where the user has no section": {"{s: {k: null}}", "{k: 1}", "{}", `{"s":{"global":{},"k":1}}`},
		"parent null for nothing":                           {"{s: {k: null}}", "{}", "{s: {}}", `{"s":{"global":{},"k":null}}`},
		"null default of the subchart":                      {"{}", "{k: null, m: {j: null}}", "{s: {}}", `{"s":{"global":{},"m":{}}}`},
		"globals go down, the parent's win": {
			"{global: {a: 1, m: {x: 1}}, s: {global: {a: 2, c: 2, m: {x: 2, z: 2}}}}", "{global: {a: 3, d: 3, m: {w: 3}}}", "{}",
			`{"global":{"a":1,"m":{"x":1}},"s":{"global":{"a":1,"c":2,"d":3,"m":{"w":3,"x":1,"z":2}}}}`,
		},
		"a global map stays over a parent's scalar": {
			"{global: {m: 1}, s: {global: {m: {x: 2}}}}", "{}", "{}", `{"global":{"m":1},"s":{"global":{"m":{"x":2}}}}`,
		},
		"a global scalar stays under a parent's map": {
			"{global: {m: {x: 1}}, s: {global: {m: 2}}}", "{}", "{}", `{"global":{"m":{"x":1}},"s":{"global":{"m":2}}}`,
		},
		"globals that are no map": {"{global: 5}", "{a: 1}", "{}", `{"global":5,"s":{"a":1}}`},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cfg := configure(t, map[string]string{
				"Chart.yaml": meta("c"), "values.yaml": tc.parent,
				"charts/s/Chart.yaml": meta("s"), "charts/s/values.yaml": tc.sub,
			}, tc.user)
			if diff := cmp.Diff(tc.want, canonical(t, cfg.Values)); diff != "" {
				t.Errorf("values (-want +got):\n%s", diff)
			}
		})
	}
}

// Helm shares nested maps between the globals of parent and subchart, so that
// a subchart's default shows up in the parent. Here it does not.
func TestGlobalsDoNotLeakUp(t *testing.T) {
	t.Parallel()
	cfg := configure(t, map[string]string{
		"Chart.yaml": meta("c"), "values.yaml": "global: {a: {b: {c: 1}}}",
		"charts/s/Chart.yaml": meta("s"), "charts/s/values.yaml": "global: {a: {b: {new: 2}}}",
	}, "{}")
	want := `{"global":{"a":{"b":{"c":1}}},"s":{"global":{"a":{"b":{"c":1,"new":2}}}}}`
	if diff := cmp.Diff(want, canonical(t, cfg.Values)); diff != "" {
		t.Errorf("values (-want +got):\n%s", diff)
	}
}

func TestCoalesceReports(t *testing.T) {
	t.Parallel()
	cfg := configure(t, map[string]string{
		"Chart.yaml": meta("c"), "values.yaml": "{m: 1, n1: {x: {z: 1}, y1: 2}, global: {g: {a: 1}, h: 1}}",
		"charts/s/Chart.yaml": meta("s"), "charts/s/values.yaml": "{k: 5}",
	}, "{m: {x: 1}, n1: {x: 1, y1: {z: 1}}, s: {k: {a: 1}, global: {g: 1, h: {b: 1}}}}")
	want := []string{
		"warning: skipped value for c.m: Not a table.",
		"warning: cannot overwrite table with non table for c.n1.x (map[z:1])",
		"warning: destination for c.n1.y1 is a table. Ignoring non-table value (2)",
		`Conflict: cannot merge map onto non-map for "g". Skipping.`,
		"key h is table. Skipping",
		"warning: skipped value for c.s.k: Not a table.",
	}
	if diff := cmp.Diff(want, cfg.Warnings); diff != "" {
		t.Errorf("warnings (-want +got):\n%s", diff)
	}
}
