package values

import (
	"context"
	"errors"
	"fmt"
	"strings"
)

// UserOptions are the values flags of a command line, each in the order in
// which it was given. The zero value gives no values.
type UserOptions struct {
	// Files are values files (-f): paths, URLs or "-".
	Files []string
	// JSON, Set, String, File and Literal are the expressions of --set-json,
	// --set, --set-string, --set-file and --set-literal.
	JSON, Set, String, File, Literal []string
}

// Collect builds the values that a user gave. The kinds are applied in Helm's
// fixed order, wherever they stood on the command line: files, --set-json,
// --set, --set-string, --set-file, --set-literal. Later ones win.
//
// read gets the names as they were given, but for "-", which loses the blanks
// around it. It must not be nil if there are Files or File expressions.
//
// Errors have Helm's text. A fault in an expression is a *SyntaxError within;
// what read returns is within too. Collect ends early with the context's
// error when ctx is done.
func Collect(ctx context.Context, opts UserOptions, read ReadFunc) (Map, error) {
	read = trimStdin(read)
	out := Map{}
	for _, name := range opts.Files {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		data, err := read(name)
		if err != nil {
			return nil, err
		}
		m, err := Parse(data)
		if err != nil {
			return nil, fmt.Errorf("failed to parse %s: %w", name, err)
		}
		overlayOwn(out, m)
	}
	a := assigner{read: read, fill: maxFill}
	for _, kind := range []struct {
		style Style
		exprs []string
	}{
		{JSON, opts.JSON},
		{Typed, opts.Set},
		{String, opts.String},
		{File, opts.File},
		{Literal, opts.Literal},
	} {
		for _, expr := range kind.exprs {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			if err := a.assign(out, expr, kind.style); err != nil {
				return nil, flagError(kind.style, expr, err)
			}
		}
	}
	return out, nil
}

// trimStdin makes " - " the name of standard input.
func trimStdin(read ReadFunc) ReadFunc {
	return func(name string) ([]byte, error) {
		if read == nil {
			return nil, errors.New("no files can be read here")
		}
		if strings.TrimSpace(name) == "-" {
			name = "-"
		}
		return read(name)
	}
}

// flagError says which flag is at fault, as Helm does.
func flagError(style Style, expr string, err error) error {
	if style != JSON {
		return fmt.Errorf("failed parsing --%s data: %w", style, err)
	}
	form := ""
	if strings.HasPrefix(strings.TrimSpace(expr), "{") {
		form = "JSON: "
	}
	return &jsonFlagError{text: "failed parsing --set-json data " + form + shorten(expr), err: err}
}

// jsonFlagError has Helm's text, which repeats the expression instead of
// saying what is wrong with it.
type jsonFlagError struct {
	text string
	err  error
}

func (e *jsonFlagError) Error() string { return e.text }
func (e *jsonFlagError) Unwrap() error { return e.err }
