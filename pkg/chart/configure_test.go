package chart_test

import (
	"encoding/json"
	"errors"
	"strings"
	"sync"
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

// deps is a chart with the subcharts s1 (1.0.0) and s2 (2.0.0) and these
// dependencies and defaults.
func deps(dependencies, defaults string) map[string]string {
	return map[string]string{
		"Chart.yaml":            meta("c", "dependencies: "+dependencies),
		"values.yaml":           defaults,
		"charts/s1/Chart.yaml":  meta("s1"),
		"charts/s1/values.yaml": "{enabled: false, who: s1}",
		"charts/s2/Chart.yaml":  "apiVersion: v2\nname: s2\nversion: 2.0.0\n",
	}
}

// What is wanted here was printed by Helm 4.3.1 from the same charts.
func TestEnable(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ deps, defaults, user, want string }{
		"all by default":                   {"[{name: s2, version: '*'}, {name: s1, version: '*'}]", "{}", "{}", "s2 s1"},
		"undeclared come first":            {"[{name: s1, version: '*'}]", "{}", "{}", "s2 s1"},
		"none declared":                    {"null", "{}", "{}", "s1 s2"},
		"condition of the parent":          {"[{name: s1, version: '*', condition: s1.en}, {name: s2, version: '*'}]", "{s1: {en: false}}", "{}", "s2"},
		"condition of the user":            {"[{name: s1, version: '*', condition: s1.en}, {name: s2, version: '*'}]", "{s1: {en: false}}", "{s1: {en: true}}", "s1 s2"},
		"condition in subchart's defaults": {"[{name: s1, version: '*', condition: s1.enabled}, {name: s2, version: '*'}]", "{}", "{}", "s2"},
		"first that is set decides":        {"[{name: s1, version: '*', condition: 'none,x,z'}, {name: s2, version: '*'}]", "{x: false, z: true}", "{}", "s2"},
		"not a boolean, next":              {"[{name: s1, version: '*', condition: 'x,z'}, {name: s2, version: '*'}]", "{x: 1, z: false}", "{}", "s2"},
		"a table, next":                    {"[{name: s1, version: '*', condition: 'x,z'}, {name: s2, version: '*'}]", "{x: {}, z: false}", "{}", "s2"},
		"blanks belong to the path":        {"[{name: s1, version: '*', condition: 'none, z'}, {name: s2, version: '*'}]", "{z: false}", "{}", "s1 s2"},
		"a false tag":                      {"[{name: s1, version: '*', tags: [t]}, {name: s2, version: '*'}]", "{tags: {t: false}}", "{}", "s2"},
		"a true tag wins":                  {"[{name: s1, version: '*', tags: [t, u]}, {name: s2, version: '*'}]", "{tags: {t: false, u: true}}", "{}", "s1 s2"},
		"condition over tag":               {"[{name: s1, version: '*', tags: [t], condition: en}, {name: s2, version: '*'}]", "{tags: {t: false}, en: true}", "{}", "s1 s2"},
		"unknown tag":                      {"[{name: s1, version: '*', tags: [t]}, {name: s2, version: '*'}]", "{tags: {z: false}}", "{}", "s1 s2"},
		"tag that is no boolean":           {"[{name: s1, version: '*', tags: [t]}, {name: s2, version: '*'}]", "{tags: {t: 5}}", "{}", "s1 s2"},
		"alias":                            {"[{name: s1, version: '*', alias: a}, {name: s2, version: '*'}]", "{}", "{}", "a s2"},
		"twice":                            {"[{name: s1, version: '*', alias: a}, {name: s1, version: '*', alias: b}, {name: s1, version: '*'}, {name: s2, version: '*'}]", "{}", "{}", "a b s1 s2"},
		"condition of an alias":            {"[{name: s1, version: '*', alias: a, condition: a.enabled}, {name: s2, version: '*'}]", "{}", "{}", "s2"},
		"version does not fit":             {"[{name: s1, version: '>1', alias: a, condition: en}, {name: s2, version: '*'}]", "{en: false}", "{}", "s1 s2"},
		"version fits":                     {"[{name: s1, version: ~1, alias: a}, {name: s2, version: '1.x || 2.x'}]", "{}", "{}", "a s2"},
		"no constraint fits nothing":       {"[{name: s1, version: '', alias: a}, {name: s2, version: '*'}]", "{}", "{}", "s1 s2"},
		"bad constraint":                   {"[{name: s1, version: what}, {name: s2, version: '*'}]", "{}", "{}", "s1 s2"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cfg := configure(t, deps(tc.deps, tc.defaults), tc.user)
			var got []string
			for _, sub := range cfg.Chart.Dependencies() {
				got = append(got, sub.Name())
			}
			if diff := cmp.Diff(tc.want, strings.Join(got, " ")); diff != "" {
				t.Errorf("subcharts (-want +got):\n%s", diff)
			}
		})
	}
}

func TestEnableNested(t *testing.T) {
	t.Parallel()
	files := map[string]string{
		"Chart.yaml":                     meta("c", "dependencies: [{name: s, version: '*', alias: a}, {name: s, version: '*', alias: b}]"),
		"charts/s/Chart.yaml":            meta("s", "dependencies: [{name: g, version: '*', condition: g.en, tags: [t]}]"),
		"charts/s/values.yaml":           "{g: {en: true}}",
		"charts/s/charts/g/Chart.yaml":   meta("g"),
		"charts/s/charts/g/crds/x.yaml":  "x",
		"charts/s/charts/g/values.yaml":  "{who: g}",
		"charts/s/charts/g/templates/t1": "",
	}
	cfg := configure(t, files, "{a: {g: {en: false}}}")
	var paths []string
	for full := range cfg.Chart.All() {
		paths = append(paths, full)
	}
	if diff := cmp.Diff([]string{"c", "c/charts/a", "c/charts/b", "c/charts/b/charts/g"}, paths); diff != "" {
		t.Errorf("charts (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"c/charts/b/charts/g/crds/x.yaml"}, names(cfg.Chart.CRDs())); diff != "" {
		t.Errorf("CRDs (-want +got):\n%s", diff)
	}
	want := `{"a":{"g":{"en":false},"global":{}},"b":{"g":{"en":true,"global":{},"who":"g"},"global":{}}}`
	if diff := cmp.Diff(want, canonical(t, cfg.Values)); diff != "" {
		t.Errorf("values (-want +got):\n%s", diff)
	}
}

func TestConfiguredMetadata(t *testing.T) {
	t.Parallel()
	cfg := configure(t, deps("[{name: s1, version: '*', alias: a, import-values: [data, {child: x, parent: z}, 5]}, {name: s2, version: '*', condition: no-such}]", "{no-such: false}"), "{}")
	want := []*chart.Dependency{{Name: "a", Version: "*", Alias: "a", Enabled: true, ImportValues: []any{
		map[string]any{"child": "exports.data", "parent": "."},
		map[string]any{"child": "x", "parent": "z"},
	}}}
	if diff := cmp.Diff(want, cfg.Chart.Metadata().Dependencies); diff != "" {
		t.Errorf("dependencies (-want +got):\n%s", diff)
	}
	wantWarnings := []string{
		`ImportValues missing table from chart a: "exports" is not a table`,
		`ImportValues missing table from chart a: "x" is not a table`,
	}
	if diff := cmp.Diff(wantWarnings, cfg.Warnings); diff != "" {
		t.Errorf("warnings (-want +got):\n%s", diff)
	}
}

// What is wanted here was printed by Helm 4.3.1 from the same charts, except
// that there the table of the first of two imports gains the keys of the other.
func TestImportValues(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ imports, parent, sub, user, want string }{
		"exports": {
			"[data]", "{}", "{exports: {data: {a: 1}}}", "{}",
			`{"a":1,"s":{"exports":{"data":{"a":1}},"global":{}}}`,
		},
		"to a path": {
			"[{child: x.deep, parent: p.q}]", "{}", "{x: {deep: {a: 1}}}", "{}",
			`{"p":{"q":{"a":1}},"s":{"global":{},"x":{"deep":{"a":1}}}}`,
		},
		"to the root": {
			"[{child: x, parent: .}]", "{}", "{x: {a: 1}}", "{}",
			`{"a":1,"s":{"global":{},"x":{"a":1}}}`,
		},
		"own defaults win, then earlier imports": {
			"[{child: x, parent: p}, {child: z, parent: p}]", "{p: {a: 0}}", "{x: {a: 1, b: 1}, z: {a: 2, b: 2, c: 2}}", "{}",
			`{"p":{"a":0,"b":1,"c":2},"s":{"global":{},"x":{"a":1,"b":1},"z":{"a":2,"b":2,"c":2}}}`,
		},
		"user values win, and are not imported": {
			"[{child: x, parent: p}]", "{}", "{x: {a: 1, b: 1}}", "{p: {a: 9}, s: {x: {b: 9}}}",
			`{"p":{"a":9,"b":1},"s":{"global":{},"x":{"a":1,"b":9}}}`,
		},
		"the parent's own section is imported": {
			"[{child: x, parent: p}]", "{s: {x: {a: 5}}}", "{x: {a: 1}}", "{}",
			`{"p":{"a":5},"s":{"global":{},"x":{"a":5}}}`,
		},
		"a null of the parent blocks": {
			"[{child: x, parent: p}]", "{p: {a: null}}", "{x: {a: 1, b: 1}}", "{}",
			`{"p":{"b":1},"s":{"global":{},"x":{"a":1,"b":1}}}`,
		},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cfg := configure(t, map[string]string{
				"Chart.yaml":          meta("c", "dependencies: [{name: s, version: '*', import-values: "+tc.imports+"}]"),
				"values.yaml":         tc.parent,
				"charts/s/Chart.yaml": meta("s"), "charts/s/values.yaml": tc.sub,
			}, tc.user)
			if diff := cmp.Diff(tc.want, canonical(t, cfg.Values)); diff != "" {
				t.Errorf("values (-want +got):\n%s", diff)
			}
		})
	}
}

// In Helm the first subchart's table gains the keys of the second.
func TestImportsDoNotChangeTheirSource(t *testing.T) {
	t.Parallel()
	cfg := configure(t, map[string]string{
		"Chart.yaml": meta("c", "dependencies:", "- {name: s1, version: '*', import-values: [{child: x, parent: p}]}", "- {name: s2, version: '*', import-values: [{child: x, parent: p}]}"),

		"charts/s1/Chart.yaml": meta("s1"), "charts/s1/values.yaml": "{x: {a: 1}}",
		"charts/s2/Chart.yaml": meta("s2"), "charts/s2/values.yaml": "{x: {b: 2}}",
	}, "{}")
	want := `{"p":{"a":1,"b":2},"s1":{"global":{},"x":{"a":1}},"s2":{"global":{},"x":{"b":2}}}`
	if diff := cmp.Diff(want, canonical(t, cfg.Values)); diff != "" {
		t.Errorf("values (-want +got):\n%s", diff)
	}
}

// Importing a section into itself ends Helm 4.3.1 with a stack overflow.
func TestImportIntoItself(t *testing.T) {
	t.Parallel()
	cfg := configure(t, map[string]string{
		"Chart.yaml":          meta("c", "dependencies: [{name: s, version: '*', import-values: [{child: x, parent: s.x.more}, {child: x, parent: s.x.more}]}]"),
		"charts/s/Chart.yaml": meta("s"), "charts/s/values.yaml": "{x: {a: 1}}",
	}, "{}")
	want := `{"s":{"global":{},"x":{"a":1,"more":{"a":1}}}}`
	if diff := cmp.Diff(want, canonical(t, cfg.Values)); diff != "" {
		t.Errorf("values (-want +got):\n%s", diff)
	}
}

func TestConfigureErrors(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ deps, user, want string }{
		"scalar for a section":     {"[{name: s1, version: '*'}]", "{s1: x}", "chart dependencies processing failed: type mismatch on s1: %!t(string=x)"},
		"null for a section":       {"[{name: s1, version: '*'}]", "{s1: null}", "chart dependencies processing failed: type mismatch on s1: %!t(<nil>)"},
		"without any declarations": {"null", "{s1: true}", "type mismatch on s1: true"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cfg, err := load(t, deps(tc.deps, "{}")).Configure(yaml(t, tc.user), chart.ConfigureOptions{})
			if err == nil || err.Error() != tc.want || cfg != nil {
				t.Errorf("result is %v, error %v, want %q", cfg, err, tc.want)
			}
		})
	}
}

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
			"chart dependencies processing failed: chart is too large: aliases make it more than 5000 charts",
		},
		"imports of imports": {
			nested(25, "[{name: s, version: '*', import-values: ["+imports+"]}]", "{x: {z: 1}}"),
			"chart dependencies processing failed: chart is too large: merging its values takes more than 10000000 copies",
		},
		"deep target": {
			nested(1, "[{name: s, version: '*', import-values: [{child: x, parent: "+strings.Repeat("a.", 5000)+"a}]}]", "{x: {z: 1}}"),
			"chart dependencies processing failed: chart is too large: its values are more than 2000 levels deep",
		},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := load(t, tc.files).Configure(nil, chart.ConfigureOptions{})
			if !errors.Is(err, chart.ErrTooLarge) || err.Error() != tc.want {
				t.Errorf("error is %v, want %q", err, tc.want)
			}
		})
	}
}

func TestSchemas(t *testing.T) {
	t.Parallel()
	files := map[string]string{
		"Chart.yaml":                  meta("c", "dependencies: [{name: s, version: '*', alias: a, condition: a.en}]"),
		"values.schema.json":          `{"properties":{"port":{"type":"integer"},"d":{"$ref":"defs/d.json"}}}`,
		"defs/d.json":                 `{"type":"string"}`,
		"charts/s/Chart.yaml":         meta("s"),
		"charts/s/values.schema.json": `{"additionalProperties":false,"properties":{"en":{},"global":{}}}`,
	}
	tests := map[string]struct {
		user string
		want []chart.Violation
		text string
	}{
		"all is well": {"{port: 80, d: x}", nil, ""},
		"root and subchart, by alias": {
			"{port: x, d: 1, a: {z: 1}}",
			[]chart.Violation{
				{Chart: "c", Pointer: "/d", Message: "got number, want string"},
				{Chart: "c", Pointer: "/port", Message: "got string, want integer"},
				{Chart: "a", Message: "additional properties 'z' not allowed"},
			},
			"values don't meet the specifications of the schema(s) in the following chart(s):\n" +
				"c:\n- at '/d': got number, want string\n- at '/port': got string, want integer\n" +
				"a:\n- at '': additional properties 'z' not allowed\n",
		},
		"disabled subcharts are not checked": {"{a: {en: false, z: 1}}", nil, ""},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := load(t, files)
			_, err := c.Configure(yaml(t, tc.user), chart.ConfigureOptions{})
			if tc.text == "" {
				if err != nil {
					t.Fatal(err)
				}
				return
			}
			se, ok := errors.AsType[*chart.SchemaError](err)
			if !ok {
				t.Fatalf("error is %v", err)
			}
			if diff := cmp.Diff(tc.want, se.Violations); diff != "" {
				t.Errorf("violations (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tc.text, se.Error()); diff != "" {
				t.Errorf("text (-want +got):\n%s", diff)
			}
			if _, err := c.Configure(yaml(t, tc.user), chart.ConfigureOptions{SkipSchema: true}); err != nil {
				t.Errorf("without schemas: %v", err)
			}
		})
	}
}

func TestSchemasThatCannotBeUsed(t *testing.T) {
	t.Parallel()
	head := "values don't meet the specifications of the schema(s) in the following chart(s):\n"
	tests := map[string]struct{ schema, sub, want string }{
		"broken JSON":   {`{"a":`, "{}", head + "c:\nunexpected EOF"},
		"both":          {`{"a":`, "{", head + "c:\nunexpected EOF\ns:\nunexpected EOF"},
		"remote":        {`{"$ref":"https://example.com/a"}`, "{}", head + "c:\n" + `failing loading "https://example.com/a": remote schemas are not fetched: put the document into the chart and refer to it by its path`},
		"outside":       {`{"$ref":"file:///etc/passwd"}`, "{}", head + "c:\n" + `failing loading "file:///etc/passwd": the chart has no such file: open etc/passwd: file does not exist`},
		"wrong keyword": {`{"type":["strin"]}`, "{}", ""},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := load(t, map[string]string{
				"Chart.yaml": meta("c"), "values.schema.json": tc.schema,
				"charts/s/Chart.yaml": meta("s"), "charts/s/values.schema.json": tc.sub,
			})
			_, err := c.Configure(nil, chart.ConfigureOptions{})
			if _, ok := errors.AsType[*chart.SchemaError](err); !ok {
				t.Fatalf("error is %v", err)
			}
			if tc.want != "" && err.Error() != tc.want {
				t.Errorf("error is %q, want %q", err, tc.want)
			}
		})
	}
}

func TestFetchSchema(t *testing.T) {
	t.Parallel()
	c := load(t, map[string]string{"Chart.yaml": meta("c"), "values.schema.json": `{"$ref":"https://example.com/a"}`})
	fetch := func(url string) ([]byte, error) { return []byte(`{"required":["x"]}`), nil }
	_, err := c.Configure(nil, chart.ConfigureOptions{FetchSchema: fetch})
	se, ok := errors.AsType[*chart.SchemaError](err)
	if !ok || len(se.Violations) != 1 || se.Violations[0].Message != "missing property 'x'" {
		t.Errorf("error is %v", err)
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
