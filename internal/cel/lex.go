package cel

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

type tokenKind int

const (
	tokenEnd tokenKind = iota
	tokenIdent
	tokenLiteral
	tokenSymbol
)

// token is a word of an expression.
type token struct {
	kind   tokenKind
	offset int
	// text is a name or a symbol; value is that of a literal.
	text  string
	value any
}

func (t token) String() string {
	if t.kind == tokenEnd {
		return "the end"
	}
	return strconv.Quote(t.text)
}

type lexer struct {
	text string
	pos  int
}

// The symbols, the longer ones first.
const symbols = "&& || == != <= >= ( ) [ ] { } . , ? : < > + - * / % !"

func (l *lexer) next() (token, error) {
	l.skip()
	start := l.pos
	if start == len(l.text) {
		return token{kind: tokenEnd, offset: start}, nil
	}
	c := l.text[start]
	switch {
	case isDigit(c) || c == '.' && start+1 < len(l.text) && isDigit(l.text[start+1]):
		return l.number()
	case c == '"' || c == '\'':
		return l.quoted("")
	case isLetter(c):
		return l.word()
	}
	return l.symbol()
}

// word reads a name, or a string with a prefix.
func (l *lexer) word() (token, error) {
	start := l.pos
	for isLetter(l.peek()) || isDigit(l.peek()) {
		l.pos++
	}
	word := l.text[start:l.pos]
	if c := l.peek(); (c == '"' || c == '\'') && len(word) <= 2 && strings.Trim(word, "rRbB") == "" {
		return l.quoted(strings.ToLower(word))
	}
	return token{kind: tokenIdent, offset: start, text: word}, nil
}

// peek is the next byte; 0 at the end.
func (l *lexer) peek() byte {
	if l.pos == len(l.text) {
		return 0
	}
	return l.text[l.pos]
}

func (l *lexer) symbol() (token, error) {
	start := l.pos
	for symbol := range strings.FieldsSeq(symbols) {
		if strings.HasPrefix(l.text[start:], symbol) {
			l.pos += len(symbol)
			return token{kind: tokenSymbol, offset: start, text: symbol}, nil
		}
	}
	r, _ := utf8.DecodeRuneInString(l.text[start:])
	if r == '=' {
		return token{}, failAt(start, `"=" compares nothing: it must be "=="`)
	}
	return token{}, failAt(start, "unexpected character %q", r)
}

// skip passes over blanks and comments.
func (l *lexer) skip() {
	for l.pos < len(l.text) {
		switch c := l.text[l.pos]; {
		case c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f':
			l.pos++
		case strings.HasPrefix(l.text[l.pos:], "//"):
			end := strings.IndexByte(l.text[l.pos:], '\n')
			if end < 0 {
				end = len(l.text) - l.pos
			}
			l.pos += end
		default:
			return
		}
	}
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

func isLetter(c byte) bool { return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_' }

// number reads an int, a uint or a double. A minus is an operator.
func (l *lexer) number() (token, error) {
	start := l.pos
	if strings.HasPrefix(l.text[start:], "0x") || strings.HasPrefix(l.text[start:], "0X") {
		for l.pos += 2; isHex(l.peek()); l.pos++ {
		}
		return l.endNumber(start, false)
	}
	float := false
	l.digits()
	if l.peek() == '.' && l.pos+1 < len(l.text) && isDigit(l.text[l.pos+1]) {
		float = true
		l.pos++
		l.digits()
	}
	if c := l.peek(); c == 'e' || c == 'E' {
		float = true
		l.pos++
		if c := l.peek(); c == '+' || c == '-' {
			l.pos++
		}
		l.digits()
	}
	return l.endNumber(start, float)
}

func (l *lexer) digits() {
	for isDigit(l.peek()) {
		l.pos++
	}
}

func isHex(c byte) bool { return isDigit(c) || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F' }

func (l *lexer) endNumber(start int, float bool) (token, error) {
	text := l.text[start:l.pos]
	t := token{kind: tokenLiteral, offset: start, text: text}
	unsigned := !float && l.pos < len(l.text) && (l.text[l.pos] == 'u' || l.text[l.pos] == 'U')
	if unsigned {
		l.pos++
	}
	if l.pos < len(l.text) && (isLetter(l.text[l.pos]) || isDigit(l.text[l.pos])) {
		return t, failAt(l.pos, "%q cannot follow a number", l.text[l.pos])
	}
	var err error
	base, digits := 10, text
	if len(text) > 1 && (text[1] == 'x' || text[1] == 'X') {
		base, digits = 16, text[2:]
	}
	switch {
	case float:
		t.value, err = strconv.ParseFloat(text, 64)
	default:
		var n uint64
		n, err = strconv.ParseUint(digits, base, 64)
		t.value = n
		if !unsigned {
			t.value = signless(n)
		}
	}
	if err != nil {
		return t, failAt(start, "%s is not a number that can be held", text)
	}
	return t, nil
}

// signless is the value of an int literal before it is known whether a minus stands
// before it.
type signless uint64
