package jsonschema

import (
	"maps"
	"slices"
)

// applicators compiles the keywords that hold schemas.
func (k *keywords) applicators() error {
	s := k.s
	s.allOf, s.anyOf, s.oneOf = k.list("allOf"), k.list("anyOf"), k.list("oneOf")
	s.not = k.one("not")
	k.condition()
	k.items()
	return k.properties()
}

// beside compiles what stands beside a $ref before 2019. It counts for nothing,
// const apart, but with Helm these have to be good.
func (k *keywords) beside() {
	k.compileConst()
	if k.s.draft >= draft6 {
		k.one("contains")
		k.one("propertyNames")
	}
	k.condition()
}

func (k *keywords) condition() {
	s := k.s
	if s.draft < draft7 {
		return
	}
	if s.when = k.one("if"); s.when == nil {
		return
	}
	fixed, isFixed := k.obj["if"].(bool)
	if !isFixed || fixed {
		s.then = k.one("then")
	}
	if !isFixed || !fixed {
		s.otherwise = k.one("else")
	}
}

func (k *keywords) items() {
	s, a := k.s, &k.s.array
	if s.draft >= draft6 {
		a.contains = k.one("contains")
	}
	if s.draft >= draft2020 {
		a.prefix, a.items = k.list("prefixItems"), k.one("items")
		a.evaluatesAll = a.items != nil
	} else if _, ok := k.obj["items"].([]any); ok {
		a.prefix, a.additional = k.list("items"), k.additional("additionalItems")
		a.evaluatesAll = a.additional.set
	} else {
		a.items = k.one("items")
		a.evaluatesAll = a.items != nil
	}
	a.evaluatesPrefix = len(a.prefix)
	if k.unevaluated() {
		a.unevaluated = k.one("unevaluatedItems")
	}
}

// unevaluated says whether the keywords of that name mean anything.
func (k *keywords) unevaluated() bool {
	return k.s.draft == draft2019 && k.has("applicator") || k.s.draft >= draft2020 && k.has("unevaluated")
}

func (k *keywords) properties() error {
	s, o := k.s, &k.s.object
	o.properties = k.dictionary("properties")
	if patterns := k.dictionary("patternProperties"); patterns != nil {
		for _, pattern := range slices.Sorted(maps.Keys(patterns)) {
			re, err := k.regexp(pattern, "patternProperties")
			if err != nil {
				return err
			}
			o.patterns = append(o.patterns, patternRule{re, patterns[pattern]})
		}
	}
	o.additional = k.additional("additionalProperties")
	o.evaluatesAllOfObject = o.additional.set
	if entries, ok := k.obj["dependencies"].(map[string]any); ok {
		o.listed += len(entries)
		o.legacyRequired, o.legacySchemas = map[string][]string{}, map[string]*schema{}
		for key, value := range entries {
			if names, ok := value.([]any); ok {
				o.legacyRequired[key] = texts(names)
				o.listed += len(names)
			} else {
				o.legacySchemas[key] = k.sub("dependencies", key)
			}
		}
	}
	if s.draft >= draft6 {
		o.names = k.one("propertyNames")
	}
	if s.draft >= draft2019 {
		o.dependentSchemas = k.dictionary("dependentSchemas")
		o.listed += len(o.dependentSchemas)
	}
	if k.unevaluated() {
		o.unevaluated = k.one("unevaluatedProperties")
	}
	return nil
}

// assertions compiles the keywords that say what a value is.
func (k *keywords) assertions() error {
	s, obj := k.s, k.obj
	s.types = typesNamed(obj["type"])
	if values, ok := obj["enum"].([]any); ok {
		s.enum = append([]any{}, values...)
		for _, v := range values {
			s.enumOf |= typeOf(v)
		}
	}
	k.compileConst()
	k.bounds()
	s.text.min, s.text.max = obj.count("minLength"), obj.count("maxLength")
	if pattern, ok := obj.text("pattern"); ok {
		re, err := k.regexp(pattern, "pattern")
		if err != nil {
			return err
		}
		s.text.pattern = re
	}
	a, o := &s.array, &s.object
	a.min, a.max, a.unique = obj.count("minItems"), obj.count("maxItems"), obj.yes("uniqueItems")
	o.min, o.max = obj.count("minProperties"), obj.count("maxProperties")
	o.required = texts(obj["required"])
	o.listed += len(o.required)
	if s.draft < draft2019 {
		return nil
	}
	if a.contains != nil {
		a.minContains, a.maxContains = obj.count("minContains"), obj.count("maxContains")
	}
	if entries, ok := obj["dependentRequired"].(map[string]any); ok {
		o.dependentRequired = map[string][]string{}
		for key, value := range entries {
			if _, ok := value.([]any); ok {
				o.dependentRequired[key] = texts(value)
				o.listed += 1 + len(o.dependentRequired[key])
			}
		}
	}
	return nil
}

// bounds compiles the bounds of numbers. In draft 4 a bound is exclusive where
// a boolean says so.
func (k *keywords) bounds() {
	n, obj := &k.s.numbers, k.obj
	n.multiple = obj.number("multipleOf")
	n.min, n.max = obj.number("minimum"), obj.number("maximum")
	if obj.yes("exclusiveMaximum") {
		n.below, n.max = n.max, nil
	} else {
		n.below = obj.number("exclusiveMaximum")
	}
	if obj.yes("exclusiveMinimum") {
		n.above, n.min = n.min, nil
	} else {
		n.above = obj.number("exclusiveMinimum")
	}
}
