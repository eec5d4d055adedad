package gotmpl

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/seed-0d4f92cc/pack/internal/tmpltree"
)

// ErrTooLarge is returned when a template writes more than it may.
var ErrTooLarge = errors.New("the template's output is too large")

// ErrTooDeep is returned when templates call each other too deeply.
var ErrTooDeep = errors.New("templates are nested too deeply")

// ExecError says where in a template something failed. Its text is that of
// text/template's error of the same name.
type ExecError struct {
	// Template is the name of the template that was being executed.
	Template string
	// File is the name under which the text was parsed; Line counts from 1,
	// Column from 0.
	File   string
	Line   int
	Column int
	// Node is the expression at fault.
	Node string
	// Message is what failed, without Err.
	Message string
	// Err is what a function returned; nil for other failures.
	Err error
}

// Error is text/template's text, with that of Err.
func (e *ExecError) Error() string {
	var b strings.Builder
	e.writeTo(&b)
	return b.String()
}

func (e *ExecError) writeTo(b *strings.Builder) {
	if e.File == "" {
		fmt.Fprintf(b, "template: %s: %s", e.Template, e.Message)
	} else {
		fmt.Fprintf(b, "template: %s: executing %q at <%s>: %s", e.Position(), e.Template, e.Node, e.Message)
	}
	if e.Err == nil {
		return
	}
	b.WriteString(": ")
	writeError(b, e.Err)
}

// writeError writes the text of an error. Chains can be thousands of links
// long, so that a text may not be made anew at each.
func writeError(b *strings.Builder, err error) {
	if b.Len() > maxErrorText {
		b.WriteString("…")
		return
	}
	if e, ok := err.(interface{ writeTo(*strings.Builder) }); ok {
		e.writeTo(b)
		return
	}
	b.WriteString(err.Error())
}

// maxErrorText is from what length on no more links are added to the text of an
// error.
const maxErrorText = 256 << 10

// maxQuoted is how much is quoted of the text given to tpl.
const maxQuoted = 64 << 10

// CallError is what a function that executes templates says of an error in
// them.
type CallError struct {
	// Message is what failed, and Text the template that was executed or could
	// not be parsed.
	Message string
	Text    string
	Err     error
}

// Error is the message, the template and the text of the cause.
func (e *CallError) Error() string {
	var b strings.Builder
	e.writeTo(&b)
	return b.String()
}

// writeTo quotes the template here and not before: an error has a link for each
// level, and there can be thousands.
func (e *CallError) writeTo(b *strings.Builder) {
	text := e.Text
	if len(text) > maxQuoted {
		text = text[:maxQuoted] + "…"
	}
	b.WriteString(e.Message)
	b.WriteByte(' ')
	b.WriteString(strconv.Quote(text))
	b.WriteString(": ")
	writeError(b, e.Err)
}

// Unwrap is the cause.
func (e *CallError) Unwrap() error { return e.Err }

// Unwrap is what the function returned.
func (e *ExecError) Unwrap() error { return e.Err }

// Position is "file:line:column".
func (e *ExecError) Position() string {
	return e.File + ":" + strconv.Itoa(e.Line) + ":" + strconv.Itoa(e.Column)
}

// thrown is how an error leaves an execution.
type thrown struct{ err error }

// fail ends the execution with an error at the current node.
func (s *State) fail(message string, err error) {
	if s.links > maxLinks && s.level > maxLinks*executeLevels {
		panic(thrown{err}) // the links in the middle are left out
	}
	s.links++
	panic(thrown{s.errorAt(s.node, message, err)})
}

// maxLinks is how many links an error may have before those of deeper levels are
// left out: each costs a look through its template.
const maxLinks = 2000

func (s *State) failf(format string, args ...any) { s.fail(fmt.Sprintf(format, args...), nil) }

func (s *State) errorAt(node tmpltree.Node, message string, err error) *ExecError {
	e := &ExecError{Template: s.tree.Name, Message: message, Err: err}
	if node == nil {
		return e
	}
	e.Node, e.File = node.String(), s.tree.File
	e.Line, e.Column = s.tree.Place(node)
	return e
}

// catch turns what was thrown into err; any other panic goes on.
func catch(err *error) {
	switch e := recover().(type) {
	case nil:
	case thrown:
		*err = e.err
	default:
		panic(e)
	}
}
