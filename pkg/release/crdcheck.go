package release

import (
	"cmp"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"
)

// sameDefinition says whether a live definition is as it is wanted. The server fills in
// names and the conversion, and nothing in versions.
func sameDefinition(wanted, live map[string]any) bool {
	return within(wanted, live) && within(live["versions"], wanted["versions"])
}

// within says whether all of wanted is in live: fields that the server has filled in
// are no difference. Lists must agree element by element.
func within(wanted, live any) bool {
	switch wanted := wanted.(type) {
	case map[string]any:
		live, ok := live.(map[string]any)
		if !ok && len(wanted) > 0 {
			return false
		}
		for key, value := range wanted {
			if value != nil && !within(value, live[key]) {
				return false
			}
		}
		return true
	case []any:
		live, _ := live.([]any)
		if len(wanted) != len(live) {
			return false
		}
		for i, value := range wanted {
			if !within(value, live[i]) {
				return false
			}
		}
		return true
	case nil:
		return true
	}
	return sameNumber(wanted, live) || reflect.DeepEqual(wanted, live)
}

// sameNumber compares numbers whatever their types are.
func sameNumber(a, b any) bool {
	x, isX := number(a)
	y, isY := number(b)
	return isX && isY && x == y
}

func number(v any) (float64, bool) {
	switch v := v.(type) {
	case int64:
		return float64(v), true
	case int:
		return float64(v), true
	case float64:
		return v, true
	}
	return 0, false
}

// crdProblems are what speaks against bringing a live definition to the wanted one:
// objects that are stored would be refused, or lose fields, or could not be read.
func crdProblems(live, wanted map[string]any) []string {
	from, to := mapOf(live["spec"]), mapOf(wanted["spec"])
	var problems []string
	if a, b := cmp.Or(textOf(from["scope"]), "Namespaced"), textOf(to["scope"]); a != b {
		problems = append(problems, fmt.Sprintf("the scope changes from %s to %s", a, b))
	}
	for _, name := range []string{"kind", "plural"} {
		if a, b := textOf(mapOf(from["names"])[name]), textOf(mapOf(to["names"])[name]); a != b {
			problems = append(problems, fmt.Sprintf("the name %s changes from %s to %s", name, a, b))
		}
	}
	stored := listOf(mapOf(live["status"])["storedVersions"])
	for _, v := range listOf(from["versions"]) {
		before := mapOf(v)
		name := textOf(before["name"])
		after := versionOf(to, name)
		isStored := isTrue(before["storage"]) || slices.Contains(stored, any(name))
		switch {
		case after == nil && isStored:
			problems = append(problems, fmt.Sprintf("version %s is removed, in which objects are stored", name))
		case after == nil:
		case isTrue(before["served"]) && !isTrue(after["served"]) && isStored:
			problems = append(problems, fmt.Sprintf("version %s is served no longer, in which objects are stored", name))
		default:
			n := narrowing{version: name}
			n.compare("", schemaOf(before), schemaOf(after))
			problems = append(problems, n.found...)
		}
	}
	return problems
}

func versionOf(spec map[string]any, name string) map[string]any {
	for _, v := range listOf(spec["versions"]) {
		if m := mapOf(v); textOf(m["name"]) == name {
			return m
		}
	}
	return nil
}

func schemaOf(version map[string]any) map[string]any {
	return mapOf(mapOf(version["schema"])["openAPIV3Schema"])
}

func mapOf(v any) map[string]any { m, _ := v.(map[string]any); return m }
func listOf(v any) []any         { l, _ := v.([]any); return l }
func textOf(v any) string        { s, _ := v.(string); return s }
func isTrue(v any) bool          { b, _ := v.(bool); return b }

// narrowing collects where a schema takes less than the one before it.
type narrowing struct {
	version string
	found   []string
}

func (n *narrowing) add(path, format string, args ...any) {
	if path == "" {
		path = "."
	}
	n.found = append(n.found, fmt.Sprintf("version %s: %s: %s", n.version, path, fmt.Sprintf(format, args...)))
}

// compare looks at one schema and all below it.
func (n *narrowing) compare(path string, from, to map[string]any) {
	if reflect.DeepEqual(from, to) {
		return
	}
	n.types(path, from, to)
	n.limits(path, from, to)
	n.choices(path, from, to)
	n.fields(path, from, to)
	if items := mapOf(to["items"]); items != nil {
		n.compare(path+"[]", mapOf(from["items"]), items)
	}
	if more := mapOf(to["additionalProperties"]); more != nil {
		if before := mapOf(from["additionalProperties"]); before != nil {
			n.compare(path+"[*]", before, more)
		}
	}
}

// types: another type, and what is no longer allowed to be null or of any shape.
func (n *narrowing) types(path string, from, to map[string]any) {
	a, b := textOf(from["type"]), textOf(to["type"])
	wider := b == "" || a == "integer" && b == "number" || isTrue(to["x-kubernetes-int-or-string"]) && (a == "integer" || a == "string")
	if a != b && !wider {
		n.add(path, "the type changes from %s to %s", cmp.Or(a, "any"), b)
	}
	for _, key := range []string{"nullable", "x-kubernetes-preserve-unknown-fields", "x-kubernetes-int-or-string"} {
		if isTrue(from[key]) && !isTrue(to[key]) {
			n.add(path, "%s is taken back", key)
		}
	}
	n.listTypes(path, from, to)
}

// listTypes: how elements are told apart when several write them.
func (n *narrowing) listTypes(path string, from, to map[string]any) {
	for _, key := range []string{"x-kubernetes-list-type", "x-kubernetes-map-type", "x-kubernetes-list-map-keys"} {
		if to[key] != nil && !reflect.DeepEqual(from[key], to[key]) {
			n.add(path, "%s changes", key)
		}
	}
}

// limits: bounds that are drawn closer.
func (n *narrowing) limits(path string, from, to map[string]any) {
	for _, key := range []string{"maximum", "maxLength", "maxItems", "maxProperties"} {
		n.bound(path, key, from, to, func(before, after float64) bool { return after < before })
	}
	for _, key := range []string{"minimum", "minLength", "minItems", "minProperties"} {
		n.bound(path, key, from, to, func(before, after float64) bool { return after > before })
	}
	for _, key := range []string{"exclusiveMaximum", "exclusiveMinimum", "uniqueItems"} {
		if isTrue(to[key]) && !isTrue(from[key]) {
			n.add(path, "%s is new", key)
		}
	}
	for _, key := range []string{"pattern", "format", "multipleOf"} {
		if to[key] != nil && !reflect.DeepEqual(from[key], to[key]) {
			n.add(path, "%s is now %v", key, to[key])
		}
	}
}

func (n *narrowing) bound(path, key string, from, to map[string]any, closer func(before, after float64) bool) {
	after, ok := number(to[key])
	if !ok {
		return
	}
	before, had := number(from[key])
	if !had && after == 0 && key[:3] == "min" {
		return // no bound at all
	}
	if !had || closer(before, after) {
		n.add(path, "%s is now %s", key, strconv.FormatFloat(after, 'f', -1, 64))
	}
}

// choices: values that are no longer among those allowed, and rules that are new.
func (n *narrowing) choices(path string, from, to map[string]any) {
	if allowed := listOf(to["enum"]); allowed != nil {
		before := listOf(from["enum"])
		if before == nil {
			n.add(path, "only some values are allowed: %v", allowed)
		}
		for _, v := range before {
			if !slices.ContainsFunc(allowed, func(w any) bool { return reflect.DeepEqual(v, w) }) {
				n.add(path, "the value %v is no longer allowed", v)
			}
		}
	}
	for _, key := range []string{"allOf", "anyOf", "oneOf", "not"} {
		if to[key] != nil && !reflect.DeepEqual(from[key], to[key]) {
			n.add(path, "%s changes", key)
		}
	}
	const rules = "x-kubernetes-validations"
	for _, rule := range listOf(to[rules]) {
		text := mapOf(rule)["rule"]
		if !slices.ContainsFunc(listOf(from[rules]), func(r any) bool { return mapOf(r)["rule"] == text }) {
			n.add(path, "a rule is new: %v", text)
		}
	}
}

// fields: those that are gone, or must be there now.
func (n *narrowing) fields(path string, from, to map[string]any) {
	before, after := mapOf(from["properties"]), mapOf(to["properties"])
	takesAll := isTrue(to["x-kubernetes-preserve-unknown-fields"]) || to["additionalProperties"] != nil && to["additionalProperties"] != false
	for _, name := range slices.Sorted(maps.Keys(before)) {
		field, ok := after[name]
		switch {
		case ok:
			n.compare(path+"."+name, mapOf(before[name]), mapOf(field))
		case !takesAll:
			n.add(path+"."+name, "the field is removed")
		}
	}
	for _, v := range listOf(to["required"]) {
		name := textOf(v)
		if _, hasDefault := mapOf(after[name])["default"]; !hasDefault && !slices.Contains(listOf(from["required"]), v) {
			n.add(path+"."+name, "the field is required now")
		}
	}
}
