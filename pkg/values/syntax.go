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

// Masked is the expression to be shown, and the offset in it: values that other
// assignments set are left out of it, as they may be secret.
func (e *SyntaxError) Masked() (text string, offset int) {
	var b strings.Builder
	at, inValue := 0, false
	for i := 0; i <= len(e.Expr); i++ {
		if i == e.Offset {
			at = b.Len()
		}
		if i == len(e.Expr) {
			break
		}
		c := e.Expr[i]
		switch {
		case c == '=' && !inValue:
			inValue = true
			b.WriteString("=")
			if i+1 < len(e.Expr) && e.Offset != i+1 {
				b.WriteString("…")
			}
		case inValue && c == ',' && (i == 0 || e.Expr[i-1] != '\\'):
			inValue = false
			b.WriteByte(c)
		case inValue && !e.near(i):
		default:
			b.WriteByte(c)
		}
	}
	return b.String(), at
}

// near says whether an offset is where the fault is.
func (e *SyntaxError) near(i int) bool { return i >= e.Offset && i < e.Offset+8 }
