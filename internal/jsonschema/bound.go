package jsonschema

import (
	"github.com/santhosh-tekuri/jsonschema/v6"
)

// bound makes all schemas that a validation can meet count their visits. The
// library has no limit of its own, and alternatives inside alternatives take
// time that is exponential in the size of the schema.
//
// What a schema visits first after type, const and enum is its format, so that
// is where the counting goes.
func (l *loader) bound(c *jsonschema.Compiler, root *jsonschema.Schema) (*meter, error) {
	m := &meter{seen: map[*jsonschema.Schema]bool{}}
	m.attach(root)
	// Dynamic references reach schemas that no field leads to.
	for _, at := range l.anchors {
		s, err := c.Compile(at)
		if err != nil {
			return nil, err
		}
		m.attach(s)
	}
	return m, nil
}

// meter counts the steps of one validation.
type meter struct {
	left *int
	seen map[*jsonschema.Schema]bool
}

func (m *meter) attach(root *jsonschema.Schema) {
	for todo := []*jsonschema.Schema{root}; len(todo) > 0; {
		s := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		if s == nil || m.seen[s] {
			continue
		}
		m.seen[s] = true
		todo = append(todo, children(s)...)
		m.wrap(s)
	}
}

func (m *meter) wrap(s *jsonschema.Schema) {
	counting := &jsonschema.Format{}
	inner := s.Format
	if inner != nil {
		counting.Name = inner.Name
	}
	counting.Validate = func(v any) error {
		if *m.left -= cost(s, v); *m.left < 0 {
			panic(ErrTooSlow)
		}
		if inner != nil {
			return inner.Validate(v)
		}
		return nil
	}
	s.Format = counting
}

// cost estimates what a schema does to one value, its subschemas apart.
func cost(s *jsonschema.Schema, v any) int {
	switch v := v.(type) {
	case map[string]any:
		return 1 + len(v)*(1+len(s.PatternProperties))
	case []any:
		if s.UniqueItems {
			return 1 + len(v)*len(v)
		}
		return 1 + len(v)
	case string:
		if s.Pattern != nil {
			return 1 + len(v)/16
		}
	}
	return 1
}

// children are the schemas that a schema holds or refers to.
func children(s *jsonschema.Schema) []*jsonschema.Schema {
	out := []*jsonschema.Schema{
		s.Ref, s.RecursiveRef, s.Not, s.If, s.Then, s.Else, s.PropertyNames, s.UnevaluatedProperties,
		s.Contains, s.Items2020, s.UnevaluatedItems, s.ContentSchema,
	}
	if s.DynamicRef != nil {
		out = append(out, s.DynamicRef.Ref)
	}
	for _, list := range [][]*jsonschema.Schema{s.AllOf, s.AnyOf, s.OneOf, s.PrefixItems} {
		out = append(out, list...)
	}
	for _, sub := range s.Properties {
		out = append(out, sub)
	}
	for _, sub := range s.PatternProperties {
		out = append(out, sub)
	}
	for _, sub := range s.DependentSchemas {
		out = append(out, sub)
	}
	for _, sub := range s.Dependencies {
		out = append(out, dynamic(sub)...)
	}
	for _, sub := range []any{s.AdditionalProperties, s.Items, s.AdditionalItems} {
		out = append(out, dynamic(sub)...)
	}
	return out
}

// dynamic finds the schemas in a field of several types.
func dynamic(field any) []*jsonschema.Schema {
	switch field := field.(type) {
	case *jsonschema.Schema:
		return []*jsonschema.Schema{field}
	case []*jsonschema.Schema:
		return field
	}
	return nil
}
