package fastyaml

// blockHeader is what stands behind the bar of a literal scalar or the angle of
// a folded one.
type blockHeader struct {
	folded bool
	chomp  byte // '+', '-' or 0
	indent int  // 0 if it is to be found
}

// blockScalar reads the literal or folded scalar at pos. parent is the column
// of the collection that it is in.
func (r *reader) blockScalar(parent int, w want) string {
	h := r.blockHeader(parent)
	if r.pos < len(r.s) {
		r.pos++
	}
	r.line = r.pos
	b := blockText{r: r, header: h, quiet: w == wantNothing}
	b.read(parent)
	// The next token is looked for from the beginning of its line.
	r.pos = r.line - 1
	r.freshLine()
	return b.text()
}

// blockHeader goes to the end of the line.
func (r *reader) blockHeader(parent int) blockHeader {
	h := blockHeader{folded: r.s[r.pos] == '>'}
	r.pos++
	r.chomping(&h)
	if r.pos < len(r.s) && r.s[r.pos] >= '1' && r.s[r.pos] <= '9' {
		h.indent = int(r.s[r.pos]-'0') + max(parent, 0)
		r.pos++
		if h.chomp == 0 {
			r.chomping(&h)
		}
	}
	r.skipBlanks()
	if r.pos < len(r.s) && r.s[r.pos] == '#' {
		r.pos += lineLength(r.s[r.pos:])
	}
	if r.pos < len(r.s) && r.s[r.pos] != '\n' {
		decline()
	}
	return h
}

func (r *reader) chomping(h *blockHeader) {
	if r.pos < len(r.s) && (r.s[r.pos] == '+' || r.s[r.pos] == '-') {
		h.chomp = r.s[r.pos]
		r.pos++
	}
}

// blockText puts the text of a block scalar together, in the reader's buf. The
// reader's line is where the line begins that is read next.
type blockText struct {
	r      *reader
	header blockHeader
	quiet  bool // nobody wants the text

	lines      int
	start, end int  // of the text's only line so far
	ended      bool // the last line had a break
	blank      bool // the last line began with a blank
	breaks     int  // empty lines since the last line
}

// read reads lines as long as they are indented enough.
func (b *blockText) read(parent int) {
	r := b.r
	r.buf = r.buf[:0]
	widest := b.emptyLines()
	if b.header.indent == 0 {
		b.header.indent = max(widest, parent+1, 1)
	}
	for r.pos-r.line == b.header.indent && r.pos < len(r.s) {
		start := r.pos
		end := start + lineLength(r.s[start:])
		if !b.quiet {
			b.add(start, end)
		}
		r.pos = min(end+1, len(r.s))
		r.line = r.pos
		b.emptyLines()
	}
}

// emptyLines counts line breaks and goes over them and over the indentation of
// the line behind them, as far as that of the scalar goes. Where that is not
// known yet it goes on to the text, and the widest indentation is the result.
func (b *blockText) emptyLines() (widest int) {
	s, indent := b.r.s, b.header.indent
	i, line := b.r.pos, b.r.line
	b.breaks = 0
	for {
		for i < len(s) && s[i] == ' ' && (indent == 0 || i-line < indent) {
			i++
		}
		widest = max(widest, i-line)
		if i < len(s) && s[i] == '\t' && (indent == 0 || i-line < indent) {
			decline()
		}
		if i >= len(s) || s[i] != '\n' {
			break
		}
		b.breaks++
		i++
		line = i
	}
	b.r.pos, b.r.line = i, line
	return widest
}

// add takes in a line, which is not empty.
func (b *blockText) add(start, end int) {
	r := b.r
	blank := r.s[start] == ' ' || r.s[start] == '\t'
	switch {
	case b.lines == 0 && b.breaks == 0:
		b.start, b.end = start, end
	case b.lines == 0:
		b.addBreaks(b.breaks)
		r.buf = append(r.buf, r.s[start:end]...)
	default:
		if b.only() {
			r.buf = append(r.buf, r.s[b.start:b.end]...)
		}
		switch {
		case !b.header.folded || b.blank || blank:
			b.addBreaks(1 + b.breaks)
		case b.breaks == 0:
			r.buf = append(r.buf, ' ')
		default:
			b.addBreaks(b.breaks)
		}
		r.buf = append(r.buf, r.s[start:end]...)
	}
	b.lines++
	b.blank = blank
	b.ended = end < len(r.s)
}

// only says whether the text is one line, which is not in buf yet.
func (b *blockText) only() bool { return b.lines == 1 && len(b.r.buf) == 0 }

func (b *blockText) addBreaks(n int) {
	for range n {
		b.r.buf = append(b.r.buf, '\n')
	}
}

// text is what has been read, with the line breaks at its end that the header
// asks for.
func (b *blockText) text() string {
	if b.quiet {
		return ""
	}
	breaks := 0
	if b.ended && b.header.chomp != '-' {
		breaks = 1
	}
	if b.header.chomp == '+' {
		breaks += b.breaks
	}
	if b.only() {
		if breaks <= 1 {
			return b.r.s[b.start : b.end+breaks]
		}
		b.r.buf = append(b.r.buf, b.r.s[b.start:b.end]...)
	}
	b.addBreaks(breaks)
	return string(b.r.buf)
}
