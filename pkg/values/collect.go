package values

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/seed-0d4f92cc/pack/internal/yamlio"
)

// UserOptions are the values flags of a command line, each in the order in
// which it was given. The zero value gives no values.
type UserOptions struct {
	// Below are files that come before all others: those of a chart's
	// environments.
	Below []Layer
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
	m, _, err := CollectLayers(ctx, opts, read)
	return m, err
}

// CollectLayers is Collect, and returns what the values are made of, too: the
// layers in the order in which they were applied.
func CollectLayers(ctx context.Context, opts UserOptions, read ReadFunc) (Map, []Layer, error) {
	known := recorded{}
	read = known.record(trimStdin(read))
	out := Map{}
	layers := opts.Below[:len(opts.Below):len(opts.Below)]
	for _, name := range opts.Files {
		if err := ctx.Err(); err != nil {
			return nil, nil, err
		}
		data, err := read(name)
		if err != nil {
			return nil, nil, err
		}
		layers = append(layers, Layer{Name: name, Data: data})
	}
	for _, l := range layers {
		m, err := Parse(l.Data)
		if err != nil {
			return nil, nil, &FileError{Name: l.Name, Data: l.Data, Err: err}
		}
		overlayOwn(out, under(m, l.Under))
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
				return nil, nil, err
			}
			if err := a.assign(out, expr, kind.style); err != nil {
				return nil, nil, flagError(kind.style, expr, err)
			}
			layers = append(layers, Layer{Name: "--" + kind.style.String(), expr: expr, style: kind.style, read: known.again})
		}
	}
	return out, layers, nil
}

// FileError says that a values file cannot be read as one.
type FileError struct {
	// Name is the name under which the file was asked for, Data its text.
	Name string
	Data []byte
	Err  error
}

// Error has Helm's text.
func (e *FileError) Error() string { return fmt.Sprintf("failed to parse %s: %v", e.Name, e.Err) }

// Line is the line, from 1, from which on the file cannot be read; 0 where the
// file is too long to find it.
func (e *FileError) Line() int { return yamlio.MapFault(e.Data) + 1 }

// Unwrap is what the YAML reader found.
func (e *FileError) Unwrap() error { return e.Err }

// under puts a tree into the section of a path.
func under(m Map, path []string) Map {
	for i := len(path) - 1; i >= 0; i-- {
		m = Map{path[i]: m}
	}
	return m
}

// recorded keeps what was read, for layers to be asked later.
type recorded map[string][]byte

func (r recorded) record(read ReadFunc) ReadFunc {
	return func(name string) ([]byte, error) {
		data, err := read(name)
		r[strings.TrimSpace(name)] = data
		return data, err
	}
}

// again is what was read under a name.
func (r recorded) again(name string) ([]byte, error) { return r[strings.TrimSpace(name)], nil }

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
	given := "JSON: {…"
	if !strings.HasPrefix(strings.TrimSpace(expr), "{") {
		key, _, assigns := strings.Cut(shorten(expr), "=")
		if given = key; assigns {
			given += "=…"
		}
	}
	return &jsonFlagError{text: fmt.Sprintf("failed parsing --set-json data %s: %v", given, err), err: err}
}

// jsonFlagError begins with Helm's text, which repeats the whole expression; a value in
// it may be secret.
type jsonFlagError struct {
	text string
	err  error
}

func (e *jsonFlagError) Error() string { return e.text }
func (e *jsonFlagError) Unwrap() error { return e.err }
