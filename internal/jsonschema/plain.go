package jsonschema

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
)

// plain says of most schemas that they are good ones in every draft, without a
// look at a metaschema; false means that it does not know.
func plain(v any) bool {
	schema, ok := v.(map[string]any)
	if !ok {
		return false
	}
	for keyword, value := range schema {
		if !plainKeyword(keyword, value) {
			return false
		}
	}
	return true
}

func plainKeyword(keyword string, value any) bool {
	switch keyword {
	case "title", "description", "$comment", "format":
		_, ok := value.(string)
		return ok
	case "type":
		return plainType(value)
	case "properties", "definitions", "$defs":
		return plainEntries(value, nil)
	case "patternProperties":
		return plainEntries(value, isRegexp)
	case "items", "not", "if", "then", "else", "contains", "propertyNames":
		return plain(value)
	case "additionalProperties", "additionalItems":
		_, ok := value.(bool)
		return ok || plain(value)
	case "allOf", "anyOf", "oneOf":
		items, ok := value.([]any)
		return ok && len(items) > 0 && !slices.ContainsFunc(items, func(v any) bool { return !plain(v) })
	}
	return plainAssertion(keyword, value)
}

func plainAssertion(keyword string, value any) bool {
	switch keyword {
	case "required":
		items, _ := value.([]any)
		return len(items) > 0 && len(texts(value)) == len(items) && distinct(items)
	case "enum":
		items, _ := value.([]any)
		return len(items) > 0 && distinct(items)
	case "minimum", "maximum":
		_, ok := value.(json.Number)
		return ok
	case "minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties":
		n, ok := value.(json.Number)
		return ok && allDigits(string(n))
	case "uniqueItems", "deprecated", "readOnly", "writeOnly":
		_, ok := value.(bool)
		return ok
	case "default", "const":
		return true
	case "examples":
		_, ok := value.([]any)
		return ok
	}
	return plainText(keyword, value)
}

// plainText is about texts with a form.
func plainText(keyword string, value any) bool {
	text, ok := value.(string)
	switch keyword {
	case "pattern":
		return ok && isRegexp(text)
	case "$schema":
		return ok && checkURI(text) == nil
	case "$ref":
		return ok && checkURIReference(text) == nil
	}
	return !reserved(keyword)
}

// reserved are the other words that some draft says something about.
func reserved(keyword string) bool {
	switch keyword {
	case "id", "multipleOf", "exclusiveMinimum", "exclusiveMaximum", "dependencies", "dependentRequired", "dependentSchemas",
		"minContains", "maxContains", "prefixItems", "contentEncoding", "contentMediaType", "contentSchema":
		return true
	}
	return strings.HasPrefix(keyword, "$") || strings.HasPrefix(keyword, "unevaluated")
}

func plainEntries(value any, name func(string) bool) bool {
	entries, ok := value.(map[string]any)
	if !ok {
		return false
	}
	for key, v := range entries {
		if name != nil && !name(key) || !plain(v) {
			return false
		}
	}
	return true
}

func plainType(value any) bool {
	names, isList := value.([]any)
	if !isList {
		names = []any{value}
	}
	for _, name := range names {
		if text, ok := name.(string); !ok || typesNamed(text) == 0 {
			return false
		}
	}
	return len(names) > 0 && distinct(names)
}

func isRegexp(text string) bool {
	_, err := regexp.Compile(text)
	return err == nil
}

func distinct(items []any) bool {
	if len(items) < 2 {
		return true
	}
	_, _, found := duplicates(items, func(int) {})
	return !found
}
