// Package jsonschema checks values against the JSON schema of a chart, as
// Helm does: drafts 4 to 2020-12, the latest by default, in the words of the
// library that Helm uses. That library itself takes a fifth of the time that a
// small chart takes, before main begins; so here are its rules alone, and tests
// compare the two. The schema may come from a stranger: it reaches no file
// system, and neither its size nor the work it causes is unbounded.
package jsonschema

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"strings"

	"github.com/seed-0d4f92cc/pack/internal/bounded"
)

// Limits on schemas.
const (
	// MaxBytes is the size of the largest schema document.
	MaxBytes = 16 << 20
	// MaxNodes bounds the objects and lists of a schema with all documents
	// that it refers to.
	MaxNodes = 50_000
	// MaxDocuments bounds how many documents a schema may refer to.
	MaxDocuments = 100
	// MaxPatterns bounds the regular expressions of a schema, in bytes: compiled
	// ones take up a thousand times as much.
	MaxPatterns = 64 << 10
	// MaxSteps bounds the work of checking one instance where the caller sets
	// no bound: visits of a schema to a value, and what takes as long as some.
	MaxSteps = 1_000_000
)

// maxPointers bounds the sum of the lengths of the places of all nodes, maxUnused the
// regular expressions of all documents, used or not.
const (
	maxPointers = 64 << 20
	maxUnused   = 4 * MaxPatterns
)

// Errors of schemas that are beyond a limit, or reach for what they may not.
var (
	ErrTooLarge = errors.New("schema is too large")
	ErrTooSlow  = errors.New("checking the values against the schema takes too long")
	ErrNoFetch  = errors.New("remote schemas are not fetched")
)

var errPatterns = fmt.Errorf("%w: more than %d bytes of regular expressions", ErrTooLarge, MaxPatterns)

// baseURL is where the schema is said to lie, so that texts are Helm's.
const baseURL = "file:///values.schema.json"

// Options say what a schema may reach. With the zero value that is nothing.
type Options struct {
	// Files holds what relative references name; nil holds nothing.
	Files fs.FS
	// Fetch reads http and https references; nil refuses them.
	Fetch func(url string) ([]byte, error)
	// Warn is told of references that are passed over; nil means nobody is.
	Warn func(string)
}

// Schema is a schema that is ready to check instances. It may be used from many
// goroutines.
type Schema struct{ root *schema }

// Compile reads a schema and all that it refers to.
func Compile(schema []byte, opts Options) (compiled *Schema, err error) {
	defer recoverTo(&err)
	l := &loader{opts: opts}
	doc, err := l.parse(schema)
	if err != nil {
		return nil, err
	}
	c := newCompiler(l.load)
	c.sources[baseURL] = doc
	root, err := c.compile(baseURL)
	if err != nil {
		return nil, err
	}
	return &Schema{root}, nil
}

// Validate checks an instance and returns what is wrong with it, in a fixed
// order. An error means that the instance could not be checked, ErrTooSlow
// that it would have taken more than steps, which are counted down; nil stands
// for MaxSteps.
func (s *Schema) Validate(instance any, steps *int) (violations []Violation, err error) {
	defer recoverTo(&err)
	if steps == nil {
		most := MaxSteps
		steps = &most
	}
	if *steps < 0 {
		return nil, ErrTooSlow
	}
	c := &checker{left: steps}
	if found := c.root(s.root, instance); found != nil {
		return list(found, false), nil
	}
	return nil, nil
}

// recoverTo turns a panic into an error: that there were too many steps, or
// what nobody thought of.
func recoverTo(err *error) {
	r := recover()
	if r == nil {
		return
	}
	*err = fmt.Errorf("unable to validate schema: %v", r)
	if cause, ok := r.(error); ok && errors.Is(cause, ErrTooSlow) {
		*err = cause
	}
}

// loader finds the documents that a schema refers to.
type loader struct {
	opts  Options
	nodes int
	docs  int
	// patterns is how long the regular expressions are in all.
	patterns int
	// pointers is the sum of the lengths of the places of all nodes.
	pointers int
}

func (l *loader) load(ref string) (any, error) {
	u, err := url.Parse(ref)
	if err != nil {
		return nil, err
	}
	if l.docs++; l.docs > MaxDocuments {
		return nil, fmt.Errorf("%w: it refers to more than %d documents", ErrTooLarge, MaxDocuments)
	}
	var data []byte
	switch u.Scheme {
	case "file":
		data, err = l.file(u)
	case "http", "https":
		if l.opts.Fetch == nil {
			return nil, fmt.Errorf("%w: put the document into the chart and refer to it by its path", ErrNoFetch)
		}
		data, err = l.opts.Fetch(ref)
	case "urn":
		if l.opts.Warn != nil {
			l.opts.Warn(fmt.Sprintf("schema reference %q is not resolved: it accepts everything", ref))
		}
		return true, nil
	default:
		return nil, fmt.Errorf("no URLLoader registered for %q", ref)
	}
	if err != nil {
		return nil, err
	}
	return l.parse(data)
}

func (l *loader) file(u *url.URL) ([]byte, error) {
	name := strings.TrimPrefix(u.Path, "/")
	if u.Host != "" || l.opts.Files == nil || !fs.ValidPath(name) {
		return nil, fmt.Errorf("open %s: a schema reaches only files of its chart", u.Path)
	}
	data, err := bounded.ReadFS(l.opts.Files, name, MaxBytes)
	if errors.Is(err, bounded.ErrLarger) {
		return nil, fmt.Errorf("%w: %w", ErrTooLarge, err)
	}
	if err != nil {
		return nil, fmt.Errorf("the chart has no such file: %w", err)
	}
	return data, nil
}

func (l *loader) parse(data []byte) (any, error) {
	if len(data) > MaxBytes {
		return nil, fmt.Errorf("%w: %d bytes, at most %d are read", ErrTooLarge, len(data), MaxBytes)
	}
	doc, err := decode(bytes.NewReader(data))
	if err != nil {
		return nil, err
	}
	return doc, l.count(doc, 0, 0)
}

// decode reads one JSON value, with its numbers as they are written.
func decode(r io.Reader) (any, error) {
	decoder := json.NewDecoder(r)
	decoder.UseNumber()
	var doc any
	if err := decoder.Decode(&doc); err != nil {
		return nil, err
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("invalid character after top-level value")
	}
	return doc, nil
}

// count adds up the nodes of a document, and the lengths of their places: each
// schema keeps its JSON pointer.
func (l *loader) count(node any, depth, length int) error {
	switch node := node.(type) {
	case map[string]any:
		for key, value := range node {
			l.countPatterns(key, value)
			if err := l.countChild(value, depth+1, length+len(key)); err != nil {
				return err
			}
		}
	case []any:
		for _, value := range node {
			if err := l.countChild(value, depth+1, length); err != nil {
				return err
			}
		}
	case json.Number:
		if tooLong(node) {
			return fmt.Errorf("%w: the number %.40s", ErrTooLarge, node)
		}
	}
	return nil
}

func (l *loader) countChild(node any, depth, length int) error {
	switch node.(type) {
	case map[string]any, []any:
		l.nodes++
		l.pointers += length + depth
	}
	if l.patterns > maxUnused {
		return errPatterns
	}
	if l.nodes > MaxNodes || l.pointers > maxPointers {
		return fmt.Errorf("%w: more than %d objects and lists, or names too long", ErrTooLarge, MaxNodes)
	}
	return l.count(node, depth, length)
}

// countPatterns adds up what is, or may be, regular expressions. That they are good
// ones is seen to by compiling them, whether or not they are used.
func (l *loader) countPatterns(key string, value any) {
	switch value := value.(type) {
	case string:
		if key == "pattern" {
			l.patterns += len(value)
		}
	case map[string]any:
		if key == "patternProperties" {
			for name := range value {
				l.patterns += len(name)
			}
		}
	}
}
