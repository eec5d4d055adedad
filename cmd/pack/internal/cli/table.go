package cli

import (
	"io"
	"strings"

	"golang.org/x/text/width"
)

// table is a listing in Helm's form: cells padded with blanks to the width of
// their column, with a tab between them.
type table struct {
	// maxWidth bounds each column, longer cells are cut; 0 means no bound.
	maxWidth uint
	rows     [][]string
	// paint changes a padded cell before it is written, for colours; may be
	// nil.
	paint func(row, column int, cell string) string
}

// add adds a row. Cells come from repositories and clusters: what a terminal would
// act on is written out.
func (t *table) add(cells ...string) {
	row := make([]string, len(cells))
	for i, cell := range cells {
		row[i] = visible(cell)
	}
	t.rows = append(t.rows, row)
}

func (t *table) write(w io.Writer) error {
	var widths []int
	for _, row := range t.rows {
		for i, cell := range row {
			if i == len(widths) {
				widths = append(widths, 0)
			}
			widths[i] = max(widths[i], displayWidth(t.cut(cell)))
		}
	}
	var b strings.Builder
	for r, row := range t.rows {
		for c, cell := range row {
			if c > 0 {
				b.WriteByte('\t')
			}
			cell = t.cut(cell)
			cell += strings.Repeat(" ", widths[c]-displayWidth(cell))
			if t.paint != nil {
				cell = t.paint(r, c, cell)
			}
			b.WriteString(cell)
		}
		b.WriteByte('\n')
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// cut shortens a cell to the width of a column: its last three places become
// dots.
func (t *table) cut(cell string) string {
	limit := int(t.maxWidth)
	if limit == 0 || displayWidth(cell) <= limit {
		return cell
	}
	const dots = "..."
	if limit <= len(dots) {
		return dots[:limit]
	}
	used := 0
	for i, r := range cell {
		if used += runeWidth(r); used > limit-len(dots) {
			return cell[:i] + dots
		}
	}
	return cell
}

// displayWidth is how many places of a terminal a text takes.
func displayWidth(text string) int {
	n := 0
	for _, r := range text {
		n += runeWidth(r)
	}
	return n
}

func runeWidth(r rune) int {
	switch width.LookupRune(r).Kind() {
	case width.EastAsianWide, width.EastAsianFullwidth:
		return 2
	}
	return 1
}
