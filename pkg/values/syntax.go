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
	var b strings.Builder
	hidden := false
	hide := func() {
		if !hidden {
			b.WriteString("…")
		}
		hidden = true
	}
	inValue, inList := false, false
	for i := range len(e.Expr) {
		if i == e.Offset {
			offset = b.Len()
		}
		c := e.Expr[i]
		switch {
		case inValue && !inList && c == ',' && e.Expr[i-1] != '\\':
			inValue, hidden = false, false
			b.WriteByte(c)
		case c == '=' && !inValue:
			inValue, hidden = true, false
			inList = strings.HasPrefix(e.Expr[i+1:], "{")
			b.WriteByte(c)
		case inList && c == '}':
			inList = false
			b.WriteByte(c)
		case i == e.Offset:
			b.WriteByte(c)
		case inValue || !isKeyByte(c):
			hide()
		case !hidden:
			b.WriteByte(c)
		}
	}
	if e.Offset >= len(e.Expr) {
		offset = b.Len()
	}
	return b.String(), offset
}

// isKeyByte says whether a character is usual in a key. Others can be a part of a
// value that has a comma in it.
func isKeyByte(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.IndexByte("_-./[]\\", c) >= 0
}
