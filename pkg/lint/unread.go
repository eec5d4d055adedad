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
	// near, and after a thousand values.
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
	u := unread{reads: r}
	u.look(tree, known, nil)
	return u.found
}

// mostLikes is of how many values a name that may have been meant is looked for.
const mostLikes = 1000

// unread walks a tree.
type unread struct {
	reads *reads
	found []UnreadValue
}

// look finds what of m is not read; known are the values that stand in its place.
func (u *unread) look(m, known values.Map, path []string) {
	var candidates []string
	for _, key := range slices.Sorted(maps.Keys(m)) {
		at := append(slices.Clip(path), key)
		if !u.reads.names[key] {
			if candidates == nil {
				candidates = u.candidates(known)
			}
			u.found = append(u.found, UnreadValue{Path: at, Like: u.like(at, candidates)})
			continue
		}
		if below, ok := m[key].(values.Map); ok && !u.reads.whole[key] {
			inside, _ := known[key].(values.Map)
			u.look(below, inside, at)
		}
	}
}

// candidates are the keys of known that are read.
func (u *unread) candidates(known values.Map) []string {
	candidates := []string{}
	for key := range known {
		if u.reads.names[key] {
			candidates = append(candidates, key)
		}
	}
	return candidates
}

// like is a path that differs in its last key, which is one of the candidates.
func (u *unread) like(path, candidates []string) string {
	if len(u.found) >= mostLikes {
		return ""
	}
	near := nearest.Find(path[len(path)-1], candidates)
	if near == "" {
		return ""
	}
	return strings.Join(append(slices.Clip(path[:len(path)-1]), near), ".")
}
