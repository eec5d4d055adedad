package releasetest

import (
	"maps"
	"slices"
	"strings"

	"github.com/seed-0d4f92cc/pack/pkg/manifest"
	"github.com/seed-0d4f92cc/pack/pkg/release"
	"github.com/seed-0d4f92cc/pack/pkg/values"
)

// object is an object that exists.
type object struct {
	ref     manifest.Ref
	content map[string]any
	// owners are the fields that somebody owns.
	owners map[owner]fields
}

// owner is an entry of managed fields: the same manager is another owner
// through an apply than through an update.
type owner struct {
	manager string
	applies bool
}

// as is a copy of the object, read as ref names it.
func (o *object) as(ref manifest.Ref) release.Object {
	content := values.Clone(o.content)
	content["apiVersion"] = ref.APIVersion
	return release.Object{Ref: ref, Content: content}
}

// fields are the leaves of an object by their paths: scalars, lists, and maps
// that are empty.
type fields map[string]any

// separator joins the keys of a path. It is no character of a key.
const separator = "\x1f"

// serverFields are those that nobody owns: who the object is, and what the
// server says of it.
func isServerField(path string) bool {
	keys := strings.Split(path, separator)
	if keys[0] != "metadata" {
		return keys[0] == "apiVersion" || keys[0] == "kind" || keys[0] == "status"
	}
	return len(keys) < 2 || slices.Contains([]string{
		"name", "namespace", "generateName", "uid", "resourceVersion", "generation", "creationTimestamp",
		"deletionTimestamp", "managedFields",
	}, keys[1])
}

// fieldsOf are the fields of an object that can be owned. Nulls are no fields.
func fieldsOf(content map[string]any) fields {
	f := fields{}
	f.collect(content, "")
	maps.DeleteFunc(f, func(path string, _ any) bool { return isServerField(path) })
	return f
}

func (f fields) collect(m map[string]any, prefix string) {
	for key, value := range m {
		path := prefix + key
		inner, isMap := value.(map[string]any)
		switch {
		case value == nil:
		case isMap && len(inner) > 0:
			f.collect(inner, path+separator)
		default:
			f[path] = value
		}
	}
}

// paths are the paths in order.
func (f fields) paths() []string { return slices.Sorted(maps.Keys(f)) }

// fieldName is a path as messages have it: ".data.x".
func fieldName(path string) string { return "." + strings.ReplaceAll(path, separator, ".") }

// lookup finds the value at a path.
func lookup(content map[string]any, path string) (any, bool) {
	var value any = content
	for key := range strings.SplitSeq(path, separator) {
		m, _ := value.(map[string]any)
		var ok bool
		if value, ok = m[key]; !ok {
			return nil, false
		}
	}
	return value, true
}

// put sets the value at a path, and makes maps on the way there. An empty map
// leaves a map that is there.
func put(content map[string]any, path string, value any) {
	keys := strings.Split(path, separator)
	last := len(keys) - 1
	for _, key := range keys[:last] {
		next, ok := content[key].(map[string]any)
		if !ok {
			next = map[string]any{}
			content[key] = next
		}
		content = next
	}
	_, isMap := value.(map[string]any)
	if _, wasMap := content[keys[last]].(map[string]any); isMap && wasMap {
		return
	}
	content[keys[last]] = values.Clone(map[string]any{"": value})[""]
}

// cut removes the value at a path, and the maps around it that are left empty.
func cut(content map[string]any, path string) {
	key, rest, deeper := strings.Cut(path, separator)
	if !deeper {
		delete(content, key)
		return
	}
	inner, ok := content[key].(map[string]any)
	if !ok {
		return
	}
	cut(inner, rest)
	if len(inner) == 0 {
		delete(content, key)
	}
}

// sameAt says whether an object has a value at a path.
func sameAt(content map[string]any, path string, value any) bool {
	have, ok := lookup(content, path)
	if !ok {
		return false
	}
	_, isMap := value.(map[string]any)
	_, wasMap := have.(map[string]any)
	return isMap && wasMap || equal(have, value)
}

// plain copies decoded JSON or YAML, with whole numbers as int64, as an API
// server's answers are decoded.
func plain(value any) any {
	switch value := value.(type) {
	case map[string]any:
		out := make(map[string]any, len(value))
		for key, inner := range value {
			out[key] = plain(inner)
		}
		return out
	case []any:
		out := make([]any, len(value))
		for i, inner := range value {
			out[i] = plain(inner)
		}
		return out
	case int:
		return int64(value)
	case float64:
		if whole := int64(value); float64(whole) == value {
			return whole
		}
	}
	return value
}

func plainObject(content map[string]any) map[string]any {
	out, _ := plain(content).(map[string]any)
	return out
}
