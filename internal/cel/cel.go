// Package cel evaluates expressions of the Common Expression Language
// (https://cel.dev) over decoded JSON: the part of it that conditions on
// Kubernetes objects are written in.
//
// It knows all operators, literals and macros, optional fields (a.?b.orValue(c)),
// and the functions that Functions lists. It has no types: what fits together is
// found out when an expression is evaluated. There are no timestamps, durations
// and protocol buffers. What it does, it does as cel-go does.
package cel

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

// The bounds of an expression and of one evaluation.
const (
	// MaxLength is how many bytes an expression may have.
	MaxLength = 8 << 10
	// MaxCost is how much an evaluation may do: about how many parts of the
	// expression it comes by and how many elements and eight bytes it looks at.
	MaxCost = 1_000_000

	maxDepth = 100
)

// ErrCost is in the error of an evaluation that does too much.
var ErrCost = errors.New("the expression takes too long")

// Error is what is wrong with an expression, or with what it was evaluated on.
type Error struct {
	// Line and Column are where, from 1; columns count characters.
	Line, Column int
	Err          error
}

func (e *Error) Error() string {
	if e.Line > 1 {
		return fmt.Sprintf("line %d, column %d: %v", e.Line, e.Column, e.Err)
	}
	return fmt.Sprintf("column %d: %v", e.Column, e.Err)
}

// Unwrap returns what is wrong.
func (e *Error) Unwrap() error { return e.Err }

// MissingError is a field that a map does not have, or an element of a list.
type MissingError struct{ Key string }

func (e *MissingError) Error() string { return "no such key: " + e.Key }

// Program is an expression that has been parsed. It can be evaluated concurrently.
type Program struct {
	text string
	root node
}

// Parse reads an expression, which may use the variables that are named. The error
// is an *Error.
func Parse(text string, variables ...string) (*Program, error) {
	if len(text) > MaxLength {
		return nil, &Error{Line: 1, Column: 1, Err: fmt.Errorf("the expression has %d bytes, at most %d", len(text), MaxLength)}
	}
	if !utf8.ValidString(text) {
		return nil, &Error{Line: 1, Column: 1, Err: errors.New("the expression is not valid UTF-8")}
	}
	p := &parser{lexer: lexer{text: text}, scope: variables}
	root, err := p.parse()
	if err != nil {
		return nil, located(text, err)
	}
	return &Program{text: text, root: root}, nil
}

// String is the expression.
func (p *Program) String() string { return p.text }

// Eval evaluates the expression. Values are those of decoded JSON: nil, bool,
// int64, float64, string, []any and map[string]any, which are not changed. A
// variable that is missing is missing as a field is. The error is an *Error, around
// a *MissingError or ErrCost or for what does not fit together.
func (p *Program) Eval(variables map[string]any) (any, error) {
	e := &evaluation{variables: variables}
	v, err := e.eval(p.root)
	if err != nil {
		return nil, located(p.text, err)
	}
	return v, nil
}

// at is an error at an offset of the text.
type at struct {
	offset int
	err    error
}

func (e *at) Error() string { return e.err.Error() }

func failAt(offset int, format string, args ...any) error {
	return &at{offset, fmt.Errorf(format, args...)}
}

// located turns an offset into a line and a column.
func located(text string, err error) error {
	offset := 0
	var a *at
	if errors.As(err, &a) {
		offset, err = a.offset, a.err
	}
	before := text[:min(offset, len(text))]
	start := strings.LastIndexByte(before, '\n') + 1
	return &Error{
		Line: strings.Count(before, "\n") + 1, Column: utf8.RuneCountInString(before[start:]) + 1, Err: err,
	}
}
