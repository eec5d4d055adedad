package fastyaml

import "strings"

// blockScalar reads a literal or a folded text; pos is at its indicator and
// ends at the beginning of a line. outer is the column that the text has to be
// right of.
func (r *reader) blockScalar(outer int) any {
	folded := r.src[r.pos] == '>'
	r.pos++
	chomp, indent := r.header(outer)
	if r.declined {
		return nil
	}
	if indent == 0 {
		if indent = r.detectIndent(max(outer, 0)); r.declined {
			return nil
		}
	}
	if !r.build {
		r.skipBlockLines(indent)
		return nil
	}
	t := blockText{folded: folded}
	for r.pos < len(r.src) {
		line, kind := r.blockLine(indent)
		switch kind {
		case lineEnd:
			return t.end(chomp)
		case lineBreak:
			t.breaks++
			continue
		case lineOdd:
			return r.decline()
		}
		t.add(line, strings.HasSuffix(r.src[:r.pos], "\n"))
	}
	return t.end(chomp)
}

// header reads the indicators behind | or >, and the rest of the line.
func (r *reader) header(outer int) (chomp byte, indent int) {
	for range 2 {
		switch c := r.at(0); {
		case (c == '+' || c == '-') && chomp == 0:
			chomp = c
			r.pos++
		case c >= '1' && c <= '9' && indent == 0:
			indent = max(outer, 0) + int(c-'0')
			r.pos++
		}
	}
	r.endOfLine()
	return chomp, indent
}

// detectIndent finds the indentation of a text by its first line that is not
// empty.
func (r *reader) detectIndent(outer int) int {
	most := 0
	for pos := r.pos; pos < len(r.src); {
		n := 0
		for pos+n < len(r.src) && r.src[pos+n] == ' ' {
			n++
		}
		if pos+n < len(r.src) && r.src[pos+n] == '\n' {
			most = max(most, n)
			pos += n + 1
			continue
		}
		if pos+n == len(r.src) && n > 0 || pos+n < len(r.src) && r.src[pos+n] == '\t' {
			r.decline()
			return 0
		}
		if n > outer {
			if most > n {
				r.decline()
			}
			return n
		}
		break
	}
	if most > outer {
		// Empty lines that are longer than the text may be are no text here and
		// some in the library.
		r.decline()
	}
	return outer + 1
}

// lineKind is what a line is for a block scalar.
type lineKind uint8

const (
	lineText lineKind = iota
	lineBreak
	lineEnd
	lineOdd
)

// blockLine reads a line of a block scalar, without its indentation and its
// line break, and goes to the next one, unless the text ended before it.
func (r *reader) blockLine(indent int) (string, lineKind) {
	n := 0
	for n < indent && r.pos+n < len(r.src) && r.src[r.pos+n] == ' ' {
		n++
	}
	start := r.pos + n
	switch {
	case start == len(r.src):
		if n > 0 {
			return "", lineOdd
		}
		return "", lineEnd
	case r.src[start] == '\n':
		r.pos = start
		r.newLine()
		return "", lineBreak
	case n < indent:
		if r.src[start] == '\t' {
			return "", lineOdd
		}
		return "", lineEnd
	}
	end := strings.IndexByte(r.src[start:], '\n')
	if end < 0 {
		r.pos = len(r.src)
		r.line = r.pos
		return r.src[start:], lineText
	}
	r.pos = start + end
	r.newLine()
	return r.src[start : start+end], lineText
}

func (r *reader) skipBlockLines(indent int) {
	for r.pos < len(r.src) {
		switch _, kind := r.blockLine(indent); kind {
		case lineEnd:
			return
		case lineOdd:
			r.decline()
			return
		}
	}
}

// blockText puts the lines of a block scalar together.
type blockText struct {
	b      strings.Builder
	folded bool
	// broken says that a line break follows the text so far, breaks counts the
	// empty lines after it.
	broken bool
	breaks int
	// blank says that the last line began with a blank: it is not folded.
	blank bool
}

// add appends a line of text.
func (t *blockText) add(line string, broken bool) {
	blank := line[0] == ' ' || line[0] == '\t'
	switch {
	case !t.broken:
	case t.folded && !t.blank && !blank:
		if t.breaks == 0 {
			t.b.WriteByte(' ')
		}
	default:
		t.b.WriteByte('\n')
	}
	t.flush()
	t.b.WriteString(line)
	t.broken, t.blank = broken, blank
}

// flush writes the empty lines.
func (t *blockText) flush() {
	for range t.breaks {
		t.b.WriteByte('\n')
	}
	t.breaks = 0
}

// end is the whole text; chomp says what becomes of the line breaks after it.
func (t *blockText) end(chomp byte) string {
	if t.broken && chomp != '-' {
		t.b.WriteByte('\n')
	}
	if chomp == '+' {
		t.flush()
	}
	return t.b.String()
}
