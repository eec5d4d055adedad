package fastyaml

import "strings"

// class is what matters of the characters of a string.
type class struct {
	// breaks says that there are line breaks, spaceBreak that a blank stands
	// before one.
	breaks, spaceBreak bool
	// special are characters that need escapes.
	special bool
	// indicator says that a plain scalar would be taken for something else.
	indicator bool
	// refused are characters that do not survive the detour over JSON.
	refused bool
}

func classify(s string) class {
	c := class{indicator: strings.HasPrefix(s, "---") || strings.HasPrefix(s, "...")}
	if s == "" {
		return c
	}
	c.first(s)
	for i, r := range s {
		switch {
		case r == '\n':
			c.breaks = true
			c.spaceBreak = c.spaceBreak || i > 0 && s[i-1] == ' '
		case r == ':', r == '#':
			c.indicator = c.indicator || indicates(s, i)
		case r < ' ', r > 0xffff:
			c.special = true
		case r >= 0x7f && refused(r):
			c.refused = true
		}
	}
	return c
}

// refused says whether the library's reader does not take a character from
// JSON, or takes it for a line break, or whether it is none at all.
func refused(r rune) bool {
	return r < 0xa0 || r == 0x2028 || r == 0x2029 || r >= 0xfeff
}

// indicates says whether the colon at i ends a key, or the hash begins a
// comment.
func indicates(s string, i int) bool {
	if s[i] == ':' {
		return endsWord(s, i+1)
	}
	return i > 0 && (s[i-1] == ' ' || s[i-1] == '\n')
}

// endsWord says whether a blank or the end is at an offset.
func endsWord(s string, i int) bool { return i == len(s) || s[i] == ' ' || s[i] == '\t' }

// first looks at the first character.
func (c *class) first(s string) {
	switch s[0] {
	case '#', ',', '[', ']', '{', '}', '&', '*', '!', '|', '>', '\'', '"', '%', '@', '`':
		c.indicator = true
	case '?', ':', '-':
		c.indicator = c.indicator || endsWord(s, 1)
	}
}
