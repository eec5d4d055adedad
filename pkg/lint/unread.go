package lint

import (
	"maps"
	"slices"
	"strings"

	"github.com/seed-0d4f92cc/pack/internal/nearest"
	"github.com/seed-0d4f92cc/pack/pkg/chart"
	"github.com/seed-0d4f92cc/pack/pkg/render"
	"github.com/seed-0d4f92cc/pack/pkg/values"
)

// UnreadValue is a value that no template reads.
type UnreadValue struct {
	// Path is where it is: the topmost key of which nothing is read.
	Path []string
	// Like is a key that may have been meant, as a path; empty where none is
	// near.
	Like string
}

// Unread finds the values of a tree that no template of a chart or its subcharts
// reads, nor anything else of the chart: conditions, tags, imports. c is the
// root, as loaded or configured, and known are the values that it has, among
// which names that may have been meant are looked for. The result is in the
// order of the keys.
//
// Templates are looked at without being executed, and when in doubt a value
// counts as read: where a template hands on a map as a whole, everything in it
// is.
func Unread(c *chart.Chart, tree, known values.Map) []UnreadValue {
	renderer, err := render.New(render.Config{})
	if err != nil {
		return nil // it would be about functions of one's own
	}
	return unreadBy(renderer, c, tree, known)
}

// unreadBy is Unread with a renderer that may know the templates already.
func unreadBy(renderer *render.Renderer, c *chart.Chart, tree, known values.Map) []UnreadValue {
	r := newReads()
	r.chart(c)
	r.templates(c, renderer)
	r.texts(known)
	r.texts(tree)
	if r.all {
		return nil
	}
	u := unread{reads: r, known: known}
	u.look(tree, nil)
	return u.found
}

// unread walks a tree.
type unread struct {
	reads *reads
	known values.Map
	found []UnreadValue
}

func (u *unread) look(m values.Map, path []string) {
	for _, key := range slices.Sorted(maps.Keys(m)) {
		at := append(slices.Clip(path), key)
		if !u.reads.names[key] {
			u.found = append(u.found, UnreadValue{Path: at, Like: u.like(at)})
			continue
		}
		if below, ok := m[key].(values.Map); ok && !u.reads.whole[key] {
			u.look(below, at)
		}
	}
}

// like is a path that differs in its last key, and is one of the known values
// and read.
func (u *unread) like(path []string) string {
	parent := u.known
	for _, key := range path[:len(path)-1] {
		parent, _ = parent[key].(values.Map)
	}
	var candidates []string
	for key := range parent {
		if u.reads.names[key] {
			candidates = append(candidates, key)
		}
	}
	near := nearest.Find(path[len(path)-1], candidates)
	if near == "" {
		return ""
	}
	return strings.Join(append(slices.Clip(path[:len(path)-1]), near), ".")
}
