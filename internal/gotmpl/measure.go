package gotmpl

import (
	"errors"
	"fmt"
	"math"
	"reflect"
)

// Bounds on what is turned into text at once.
const (
	maxPrintDepth = 10_000
	maxPrintNodes = 2_000_000
)

// ErrEndless is returned for a value that holds itself, or shares parts so that
// its text would have no practical end.
var ErrEndless = errors.New("the value holds itself, or is too large to be written")

// CheckTree is an error for a tree of values that holds itself or has more nodes
// than can be written (ErrEndless), or that takes more than maxBytes when it is
// written with two blanks for each level (ErrTooLarge too); 0 means any number.
func CheckTree(x any, maxBytes int) error { return check(x, maxBytes, false) }

// CheckPaths is CheckTree for a notation that writes the path of each table.
func CheckPaths(x any, maxBytes int) error { return check(x, maxBytes, true) }

// CheckAll is CheckTree for several values together.
func CheckAll(list []any, maxBytes int) error {
	m := newMeasuring(maxBytes)
	for _, x := range list {
		if !m.add(x, 0, 0) {
			return m.err(maxBytes)
		}
	}
	return nil
}

func check(x any, maxBytes int, paths bool) error {
	switch x.(type) {
	case nil, bool, int, int64, float64:
		return nil
	}
	if text, ok := x.(string); ok && len(text) < longText {
		return nil
	}
	m := newMeasuring(maxBytes)
	m.paths = paths
	if !m.add(x, 0, 0) {
		return m.err(maxBytes)
	}
	return nil
}

func newMeasuring(maxBytes int) *measuring {
	if maxBytes <= 0 {
		maxBytes = math.MaxInt
	}
	return &measuring{nodes: maxPrintNodes, bytes: maxBytes}
}

// err is which bound was hit.
func (m *measuring) err(maxBytes int) error {
	if m.bytes < 0 {
		return fmt.Errorf("%w: %w: more than %d bytes", ErrTooLarge, ErrEndless, maxBytes)
	}
	return ErrEndless
}

// measuring counts what a text would take, until a bound.
type measuring struct {
	nodes, bytes int
	paths        bool
}

// add is false when a bound is hit. Each line of the node has an indentation.
func (m *measuring) add(x any, depth, indent int) bool {
	m.nodes--
	m.bytes -= indent
	if text, ok := x.(string); ok {
		m.bytes -= textBytes(text)
	}
	if m.nodes < 0 || m.bytes < 0 || depth > maxPrintDepth {
		return false
	}
	switch x := x.(type) {
	case nil, string, bool, int, int64, float64:
		return true
	case map[string]any:
		for key, v := range x {
			if !m.entry(key, v, depth, indent) {
				return false
			}
		}
	case []any:
		for _, v := range x {
			if !m.add(v, depth+1, indent+2) {
				return false
			}
		}
	default:
		return m.other(x, depth, indent)
	}
	return true
}

func (m *measuring) entry(key string, v any, depth, indent int) bool {
	m.bytes -= len(key)
	if m.paths {
		indent += len(key)
	}
	return m.add(v, depth+1, indent+2)
}

// longText is from what length on it is worth to count what is escaped.
const longText = 1 << 16

// textBytes is the length of a text as it is written.
func textBytes(text string) int {
	n := len(text)
	if n < longText {
		return n
	}
	for i := range len(text) {
		if c := text[i]; c < ' ' && c != '\n' {
			n += len(`\u0000`) - 1
		}
	}
	return n
}

// other looks into maps and lists of other types.
func (m *measuring) other(x any, depth, indent int) bool {
	rv := reflect.ValueOf(x)
	switch rv.Kind() {
	case reflect.String:
		m.bytes -= rv.Len()
	case reflect.Map:
		if plain, ok := plainMap(rv); ok {
			return m.add(plain, depth, indent)
		}
		for it := rv.MapRange(); it.Next(); {
			if it.Value().CanInterface() && !m.entry(fmtKey(it.Key()), it.Value().Interface(), depth, indent) {
				return false
			}
		}
	case reflect.Slice:
		if rv.Type().Elem().Kind() == reflect.Uint8 {
			m.bytes -= 4 * rv.Len()
			return m.bytes >= 0
		}
		for i := range rv.Len() {
			if !m.add(rv.Index(i).Interface(), depth+1, indent+2) {
				return false
			}
		}
	}
	return m.bytes >= 0
}

// fmtKey is a key of a map as text, empty where it is none.
func fmtKey(key reflect.Value) string {
	if key.Kind() == reflect.String {
		return key.String()
	}
	return ""
}
