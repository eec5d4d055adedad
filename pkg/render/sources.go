package render

import (
	"cmp"
	"path"
	"slices"
	"strings"

	"github.com/seed-0d4f92cc/pack/pkg/chart"
)

// source is one template file of a chart tree.
type source struct {
	// name is the chart's full path and the file's path in it.
	name string
	text []byte
	// owner is the index of the file's chart in the tree, from the root.
	owner int
}

// partial says whether the file only defines templates.
func (s source) partial() bool { return isPartial(s.name) }

func isPartial(name string) bool { return strings.HasPrefix(path.Base(name), "_") }

// flatten lists a chart and its subcharts, parents first.
func flatten(root *chart.Chart) []*chart.Chart {
	list := []*chart.Chart{root}
	for _, sub := range root.Dependencies() {
		list = append(list, flatten(sub)...)
	}
	return list
}

// sources lists the template files of a tree of charts in the order in which
// Helm parses and renders them: the deepest path first, equal depths by name
// backwards. What is parsed later replaces definitions of the same name, so
// that a parent's definition wins over that of its subchart.
func sources(charts []*chart.Chart) []source {
	n := 0
	for _, c := range charts {
		n += len(c.Templates())
	}
	list := make([]source, 0, n)
	for i, c := range charts {
		library := c.IsLibrary()
		prefix := c.FullPath() + "/"
		for _, f := range c.Templates() {
			if library && !isPartial(f.Name) {
				continue
			}
			list = append(list, source{name: prefix + f.Name, text: f.Data, owner: i})
		}
	}
	slices.SortStableFunc(list, func(a, b source) int {
		return cmp.Or(
			cmp.Compare(strings.Count(b.name, "/"), strings.Count(a.name, "/")),
			cmp.Compare(b.name, a.name),
		)
	})
	return lastOfName(list)
}

// lastOfName leaves out files of which a later one has the name: charts/ can
// hold a chart in two versions, and the files of the later one count.
func lastOfName(list []source) []source {
	kept := list[:0]
	for i, s := range list {
		if i+1 == len(list) || list[i+1].name != s.name {
			kept = append(kept, s)
		}
	}
	return kept
}
