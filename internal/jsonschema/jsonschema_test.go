package jsonschema_test

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-0d4f92cc/pack/internal/jsonschema"
)

// validate compiles a schema and checks one instance.
func validate(schema []byte, instance any, opts jsonschema.Options) ([]jsonschema.Violation, error) {
	s, err := jsonschema.Compile(schema, opts)
	if err != nil {
		return nil, err
	}
	return s.Validate(instance, nil)
}

func TestStepsAreCountedDown(t *testing.T) {
	t.Parallel()
	s, err := jsonschema.Compile([]byte(`{"additionalProperties":{"maxLength":1}}`), jsonschema.Options{})
	if err != nil {
		t.Fatal(err)
	}
	instance := map[string]any{"a": "x", "b": "y"}
	steps := 12
	for n := 1; ; n++ {
		before := steps
		if _, err := s.Validate(instance, &steps); err != nil {
			if !errors.Is(err, jsonschema.ErrTooSlow) || n == 1 {
				t.Fatalf("run %d: error is %v", n, err)
			}
			return
		}
		if steps >= before {
			t.Fatalf("run %d took no steps", n)
		}
	}
}

func TestValidateReports(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		schema   string
		instance any
		want     string
	}{
		"valid": {`{"type":"object"}`, map[string]any{"a": 1.0}, ""},
		"properties by name": {
			`{"properties":{"b":{"type":"string"},"a":{"type":"string"}},"additionalProperties":false}`,
			map[string]any{"a": 1.0, "b": 2.0, "z": 1, "y": 1},
			"- at '/a': got number, want string\n- at '/b': got number, want string\n- at '': additional properties 'y', 'z' not allowed\n",
		},
		"alternatives in the order of the schema": {
			`{"minProperties":3,"anyOf":[{"properties":{"b":{"type":"string"}}},{"required":["c"]},{"properties":{"a":{"type":"string"}}}]}`,
			map[string]any{"a": 1.0, "b": 2.0},
			"- at '': minProperties: got 2, want 3\n- at '': 'anyOf' failed\n  - at '/b': got number, want string\n  - at '': missing property 'c'\n  - at '/a': got number, want string\n",
		},
		"nested": {
			`{"properties":{"b":{"anyOf":[{"type":"string"},{"type":"number","minimum":100000}]}}}`,
			map[string]any{"b": int64(2)},
			"- at '/b': 'anyOf' failed\n  - at '/b': got number, want string\n  - at '/b': minimum: got 2, want 100,000\n",
		},
		"single reason behind a reference": {
			`{"allOf":[{"$ref":"#/$defs/x"}],"$defs":{"x":{"required":["q"],"maxProperties":0}}}`,
			map[string]any{"d": true},
			"- at '': 'allOf' failed\n  - at '': validation failed\n    - at '': maxProperties: got 1, want 0\n    - at '': missing property 'q'\n",
		},
		"escapes": {
			`{"additionalProperties":{"type":"string"}}`, map[string]any{"a/b~'": 1},
			"- at '/a~1b~0\\'': got number, want string\n",
		},
		"format is not asserted by default": {`{"format":"email"}`, "x", ""},
		"format is asserted in draft 7": {
			`{"$schema":"http://json-schema.org/draft-07/schema#","format":"email"}`, "x",
			"- at '': '…' is not valid email\n",
		},
		"text is not repeated": {`{"properties":{"a":{"pattern":"^[0-9]+$"}}}`, map[string]any{"a": "secret"}, "- at '/a': '…' does not match pattern '^[0-9]+$'\n"},
		"name is": {
			`{"propertyNames":{"pattern":"^a"}}`, map[string]any{"b": 1},
			"- at '': invalid propertyName 'b'\n  - at '': 'b' does not match pattern '^a'\n",
		},
		"integral float is an integer": {`{"type":"integer"}`, 5.0, ""},
		"boolean schema":               {`false`, map[string]any{}, "- at '': false schema\n"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := validate([]byte(tc.schema), tc.instance, jsonschema.Options{})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tc.want, jsonschema.Text(got)); diff != "" {
				t.Errorf("text (-want +got):\n%s", diff)
			}
		})
	}
}

func TestReferences(t *testing.T) {
	t.Parallel()
	files := fstest.MapFS{
		"defs/port.json": {Data: []byte(`{"type":"integer"}`)},
		"deep.json":      {Data: []byte(`{"$ref":"defs/port.json"}`)},
		"large.json":     {Data: make([]byte, jsonschema.MaxBytes+1)},
		"device":         {Mode: fs.ModeDevice},
	}
	fetch := func(u string) ([]byte, error) {
		if u != "https://example.com/s.json" {
			return nil, errors.New("unexpected " + u)
		}
		return []byte(`{"type":"string"}`), nil
	}
	tests := map[string]struct {
		ref      string
		instance any
		opts     jsonschema.Options
		wantErr  string
		want     string
	}{
		"file of the chart":  {"deep.json", "x", jsonschema.Options{Files: files}, "", "- at '': got string, want integer\n"},
		"cannot climb":       {"../../defs/port.json", "x", jsonschema.Options{Files: files}, "", "- at '': got string, want integer\n"},
		"missing":            {"/etc/passwd", "x", jsonschema.Options{Files: files}, "open etc/passwd: file does not exist", ""},
		"too large":          {"large.json", "x", jsonschema.Options{Files: files}, "large.json is larger than", ""},
		"device":             {"device", "x", jsonschema.Options{Files: files}, "not a regular file", ""},
		"no files":           {"file:///etc/passwd", "x", jsonschema.Options{}, "reaches only files of its chart", ""},
		"other host":         {"file://host/deep.json", "x", jsonschema.Options{Files: files}, "reaches only files of its chart", ""},
		"http is refused":    {"http://example.com/s.json", "x", jsonschema.Options{}, "remote schemas are not fetched", ""},
		"https with a fetch": {"https://example.com/s.json", 1.0, jsonschema.Options{Fetch: fetch}, "", "- at '': got number, want string\n"},
		"fetch fails":        {"https://example.com/t.json", 1.0, jsonschema.Options{Fetch: fetch}, "unexpected https://example.com/t.json", ""},
		"urn":                {"urn:example:a", 1.0, jsonschema.Options{}, "", ""},
		"other scheme":       {"ftp://example.com/a", 1.0, jsonschema.Options{}, `no URLLoader registered for "ftp://example.com/a"`, ""},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := validate([]byte(`{"$ref":"`+tc.ref+`"}`), tc.instance, tc.opts)
			if tc.wantErr != "" {
				if err == nil || !strings.Contains(err.Error(), tc.wantErr) {
					t.Fatalf("error is %v, want one with %q", err, tc.wantErr)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tc.want, jsonschema.Text(got)); diff != "" {
				t.Errorf("text (-want +got):\n%s", diff)
			}
		})
	}
}

func TestURNWarns(t *testing.T) {
	t.Parallel()
	var warnings []string
	_, err := validate([]byte(`{"$ref":"urn:x:y"}`), 1.0, jsonschema.Options{
		Warn: func(text string) { warnings = append(warnings, text) },
	})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{`schema reference "urn:x:y" is not resolved: it accepts everything`}, warnings); diff != "" {
		t.Errorf("warnings (-want +got):\n%s", diff)
	}
}

// explosive is a schema of n levels, each of which tries the next one twice.
func explosive(n int, ref string) string {
	var sb strings.Builder
	sb.WriteString(`{"$ref":"#/$defs/d0","$defs":{`)
	for i := range n {
		next := fmt.Sprintf(ref, i+1)
		fmt.Fprintf(&sb, `"d%d":{"$dynamicAnchor":"a%d","anyOf":[%s,%s]},`, i, i, next, next)
	}
	fmt.Fprintf(&sb, `"d%d":{"$dynamicAnchor":"a%d","not":{}}}}`, n, n)
	return sb.String()
}

func TestHostileSchemas(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("k", 2_000)
	tests := map[string]struct {
		schema string
		want   error
		text   string
	}{
		"exponential":         {explosive(60, `{"$ref":"#/$defs/d%d"}`), jsonschema.ErrTooSlow, ""},
		"exponential dynamic": {explosive(60, `{"$dynamicRef":"#a%d"}`), jsonschema.ErrTooSlow, ""},
		"many nodes":          {`{"allOf":[` + strings.Repeat("{},", jsonschema.MaxNodes) + `{}]}`, jsonschema.ErrTooLarge, ""},
		"long names in depth": {strings.Repeat(`{"properties":{"`+long+`":`, 900) + `{}` + strings.Repeat("}}", 900), jsonschema.ErrTooLarge, ""},
		"not JSON":            {`{"a":`, nil, "unexpected EOF"},
		"empty":               {``, nil, "EOF"},
		"two values":          {`{} {}`, nil, "invalid character after top-level value"},
		"lookahead":           {`{"pattern":"(?=x)"}`, nil, "is not valid regex"},
		"wrong keyword":       {`{"type":5}`, nil, `"file:///values.schema.json#" is not valid against metaschema`},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := validate([]byte(tc.schema), map[string]any{"a": "b"}, jsonschema.Options{})
			if err == nil || tc.want != nil && !errors.Is(err, tc.want) || !strings.Contains(err.Error(), tc.text) {
				t.Fatalf("got %v, error %v; want %v %q", got, err, tc.want, tc.text)
			}
		})
	}
}

func FuzzValidate(f *testing.F) {
	f.Add(`{"type":"object","properties":{"a":{"$ref":"#/$defs/x"}},"$defs":{"x":{"type":"string"}}}`, "v")
	f.Add(`{"$dynamicRef":"#m","$dynamicAnchor":"m","patternProperties":{"^a":false}}`, "v")
	f.Add(explosive(4, `{"$ref":"#/$defs/d%d"}`), "v")
	f.Fuzz(func(t *testing.T, schema, value string) {
		instance := map[string]any{"a": value, "b": []any{value, value, 1.0}}
		first, err := validate([]byte(schema), instance, jsonschema.Options{})
		if err != nil && first != nil {
			t.Fatalf("violations beside error %v", err)
		}
		second, _ := validate([]byte(schema), instance, jsonschema.Options{})
		if diff := cmp.Diff(first, second); diff != "" {
			t.Fatalf("two runs differ:\n%s", diff)
		}
	})
}
