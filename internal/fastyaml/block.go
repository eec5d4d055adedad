package fastyaml

// maxKey is how long a key may be with what is between it and its colon. The
// library counts characters, the reader bytes, which are never fewer.
const maxKey = 1024

// blockNode reads the node at pos, which is the first on its line or follows
// the dash of a list, where a map may begin. parent is the column of the
// collection that it is in.
func (r *reader) blockNode(parent int, w want) any {
	col := r.pos - r.line
	switch c := r.s[r.pos]; c {
	case '"', '\'':
		start, line := r.pos, r.line
		text := r.quoted(c, w)
		end := r.pos
		r.skipBlanks()
		if r.atColon() {
			if r.line != line || r.pos-start > maxKey {
				decline()
			}
			return r.blockMap(col, key{text: text}, w)
		}
		r.pos = end
		r.endLine()
		return r.scalar(text, w)
	case '-':
		if blankAt(r.s, r.pos+1) {
			return r.blockList(col, false, w)
		}
	case '[', '{', '|', '>':
		return r.inlineNode(parent, w)
	}
	start := r.pos
	text, isKey := r.plain(parent)
	if isKey {
		return r.blockMap(col, r.plainKey(text, start), w)
	}
	return r.plainScalar(text, w)
}

// inlineNode reads the node at pos, which follows a key on its line: no map or
// list in block style may begin there.
func (r *reader) inlineNode(parent int, w want) any {
	switch c := r.s[r.pos]; c {
	case '"', '\'':
		text := r.quoted(c, w)
		r.endLine()
		return r.scalar(text, w)
	case '[', '{':
		v := r.flowNode(w)
		r.endLine()
		return v
	case '|', '>':
		return r.scalar(r.blockScalar(parent, w), w)
	}
	text, isKey := r.plain(parent)
	if isKey {
		decline()
	}
	return r.plainScalar(text, w)
}

// blockMap reads the map whose keys are at col. The reader has read its first
// key and is at the colon.
func (r *reader) blockMap(col int, k key, w want) any {
	r.enter()
	m := r.openMap(w)
	for {
		r.pos++
		r.put(&m, k, r.blockValue(col, r.wantOf(&m, k)))
		if r.col < col {
			break
		}
		if r.col > col {
			decline()
		}
		k = r.blockKey()
	}
	r.leave()
	return r.closeMap(&m)
}

// blockKey reads a key up to its colon.
func (r *reader) blockKey() key {
	start := r.pos
	if c := r.s[start]; c == '"' || c == '\'' {
		line := r.line
		text := r.quoted(c, wantTree)
		r.skipBlanks()
		if !r.atColon() || r.line != line || r.pos-start > maxKey {
			decline()
		}
		return key{text: text}
	}
	if !r.startsPlain() {
		decline()
	}
	text := r.plainLine()
	if !r.atColon() {
		decline()
	}
	return r.plainKey(text, start)
}

// atColon says whether a colon that ends a key is at pos, in block context.
func (r *reader) atColon() bool {
	return r.pos < len(r.s) && r.s[r.pos] == ':' && blankAt(r.s, r.pos+1)
}

// blockValue reads what follows the colon of a key at col.
func (r *reader) blockValue(col int, w want) any {
	r.skipBlanks()
	if r.pos < len(r.s) && r.s[r.pos] != '\n' && r.s[r.pos] != '#' {
		return r.inlineNode(col, w)
	}
	r.endLine()
	switch {
	case r.col > col:
		return r.blockNode(col, w)
	case r.col == col && r.atDash():
		return r.blockList(col, true, w)
	}
	return r.plainScalar("", w)
}

func (r *reader) atDash() bool { return r.s[r.pos] == '-' && blankAt(r.s, r.pos+1) }

// blockList reads the list whose dashes are at col. Where it is level with the
// keys of the map that it is in, the next of these ends it.
func (r *reader) blockList(col int, level bool, w want) any {
	r.enter()
	l := r.openList(w)
	for {
		r.pos++
		r.add(&l, r.listItem(col, l.each))
		if r.col < col {
			break
		}
		if r.col > col {
			decline()
		}
		if !r.atDash() {
			if !level {
				decline()
			}
			break
		}
	}
	r.leave()
	return r.closeList(&l)
}

// listItem reads what follows a dash at col.
func (r *reader) listItem(col int, w want) any {
	for r.pos < len(r.s) && r.s[r.pos] == ' ' {
		r.pos++
	}
	if r.pos < len(r.s) {
		switch r.s[r.pos] {
		case '\n', '#':
		case '\t':
			decline()
		default:
			return r.blockNode(col, w)
		}
	}
	r.endLine()
	if r.col > col {
		return r.blockNode(col, w)
	}
	return r.plainScalar("", w)
}
