package jsonschema

import (
	"maps"
	"slices"
	"strconv"
	"strings"
)

// draft is a version of the specification, by its number or year.
type draft int

const (
	draft4    draft = 4
	draft6    draft = 6
	draft7    draft = 7
	draft2019 draft = 2019
	draft2020 draft = 2020
)

// newest is the draft of schemas that name none.
const newest = draft2020

// metaschema is the URL of the draft's own schema.
func (d draft) metaschema() string {
	switch d {
	case draft4:
		return "http://json-schema.org/draft-04/schema"
	case draft6:
		return "http://json-schema.org/draft-06/schema"
	case draft7:
		return "http://json-schema.org/draft-07/schema"
	case draft2019:
		return "https://json-schema.org/draft/2019-09/schema"
	}
	return "https://json-schema.org/draft/2020-12/schema"
}

// knownDraft finds the draft that a $schema names; 0 is none.
func knownDraft(text string) draft {
	doc, fragment, _ := strings.Cut(text, "#")
	if fragment != "" {
		return 0
	}
	bare := func(u string) string {
		return strings.TrimPrefix(strings.TrimPrefix(u, "http://"), "https://")
	}
	if bare(doc) == "json-schema.org/schema" {
		return newest
	}
	for _, d := range []draft{draft4, draft6, draft7, draft2019, draft2020} {
		if bare(doc) == bare(d.metaschema()) {
			return d
		}
	}
	return 0
}

// idKeyword is the keyword that names a schema.
func (d draft) idKeyword() string {
	if d == draft4 {
		return "id"
	}
	return "$id"
}

// id is the name of a schema without its fragment. Before 2019, what stands
// beside a $ref counts for nothing.
func (d draft) id(schema map[string]any) string {
	if _, ok := schema["$ref"]; ok && d < draft2019 {
		return ""
	}
	id, _ := schema[d.idKeyword()].(string)
	id, _, _ = strings.Cut(id, "#")
	return id
}

// shape says how schemas stand in a keyword.
type shape int

const (
	single shape = iota
	listed
	dictionary
)

// holder is a keyword that holds schemas, and the draft that brought it.
type holder struct {
	keyword string
	shape   shape
	since   draft
}

// holders are the keywords that hold schemas, in all drafts.
func holders() []holder {
	return []holder{
		{"definitions", dictionary, draft4},
		{"not", single, draft4},
		{"allOf", listed, draft4},
		{"anyOf", listed, draft4},
		{"oneOf", listed, draft4},
		{"properties", dictionary, draft4},
		{"additionalProperties", single, draft4},
		{"patternProperties", dictionary, draft4},
		{"items", single, draft4},
		{"items", listed, draft4},
		{"additionalItems", single, draft4},
		{"dependencies", dictionary, draft4},
		{"propertyNames", single, draft6},
		{"contains", single, draft6},
		{"if", single, draft7},
		{"then", single, draft7},
		{"else", single, draft7},
		{"$defs", dictionary, draft2019},
		{"dependentSchemas", dictionary, draft2019},
		{"unevaluatedProperties", single, draft2019},
		{"unevaluatedItems", single, draft2019},
		{"contentSchema", single, draft2019},
		{"prefixItems", listed, draft2020},
	}
}

// held is a schema that another one holds.
type held struct {
	ptr   string
	value any
}

// within finds the schemas that one holds itself, in byte order of their keys.
func (h holder) within(schema map[string]any, ptr string) []held {
	value, ok := schema[h.keyword]
	if !ok {
		return nil
	}
	at := place{ptr: ptr + "/" + h.keyword}
	var out []held
	switch inner := value.(type) {
	case map[string]any:
		if h.shape == dictionary {
			for _, key := range slices.Sorted(maps.Keys(inner)) {
				out = append(out, held{at.child(key).ptr, inner[key]})
			}
		}
	case []any:
		if h.shape == listed {
			for i, v := range inner {
				out = append(out, held{at.child(strconv.Itoa(i)).ptr, v})
			}
		}
	}
	if h.shape == single {
		out = append(out, held{at.ptr, value})
	}
	return out
}

// dialect is a draft with those of its vocabularies that a schema of schemas
// asks for; nil stands for the usual ones.
type dialect struct {
	draft        draft
	vocabularies []string
}

// has says whether the keywords of a vocabulary mean anything.
func (d dialect) has(vocabulary string) bool {
	if vocabulary == "core" || d.draft < draft2019 {
		return true
	}
	if d.vocabularies != nil {
		return slices.Contains(d.vocabularies, vocabulary)
	}
	switch vocabulary {
	case "applicator", "validation":
		return true
	case "unevaluated":
		return d.draft >= draft2020
	}
	return false
}

// assertsFormat says whether a format that is not kept is a violation.
func (d dialect) assertsFormat() bool {
	switch {
	case d.draft < draft2019:
		return true
	case d.draft == draft2019:
		return d.has("format")
	}
	return d.has("format-assertion")
}

// vocabularyNames are the vocabularies of a draft.
func (d draft) vocabularyNames() []string {
	switch d {
	case draft2019:
		return []string{"core", "applicator", "validation", "meta-data", "format", "content"}
	case draft2020:
		return []string{
			"core", "applicator", "unevaluated", "validation", "meta-data",
			"format-annotation", "format-assertion", "content",
		}
	}
	return nil
}
