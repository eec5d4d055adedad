package fastyaml

import "strings"

// isKey says whether a key of a mapping begins at pos: a text that ends, on the
// same line, with a colon and a blank.
func (r *reader) isKey() bool {
	_, after, ok := r.scanKey()
	return ok && after > 0
}

// scanKey finds the key at pos: its text, with quotes, and where what follows
// the colon begins.
func (r *reader) scanKey() (text string, after int, ok bool) {
	switch c := r.at(0); c {
	case '"', '\'':
		return r.scanQuotedKey(c)
	case '?', ':', ',', '[', ']', '{', '}', '#', '&', '*', '!', '|', '>', '%', '@', '`', '\n', '\t':
		return "", 0, false
	case '-':
		if isBlank(r.at(1)) {
			return "", 0, false
		}
	}
	for i := r.pos; i < len(r.src); i++ {
		switch r.src[i] {
		case ':':
			if i+1 < len(r.src) && !isBlank(r.src[i+1]) {
				continue
			}
			return strings.TrimRight(r.src[r.pos:i], " "), i + 1, i-r.pos <= maxKey
		case '#':
			if r.src[i-1] == ' ' {
				return "", 0, false
			}
		case '\n', '\t':
			return "", 0, false
		}
	}
	return "", 0, false
}

// scanQuotedKey finds a key in quotes, without escapes.
func (r *reader) scanQuotedKey(quote byte) (text string, after int, ok bool) {
	for i := r.pos + 1; i < len(r.src); i++ {
		switch c := r.src[i]; {
		case c == '\n', c == '\\' && quote == '"':
			return "", 0, false
		case c == quote:
			end := i + 1
			for end < len(r.src) && r.src[end] == ' ' {
				end++
			}
			if end == len(r.src) || r.src[end] != ':' || end+1 < len(r.src) && !isBlank(r.src[end+1]) {
				return "", 0, false
			}
			return r.src[r.pos : i+1], end + 1, end-r.pos <= maxKey
		}
	}
	return "", 0, false
}

// key reads a key and its colon. odd says that it is no string in YAML: a
// number or a bool.
func (r *reader) key() (key string, odd bool) {
	text, after, ok := r.scanKey()
	if !ok {
		r.decline()
		return "", false
	}
	r.pos = after
	if c := text[0]; c == '"' || c == '\'' {
		return text[1 : len(text)-1], false
	}
	return r.keyText(text)
}

// keyText is a plain key as a string, as JSON would have it.
func (r *reader) keyText(text string) (key string, odd bool) {
	switch v := resolve(text); v.kind {
	case kindString:
		return text, false
	case kindBool:
		if v.truth {
			return "true", true
		}
		return "false", true
	case kindNumber:
		if v.integer != "" {
			return v.integer, true
		}
	}
	r.decline()
	return "", false
}
