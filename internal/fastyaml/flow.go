package fastyaml

// flowNode reads the node at pos in flow style, and leaves the reader behind
// it.
func (r *reader) flowNode(w want) any {
	switch c := r.s[r.pos]; c {
	case '[':
		return r.flowList(w)
	case '{':
		return r.flowMap(w)
	case '"', '\'':
		return r.scalar(r.quoted(c, w), w)
	}
	text, isKey := r.flowPlain()
	if isKey {
		decline()
	}
	return r.plainScalar(text, w)
}

func (r *reader) flowList(w want) any {
	r.enter()
	l := r.openList(w)
	r.pos++
	for r.flowToken() != ']' {
		r.add(&l, r.flowNode(l.each))
		r.flowNext(']')
	}
	r.pos++
	r.leave()
	return r.closeList(&l)
}

func (r *reader) flowMap(w want) any {
	r.enter()
	m := r.openMap(w)
	r.pos++
	for r.flowToken() != '}' {
		k := r.flowKey()
		var value any
		child := r.wantOf(&m, k)
		switch r.flowToken() {
		case ',', '}':
			value = r.plainScalar("", child)
		default:
			value = r.flowNode(child)
		}
		r.put(&m, k, value)
		r.flowNext('}')
	}
	r.pos++
	r.leave()
	return r.closeMap(&m)
}

// flowNext goes behind the comma that follows an entry, or stays before what
// closes the collection.
func (r *reader) flowNext(closing byte) {
	switch r.flowToken() {
	case ',':
		r.pos++
	case closing:
	default:
		decline()
	}
}

// flowToken skips blanks, line breaks and comments, and is the next byte.
func (r *reader) flowToken() byte {
	for r.pos < len(r.s) {
		switch c := r.s[r.pos]; c {
		case ' ', '\t':
			r.pos++
		case '\n':
			r.pos++
			r.line = r.pos
		case '#':
			r.pos += lineLength(r.s[r.pos:])
		case '-', '.':
			if r.pos == r.line && indicator(r.s[r.pos:]) {
				decline()
			}
			return c
		default:
			return c
		}
	}
	decline()
	return 0
}

// flowKey reads a key and its colon, which have to be on one line.
func (r *reader) flowKey() key {
	start := r.pos
	var k key
	switch c := r.s[r.pos]; c {
	case '"', '\'':
		line := r.line
		k.text = r.quoted(c, wantTree)
		r.skipBlanks()
		if r.line != line || r.pos-start > maxKey || r.pos >= len(r.s) || r.s[r.pos] != ':' {
			decline()
		}
	default:
		text, isKey := r.flowPlain()
		if !isKey {
			decline()
		}
		k = r.plainKey(text, start)
	}
	r.pos++
	return k
}

// flowPlain reads a plain scalar of one line. It stops at the colon if it is a
// key.
func (r *reader) flowPlain() (text string, isKey bool) {
	if c := r.s[r.pos]; c == '?' || c == ':' || !r.startsPlain() {
		decline()
	}
	s, start := r.s, r.pos
	i := start
scan:
	for ; i < len(s); i++ {
		switch s[i] {
		case ',', ']', '}', '\n':
			break scan
		case '?', '[', '{':
			decline()
		case ':':
			if blankAt(s, i+1) {
				isKey = true
				break scan
			}
		case '#':
			if s[i-1] == ' ' || s[i-1] == '\t' {
				break scan
			}
		}
	}
	r.pos = i
	if i < len(s) && s[i] == '\n' {
		r.declineTabs()
	}
	return trimBlanks(s[start:i]), isKey
}

// declineTabs declines tabs at the beginning of the lines that follow pos: a
// plain scalar could go on behind them.
func (r *reader) declineTabs() {
	for i := r.pos; i < len(r.s); i++ {
		switch r.s[i] {
		case ' ', '\n':
		case '\t':
			decline()
		default:
			return
		}
	}
}
