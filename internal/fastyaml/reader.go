package fastyaml

import (
	"strings"
	"unicode/utf8"
)

// reader reads one document. Its functions follow the library's scanner: they
// accept what it accepts, token by token, and decline the rest.
//
// In block context every function that reads a node leaves the reader at the
// next token, which stands on a line of its own, or at the end.
type reader struct {
	s    string
	pos  int // of the next byte; the end is len(s)
	line int // where the line of pos begins
	// col is the column of the next token in block context, counted in
	// bytes: nothing but blanks and dashes is before a token whose column
	// matters. It is atEnd behind the document.
	col  int
	left int // how many levels more may be opened
	// unique declines maps with a key that stands twice.
	unique bool

	buf     []byte // of the scalar that is being put together
	entries []entry
	items   []any

	head Head
	seen fields
}

type entry struct {
	key   string
	value any
}

const atEnd = -1

// want is what is to become of a node.
type want uint8

const (
	wantNothing want = iota // it is checked
	wantTree
	wantText // a scalar, as a string
	wantObject
	wantMetadata
	wantAnnotations
)

// document reads the first document of a stream.
func (r *reader) document(text string, w want) any {
	r.s = clean(text)
	r.pos = -1 // on the line break before the first line, as it were
	r.freshLine()
	if r.col == atEnd && r.pos < len(r.s) {
		if r.s[r.pos] != '-' {
			decline()
		}
		r.pos += len("---")
		r.endLine()
	}
	if r.col == atEnd {
		return nil
	}
	v := r.blockNode(-1, w)
	if r.col != atEnd {
		decline()
	}
	return v
}

// clean is text with line feeds for its line breaks. It declines what the
// library refuses wherever it is, what it takes for line breaks beside those,
// and byte order marks.
func clean(text string) string {
	carriage := false
	for i := 0; i < len(text); i++ {
		c := text[i]
		switch {
		case c >= ' ' && c < 0x7f, c == '\n', c == '\t':
		case c == '\r':
			if i+1 == len(text) || text[i+1] != '\n' {
				decline()
			}
			carriage = true
		case c >= utf8.RuneSelf:
			i += runeWidth(text[i:]) - 1
		default:
			decline()
		}
	}
	if carriage {
		return strings.ReplaceAll(text, "\r\n", "\n")
	}
	return text
}

// runeWidth is the length of the character that s begins with, which is not
// ASCII.
func runeWidth(s string) int {
	c, width := utf8.DecodeRuneInString(s)
	if !ordinary(c, width) {
		decline()
	}
	return width
}

// ordinary says whether a character that is not ASCII means nothing special
// to the library.
func ordinary(c rune, width int) bool {
	switch {
	case c == utf8.RuneError && width == 1, c < 0xa0:
		return false
	case c == 0x2028, c == 0x2029, c == 0xfeff, c == 0xfffe, c == 0xffff:
		return false
	}
	return true
}

// freshLine goes from a line break, or the end, to the next token.
func (r *reader) freshLine() {
	s, i := r.s, r.pos
	for {
		i++
		r.line = i
		for i < len(s) && s[i] == ' ' {
			i++
		}
		if i >= len(s) {
			r.pos, r.col = len(s), atEnd
			return
		}
		switch s[i] {
		case '\n':
			continue
		case '#':
			if i += lineLength(s[i:]); i < len(s) {
				continue
			}
			r.pos, r.col = i, atEnd
			return
		case '\t':
			decline()
		}
		r.pos, r.col = i, i-r.line
		if r.col == 0 && indicator(s[i:]) {
			r.col = atEnd
		}
		return
	}
}

// endLine goes from the end of a node to the next token. Nothing but a comment
// may follow on the line.
func (r *reader) endLine() {
	r.skipBlanks()
	if r.pos < len(r.s) {
		switch r.s[r.pos] {
		case '#':
			r.pos += lineLength(r.s[r.pos:])
		case '\n':
		default:
			decline()
		}
	}
	r.freshLine()
}

func (r *reader) skipBlanks() {
	for r.pos < len(r.s) && (r.s[r.pos] == ' ' || r.s[r.pos] == '\t') {
		r.pos++
	}
}

// lineLength is how far the next line break is, or the end.
func lineLength(s string) int {
	if i := strings.IndexByte(s, '\n'); i >= 0 {
		return i
	}
	return len(s)
}

// indicator says whether a line begins or ends a document.
func indicator(line string) bool {
	return len(line) >= 3 && (line[:3] == "---" || line[:3] == "...") && blankAt(line, 3)
}

// blankAt says whether a blank, a line break or the end is at i.
func blankAt(s string, i int) bool {
	return i >= len(s) || s[i] == ' ' || s[i] == '\n' || s[i] == '\t'
}

// enter counts a level; leave is its counterpart.
func (r *reader) enter() {
	if r.left--; r.left < 0 {
		decline()
	}
}

func (r *reader) leave() { r.left++ }
