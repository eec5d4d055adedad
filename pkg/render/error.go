package render

import (
	"errors"
	"strconv"
	"strings"

	"github.com/seed-0d4f92cc/pack/internal/gotmpl"
)

// Error says that a template could not be parsed or executed. Its text is
// Helm 4's.
type Error struct {
	// Template is the file at fault, "parent/charts/child/templates/web.yaml";
	// Line counts from 1, Column from 0. It is the outermost position: that of
	// the file that was being rendered.
	Template string
	Line     int
	Column   int
	// Message is what failed in the end.
	Message string
	// Frames are the positions on the way to it, outermost first; none where
	// the template could not be parsed.
	Frames []Frame
	// Err is the cause, for errors.Is and errors.As.
	Err error

	text string
}

// Frame is a position in a template that was being executed.
type Frame struct {
	// Template is the name under which the template was defined, or the file.
	Template string
	// File is where its text stands; "gotpl" is the text given to tpl.
	File   string
	Line   int
	Column int
	// Node is the expression, and Message what failed there.
	Node    string
	Message string
}

// Error is Helm 4's text.
func (e *Error) Error() string { return e.text }

// Unwrap is the cause.
func (e *Error) Unwrap() error { return e.Err }

// parseError gives the error of a parser Helm's form.
func parseError(file string, err error) *Error {
	parts := strings.Split(err.Error(), ": ")
	if len(parts) < 2 || parts[0] != "template" {
		return &Error{Template: file, Message: err.Error(), Err: err, text: "parse error in (" + file + "): " + err.Error()}
	}
	message := parts[len(parts)-1]
	_, line, _ := strings.Cut(strings.TrimPrefix(parts[1], file), ":")
	n, _ := strconv.Atoi(line)
	return &Error{
		Template: file,
		Line:     n,
		Message:  message,
		Err:      err,
		text:     "parse error at (" + parts[1] + "): " + message,
	}
}

// execError gives the error of an execution Helm 4's form.
func execError(file string, err error) error {
	var outer *gotmpl.ExecError
	if !errors.As(err, &outer) {
		return &Error{Template: file, Message: err.Error(), Err: err, text: file + ": " + err.Error()}
	}
	e := &Error{
		Template: outer.File,
		Line:     outer.Line,
		Column:   outer.Column,
		Frames:   frames(outer),
		Err:      err,
	}
	var said *messageError
	if errors.As(err, &said) {
		e.Message = said.message
		e.text = "execution error at (" + outer.Position() + "): " + said.message
		return e
	}
	e.Message = innermost(outer)
	if text, ok := trace(outer); ok {
		e.text = text
	} else {
		e.text = outer.Error()
	}
	return e
}

// frames lists the executions within each other.
func frames(outer *gotmpl.ExecError) []Frame {
	var list []Frame
	for x := outer; x != nil; {
		list = append(list, Frame{
			Template: x.Template, File: x.File, Line: x.Line, Column: x.Column, Node: x.Node, Message: x.Message,
		})
		var inner *gotmpl.ExecError
		if !errors.As(x.Err, &inner) {
			break
		}
		x = inner
	}
	return list
}

// innermost is what failed in the end, without its position.
func innermost(outer *gotmpl.ExecError) string {
	x := outer
	for {
		var inner *gotmpl.ExecError
		if !errors.As(x.Err, &inner) {
			break
		}
		x = inner
	}
	if x.Err != nil {
		return x.Err.Error()
	}
	return x.Message
}

// trace is the form that Helm 4 gives an error all of whose links are messages
// of text/template; another error in the chain makes it give the text as it is.
func trace(outer *gotmpl.ExecError) (string, bool) {
	var blocks []string
	for err := error(outer); err != nil; err = errors.Unwrap(err) {
		var block string
		switch x := err.(type) { //nolint:errorlint // each link of the chain is looked at by itself
		case *gotmpl.ExecError:
			block = traceBlock(x)
		case *gotmpl.LookupError:
			block = x.Error() + "\n"
		default:
			return "", false
		}
		if len(blocks) == 0 || blocks[len(blocks)-1] != block {
			blocks = append(blocks, block)
		}
	}
	return strings.TrimSpace(strings.Join(blocks, "")), true
}

func traceBlock(x *gotmpl.ExecError) string {
	message := x.Message
	if x.Err != nil {
		message += ":"
	}
	if x.File == "" {
		return "template: " + x.Template + ": " + message + "\n"
	}
	// Helm takes the text apart at the first end of an expression that it
	// finds, even within a string.
	whole := "executing " + strconv.Quote(x.Template) + " at <" + x.Node + ">: " + message
	from := len("executing " + strconv.Quote(x.Template))
	end := from + strings.Index(whole[from:], ">: ")
	return x.Position() + "\n  " + whole[:end+1] + ":\n    " + whole[end+3:] + "\n"
}
