package jsonschema

import (
	"maps"
	"slices"

	"github.com/santhosh-tekuri/jsonschema/v6/kind"
)

// object checks what is said of an object. Properties are taken in byte order.
func (c *checker) object(f *frame, v map[string]any) {
	s, rules := f.s, &f.s.object
	if rules.min != nil && len(v) < *rules.min {
		c.add(f, &kind.MinProperties{Got: len(v), Want: *rules.min})
	}
	if rules.max != nil && len(v) > *rules.max {
		c.add(f, &kind.MaxProperties{Got: len(v), Want: *rules.max})
	}
	if missing := missing(v, rules.required); missing != nil {
		c.add(f, &kind.Required{Missing: missing})
	}
	if f.decided() {
		return
	}
	for _, key := range present(v, rules.legacyRequired) {
		if missing := missing(v, rules.legacyRequired[key]); missing != nil {
			c.add(f, &kind.Dependency{Prop: key, Missing: missing})
		}
	}
	for _, key := range present(v, rules.legacySchemas) {
		f.note(c.same(f, rules.legacySchemas[key], "", false))
	}
	c.properties(f, v)
	if s.draft >= draft6 && rules.names != nil {
		c.names(f, v)
	}
	for _, key := range present(v, rules.dependentSchemas) {
		f.note(c.same(f, rules.dependentSchemas[key], "", false))
	}
	for _, key := range present(v, rules.dependentRequired) {
		if missing := missing(v, rules.dependentRequired[key]); missing != nil {
			c.add(f, &kind.DependentRequired{Prop: key, Missing: missing})
		}
	}
}

// properties checks each property by the keywords that are about it.
func (c *checker) properties(f *frame, v map[string]any) {
	rules := &f.s.object
	if rules.properties == nil && rules.patterns == nil && !rules.additional.set {
		return
	}
	var unwanted []string
	for _, key := range slices.Sorted(maps.Keys(v)) {
		if f.decided() {
			return
		}
		met := false
		if s, ok := rules.properties[key]; ok {
			met = true
			c.below(f, s, v[key], key)
		}
		for _, rule := range rules.patterns {
			if c.matches(rule.pattern, key) {
				met = true
				c.below(f, rule.schema, v[key], key)
			}
		}
		if !met && rules.additional.set {
			met = true
			if rules.additional.schema != nil {
				c.below(f, rules.additional.schema, v[key], key)
			} else if !rules.additional.allowed {
				unwanted = append(unwanted, key)
			}
		}
		if met {
			delete(f.rest.properties, key)
		}
	}
	if unwanted != nil {
		c.add(f, &kind.AdditionalProperties{Properties: unwanted})
	}
}

// names checks the names of the properties, each as a value of its own.
func (c *checker) names(f *frame, v map[string]any) {
	for _, key := range slices.Sorted(maps.Keys(v)) {
		inner := &checker{left: c.left}
		if wrong := inner.root(f.s.object.names, key); wrong != nil {
			c.add(f, &kind.PropertyNames{Property: key}, wrong.causes...)
		}
	}
}

// unevaluated checks what no keyword was about.
func (c *checker) unevaluated(f *frame) {
	if v, ok := f.v.(map[string]any); ok && f.s.object.unevaluated != nil {
		for _, key := range slices.Sorted(maps.Keys(f.rest.properties)) {
			c.below(f, f.s.object.unevaluated, v[key], key)
		}
		f.rest.properties = nil
	}
	if v, ok := f.v.([]any); ok && f.s.array.unevaluated != nil {
		for _, i := range slices.Sorted(maps.Keys(f.rest.items)) {
			c.below(f, f.s.array.unevaluated, v[i], index(i))
		}
		f.rest.items = nil
	}
}

// missing are the names that an object does not have; nil where it has all.
func missing(v map[string]any, names []string) []string {
	var out []string
	for _, name := range names {
		if _, ok := v[name]; !ok {
			out = append(out, name)
		}
	}
	return out
}

// present are those keys of rules that an object has, in byte order.
func present[T any](v map[string]any, rules map[string]T) []string {
	var out []string
	for key := range rules {
		if _, ok := v[key]; ok {
			out = append(out, key)
		}
	}
	slices.Sort(out)
	return out
}
