package fastyaml

import (
	"strings"
	"unicode/utf8"
)

// maxDepth is how deep the trees are that are read here.
const maxDepth = 500

// maxKey is a little less than how long the library lets a key be.
const maxKey = 1000

// Read parses a document. The second result is false where the library has to
// be asked: the text is not of the simple kind, or faulty. A map is
// map[string]any, a list []any, a number float64; an empty document is nil.
// Strings of the result share text.
func Read(text string) (any, bool) {
	r := reader{src: text, build: true}
	return r.document()
}

// reader reads one document by recursive descent. Every method that meets what
// it is not sure of sets declined, after which nothing is to be trusted.
type reader struct {
	src string
	pos int
	// line is where the line of pos begins.
	line  int
	depth int
	// build says whether values are wanted; without it the text is only
	// checked.
	build    bool
	declined bool
}

func (r *reader) decline() any {
	r.declined = true
	r.pos = len(r.src)
	return nil
}

// document reads the whole text.
func (r *reader) document() (any, bool) {
	if !readable(r.src) {
		return nil, false
	}
	r.skipMarker()
	r.skipBlank()
	if r.declined || r.pos == len(r.src) {
		return nil, !r.declined
	}
	v := r.block(-1)
	if !r.declined && r.pos < len(r.src) {
		r.decline()
	}
	return v, !r.declined
}

// readable refuses characters that the library refuses or takes for something
// else: control characters, odd line breaks, marks of byte order, text that is
// not UTF-8; and the marks of documents.
func readable(text string) bool {
	for i := 0; i < len(text); i++ {
		c := text[i]
		if c >= ' ' && c < 0x7f || c == '\n' || c == '\t' {
			continue
		}
		if c < utf8.RuneSelf {
			return false
		}
		r, size := utf8.DecodeRuneInString(text[i:])
		switch {
		case r == utf8.RuneError && size == 1,
			r < 0xa0, r == 0x2028, r == 0x2029, r == 0xfeff, r == 0xfffe, r == 0xffff:
			return false
		}
		i += size - 1
	}
	return !strings.Contains(text, "\n---") && !strings.Contains(text, "\n...") && !strings.HasPrefix(text, "...")
}

// skipMarker passes over the "---" that may begin a document.
func (r *reader) skipMarker() {
	if !strings.HasPrefix(r.src, "---") {
		return
	}
	r.pos = len("---")
	r.endOfLine()
}

// col is the column of pos.
func (r *reader) col() int { return r.pos - r.line }

// at is the character at an offset from pos, a line break at the end.
func (r *reader) at(offset int) byte {
	if i := r.pos + offset; i < len(r.src) {
		return r.src[i]
	}
	return '\n'
}

// skipSpaces passes over blanks within a line.
func (r *reader) skipSpaces() {
	for r.pos < len(r.src) && r.src[r.pos] == ' ' {
		r.pos++
	}
}

// skipBlank goes on to the next content, over empty lines and comments. pos is
// at the beginning of a line or at the blanks before content.
func (r *reader) skipBlank() {
	for r.pos < len(r.src) {
		r.skipSpaces()
		if r.pos == len(r.src) {
			return
		}
		switch r.src[r.pos] {
		case '\n':
			r.pos++
			r.line = r.pos
		case '#':
			r.skipLine()
		case '\t':
			r.decline()
			return
		default:
			return
		}
	}
}

// skipLine goes to the beginning of the next line.
func (r *reader) skipLine() {
	if i := strings.IndexByte(r.src[r.pos:], '\n'); i >= 0 {
		r.pos += i + 1
	} else {
		r.pos = len(r.src)
	}
	r.line = r.pos
}

// endOfLine passes over the rest of a line, which may hold blanks and a
// comment. pos is behind a value.
func (r *reader) endOfLine() {
	start := r.pos
	r.skipSpaces()
	switch {
	case r.at(0) == '\n':
	case r.at(0) == '#' && r.pos > start:
	default:
		r.decline()
		return
	}
	r.skipLine()
}

// block reads the node at pos, which is the first on its line. outer is the
// column that it has to be right of, or, in the case of a list, equal to.
func (r *reader) block(outer int) any {
	if r.depth++; r.depth > maxDepth {
		return r.decline()
	}
	defer func() { r.depth-- }()
	switch c := r.at(0); {
	case c == '-' && isBlank(r.at(1)):
		return r.list(r.col())
	case r.isKey():
		return r.mapping(r.col())
	case outer < 0:
		return r.decline() // a scalar alone
	case c == '{' || c == '[' || c == '"' || c == '\'':
		return r.inline(outer)
	case c == '|' || c == '>':
		return r.decline()
	}
	return r.plain(outer)
}

func isBlank(c byte) bool { return c == ' ' || c == '\n' }

// mapping reads the mapping whose keys stand in column c; pos is at the first.
func (r *reader) mapping(c int) any {
	var m map[string]any
	if r.build {
		m = make(map[string]any, r.estimate(c))
	}
	converted := false
	for !r.declined && r.pos < len(r.src) && r.col() == c {
		key, odd := r.key()
		if r.declined {
			return nil
		}
		v := r.value(c)
		if !r.build {
			continue
		}
		converted = converted || odd
		if converted {
			// Which of two equal keys of different types wins is chance.
			if _, exists := m[key]; exists {
				return r.decline()
			}
		}
		m[key] = v
	}
	return r.close(c, m)
}

// close ends a collection in column c: what follows must be further left.
func (r *reader) close(c int, v any) any {
	if r.pos < len(r.src) && r.col() > c {
		return r.decline()
	}
	if !r.build {
		return nil
	}
	return v
}

// estimate guesses how many keys there are in column c, by looking at the next
// few lines.
func (r *reader) estimate(c int) int {
	const most = 8
	n, pos := 1, r.pos
	for lines := 0; lines < 2*most && n < most; lines++ {
		i := strings.IndexByte(r.src[pos:], '\n')
		if i < 0 || pos+i+1+c >= len(r.src) {
			break
		}
		pos += i + 1
		col := 0
		for pos+col < len(r.src) && r.src[pos+col] == ' ' {
			col++
		}
		if col < c {
			break
		}
		if col == c {
			n++
		}
	}
	return n
}

// list reads the list whose dashes stand in column c; pos is at the first.
func (r *reader) list(c int) any {
	list := []any{}
	for !r.declined && r.pos < len(r.src) && r.col() == c && r.at(0) == '-' && isBlank(r.at(1)) {
		r.pos++
		v := r.element(c)
		if r.build {
			list = append(list, v)
		}
	}
	if r.declined {
		return nil
	}
	return r.close(c, list)
}

// element reads what follows a dash in column c.
func (r *reader) element(c int) any {
	start := r.pos
	r.skipSpaces()
	switch first := r.at(0); {
	case first == '\n', first == '#' && r.pos > start:
		r.skipLine()
		r.skipBlank()
		if r.pos == len(r.src) || r.col() <= c {
			return nil
		}
		return r.block(c)
	case first == '-' && isBlank(r.at(1)), r.isKey():
		return r.block(c)
	}
	return r.inline(c)
}

// value reads what follows the colon of a key in column c.
func (r *reader) value(c int) any {
	start := r.pos
	r.skipSpaces()
	if first := r.at(0); first != '\n' && (first != '#' || r.pos == start) {
		return r.inline(c)
	}
	r.skipLine()
	r.skipBlank()
	switch {
	case r.pos == len(r.src), r.col() < c:
		return nil
	case r.col() > c:
		return r.block(c)
	case r.at(0) == '-' && isBlank(r.at(1)):
		// A list may stand in the column of its key.
		if r.depth++; r.depth > maxDepth {
			return r.decline()
		}
		v := r.list(c)
		r.depth--
		return v
	}
	return nil
}

// inline reads a value that begins within a line; outer is the column of the
// collection that it belongs to. pos ends at the next content.
func (r *reader) inline(outer int) any {
	var v any
	switch r.at(0) {
	case '|', '>':
		v = r.blockScalar(outer)
		r.skipBlank()
		return v
	case '"', '\'':
		v = r.text(r.quoted(outer))
	case '{', '[':
		if r.depth++; r.depth > maxDepth {
			return r.decline()
		}
		v = r.flow(outer)
		r.depth--
	default:
		return r.plain(outer)
	}
	if !r.declined {
		r.endOfLine()
		r.skipBlank()
	}
	return v
}

// text is a string as a value; in an interface it costs an allocation.
func (r *reader) text(s string) any {
	if !r.build {
		return nil
	}
	return s
}
