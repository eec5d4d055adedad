package cli

import (
	"io"
	"strings"
	"unicode"
	"unicode/utf8"

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
	widths := t.widths()
	var b strings.Builder
	for r, row := range t.rows {
		t.writeRow(&b, r, row, widths)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// widths are those of the columns: of their longest lines, within the bound.
func (t *table) widths() []int {
	var widths []int
	for _, row := range t.rows {
		for i, cell := range row {
			if i == len(widths) {
				widths = append(widths, 0)
			}
			for line := range strings.SplitSeq(cell, "\n") {
				width := displayWidth(line)
				if t.maxWidth > 0 {
					width = min(width, int(t.maxWidth))
				}
				widths[i] = max(widths[i], width)
			}
		}
	}
	return widths
}

// writeRow writes a row, which has as many lines as its highest cell.
func (t *table) writeRow(b *strings.Builder, r int, row []string, widths []int) {
	cells, height := make([][]string, len(row)), 1
	for c, cell := range row {
		cells[c] = strings.Split(cutCell(cell, widths[c]), "\n")
		height = max(height, len(cells[c]))
	}
	for line := range height {
		for c, lines := range cells {
			if c > 0 {
				b.WriteByte('\t')
			}
			text := ""
			if line < len(lines) {
				text = lines[line]
			}
			text += strings.Repeat(" ", max(widths[c]-displayWidth(text), 0))
			if t.paint != nil {
				text = t.paint(r, c, text)
			}
			b.WriteString(text)
		}
		b.WriteByte('\n')
	}
}

// cutCell shortens a cell that is longer than its column, all its lines together: dots are
// put in the place of what is beyond.
func cutCell(cell string, limit int) string {
	if displayWidth(cell) <= limit {
		return cell
	}
	const dots = "..."
	used := 0
	for i := 0; i < len(cell); {
		r, size := utf8.DecodeRuneInString(cell[i:])
		i += size
		if used += runeWidth(r); used >= limit-len(dots) {
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
	if ' ' <= r && r < 0x7f { // which nearly all are
		return 1
	}
	if unicode.In(r, unicode.Cc, unicode.Mn, unicode.Me) {
		return 0
	}
	switch width.LookupRune(r).Kind() {
	case width.EastAsianWide, width.EastAsianFullwidth:
		return 2
	}
	return 1
}
