package render_test

import (
	"fmt"
	"strings"
	"testing/fstest"
)

// Hostile YAML, and how it ends where it is read.
func hostileYAML() map[string]func() string {
	return map[string]func() string{
		"flow-deep":   func() string { return "a: " + strings.Repeat("[", 100_000) + strings.Repeat("]", 100_000) + "\n" },
		"flow-open":   func() string { return "a: " + strings.Repeat("{a: ", 100_000) + "\n" },
		"block-deep":  func() string { return "a:\n " + strings.Repeat("- ", 100_000) + "x\n" },
		"indent-deep": indented,
		"laughs":      laughs,
		"quadratic": func() string {
			return "a: &a " + strings.Repeat("x", 100_000) + "\nb: [" + strings.Repeat("*a,", 100_000) + "]\n"
		},
		"merge-keys": func() string {
			return "a: &a {x: 1}\n" + "b:\n  <<: [" + strings.Repeat("*a,", 200_000) + "]\n"
		},
		"anchors": func() string {
			var b strings.Builder
			for i := range 200_000 {
				fmt.Fprintf(&b, "a%d: &a%d x\n", i, i)
			}
			return b.String() + "z: *a1\n"
		},
		"tags":       func() string { return "a: " + strings.Repeat("!!str ", 200_000) + "x\n" },
		"directives": func() string { return strings.Repeat("%TAG !a! b\n", 200_000) + "---\na: 1\n" },
		"quotes":     func() string { return "a: \"" + strings.Repeat("\\\n ", 1_000_000) + "\n" },
		"key":        func() string { return strings.Repeat("k", 5_000_000) + ": 1\n" },
		"number": func() string {
			return "a: 1" + strings.Repeat("0", 1_000_000) + "\nb: 1e" + strings.Repeat("9", 100_000) + "\n"
		},
	}
}

// indented is maps that are nested by indentation.
func indented() string {
	var b strings.Builder
	for i := range 5_000 {
		b.WriteString(strings.Repeat(" ", i))
		b.WriteString("a:\n")
	}
	return b.String()
}

// laughs is ten to the power of nine values, by aliases.
func laughs() string {
	var b strings.Builder
	b.WriteString("a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n")
	for i := 1; i < 10; i++ {
		fmt.Fprintf(&b, "a%d: &a%d [%s]\n", i, i, strings.TrimSuffix(strings.Repeat(fmt.Sprintf("*a%d,", i-1), 10), ","))
	}
	return b.String()
}

// harmless is hostile YAML that is only long.
var harmless = map[string]bool{"anchors": true, "key": true, "merge-keys": true, "number": true}

// yamlCases have hostile YAML in the values of the chart, in those of the user,
// read by a template, and rendered.
func yamlCases() []hostileCase {
	var list []hostileCase
	for name, text := range hostileYAML() {
		want := "error chart"
		if harmless[name] {
			want = "ok error chart"
		}
		list = append(list,
			hostileCase{name: "values " + name, want: want, values: text, template: func() string { return "a: 1" }},
			hostileCase{name: "user " + name, want: want, user: text, template: func() string { return "a: 1" }},
			hostileCase{name: "fromYaml " + name, want: "ok error bound", template: func() string {
				return `a: {{.Files.Get "x.yaml" | fromYaml | len}}`
			}, files: func() fstest.MapFS { return fstest.MapFS{"x.yaml": {Data: []byte(text())}} }},
			hostileCase{name: "rendered " + name, want: "ok error", template: func() string {
				return "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\n" + text()
			}},
		)
	}
	read := func(name, want, function, text string) hostileCase {
		return tmpl(name, want, `a: {{.Files.Get "x" | `+function+` | toString | len}}`).with("x", text)
	}
	return append(list,
		read("json-deep", "ok error bound", "fromJson", `{"a":`+strings.Repeat("[", 1_000_000)),
		read("json-deep-array", "ok error bound", "fromJsonArray", strings.Repeat("[", 9000)+strings.Repeat("]", 9000)),
		read("json-numbers", "ok error bound", "fromJsonArray", "["+strings.Repeat("0,", 3_000_000)+"0]"),
		read("json-objects", "ok error bound", "fromJsonArray", "["+strings.Repeat("{},", 2_000_000)+"{}]"),
		read("json-huge", "large", "fromJsonArray", "["+strings.Repeat("{},", 10_000_000)+"{}]"),
		read("yaml-numbers", "ok error bound", "fromYamlArray", strings.Repeat("- 0\n", 2_000_000)),
		read("toml-deep", "ok error bound", "fromToml", "a = "+strings.Repeat("[", 1_000_000)),
		read("toml-deep-closed", "ok error bound", "fromToml", "a = "+strings.Repeat("[", 100_000)+strings.Repeat("]", 100_000)),
		read("toml-inline", "ok error bound", "fromToml", "a = "+strings.Repeat("{a=", 1_000_000)),
		read("toml-keys", "ok error bound", "fromToml", strings.Repeat("a.", 1_000_000)+"a = 1"),
		read("toml-tables", "ok error bound", "fromToml", strings.Repeat("[[a]]\n", 1_000_000)),
		tmpl("rendered-documents", "ok", `{{range 100000}}
---
kind: ConfigMap
{{end}}`),
		tmpl("rendered-newlines", "ok error", `{{repeat 30000000 "\n"}}`),
		tmpl("rendered-list", "ok error", `kind: ConfigMap{{range 2000000}}
- a{{end}}`),
		tmpl("rendered-large", "ok", `kind: ConfigMap
data:{{range 1000000}}
  a{{.}}: "x"{{end}}`),
		tmpl("rendered-separators", "ok error", `{{repeat 3000000 "---\n"}}`),
		tmpl("rendered-broken", "error", `a: [{{range 100000}}
- x: "{{end}}`),
	)
}

// chartCases are charts that are hostile by their files.
func chartCases() []hostileCase {
	chartYAML := func(name, want string, text func() string) hostileCase {
		return hostileCase{name: name, want: want, template: func() string { return "a: 1" }, files: func() fstest.MapFS {
			return fstest.MapFS{"Chart.yaml": {Data: []byte("apiVersion: v2\nname: h\nversion: 0.1.0\n" + text())}}
		}}
	}
	schema := func(name, want, text, values string) hostileCase {
		c := tmpl(name, want, "a: 1").with("values.schema.json", text)
		c.values = func() string { return values }
		return c
	}
	return []hostileCase{
		chartYAML("dependencies", "chart", func() string {
			return "dependencies:\n" + strings.Repeat("- {name: a, version: 1, repository: x}\n", 500_000)
		}),
		chartYAML("keywords", "chart", func() string { return "keywords: [" + strings.Repeat("a,", 1_000_000) + "]\n" }),
		chartYAML("annotations", "chart", func() string { return "annotations: {a: " + strings.Repeat("[", 100_000) + "\n" }),
		{
			name: "chart-files", want: "chart",
			files: func() fstest.MapFS {
				files := fstest.MapFS{}
				for i := range 100_000 {
					files[fmt.Sprintf("files/%d", i)] = &fstest.MapFile{}
				}
				return files
			},
		},
		{
			name: "chart-folders", want: "chart",
			files: func() fstest.MapFS { return fstest.MapFS{strings.Repeat("a/", 5000) + "x": {}} },
		},
		{
			name: "chart-large", want: "chart",
			files: func() fstest.MapFS { return fstest.MapFS{"files/x": {Data: make([]byte, 101<<20)}} },
		},
		schema("schema-regex", "schema ok", `{"properties": {"a": {"pattern": "^(a+)+$"}}}`, "a: "+strings.Repeat("a", 1_000_000)+"b\n"),
		schema("schema-self", "schema", `{"$ref": "#"}`, "a: 1\n"),
		schema("schema-double", "schema ok", doubling(30), "a: 1\n"),
		schema("schema-alternatives", "schema ok", `{"anyOf": [`+strings.Repeat(`{"anyOf": [`, 200)+`{"type": "string"}`+strings.Repeat(`]}`, 200)+`]}`, "a: 1\n"),
		schema("schema-deep", "schema", `{"not": `+strings.Repeat(`{"not": `, 100_000), "a: 1\n"),
		schema("schema-many", "schema", `{"allOf": [`+strings.Repeat(`{},`, 1_000_000)+`{}]}`, "a: 1\n"),
		schema("schema-unique", "schema ok", `{"properties": {"a": {"uniqueItems": true}}}`, "a:\n"+strings.Repeat("- {x: 1}\n", 20_000)+"- y\n"),
	}
}

// doubling is a schema in which each definition refers to the next one twice.
func doubling(n int) string {
	var b strings.Builder
	b.WriteString(`{"$ref": "#/$defs/d0", "$defs": {`)
	for i := range n {
		fmt.Fprintf(&b, `"d%d": {"oneOf": [{"$ref": "#/$defs/d%d"}, {"$ref": "#/$defs/d%d"}]},`, i, i+1, i+1)
	}
	fmt.Fprintf(&b, `"d%d": {"type": "array"}}}`, n)
	return b.String()
}
