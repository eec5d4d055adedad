package jsonschema

import (
	"encoding/json"
	"math/big"
	"regexp"
)

// schema is one schema, ready to check values.
type schema struct {
	at       place
	location string
	draft    draft
	// resource is the schema whose dynamic anchors are in scope here.
	resource *schema
	anchors  map[string]*schema // dynamic ones

	always *bool // a schema that accepts all or nothing

	ref             *schema
	recursiveRef    *schema
	recursiveAnchor bool
	dynamicRef      *schema
	dynamicRefName  string
	dynamicAnchor   string

	types    typeSet
	constant *any
	enum     []any
	enumOf   typeSet
	format   *format

	not, when, then, otherwise *schema
	allOf, anyOf, oneOf        []*schema

	object  objectRules
	array   arrayRules
	text    textRules
	numbers numberRules
}

type objectRules struct {
	min, max             *int
	required             []string
	names                *schema
	properties           map[string]*schema
	patterns             []patternRule
	additional           additional
	dependentRequired    map[string][]string
	dependentSchemas     map[string]*schema
	legacyRequired       map[string][]string
	legacySchemas        map[string]*schema
	unevaluated          *schema
	evaluatesAllOfObject bool
	listed               int // how many names the rules list
}

// pattern is a regular expression of so many instructions.
type pattern struct {
	*regexp.Regexp
	size int
}

type patternRule struct {
	pattern *pattern
	schema  *schema
}

// additional is what holds for values that no other keyword is about. The zero
// value is no rule at all.
type additional struct {
	set, allowed bool
	schema       *schema
}

type arrayRules struct {
	min, max        *int
	unique          bool
	contains        *schema
	minContains     *int
	maxContains     *int
	prefix          []*schema
	items           *schema
	additional      additional // before 2020, beside a prefix
	unevaluated     *schema
	evaluatesAll    bool
	evaluatesPrefix int
}

type textRules struct {
	min, max *int
	pattern  *pattern
}

type numberRules struct {
	min, max, above, below, multiple *big.Rat
}

// object reads the keywords of a schema.
type object map[string]any

func (o object) text(key string) (string, bool) {
	s, ok := o[key].(string)
	return s, ok
}

func (o object) yes(key string) bool {
	b, _ := o[key].(bool)
	return b
}

func (o object) number(key string) *big.Rat {
	if n, ok := o[key].(json.Number); ok {
		return rational(n)
	}
	return nil
}

func (o object) count(key string) *int {
	n := o.number(key)
	if n == nil || !n.IsInt() {
		return nil
	}
	i := int(n.Num().Int64())
	return &i
}

// texts are the strings of a list.
func texts(v any) []string {
	items, _ := v.([]any)
	var out []string
	for _, item := range items {
		if s, ok := item.(string); ok {
			out = append(out, s)
		}
	}
	return out
}
