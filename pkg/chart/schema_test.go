package chart_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-0d4f92cc/pack/pkg/chart"
)

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
				{Chart: "c", Pointer: "/d", Message: "got number, want string", Path: []string{"d"}},
				{Chart: "c", Pointer: "/port", Message: "got string, want integer", Path: []string{"port"}},
				{Chart: "a", Message: "additional properties 'z' not allowed", Path: []string{"a"}},
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
