package cli

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/seed-0d4f92cc/pack/internal/nearest"
	"github.com/seed-0d4f92cc/pack/internal/yamlio"
	"github.com/seed-0d4f92cc/pack/pkg/values"
)

// like is the path of a value whose last key that does not exist is spelt nearly
// like that of path.
func (v valuesView) like(path []string) string {
	for i := range path {
		if _, ok := values.At(v.tree, path[:i+1]); ok {
			continue
		}
		parent, _ := values.At(v.tree, path[:i])
		m, _ := parent.(map[string]any)
		if near := nearest.Find(path[i], slices.Collect(maps.Keys(m))); near != "" {
			return values.JoinPath(append(slices.Clone(path[:i]), near))
		}
		break
	}
	return ""
}

// oneLine is a value on one line, shortened.
func oneLine(x any) string {
	text, err := json.Marshal(x)
	if err != nil {
		return "?"
	}
	const most = 100
	if len(text) > most {
		return strings.ToValidUTF8(string(text[:most]), "") + "…"
	}
	return string(text)
}

// annotated is a value as YAML in which each line that begins a value ends with
// a comment that says where it was set.
func (v valuesView) annotated(x any, path []string) string {
	var b strings.Builder
	v.annotate(&b, x, path, 0)
	return b.String()
}

func (v valuesView) annotate(b *strings.Builder, x any, path []string, indent int) {
	m, isMap := x.(map[string]any)
	if !isMap || len(m) == 0 {
		b.WriteString(v.leaf(x, path, ""))
		return
	}
	pad := strings.Repeat(" ", indent)
	for _, key := range slices.Sorted(maps.Keys(m)) {
		at := append(slices.Clone(path), key)
		if below, ok := m[key].(map[string]any); ok && len(below) > 0 {
			fmt.Fprintf(b, "%s%s:\n", pad, yamlKey(key))
			v.annotate(b, below, at, indent+2)
			continue
		}
		for line := range strings.Lines(v.leaf(m[key], at, key)) {
			b.WriteString(pad + line)
		}
	}
}

// leaf is a value, below its key, with the comment.
func (v valuesView) leaf(x any, path []string, key string) string {
	var tree = x
	if key != "" {
		tree = map[string]any{key: x}
	}
	text, err := yamlio.Marshal(tree)
	if err != nil {
		return yamlKey(key) + ": ?\n"
	}
	first, rest, _ := strings.Cut(string(text), "\n")
	return first + v.comment(path) + "\n" + rest
}

func (v valuesView) comment(path []string) string {
	origins := v.explain(path)
	if len(origins) == 0 {
		return ""
	}
	text := "  # " + origins[0].String()
	var overridden []string
	for _, o := range origins[1:] {
		overridden = append(overridden, o.String())
	}
	if overridden != nil {
		text += ", overrides " + strings.Join(overridden, ", ")
	}
	return text
}

func yamlKey(key string) string {
	text, err := yamlio.Marshal(key)
	if err != nil {
		return strconv.Quote(key)
	}
	return strings.TrimSuffix(string(text), "\n")
}

// explainedValue is a value and where it comes from, for -o json.
type explainedValue struct {
	Path      string       `json:"path"`
	Value     any          `json:"value"`
	Origin    *originJSON  `json:"origin,omitempty"`
	Overrides []originJSON `json:"overrides,omitempty"`
}

type originJSON struct {
	Source string `json:"source"`
	Line   int    `json:"line,omitempty"`
	Column int    `json:"column,omitempty"`
	Note   string `json:"note,omitempty"`
	Value  any    `json:"value"`
}

// explained lists the leaves of a value.
func (v valuesView) explained(path []string, x any) []explainedValue {
	if m, ok := x.(map[string]any); ok && len(m) > 0 {
		list := []explainedValue{}
		for _, key := range slices.Sorted(maps.Keys(m)) {
			list = append(list, v.explained(append(slices.Clone(path), key), m[key])...)
		}
		return list
	}
	e := explainedValue{Path: values.JoinPath(path), Value: x}
	for i, o := range v.explain(path) {
		j := originJSON{Source: o.Source, Line: o.Line, Column: o.Column, Note: o.Note, Value: o.Value}
		if i == 0 {
			e.Origin = &j
		} else {
			e.Overrides = append(e.Overrides, j)
		}
	}
	return []explainedValue{e}
}
