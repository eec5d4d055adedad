package fastyaml

import (
	"math"
	"strconv"
)

// startsPlain says whether the character at pos may begin a plain scalar in
// block context.
func (r *reader) startsPlain() bool {
	switch r.s[r.pos] {
	case '-', '?', ':':
		return !blankAt(r.s, r.pos+1)
	case ' ', '\t', '\n', ',', '[', ']', '{', '}', '#', '&', '*', '!', '|', '>', '\'', '"', '%', '@', '`':
		return false
	}
	return true
}

// plainLine reads the text of a plain scalar up to the end of its line, to a
// comment, or to the colon of a key, where it leaves the reader.
func (r *reader) plainLine() string {
	s, start := r.s, r.pos
	i := start
scan:
	for ; i < len(s); i++ {
		c := s[i]
		if c > ':' {
			continue
		}
		switch c {
		case '\n':
			break scan
		case ':':
			if blankAt(s, i+1) {
				break scan
			}
		case '#':
			if i > start && (s[i-1] == ' ' || s[i-1] == '\t') {
				break scan
			}
		}
	}
	r.pos = i
	return trimBlanks(s[start:i])
}

// trimBlanks cuts blanks off the end.
func trimBlanks(s string) string {
	for len(s) > 0 && (s[len(s)-1] == ' ' || s[len(s)-1] == '\t') {
		s = s[:len(s)-1]
	}
	return s
}

// plain reads a plain scalar of one or more lines: lines that are indented more
// than the collection around it carry it on, whatever they look like. A key
// ends at its colon.
func (r *reader) plain(parent int) (text string, isKey bool) {
	if !r.startsPlain() {
		decline()
	}
	text = r.plainLine()
	if r.atColon() {
		return text, true
	}
	if r.pos < len(r.s) && r.s[r.pos] == '#' || !r.continues(parent) {
		r.endLine()
		return text, false
	}
	r.buf = append(r.buf[:0], text...)
	for {
		r.buf = r.foldBreaks(r.buf)
		r.buf = append(r.buf, r.plainLine()...)
		if r.atColon() {
			decline()
		}
		if r.pos < len(r.s) && r.s[r.pos] == '#' || !r.continues(parent) {
			break
		}
	}
	r.endLine()
	return string(r.buf), false
}

// continues says whether the plain scalar that ends at pos, before a line break
// or the end, goes on after it.
func (r *reader) continues(parent int) bool {
	s, line, i := r.s, r.pos, r.pos
	for i < len(s) {
		switch s[i] {
		case '\n':
			line = i + 1
		case ' ':
		case '\t', '#':
			if s[i] == '\t' {
				decline()
			}
			return false
		default:
			col := i - line
			return col > parent && (col > 0 || !indicator(s[i:]))
		}
		i++
	}
	return false
}

// foldBreaks goes over line breaks and indentation to the next line of a
// scalar, and adds what they stand for to buf: a space, or one line break less.
func (r *reader) foldBreaks(buf []byte) []byte {
	breaks := 0
	for r.s[r.pos] == '\n' || r.s[r.pos] == ' ' {
		if r.s[r.pos] == '\n' {
			breaks++
			r.line = r.pos + 1
		}
		r.pos++
	}
	if breaks == 1 {
		return append(buf, ' ')
	}
	for ; breaks > 1; breaks-- {
		buf = append(buf, '\n')
	}
	return buf
}

// key is a key as a string; converted if it is of another type in YAML.
type key struct {
	text      string
	converted bool
}

// plainKey makes a key of a plain scalar that began at start; the reader is at
// its colon.
func (r *reader) plainKey(text string, start int) key {
	if r.pos-start > maxKey {
		decline()
	}
	switch kind, n := resolve(text); kind {
	case kindString:
		if text != "<<" {
			return key{text: text}
		}
	case kindTrue:
		return key{"true", true}
	case kindFalse:
		return key{"false", true}
	case kindInt:
		return key{strconv.FormatInt(n.i, 10), true}
	case kindFloat:
		// The library writes keys with the digits of a float32, and has a name
		// of its own for those beyond it.
		if math.Abs(n.f) <= math.MaxFloat32 {
			return key{strconv.FormatFloat(n.f, 'g', -1, 32), true}
		}
	}
	decline()
	return key{}
}

// scalar is the value of a scalar that is a string whatever it looks like.
func (r *reader) scalar(text string, w want) any {
	switch w {
	case wantNothing:
		return nil
	case wantTree, wantText:
		return text
	}
	decline()
	return nil
}

// plainScalar is the value of a plain scalar.
func (r *reader) plainScalar(text string, w want) any {
	if w == wantNothing && !looksInfinite(text) {
		return nil
	}
	kind, n := resolve(text)
	switch kind {
	case kindDoubtful:
		decline()
	case kindNull:
		return nil
	case kindString:
		return r.scalar(text, w)
	}
	switch w {
	case wantNothing:
		return nil
	case wantTree:
		return kind.value(n)
	case wantText:
		return kind.text(n)
	}
	decline()
	return nil
}

// looksInfinite says whether a scalar might be one of the numbers that JSON
// has not got.
func looksInfinite(text string) bool {
	if len(text) != 4 && len(text) != 5 {
		return false
	}
	return text[0] == '.' || text[1] == '.'
}
