package values

import (
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/seed-0d4f92cc/pack/internal/yamlio"
)

// Layer is one source of values: a file, or one expression of a flag. Layers
// are there to tell later where a value came from; they cost nothing until they
// are asked.
type Layer struct {
	// Name is the name of the file, or the flag, "--set".
	Name string
	// Under is the section that a file's values belong to, for example that of
	// a subchart; nil is the root.
	Under []string
	// Data is the text of a file; nil for a flag.
	Data []byte

	expr  string
	style Style
	read  ReadFunc
	// parsed is what was read of it by Parsed.
	parsed *parsedLayer
}

type parsedLayer struct {
	tree  Map
	err   error
	nodes []*yaml.Node
}

// Parsed returns the layer with all that Lookup needs read, for a layer that is
// asked often.
func (l Layer) Parsed() Layer {
	p := &parsedLayer{}
	p.tree, p.err = l.tree()
	if l.Data != nil {
		p.nodes = documents(l.Data)
	}
	l.parsed = p
	return l
}

// Setting is what a layer says of a value.
type Setting struct {
	// Value is the value, or of a value above it that leaves none.
	Value any
	// Path is the path that was set: the one asked for, or one above it.
	Path []string
	// Line and Column count from 1; 0 where they are not known.
	Line, Column int
}

// Lookup returns what the layer says of the value at a path, whose steps are the
// keys of maps and "[0]" for elements of lists. The second result is false where
// it says nothing. Where a value above the path is no map, that is the answer:
// it hides what layers below have there.
func (l Layer) Lookup(path []string) (Setting, bool) {
	inner, ok := below(path, l.Under)
	if !ok {
		return Setting{}, false
	}
	tree, err := l.tree()
	if err != nil {
		return Setting{}, false
	}
	s, ok := settingIn(tree, inner)
	if !ok || l.Data == nil && !l.assigns(s.Path) {
		return Setting{}, false
	}
	if l.Data != nil {
		s.Line, s.Column = l.locate(s.Path)
	}
	s.Path = append(append([]string(nil), l.Under...), s.Path...)
	return s, true
}

// below is a path as it is under a section.
func below(path, section []string) ([]string, bool) {
	if len(path) < len(section) {
		return nil, false
	}
	for i, key := range section {
		if path[i] != key {
			return nil, false
		}
	}
	return path[len(section):], true
}

// settingIn follows a path through a tree, to its end or to a value that ends
// it.
func settingIn(tree Map, path []string) (Setting, bool) {
	var node any = tree
	for i, key := range path {
		table, isTable := node.(Map)
		list, isList := node.([]any)
		switch {
		case isTable:
			v, ok := table[key]
			if !ok {
				return Setting{}, false
			}
			node = v
		case isList:
			n, ok := indexOf(key)
			if !ok || n >= len(list) {
				return Setting{Value: node, Path: path[:i]}, true
			}
			node = list[n]
		default:
			return Setting{Value: node, Path: path[:i]}, true
		}
	}
	return Setting{Value: node, Path: path}, true
}

// indexOf reads the step "[3]".
func indexOf(step string) (int, bool) {
	if len(step) < 3 || step[0] != '[' || step[len(step)-1] != ']' {
		return 0, false
	}
	n := 0
	for _, c := range step[1 : len(step)-1] {
		if c < '0' || c > '9' || n > maxIndex {
			return 0, false
		}
		n = n*10 + int(c-'0')
	}
	return n, true
}

// locate is where the layer's file sets a path.
func (l Layer) locate(path []string) (line, column int) {
	if l.parsed != nil {
		return locate(l.parsed.nodes, path)
	}
	return Locate(l.Data, path)
}

// tree is what the layer alone holds.
func (l Layer) tree() (Map, error) {
	if l.parsed != nil {
		return l.parsed.tree, l.parsed.err
	}
	if l.Data != nil {
		return yamlio.DecodeMap(l.Data)
	}
	out := Map{}
	a := assigner{read: l.read, fill: maxFill}
	return out, a.assign(out, l.expr, l.style)
}

// assigns says whether the layer's expression sets the value at a path, or one
// above or below it: an index in a path leaves elements before it that it does
// not set.
func (l Layer) assigns(path []string) bool {
	if l.style == JSON && strings.HasPrefix(strings.TrimSpace(l.expr), "{") {
		return true
	}
	all, err := parse(l.expr, l.style)
	if err != nil {
		return false
	}
	for _, one := range all {
		if related(one.path, path) {
			return true
		}
	}
	return false
}

// related says whether one of two paths is the beginning of the other.
func related(steps []step, path []string) bool {
	for i := range min(len(steps), len(path)) {
		if n, ok := indexOf(path[i]); steps[i].isList && (!ok || n != steps[i].index) {
			return false
		}
		if !steps[i].isList && steps[i].key != path[i] {
			return false
		}
	}
	return true
}
