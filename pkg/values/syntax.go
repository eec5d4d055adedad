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
