package cel

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// quoted reads a string, or with b in the prefix bytes; with r nothing is escaped.
func (l *lexer) quoted(prefix string) (token, error) {
	start := l.pos - len(prefix)
	quote := l.text[l.pos : l.pos+1]
	if triple := strings.Repeat(quote, 3); strings.HasPrefix(l.text[l.pos:], triple) {
		quote = triple
	}
	l.pos += len(quote)
	raw, isBytes := strings.Contains(prefix, "r"), strings.Contains(prefix, "b")
	var b strings.Builder
	for !strings.HasPrefix(l.text[l.pos:], quote) {
		if l.pos == len(l.text) || len(quote) == 1 && l.text[l.pos] == '\n' {
			return token{}, failAt(start, "a string is not closed")
		}
		if l.text[l.pos] != '\\' || raw {
			_, size := utf8.DecodeRuneInString(l.text[l.pos:])
			b.WriteString(l.text[l.pos : l.pos+size])
			l.pos += size
			continue
		}
		if err := l.escape(&b, isBytes); err != nil {
			return token{}, err
		}
	}
	l.pos += len(quote)
	t := token{kind: tokenLiteral, offset: start, text: l.text[start:l.pos], value: b.String()}
	if isBytes {
		t.value = []byte(b.String())
	}
	return t, nil
}

// The letters of escapes, and what they stand for.
const (
	escapeLetters = "abfnrtv\\?\"'`"
	escaped       = "\a\b\f\n\r\t\v\\?\"'`"
)

// escape reads what begins with a backslash.
func (l *lexer) escape(b *strings.Builder, isBytes bool) error {
	start := l.pos
	l.pos++
	if l.pos == len(l.text) {
		return failAt(start, "a string is not closed")
	}
	c := l.text[l.pos]
	l.pos++
	if i := strings.IndexByte(escapeLetters, c); i >= 0 {
		b.WriteByte(escaped[i])
		return nil
	}
	digits, base := digitsOf(c, isBytes)
	switch digits {
	case 0:
		return failAt(start, "unknown escape \\%c in a string", c)
	case 3:
		l.pos-- // the letter is the first of them
	}
	end := min(l.pos+digits, len(l.text))
	n, err := strconv.ParseUint(l.text[l.pos:end], base, 32)
	if err != nil || end-l.pos < digits || !isBytes && !utf8.ValidRune(rune(n)) {
		return failAt(start, "the escape \\%c in a string lacks its %d digits, or stands for no character", c, digits)
	}
	l.pos = end
	if isBytes {
		b.WriteByte(byte(n))
	} else {
		b.WriteRune(rune(n))
	}
	return nil
}

// digitsOf is how many digits of which base an escape with a letter has; 0 if there
// is none with it.
func digitsOf(letter byte, isBytes bool) (digits, base int) {
	switch {
	case letter == 'x' || letter == 'X':
		return 2, 16
	case letter == 'u' && !isBytes:
		return 4, 16
	case letter == 'U' && !isBytes:
		return 8, 16
	case letter >= '0' && letter <= '3':
		return 3, 8
	}
	return 0, 0
}
