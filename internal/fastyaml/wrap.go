package fastyaml

import (
	"bytes"
	"strings"
	"unicode/utf8"
)

// maxColumn is the column behind which the library wraps a text at its next
// blank.
const maxColumn = 80

// wrap says whether the text of a scalar may need to be wrapped, and how far
// its other lines are indented.
type wrap struct {
	on     bool
	indent int
}

func (w *writer) wrapAt(s string, indent int) wrap {
	if len(s) < maxColumn/2 && w.column()+6*len(s) <= maxColumn || strings.IndexByte(s, ' ') < 0 {
		return wrap{}
	}
	return wrap{on: true, indent: indent}
}

// column is how many characters the last line has so far.
func (w *writer) column() int {
	return utf8.RuneCount(w.out[bytes.LastIndexByte(w.out, '\n')+1:])
}
