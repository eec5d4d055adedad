package fastyaml

import "strings"

// flow reads a list in brackets or a map in braces; pos ends behind it. Lines
// after the first have to be right of column outer.
func (r *reader) flow(outer int) any {
	if r.depth++; r.depth > maxDepth {
		return r.decline()
	}
	defer func() { r.depth-- }()
	start := r.pos
	v := any(nil)
	if r.src[r.pos] == '[' {
		v = r.flowList(outer)
	} else {
		v = r.flowMap(outer)
	}
	if !r.declined && r.pos < len(r.src) && r.src[r.pos] == ':' {
		return r.decline() // it is a key
	}
	if r.pos-start > maxKey && strings.HasPrefix(strings.TrimLeft(r.src[r.pos:], " "), ":") {
		return r.decline()
	}
	return v
}

func (r *reader) flowList(outer int) any {
	r.pos++
	list := []any{}
	for {
		r.flowBlank(outer)
		if r.at(0) == ']' {
			break
		}
		v := r.flowValue(outer)
		if r.build {
			list = append(list, v)
		}
		if !r.flowNext(outer, ']') {
			return nil
		}
	}
	if r.declined || r.pos == len(r.src) {
		return r.decline()
	}
	r.pos++
	if !r.build {
		return nil
	}
	return list
}

func (r *reader) flowMap(outer int) any {
	r.pos++
	m := map[string]any{}
	for {
		r.flowBlank(outer)
		if r.at(0) == '}' {
			break
		}
		key := r.flowKey(outer)
		r.flowBlank(outer)
		v := r.flowValue(outer)
		if r.declined {
			return nil
		}
		if r.build {
			if _, exists := m[key]; exists {
				return r.decline()
			}
			m[key] = v
		}
		if !r.flowNext(outer, '}') {
			return nil
		}
	}
	if r.declined || r.pos == len(r.src) {
		return r.decline()
	}
	r.pos++
	if !r.build {
		return nil
	}
	return m
}

// flowNext passes over the comma behind an element; the end is left. It is
// false when the reader declined.
func (r *reader) flowNext(outer int, end byte) bool {
	r.flowBlank(outer)
	switch {
	case r.declined:
		return false
	case r.at(0) == ',':
		r.pos++
	case r.at(0) != end:
		r.decline()
		return false
	}
	return true
}

// flowBlank passes over blanks and line breaks, not over comments.
func (r *reader) flowBlank(outer int) {
	for r.pos < len(r.src) {
		switch r.src[r.pos] {
		case ' ':
			r.pos++
			continue
		case '\n':
			r.newLine()
			r.skipSpaces()
			if r.at(0) != '\n' && r.col() <= outer {
				r.decline()
			}
			continue
		}
		return
	}
	r.decline()
}

// flowKey reads a key of a map in braces, and its colon.
func (r *reader) flowKey(outer int) string {
	start := r.pos
	var key string
	quoted := r.at(0) == '"' || r.at(0) == '\''
	if quoted {
		key = r.quoted(outer)
	} else if key = r.flowPlain(); !r.declined {
		key, _ = r.keyText(key)
	}
	if r.declined {
		return ""
	}
	if r.pos-start > maxKey || strings.Contains(r.src[start:r.pos], "\n") {
		r.decline()
		return ""
	}
	r.skipSpaces()
	if r.at(0) != ':' || !quoted && !isBlank(r.at(1)) || r.pos == len(r.src) {
		r.decline()
		return ""
	}
	r.pos++
	return key
}

func (r *reader) flowValue(outer int) any {
	switch r.at(0) {
	case '"', '\'':
		s := r.quoted(outer)
		if r.declined {
			return nil
		}
		return r.text(s)
	case '[', '{':
		return r.flow(outer)
	}
	return r.scalar(r.flowPlain())
}

// flowPlain reads a plain scalar within brackets, of one line and of harmless
// characters.
func (r *reader) flowPlain() string {
	start, end := r.pos, r.pos
	if !r.startsPlain() {
		r.decline()
		return ""
	}
	for ; r.pos < len(r.src); r.pos++ {
		switch c := r.src[r.pos]; c {
		case ' ':
			continue
		case ',', ']', '}', '\n':
			return r.src[start:end]
		case ':':
			if isBlank(r.at(1)) {
				return r.src[start:end]
			}
			r.decline()
			return ""
		case '\t', '#', '?', '[', '{', '"', '\'', '&', '*', '!', '|', '>', '%', '@', '`':
			r.decline()
			return ""
		}
		end = r.pos + 1
	}
	r.decline()
	return ""
}
