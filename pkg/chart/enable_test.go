package chart_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-0d4f92cc/pack/pkg/chart"
)

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
		"scalar for a section":     {"[{name: s1, version: '*'}]", "{s1: x}", "chart dependencies processing failed: type mismatch on s1: %!t(string=…)"},
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
