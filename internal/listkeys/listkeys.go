// Package listkeys knows by what the lists of Kubernetes' built-in kinds are
// merged: the patch strategies and merge keys of their Go types, which
// client-side apply needs and which the typed packages of k8s.io/api would cost
// far more to link. The table is generated from them; its test says how.
package listkeys

import (
	_ "embed" // the table
	"strings"
)

//go:embed table.txt
var text string

// Field is how one field of a type is merged.
type Field struct {
	// Merge: the elements of the list are merged instead of replaced: by Key,
	// or, where that is empty, as a set of plain values.
	Merge bool
	// Key is the field that identifies an element.
	Key string
	// Retain: of a map, or of an element of the list, only the keys that are
	// wanted are kept.
	Retain bool
	// Replace: the map is replaced, not merged.
	Replace bool
	// Type is the type of the field, or of the elements of the list; nil where
	// nothing below is special.
	Type *Type
}

// Type is how the fields of an object are merged. Fields that are missing are
// merged as JSON is: maps key by key, lists replaced. A nil Type has none.
type Type struct{ fields map[string]*Field }

// Field returns how a field is merged.
func (t *Type) Field(name string) Field {
	if t == nil || t.fields[name] == nil {
		return Field{}
	}
	return *t.fields[name]
}

// Table has the types of kinds.
type Table struct{ kinds map[string]*Type }

// Root returns the type of a kind, nil if it is not built in or nothing in it
// is special.
func (t *Table) Root(apiVersion, kind string) *Type { return t.kinds[apiVersion+" "+kind] }

// Known says whether a kind is built in.
func (t *Table) Known(apiVersion, kind string) bool {
	_, known := t.kinds[apiVersion+" "+kind]
	return known
}

// Load reads the table, which takes some hundred microseconds. What it returns
// is never changed.
func Load() *Table {
	table := &Table{kinds: map[string]*Type{}}
	types := map[string]*Type{}
	typed := func(name string) *Type {
		if name == "-" {
			return nil
		}
		if types[name] == nil {
			types[name] = &Type{fields: map[string]*Field{}}
		}
		return types[name]
	}
	var current *Type
	for line := range strings.Lines(text) {
		words := strings.Fields(line)
		switch words[0] {
		case "type":
			current = typed(words[1])
		case "kind":
			table.kinds[words[1]+" "+words[2]] = typed(words[3])
		case "field":
			current.fields[words[1]] = parseField(words, typed(words[4]))
		}
	}
	return table
}

// parseField reads "field NAME STRATEGY KEY TYPE", where "-" is nothing.
func parseField(words []string, elem *Type) *Field {
	f := &Field{Type: elem}
	for strategy := range strings.SplitSeq(words[2], ",") {
		switch strategy {
		case "merge":
			f.Merge = true
		case "retainKeys":
			f.Retain = true
		case "replace":
			f.Replace = true
		}
	}
	if words[3] != "-" {
		f.Key = words[3]
	}
	return f
}
