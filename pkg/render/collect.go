package render

import (
	"cmp"
	"slices"
	"strings"

	"github.com/seed-0d4f92cc/pack/pkg/chart"
)

// notesName ends the names of files that are notes and not manifests.
const notesName = "NOTES.txt"

func isNotes(name string) bool { return strings.HasSuffix(name, notesName) }

// notes are the notes of the root chart, or those of all charts: the root's
// first, then by name.
func (e *execution) notes(outcomes []outcome) string {
	root := e.charts[0].Name() + "/templates/" + notesName
	var list []outcome
	for _, o := range outcomes {
		if isNotes(o.file.Path) && (e.in.SubchartNotes || o.file.Path == root) {
			list = append(list, o)
		}
	}
	slices.SortFunc(list, func(a, b outcome) int {
		if (a.file.Path == root) != (b.file.Path == root) {
			return map[bool]int{true: -1, false: 1}[a.file.Path == root]
		}
		return cmp.Compare(a.file.Path, b.file.Path)
	})
	text := ""
	for _, o := range list {
		if text != "" {
			text += "\n"
		}
		text += o.file.Content
	}
	return text
}

// manifestFiles are the files that hold manifests, by name.
func (e *execution) manifestFiles(outcomes []outcome) []*outcome {
	list := make([]*outcome, 0, len(outcomes))
	for i := range outcomes {
		if o := &outcomes[i]; !isNotes(o.file.Path) {
			list = append(list, o)
		}
	}
	slices.SortStableFunc(list, func(a, b *outcome) int { return cmp.Compare(a.file.Path, b.file.Path) })
	return list
}

// crds lists the definitions of a chart and of those below it, parents first.
func crds(c *chart.Chart) []CRD {
	var list []CRD
	for _, f := range c.CRDs() {
		list = append(list, CRD{Path: f.Name, Content: f.Data})
	}
	return list
}
