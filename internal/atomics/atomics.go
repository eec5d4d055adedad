// Package atomics knows which fields of Kubernetes' built-in kinds a server-side
// apply takes as one value, whatever they hold: selectors, rules, arguments. Of all
// others the server notes who owns what within them. The table is generated from the
// schema in client-go, which would cost far more to link; its test says how.
package atomics

import (
	_ "embed" // the table
	"strings"
)

//go:embed table.txt
var text string

// Type is the fields of an object, or of the elements of a list, that are one value or
// have such below them. A nil Type has none.
type Type struct{ fields map[string]field }

type field struct {
	whole bool
	below *Type
}

// Whole says whether a field is one value.
func (t *Type) Whole(name string) bool { return t != nil && t.fields[name].whole }

// Below returns the type of a field, or of the elements of a list; nil where nothing in
// it is one value.
func (t *Type) Below(name string) *Type {
	if t == nil {
		return nil
	}
	return t.fields[name].below
}

// Table has the types of kinds.
type Table struct{ kinds map[string]*Type }

// Root returns the type of a kind, nil if it is not built in or nothing in it is one
// value.
func (t *Table) Root(apiVersion, kind string) *Type { return t.kinds[apiVersion+" "+kind] }

// Load reads the table, which takes some hundred microseconds. What it returns is never
// changed.
func Load() *Table {
	table := &Table{kinds: map[string]*Type{}}
	types := map[string]*Type{}
	typed := func(name string) *Type {
		if types[name] == nil {
			types[name] = &Type{fields: map[string]field{}}
		}
		return types[name]
	}
	var current *Type
	for line := range strings.Lines(text) {
		switch words := strings.Fields(line); words[0] {
		case "type":
			current = typed(words[1])
		case "kind":
			table.kinds[words[1]+" "+words[2]] = typed(words[3])
		case "whole":
			current.fields[words[1]] = field{whole: true}
		case "below":
			current.fields[words[1]] = field{below: typed(words[2])}
		}
	}
	return table
}
