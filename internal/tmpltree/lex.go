package tmpltree

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// spaces are the characters that are spaces in an action, and are trimmed.
const spaces = " \t\r\n"

func isSpace(c byte) bool { return c == ' ' || c == '\t' || c == '\r' || c == '\n' }

// isWord says whether a byte is a part of a name. Other letters than those of
// ASCII are left to text/template/parse.
func isWord(c byte) bool {
	return c == '_' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9'
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

// trimsLeft says whether what follows a left delimiter is a mark to trim.
func trimsLeft(s string) bool { return len(s) >= 2 && s[0] == '-' && isSpace(s[1]) }

// trimsAway says whether the mark of the delimiter after a text leaves nothing of it.
func trimsAway(text, rest string) bool {
	return trimsLeft(rest) && strings.TrimRight(text, spaces) == ""
}

// peek is the byte at this place, 0 at the end.
func (p *parser) peek() byte {
	if p.at < len(p.text) {
		return p.text[p.at]
	}
	return 0
}

// leftDelim goes past a delimiter and its mark.
func (p *parser) leftDelim() {
	p.at += len("{{")
	if trimsLeft(p.text[p.at:]) {
		p.at += len("- ")
	}
}

// comment goes past a comment and its delimiter.
func (p *parser) comment() bool {
	body := p.text[p.at+len("/*"):]
	i := strings.Index(body, "*/")
	if i < 0 {
		return false
	}
	p.at += len("/*") + i + len("*/")
	rest := p.text[p.at:]
	switch {
	case strings.HasPrefix(rest, "}}"):
		p.at += len("}}")
		return true
	case len(rest) >= 4 && isSpace(rest[0]) && rest[1:4] == "-}}":
		p.at += len(" -}}")
		p.skipSpaces()
		return true
	}
	return false
}

// skipSpaces goes past spaces, of which it says whether there were any.
func (p *parser) skipSpaces() bool {
	from := p.at
	for p.at < len(p.text) && isSpace(p.text[p.at]) {
		p.at++
	}
	return p.at > from
}

// rightDelim goes past spaces and a right delimiter, and what that trims. It
// moves past the spaces only where there is none.
func (p *parser) rightDelim() bool {
	spaced := p.skipSpaces() || p.at > 0 && isSpace(p.text[p.at-1]) && !p.afterMark()
	rest := p.text[p.at:]
	switch {
	case strings.HasPrefix(rest, "}}"):
		p.at += len("}}")
		return true
	case spaced && strings.HasPrefix(rest, "-}}"):
		p.at += len("-}}")
		p.skipSpaces()
		return true
	}
	return false
}

// afterMark says whether the space before this place belongs to the mark of the
// left delimiter.
func (p *parser) afterMark() bool { return strings.HasSuffix(p.text[:p.at-1], "{{-") }

// word reads a name; "" where there is none, or where something stands behind it
// that may not.
func (p *parser) word() string {
	from := p.at
	for p.at < len(p.text) && isWord(p.text[p.at]) {
		p.at++
	}
	if from == p.at || isDigit(p.text[from]) || !p.terminated() {
		return ""
	}
	return p.text[from:p.at]
}

// terminated says whether a name may end here.
func (p *parser) terminated() bool {
	if p.at == len(p.text) {
		return true
	}
	switch c := p.text[p.at]; c {
	case ' ', '\t', '\r', '\n', '.', ',', '|', ':', ')', '(':
		return true
	case '}':
		return strings.HasPrefix(p.text[p.at:], "}}")
	}
	return false
}

// quoted reads a text in quotes or backquotes.
func (p *parser) quoted() (from int, source, text string, ok bool) {
	from = p.at
	switch p.peek() {
	case '"':
		for i := from + 1; i < len(p.text); i++ {
			switch p.text[i] {
			case '\\':
				i++
				continue
			case '\n':
				return from, "", "", false
			case '"':
				p.at = i + 1
				source = p.text[from:p.at]
				text, ok = unquote(source)
				return from, source, text, ok
			}
		}
	case '`':
		if i := strings.IndexByte(p.text[from+1:], '`'); i >= 0 {
			p.at = from + i + 2
			source = p.text[from:p.at]
			text, ok = unquote(source)
			return from, source, text, ok
		}
	}
	return from, "", "", false
}

func unquote(s string) (string, bool) {
	inner := s[1 : len(s)-1]
	if strings.IndexByte(inner, '\\') < 0 && strings.IndexByte(inner, '\r') < 0 && utf8.ValidString(inner) {
		return inner, true
	}
	text, err := strconv.Unquote(s)
	return text, err == nil
}
