package fastyaml

import (
	"strings"
	"unicode/utf8"
)

// quoted reads the scalar in quotes at pos and leaves the reader behind it.
// Most have neither escapes nor line breaks, and are parts of the text.
func (r *reader) quoted(quote byte, w want) string {
	start := r.pos + 1
	rest := r.s[start:]
	end := strings.IndexByte(rest, quote)
	if end < 0 {
		decline()
	}
	escaped := strings.HasPrefix(rest[end+1:], "'")
	if quote == '"' {
		escaped = strings.IndexByte(rest[:end], '\\') >= 0
	}
	if !escaped && strings.IndexByte(rest[:end], '\n') < 0 {
		r.pos = start + end + 1
		return rest[:end]
	}
	r.pos = start
	r.buf = r.buf[:0]
	for r.quotedWord(quote) {
		r.quotedBlanks()
	}
	if w == wantNothing {
		return ""
	}
	return string(r.buf)
}

// quotedWord adds what is up to the next blank or line break to buf; false at
// the closing quote, behind which it goes.
func (r *reader) quotedWord(quote byte) bool {
	for r.pos < len(r.s) {
		switch c := r.s[r.pos]; {
		case c == ' ', c == '\t', c == '\n':
			return true
		case c == quote && quote == '\'' && r.pos+1 < len(r.s) && r.s[r.pos+1] == '\'':
			r.buf = append(r.buf, c)
			r.pos += 2
		case c == quote:
			r.pos++
			return false
		case c == '\\' && quote == '"':
			if r.escapesBreak() {
				return true
			}
			r.escape()
		default:
			r.buf = append(r.buf, c)
			r.pos++
		}
	}
	decline()
	return false
}

// escapesBreak says whether a backslash before a line break is at pos.
func (r *reader) escapesBreak() bool {
	return r.s[r.pos] == '\\' && r.pos+1 < len(r.s) && r.s[r.pos+1] == '\n'
}

// quotedBlanks reads blanks and line breaks between words. Without breaks they
// stay; the first break becomes a space, or nothing if more follow or if it is
// escaped.
func (r *reader) quotedBlanks() {
	start, breaks, escaped := r.pos, 0, false
	if r.escapesBreak() {
		escaped = true
		r.pos++
	}
blanks:
	for ; r.pos < len(r.s); r.pos++ {
		switch r.s[r.pos] {
		case '\n':
			breaks++
			r.line = r.pos + 1
			if indicator(r.s[r.line:]) {
				decline()
			}
		case ' ', '\t':
		default:
			break blanks
		}
	}
	switch {
	case breaks == 0:
		r.buf = append(r.buf, r.s[start:r.pos]...)
	case breaks == 1 && !escaped:
		r.buf = append(r.buf, ' ')
	default:
		for ; breaks > 1; breaks-- {
			r.buf = append(r.buf, '\n')
		}
	}
}

// escape reads an escape sequence of a double-quoted scalar.
func (r *reader) escape() {
	if r.pos+1 >= len(r.s) {
		decline()
	}
	c := r.s[r.pos+1]
	r.pos += 2
	switch c {
	case 'x':
		r.code(2)
	case 'u':
		r.code(4)
	case 'U':
		r.code(8)
	default:
		r.buf = utf8.AppendRune(r.buf, escaped(c))
	}
}

// escaped is the character that a letter behind a backslash stands for.
func escaped(c byte) rune {
	switch c {
	case '0':
		return 0
	case 'a':
		return '\a'
	case 'b':
		return '\b'
	case 't', '\t':
		return '\t'
	case 'n':
		return '\n'
	case 'v':
		return '\v'
	case 'f':
		return '\f'
	case 'r':
		return '\r'
	case 'e':
		return 0x1b
	case ' ', '"', '\'', '\\':
		return rune(c)
	}
	return escapedWide(c)
}

func escapedWide(c byte) rune {
	switch c {
	case 'N':
		return 0x85
	case '_':
		return 0xa0
	case 'L':
		return 0x2028
	case 'P':
		return 0x2029
	}
	decline()
	return 0
}

// code reads the number of a character, of so many hexadecimal digits.
func (r *reader) code(digits int) {
	if len(r.s)-r.pos < digits {
		decline()
	}
	var c uint32
	for _, d := range []byte(r.s[r.pos : r.pos+digits]) {
		switch {
		case d >= '0' && d <= '9':
			d -= '0'
		case d >= 'a' && d <= 'f':
			d -= 'a' - 10
		case d >= 'A' && d <= 'F':
			d -= 'A' - 10
		default:
			decline()
		}
		c = c<<4 | uint32(d)
	}
	if c > utf8.MaxRune || !utf8.ValidRune(rune(c)) {
		decline()
	}
	r.pos += digits
	r.buf = utf8.AppendRune(r.buf, rune(c))
}
