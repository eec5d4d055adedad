package tmpltree

import (
	"strings"
)

// Tree is a template: a text, or what a define in it holds.
type Tree struct {
	Name string
	// File is the name under which the text was parsed.
	File string
	Root *ListNode

	source string
}

// Renamed are the trees of a text (Parser.Parse) as they are for another with the same
// words. The nodes are shared.
func Renamed(trees []*Tree, name string) []*Tree {
	if len(trees) == 0 || trees[0].File == name {
		return trees
	}
	copies := make([]Tree, len(trees))
	out := make([]*Tree, len(trees))
	for i, t := range trees {
		copies[i] = *t
		copies[i].File = name
		out[i] = &copies[i]
	}
	copies[0].Name = name
	return out
}

// Place is where a node stands in the text: the line counts from 1, the column
// from 0, in bytes.
func (t *Tree) Place(n Node) (line, column int) {
	before := t.source[:n.Offset()]
	return 1 + strings.Count(before, "\n"), len(before) - 1 - strings.LastIndexByte(before, '\n')
}

// IsEmpty says whether a tree has nothing but spaces.
func (t *Tree) IsEmpty() bool {
	for _, n := range t.Root.Nodes {
		if text, ok := n.(*TextNode); !ok || strings.TrimSpace(text.Text) != "" {
			return false
		}
	}
	return true
}

// add puts a tree among those of a text. One that is empty gives way to another
// of its name; there may not be two that are not.
func add(trees []*Tree, t *Tree) (_ []*Tree, ok bool) {
	for i, other := range trees {
		switch {
		case other.Name != t.Name:
		case other.IsEmpty():
			trees[i] = t
			return trees, true
		default:
			return trees, t.IsEmpty()
		}
	}
	return append(trees, t), true
}
