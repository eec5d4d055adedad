package fastyaml

import "strings"

// plain reads a plain scalar, which may go on over lines that are right of
// column outer. pos ends at the next content.
func (r *reader) plain(outer int) any {
	if !r.startsPlain() {
		return r.decline()
	}
	s, more := r.plainLine()
	if r.declined {
		return nil
	}
	if !more {
		r.skipBlank()
		return r.scalar(s)
	}
	return r.scalar(r.plainLines(s, outer))
}

// startsPlain says whether a plain scalar can begin at pos. Some that the
// library takes are left to it.
func (r *reader) startsPlain() bool {
	switch r.at(0) {
	case '?', ':', ',', '[', ']', '{', '}', '#', '&', '*', '!', '|', '>', '\'', '"', '%', '@', '`', '\n', '\t', ' ':
		return false
	case '-':
		return !isBlank(r.at(1)) && r.at(1) != '\t'
	}
	return true
}

// plainLine reads a plain scalar to the end of the line and goes to the next
// one. more says that the scalar could go on there: no comment ended it.
func (r *reader) plainLine() (s string, more bool) {
	start, end := r.pos, r.pos
	for i := r.pos; ; i++ {
		if i == len(r.src) || r.src[i] == '\n' {
			r.pos = min(i+1, len(r.src))
			r.line = r.pos
			return r.src[start:end], true
		}
		switch r.src[i] {
		case ' ':
			continue
		case '#':
			if r.src[i-1] == ' ' {
				r.pos = i
				r.skipLine()
				return r.src[start:end], false
			}
		case ':':
			if i+1 == len(r.src) || isBlank(r.src[i+1]) {
				r.decline()
				return "", false
			}
		case '\t':
			r.decline()
			return "", false
		}
		end = i + 1
	}
}

// plainLines reads the lines over which a plain scalar goes on. A line break
// becomes a blank, empty lines become line breaks.
func (r *reader) plainLines(s string, outer int) string {
	var b strings.Builder
	for {
		breaks := r.emptyLines()
		if r.declined {
			return ""
		}
		if r.pos == len(r.src) || r.col() <= outer || r.at(0) == '#' {
			r.skipBlank()
			break
		}
		if b.Len() == 0 {
			b.WriteString(s)
		}
		fold(&b, breaks)
		line, more := r.plainLine()
		if r.declined {
			return ""
		}
		b.WriteString(line)
		if !more {
			r.skipBlank()
			break
		}
	}
	if b.Len() == 0 {
		return s
	}
	return b.String()
}

// emptyLines passes over empty lines and the blanks before content, and counts
// the lines.
func (r *reader) emptyLines() int {
	n := 0
	for r.pos < len(r.src) {
		r.skipSpaces()
		switch r.at(0) {
		case '\n':
			if r.pos < len(r.src) {
				r.pos++
			}
			r.line = r.pos
			n++
		case '\t':
			r.decline()
			return n
		default:
			return n
		}
	}
	return n
}

// fold writes what stands for a line break that empty lines follow.
func fold(b *strings.Builder, empty int) {
	if empty == 0 {
		b.WriteByte(' ')
	}
	for range empty {
		b.WriteByte('\n')
	}
}

// scalar is the value of a plain scalar.
func (r *reader) scalar(s string) any {
	if r.declined {
		return nil
	}
	v := resolve(s)
	switch v.kind {
	case kindOdd:
		return r.decline()
	case kindString:
		return r.text(s)
	}
	if !r.build {
		return nil
	}
	switch v.kind {
	case kindBool:
		return v.truth
	case kindNumber:
		return v.number
	}
	return nil
}

// quoted reads a scalar in quotes; pos ends behind it. Lines after the first
// have to be right of column outer.
func (r *reader) quoted(outer int) string {
	quote := r.src[r.pos]
	r.pos++
	start := r.pos
	for i := start; i < len(r.src); i++ {
		switch c := r.src[i]; {
		case c == quote && (quote == '"' || i+1 == len(r.src) || r.src[i+1] != '\''):
			r.pos = i + 1
			return r.src[start:i]
		case c == quote, c == '\\' && quote == '"', c == '\n':
			return r.quotedParts(quote, outer)
		}
	}
	r.decline()
	return ""
}

// quotedParts is quoted for a text with escapes or line breaks.
func (r *reader) quotedParts(quote byte, outer int) string {
	var b strings.Builder
	start := r.pos
	flush := func() { b.WriteString(r.src[start:r.pos]) }
	for r.pos < len(r.src) {
		switch c := r.src[r.pos]; {
		case c == quote && quote == '\'' && r.pos+1 < len(r.src) && r.src[r.pos+1] == '\'':
			r.pos++
			flush()
			r.pos++
			start = r.pos
		case c == quote:
			flush()
			r.pos++
			return b.String()
		case c == '\\' && quote == '"':
			flush()
			r.escape(&b, outer)
			start = r.pos
		case c == '\n':
			b.WriteString(strings.TrimRight(r.src[start:r.pos], " "))
			r.foldQuoted(&b, outer)
			start = r.pos
		case c == '\t':
			r.decline()
		default:
			r.pos++
		}
	}
	r.decline()
	return ""
}

// escape reads an escape sequence of a double-quoted text, of the kinds that
// are in use.
func (r *reader) escape(b *strings.Builder, outer int) {
	c := byte(0)
	switch r.at(1) {
	case 'n':
		c = '\n'
	case 't':
		c = '\t'
	case 'r':
		c = '\r'
	case '"', '\\':
		c = r.at(1)
	case '\n':
		if r.pos+1 < len(r.src) {
			r.pos++
			r.newLine()
			if empty := r.emptyLines(); empty == 0 && r.col() > outer {
				return
			}
		}
		r.decline()
		return
	default:
		r.decline()
		return
	}
	b.WriteByte(c)
	r.pos += 2
}

// newLine passes over a line break.
func (r *reader) newLine() {
	r.pos++
	r.line = r.pos
}

// foldQuoted passes over the line breaks within a quoted text.
func (r *reader) foldQuoted(b *strings.Builder, outer int) {
	r.newLine()
	empty := r.emptyLines()
	if r.declined || r.pos == len(r.src) || r.col() <= outer {
		r.decline()
		return
	}
	fold(b, empty)
}
