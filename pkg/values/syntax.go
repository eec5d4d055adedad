package values

import (
	"fmt"
	"strings"
)

// SyntaxError is what is wrong with the expression of a --set flag.
type SyntaxError struct {
	// Expr is the expression as it was given. It can hold secrets.
	Expr string
	// Offset is where in Expr the faulty part begins, in bytes from 0.
	Offset int
	// Msg is what is wrong, in Helm's words.
	Msg string
}

// Error gives Msg alone, which repeats keys but no values.
func (e *SyntaxError) Error() string { return e.Msg }

// faultf makes the error for the part of expr at offset.
func faultf(expr string, offset int, format string, args ...any) *SyntaxError {
	return &SyntaxError{Expr: expr, Offset: offset, Msg: shorten(fmt.Sprintf(format, args...))}
}

// shorten bounds what a message repeats of what was given.
func shorten(text string) string {
	const most = 1 << 10
	if len(text) <= most {
		return text
	}
	return strings.ToValidUTF8(text[:most], "") + "…"
}

// Masked is the expression to be shown, and the offset in it: what assignments
// set is left out of it, as it may be secret, but for the character at fault.
func (e *SyntaxError) Masked() (text string, offset int) {
	m := masker{expr: e.Expr, fault: e.Offset}
	for i := range len(e.Expr) {
		if i == e.Offset {
			offset = m.out.Len()
		}
		m.next(i, e.Expr[i])
	}
	if e.Offset >= len(e.Expr) {
		offset = m.out.Len()
	}
	return m.out.String(), offset
}

// masker copies an expression without its values.
type masker struct {
	expr  string
	fault int
	out   strings.Builder
	// inValue and inList say where in the expression it is, hidden that what
	// stands there is left out already.
	inValue, inList, hidden bool
}

func (m *masker) next(i int, c byte) {
	switch {
	case m.inValue && !m.inList && c == ',' && m.expr[i-1] != '\\':
		m.inValue, m.hidden = false, false
	case c == '=' && !m.inValue:
		m.inValue, m.hidden = true, false
		m.inList = strings.HasPrefix(m.expr[i+1:], "{")
	case m.inList && c == '}':
		m.inList = false
	case i == m.fault:
	case m.inValue || !isKeyByte(c):
		if !m.hidden {
			m.out.WriteString("…")
		}
		m.hidden = true
		return
	case m.hidden:
		return
	}
	m.out.WriteByte(c)
}

// isKeyByte says whether a character is usual in a key. Others can be a part of a
// value that has a comma in it.
func isKeyByte(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.IndexByte("_-./[]\\", c) >= 0
}
