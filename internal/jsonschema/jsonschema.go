// Package jsonschema checks values against the JSON schema of a chart, as
// Helm does: drafts 4 to 2020-12, the latest by default, in the words of the
// same library. The schema may come from a stranger: it reaches no file
// system, and neither its size nor the work it causes is unbounded.
package jsonschema

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"strconv"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
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
	// MaxSteps bounds the work of checking one instance where the caller sets
	// no bound, in visits of a schema to a value.
	MaxSteps = 1_000_000
)

// maxPointers bounds the sum of the lengths of the places of all nodes.
const maxPointers = 64 << 20

// Errors of schemas that are beyond a limit, or reach for what they may not.
var (
	ErrTooLarge = errors.New("schema is too large")
	ErrTooSlow  = errors.New("checking the values against the schema takes too long")
	ErrNoFetch  = errors.New("remote schemas are not fetched")
)

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

// Schema is a schema that is ready to check instances, one at a time.
type Schema struct {
	compiled *jsonschema.Schema
	meter    *meter
}

// Compile reads a schema and all that it refers to.
func Compile(schema []byte, opts Options) (compiled *Schema, err error) {
	defer recoverTo(&err)
	l := &loader{opts: opts}
	doc, err := l.parse(baseURL, schema)
	if err != nil {
		return nil, err
	}
	c := jsonschema.NewCompiler()
	c.UseLoader(l)
	if err := c.AddResource(baseURL, doc); err != nil {
		return nil, err
	}
	root, err := c.Compile(baseURL)
	if err != nil {
		return nil, err
	}
	m, err := l.bound(c, root)
	if err != nil {
		return nil, err
	}
	return &Schema{compiled: root, meter: m}, nil
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
	s.meter.left = steps
	err = s.compiled.Validate(instance)
	if verr, ok := errors.AsType[*jsonschema.ValidationError](err); ok {
		return list(verr), nil
	}
	return nil, err
}

// recoverTo turns a panic of the library, or of the meter, into an error.
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
	// pointers is the sum of the lengths of the places of all nodes.
	pointers int
	// anchors are the places of dynamic anchors.
	anchors []string
}

// Load implements the library's URLLoader.
func (l *loader) Load(ref string) (any, error) {
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
	return l.parse(ref, data)
}

func (l *loader) file(u *url.URL) ([]byte, error) {
	name := strings.TrimPrefix(u.Path, "/")
	if u.Host != "" || l.opts.Files == nil || !fs.ValidPath(name) {
		return nil, fmt.Errorf("open %s: a schema reaches only files of its chart", u.Path)
	}
	data, err := fs.ReadFile(l.opts.Files, name)
	if err != nil {
		return nil, fmt.Errorf("the chart has no such file: %w", err)
	}
	return data, nil
}

func (l *loader) parse(ref string, data []byte) (any, error) {
	if len(data) > MaxBytes {
		return nil, fmt.Errorf("%w: %d bytes, at most %d are read", ErrTooLarge, len(data), MaxBytes)
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	if err != nil {
		return nil, err
	}
	return doc, l.count(doc, ref, nil, 0)
}

// count adds up the nodes of a document, and finds its dynamic anchors. Places
// are counted by their length: the library keeps the pointer of each schema.
func (l *loader) count(node any, ref string, path []string, length int) error {
	if m, ok := node.(map[string]any); ok {
		if _, ok := m["$dynamicAnchor"].(string); ok {
			l.anchors = append(l.anchors, ref+"#"+pointer(path))
			l.pointers += length
		}
		for key, value := range m {
			if err := l.countChild(value, ref, append(path, url.PathEscape(escape(key))), length+len(key)); err != nil {
				return err
			}
		}
	}
	if list, ok := node.([]any); ok {
		for i, value := range list {
			if err := l.countChild(value, ref, append(path, strconv.Itoa(i)), length); err != nil {
				return err
			}
		}
	}
	return nil
}

func (l *loader) countChild(node any, ref string, path []string, length int) error {
	switch node.(type) {
	case map[string]any, []any:
		l.nodes++
		l.pointers += length + len(path)
	default:
		return nil
	}
	if l.nodes > MaxNodes || l.pointers > maxPointers {
		return fmt.Errorf("%w: more than %d objects and lists, or names too long", ErrTooLarge, MaxNodes)
	}
	return l.count(node, ref, path, length)
}

func pointer(path []string) string {
	if len(path) == 0 {
		return ""
	}
	return "/" + strings.Join(path, "/")
}
