package gotmpl

import (
	"iter"
	"maps"

	"github.com/seed-0d4f92cc/pack/internal/tmpltree"
)

// Set is templates by name, as they are known to each other. It does not
// change once it is in use.
type Set struct {
	trees map[string]*tmpltree.Tree
	// own are the templates of an overlay, which come before those of parent.
	own    []*tmpltree.Tree
	parent *Set
}

// NewSet returns an empty set with room for n templates.
func NewSet(n int) *Set { return &Set{trees: make(map[string]*tmpltree.Tree, n)} }

// Add puts templates into the set. A template replaces one of the same name,
// unless it is empty and the other is not.
func (s *Set) Add(trees []*tmpltree.Tree) {
	for _, t := range trees {
		if s.trees[t.Name] != nil && t.IsEmpty() {
			continue
		}
		s.trees[t.Name] = t
	}
}

// Overlay returns a set that has templates of its own before those of s, by the
// rule of Add. The first tree is taken whatever it holds.
func (s *Set) Overlay(trees []*tmpltree.Tree) *Set {
	o := &Set{parent: s, own: make([]*tmpltree.Tree, 0, len(trees))}
	for i, t := range trees {
		if i > 0 && t.IsEmpty() && s.Lookup(t.Name) != nil {
			continue
		}
		o.own = append(o.own, t)
	}
	return o
}

// Lookup returns the template of that name, nil where there is none.
func (s *Set) Lookup(name string) *tmpltree.Tree {
	for ; s.parent != nil; s = s.parent {
		for _, t := range s.own {
			if t.Name == name {
				return t
			}
		}
	}
	return s.trees[name]
}

// Parse reads a template text. The first tree is the text itself, under name;
// the others are what it defines. The errors are text/template's.
func (l *Library) Parse(name, text string) ([]*tmpltree.Tree, error) {
	if err := checkText(name, text); err != nil {
		return nil, err
	}
	return l.parser.Parse(name, text)
}

// Names are the names of the templates of a set, those of an overlay not
// counted, in no order.
func (s *Set) Names() iter.Seq[string] {
	for s.parent != nil {
		s = s.parent
	}
	return maps.Keys(s.trees)
}
