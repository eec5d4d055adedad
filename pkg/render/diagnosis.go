package render

import (
	"bytes"
	"strconv"
	"strings"

	"github.com/seed-0d4f92cc/pack/pkg/chart"
)

// DiagnosedError is an error with what helps to end the search for its cause.
// Its text is that of Err, which errors.Is and errors.As find.
type DiagnosedError struct {
	Err error
	// Configured is what was being rendered; nil where a template could not be
	// parsed.
	Configured *chart.Configured
	Diagnosis
}

// Error is the text of Err.
func (e *DiagnosedError) Error() string { return e.Err.Error() }

// Unwrap is Err.
func (e *DiagnosedError) Unwrap() error { return e.Err }

// Diagnosis says where the line to change is, and why.
type Diagnosis struct {
	// Where is the line to change.
	Where Location
	// Chain leads to it: the calls of include, tpl and template, outermost
	// first, without Where itself.
	Chain []Location
	// Rendered are the lines of the output around a fault in it; none for other
	// errors.
	Rendered []RenderedLine
	// Hints say more, in the order of their importance.
	Hints []Hint
}

// Location is a place in a file of a chart.
type Location struct {
	// File is a path in the root chart, for example
	// "charts/db/templates/web.yaml".
	File string
	// Line and Column count from 1; 0 is unknown. Columns count bytes.
	Line, Column int
	// Source is the text of the line.
	Source string
	// Expression is what was being evaluated; empty where it is not known.
	Expression string
}

// String is "file:line:column", as far as they are known.
func (l Location) String() string {
	switch {
	case l.Line == 0:
		return l.File
	case l.Column == 0:
		return l.File + ":" + strconv.Itoa(l.Line)
	}
	return l.File + ":" + strconv.Itoa(l.Line) + ":" + strconv.Itoa(l.Column)
}

// RenderedLine is a line of the output.
type RenderedLine struct {
	// Number counts from 1 in the output of the template.
	Number int
	Text   string
	// Fault marks the line that cannot be read.
	Fault bool
}

// Hint is one thing to know about an error.
type Hint struct {
	Text string
	// Value is the path of the value that it is about, from the root of the
	// values; nil where it is about none.
	Value []string
}

// templates are the texts of a tree of charts, for their lines to be shown.
type templates map[string][]byte

func newTemplates(list []source) templates {
	t := make(templates, len(list))
	for _, s := range list {
		t[s.name] = s.text
	}
	return t
}

// location is a place in a template. column counts from 0, and is -1 where it
// is not known.
func (t templates) location(name string, line, column int) Location {
	l := Location{File: inRoot(name), Line: line, Column: column + 1}
	if text, ok := t[name]; ok {
		l.Source = sourceLine(text, line)
	}
	return l
}

// maxSource is how much of a line is shown of a template.
const maxSource = 4 << 10

// sourceLine is lineOf for a text that nobody wants copied.
func sourceLine(text []byte, line int) string {
	for n := 1; len(text) > 0; n++ {
		l, rest, _ := bytes.Cut(text, []byte("\n"))
		if n == line {
			return strings.TrimSuffix(string(l[:min(len(l), maxSource)]), "\r")
		}
		text = rest
	}
	return ""
}

// inRoot takes the name of the root chart off the name of a template.
func inRoot(name string) string {
	_, rest, ok := strings.Cut(name, "/")
	if !ok {
		return name
	}
	return rest
}

// lineOf is a line of a text without its line break; lines count from 1.
func lineOf(text string, line int) string {
	for n := 1; text != ""; n++ {
		l, rest, _ := strings.Cut(text, "\n")
		if n == line {
			return strings.TrimSuffix(l, "\r")
		}
		text = rest
	}
	return ""
}
