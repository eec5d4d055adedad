package jsonschema_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/seed-0d4f92cc/pack/internal/jsonschema"
)

// many are n texts, in which @ stands for their number, with commas between them.
func many(n int, text string) string {
	list := make([]string, n)
	for i := range list {
		list[i] = strings.ReplaceAll(text, "@", fmt.Sprint(i))
	}
	return strings.Join(list, ",")
}

func items(n int, item any) []any {
	out := make([]any, n)
	for i := range out {
		out[i] = item
	}
	return out
}

// nested is a list in a list, and so on, with another value beside each.
func nested(depth int, v any) any {
	for range depth {
		v = []any{v, 0.0}
	}
	return v
}

// TestWorkIsPaidFor: whatever a schema has done takes steps, not visits alone. Each of
// these takes a second or so for every few thousand values.
func TestWorkIsPaidFor(t *testing.T) {
	t.Parallel()
	numbers := make([]any, 100)
	for i := range numbers {
		numbers[i] = float64(i) + 0.5
	}
	const heavy = "((a{10}){10}){10}((a{10}){10}){10}$"
	long := strings.Repeat("a", 2000)
	for name, tc := range map[string]struct {
		schema   string
		instance any
	}{
		"alternatives of another type": {`{"items":{"anyOf":[` + many(200, `{"type":"string"}`) + `]}}`, numbers},
		"alternatives that are quiet":  {`{"items":{"not":{"allOf":[{"not":{"anyOf":[` + many(200, `{"type":"string"}`) + `]}}]}}}`, numbers},
		"a long enum of numbers":       {`{"items":{"enum":[` + many(200, "@") + `]}}`, numbers},
		"a long enum of texts":         {`{"items":{"enum":[` + many(2000, `"a@"`) + `]}}`, items(100, "b")},
		"a large constant": {
			`{"anyOf":[` + many(20, `{"const":[`+many(1000, "1")+`,2]}`) + `]}`, items(1001, 1.0),
		},
		"what JSON does not have": {`{"anyOf":[` + many(100, `{"const":1}`) + `]}`, append(items(2000, 1.0), struct{}{})},
		"unique in depth":         {`{"$ref":"#/$defs/u","$defs":{"u":{"uniqueItems":true,"items":{"$ref":"#/$defs/u"}}}}`, nested(100, numbers)},
		"long list of names":      {`{"items":{"required":[` + many(2000, `"a@"`) + `]}}`, items(100, map[string]any{})},
		"many dependencies":       {`{"items":{"dependentSchemas":{` + many(2000, `"a@":true`) + `}}}`, items(100, map[string]any{})},
		"a pattern":               {`{"pattern":"` + heavy + `"}`, long},
		"a pattern for names":     {`{"patternProperties":{"` + heavy + `":true}}`, map[string]any{long: 1.0}},
		"patterns as values":      {`{"items":{"format":"regex"},"$schema":"http://json-schema.org/draft-07/schema#"}`, items(200, "((a{10}){10}){10}")},
		"long paths":              {`{"properties":{"` + long + `":{"items":{"anyOf":[{"type":"string"},{"type":"null"}]}}}}`, map[string]any{long: numbers}},
		"what nobody evaluated":   {`{"unevaluatedItems":true,"anyOf":[` + many(50, `{"type":"string"}`) + `,true]}`, items(1000, 1.0)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, err := jsonschema.Compile([]byte(tc.schema), jsonschema.Options{})
			if err != nil {
				t.Fatal(err)
			}
			const most = 5_000
			steps := most
			if _, err := s.Validate(tc.instance, &steps); !errors.Is(err, jsonschema.ErrTooSlow) {
				t.Errorf("%d steps, error %v", most-steps, err)
			}
		})
	}
}

// TestCompilingIsBounded compiles what takes minutes or gigabytes otherwise.
func TestCompilingIsBounded(t *testing.T) {
	t.Parallel()
	for name, schema := range map[string]string{
		"unused patterns":       `{"$defs":{` + many(40_000, `"a@":{"pattern":"((a{10}){10}){10}"}`) + `}}`,
		"unused names":          `{"$defs":{"a":{"patternProperties":{` + many(40_000, `"((a{10}){10}){10}@":{}`) + `}}}}`,
		"a number of a million": `{"minimum":` + strings.Repeat("1", 1_000_000) + `}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if _, err := jsonschema.Compile([]byte(schema), jsonschema.Options{}); !errors.Is(err, jsonschema.ErrTooLarge) {
				t.Errorf("error %v", err)
			}
		})
	}
	t.Run("many names", func(t *testing.T) {
		t.Parallel()
		schema := `{"$defs":{` + many(40_000, `"a@":{"$id":"b@"}`) + `}}`
		if _, err := jsonschema.Compile([]byte(schema), jsonschema.Options{}); err != nil {
			t.Error(err)
		}
	})
}
