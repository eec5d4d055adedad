package render

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/seed-0d4f92cc/pack/internal/common"
	"github.com/seed-0d4f92cc/pack/internal/gotmpl"
	"github.com/seed-0d4f92cc/pack/internal/nearest"
	"github.com/seed-0d4f92cc/pack/pkg/values"
)

// valuePaths knows the maps of a tree of values by their addresses, so that the
// path of what a template has in hand can be told, through with, range,
// variables and the arguments of include.
type valuePaths struct {
	root map[string]any
	// paths are from the root of the values, sections those of the charts.
	paths    map[uintptr][]string
	sections map[uintptr][]string
}

func newValuePaths(dots []map[string]any) *valuePaths {
	v := &valuePaths{paths: map[uintptr][]string{}, sections: map[uintptr][]string{}}
	v.root, _ = asMap(dots[0]["Values"])
	v.add(v.root, nil)
	for _, dot := range dots {
		if section, ok := asMap(dot["Values"]); ok {
			if path, known := v.paths[address(section)]; known {
				v.sections[address(dot)] = path
			}
		}
	}
	return v
}

func asMap(x any) (map[string]any, bool) {
	switch m := x.(type) {
	case map[string]any:
		return m, m != nil
	case common.Values:
		return m, m != nil
	}
	return nil, false
}

func (v *valuePaths) add(node any, path []string) {
	switch node := node.(type) {
	case map[string]any:
		if _, known := v.paths[address(node)]; known {
			return
		}
		v.paths[address(node)] = path
		for key, below := range node {
			v.add(below, append(slices.Clip(path), key))
		}
	case []any:
		for i, below := range node {
			v.add(below, append(slices.Clip(path), fmt.Sprintf("[%d]", i)))
		}
	}
}

// path is the path of what a chain of fields led to before its n-th field; false
// where that is no value.
func (v *valuePaths) path(base any, names []string) ([]string, bool) {
	for {
		m, ok := asMap(base)
		if !ok {
			return nil, false
		}
		if path, ok := v.paths[address(m)]; ok {
			return append(slices.Clip(path), names...), true
		}
		if section, ok := v.sections[address(m)]; ok && len(names) > 0 && names[0] == "Values" {
			return append(slices.Clip(section), names[1:]...), true
		}
		if len(names) == 0 {
			return nil, false
		}
		base, names = m[names[0]], names[1:]
	}
}

// lookup is the value at a path.
func (v *valuePaths) lookup(path []string) (any, bool) { return values.At(v.root, path) }

// hints tell why a chain of fields could not be followed, or what it led to.
func (v *valuePaths) hints(t *gotmpl.Trace, message string) []Hint {
	path, ok := v.path(t.Base, t.Names[:t.At])
	if !ok || len(path) == 0 {
		return nil
	}
	x, exists := v.lookup(path)
	if exists && x != nil {
		return []Hint{{Text: fmt.Sprintf("%s is %s", values.JoinPath(path), kindOf(x)), Value: path}}
	}
	if t.At == len(t.Names) && !isAboutNil(message) {
		return nil
	}
	wanted := path
	if t.At < len(t.Names) {
		wanted = append(slices.Clip(path), t.Names[t.At:]...)
	}
	return v.missing(path, wanted, exists)
}

// isAboutNil says whether a message can be about a value that is not there.
func isAboutNil(message string) bool {
	for _, part := range []string{"nil", "invalid value", "wrong type for value"} {
		if strings.Contains(message, part) {
			return true
		}
	}
	return false
}

// required tells of the value that required was given.
func (v *valuePaths) required(t *gotmpl.Trace) []Hint {
	path, ok := v.path(t.Base, t.Names)
	if !ok || t.At != len(t.Names) || len(path) == 0 {
		return nil
	}
	x, exists := v.lookup(path)
	switch {
	case x == "":
		return []Hint{{Text: values.JoinPath(path) + " is empty", Value: path}, howToSet(path)}
	case x != nil:
		return nil
	}
	return v.missing(path, path, exists)
}

// missing tells of a value that is not there, of those that could be meant, and
// how to set what was wanted.
func (v *valuePaths) missing(path, wanted []string, isNull bool) []Hint {
	parent, key := path[:len(path)-1], path[len(path)-1]
	state := "is not set"
	if isNull {
		state = "is null"
	}
	list := []Hint{{Text: values.JoinPath(path) + " " + state}}
	like := v.like(parent, key, wanted)
	if like != "" {
		list[0].Text += fmt.Sprintf("; did you mean `%s`?", like)
	}
	if len(parent) > 0 {
		list = append(list, Hint{Text: values.JoinPath(parent) + " is there", Value: parent})
	}
	if like == "" {
		list = append(list, howToSet(wanted))
	}
	return list
}

func (v *valuePaths) has(path []string) bool {
	_, ok := v.lookup(path)
	return ok
}

func howToSet(path []string) Hint {
	return Hint{Text: fmt.Sprintf("set it in values.yaml, with -f, or with --set %s=…", values.JoinPath(path))}
}

// like finds what may be meant: a key of the same map that is spelt nearly the
// same, or the same last keys elsewhere.
func (v *valuePaths) like(parent []string, key string, wanted []string) string {
	if node, ok := v.lookup(parent); ok {
		if m, isMap := node.(map[string]any); isMap {
			if near := nearest.Find(key, slices.Collect(maps.Keys(m))); near != "" {
				found := append(slices.Clip(parent), near)
				if whole := append(slices.Clip(found), wanted[len(found):]...); v.has(whole) {
					return values.JoinPath(whole)
				}
				return values.JoinPath(found)
			}
		}
	}
	if len(wanted) < 2 {
		return ""
	}
	tail := wanted[len(wanted)-2:]
	return v.endingIn(v.root, nil, tail)
}

// endingIn is the first path, in the order of the keys, whose last keys are
// tail.
func (v *valuePaths) endingIn(m map[string]any, path, tail []string) string {
	const deepest = 20
	if len(path) > deepest {
		return ""
	}
	for _, key := range slices.Sorted(maps.Keys(m)) {
		below, isMap := m[key].(map[string]any)
		if !isMap {
			continue
		}
		if _, found := below[tail[1]]; found && key == tail[0] {
			return values.JoinPath(append(append(slices.Clip(path), key), tail[1]))
		}
		if found := v.endingIn(below, append(slices.Clip(path), key), tail); found != "" {
			return found
		}
	}
	return ""
}

// kindOf names the kind of a value; its content may be a secret.
func kindOf(x any) string {
	switch x := x.(type) {
	case nil:
		return "null"
	case map[string]any:
		return "a map"
	case []any:
		return "a list"
	case string:
		if x == "" {
			return "an empty string"
		}
		return "a string"
	case bool:
		return "a boolean"
	}
	return "a number"
}
