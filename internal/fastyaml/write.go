package fastyaml

import (
	"encoding"
	"encoding/base64"
	"encoding/json"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// Write writes a tree of map[string]any, []any, strings, numbers, bools and
// nil: keys sorted, an indentation of two, the dashes of a list in the column
// of its key. The second result is false where the library has to be asked: for
// other types, odd characters, keys that are too long.
func Write(v any) ([]byte, bool) {
	w := writer{}
	w.node(v, 0, atStart)
	return w.out, !w.declined
}

// place is where a node is written.
type place uint8

const (
	// atStart is the beginning of the text.
	atStart place = iota
	// afterKey is behind the colon of a key.
	afterKey
	// afterDash is behind a dash and its blank.
	afterDash
)

type writer struct {
	out      []byte
	depth    int
	declined bool
}

// node writes a value and the line break after it. indent is the column of the
// collection that it belongs to.
func (w *writer) node(v any, indent int, at place) {
	switch v := v.(type) {
	case map[string]any:
		writeMap(w, v, indent, at)
		return
	case []any:
		writeList(w, v, indent, at)
		return
	case map[string]string:
		writeMap(w, v, indent, at)
		return
	case []string:
		writeList(w, v, indent, at)
		return
	case map[string][]byte:
		writeMap(w, v, indent, at)
		return
	}
	if m, ok := namedMap(v); ok {
		writeMap(w, m, indent, at)
		return
	}
	if at == afterKey {
		w.out = append(w.out, ' ')
	}
	w.scalar(v, indent)
}

// namedMap is a map of a named type as the map that it is, unless the type
// says how it is written.
func namedMap(v any) (map[string]any, bool) {
	switch v.(type) {
	case nil, string, bool, int, int64, float64, json.Marshaler, encoding.TextMarshaler:
		return nil, false
	}
	plain := reflect.TypeFor[map[string]any]()
	rv := reflect.ValueOf(v)
	if rv.Kind() != reflect.Map || !rv.CanConvert(plain) {
		return nil, false
	}
	m, ok := rv.Convert(plain).Interface().(map[string]any)
	return m, ok
}

// scalar writes a value that is no collection, and the line break after it.
func (w *writer) scalar(v any, indent int) {
	switch v := v.(type) {
	case nil:
		w.out = append(w.out, "null"...)
	case string:
		w.text(v, indent)
		return
	case []byte:
		if v == nil {
			w.scalar(nil, indent)
			return
		}
		w.text(base64.StdEncoding.EncodeToString(v), indent)
		return
	case bool:
		w.out = strconv.AppendBool(w.out, v)
	case int:
		w.out = strconv.AppendInt(w.out, int64(v), 10)
	case int64:
		w.out = strconv.AppendInt(w.out, v, 10)
	case float64:
		w.number(v)
	default:
		w.declined = true
	}
	w.out = append(w.out, '\n')
}

// number writes a float64 as it is after the detour over JSON.
func (w *writer) number(f float64) {
	switch {
	case math.IsNaN(f) || math.IsInf(f, 0):
		w.declined = true
	case f == math.Trunc(f) && math.Abs(f) < 1<<53:
		w.out = strconv.AppendInt(w.out, int64(f), 10)
	case f == math.Trunc(f) && f > -1<<64 && f < 1<<64:
		w.large(f)
	default:
		w.out = strconv.AppendFloat(w.out, f, 'g', -1, 64)
	}
}

// large writes an integer that has more digits than float64 holds: in JSON the
// others are zeros, and what they make is an integer for YAML if it fits one.
func (w *writer) large(f float64) {
	text := strconv.FormatFloat(f, 'f', -1, 64)
	if kind, _ := resolve(text); kind == kindInt || kind == kindUint {
		w.out = append(w.out, text...)
		return
	}
	w.out = strconv.AppendFloat(w.out, f, 'g', -1, 64)
}

// empty writes a collection that has no elements: null where it is nil.
func (w *writer) empty(isNil bool, text string, at place) {
	if at == afterKey {
		w.out = append(w.out, ' ')
	}
	if isNil {
		text = "null"
	}
	w.out = append(append(w.out, text...), '\n')
}

func writeMap[V any](w *writer, m map[string]V, indent int, at place) {
	if len(m) == 0 {
		w.empty(m == nil, "{}", at)
		return
	}
	if !w.enter() {
		return
	}
	switch at {
	case afterKey:
		w.out = append(w.out, '\n')
		indent += 2
	case afterDash:
		indent += 2
	case atStart:
	}
	keys := make([]string, 0, len(m))
	for key := range m {
		keys = append(keys, key)
	}
	slices.SortFunc(keys, CompareKeys)
	for i, key := range keys {
		if i > 0 || at == afterKey {
			w.spaces(indent)
		}
		w.key(key)
		w.node(m[key], indent, afterKey)
		if w.declined {
			return
		}
	}
	w.depth--
}

func writeList[V any](w *writer, list []V, indent int, at place) {
	if len(list) == 0 {
		w.empty(list == nil, "[]", at)
		return
	}
	if !w.enter() {
		return
	}
	switch at {
	case afterKey:
		w.out = append(w.out, '\n')
	case afterDash:
		indent += 2
	case atStart:
	}
	for i, v := range list {
		if i > 0 || at == afterKey {
			w.spaces(indent)
		}
		w.out = append(w.out, "- "...)
		w.node(v, indent, afterDash)
		if w.declined {
			return
		}
	}
	w.depth--
}

// enter counts the depth; a tree without end has to end.
func (w *writer) enter() bool {
	w.depth++
	if w.depth > maxDepth {
		w.declined = true
	}
	return !w.declined
}

func (w *writer) spaces(n int) {
	for range n {
		w.out = append(w.out, ' ')
	}
}

// maxSimpleKey is how long the library lets a key be that it writes on one
// line.
const maxSimpleKey = 128

func (w *writer) key(key string) {
	c := classify(key)
	if len(key) > maxSimpleKey || c.breaks || c.special || key == "<<" {
		w.declined = true
		return
	}
	w.line(key, c, wrap{})
	w.out = append(w.out, ':')
}

// text writes a string as a value, and the line break after it.
func (w *writer) text(s string, indent int) {
	c := classify(s)
	if c.breaks && !c.refused && !c.special && !c.spaceBreak && s[len(s)-1] != ' ' {
		// The text stands one level deeper than its key or dash; alone it stands
		// where a first level would.
		w.literal(s, indent+2)
		return
	}
	w.line(s, c, w.wrapAt(s, indent+2))
	w.out = append(w.out, '\n')
}

// line writes a string on one line, but for where it is wrapped.
func (w *writer) line(s string, c class, at wrap) {
	switch {
	case c.refused:
		w.declined = true
	case c.breaks || c.special || !w.isText(s):
		w.doubleQuoted(s, at)
	case c.indicator || s[0] == ' ' || s[len(s)-1] == ' ':
		w.singleQuoted(s, at)
	default:
		w.words(s, at, false)
	}
}

// isText says whether a plain scalar of that text is read as a string.
func (w *writer) isText(s string) bool {
	kind, _ := resolve(s)
	if kind == kindDoubtful {
		w.declined = true
	}
	if kind != kindString {
		return false
	}
	if c := s[0]; c >= '0' && c <= '9' || c == '+' || c == '-' {
		return !isBase60(s) && !isTimestamp(s)
	}
	return true
}

func (w *writer) singleQuoted(s string, at wrap) {
	w.out = append(w.out, '\'')
	w.words(s, at, true)
	w.out = append(w.out, '\'')
}

// words writes the text of a plain or single-quoted scalar.
func (w *writer) words(s string, at wrap, quoted bool) {
	if !at.on && (!quoted || strings.IndexByte(s, '\'') < 0) {
		w.out = append(w.out, s...)
		return
	}
	for i := range len(s) {
		c := s[i]
		if c == ' ' && at.on && i > 0 && i < len(s)-1 && s[i-1] != ' ' && s[i+1] != ' ' && w.column() > maxColumn {
			w.out = append(w.out, '\n')
			w.spaces(at.indent)
			continue
		}
		if c == '\'' && quoted {
			w.out = append(w.out, c)
		}
		w.out = append(w.out, c)
	}
}

func (w *writer) doubleQuoted(s string, at wrap) {
	w.out = append(w.out, '"')
	for i, r := range s {
		if r == ' ' && at.on && i > 0 && i < len(s)-1 && s[i-1] != ' ' && w.column() > maxColumn {
			w.out = append(w.out, '\n')
			w.spaces(at.indent)
			if s[i+1] == ' ' {
				w.out = append(w.out, '\\')
			}
			continue
		}
		w.escaped(r)
	}
	w.out = append(w.out, '"')
}

func (w *writer) escaped(r rune) {
	const short = "0------abtnvfr"
	switch {
	case r == '"' || r == '\\':
		w.out = append(w.out, '\\', byte(r))
	case r == 0x1b:
		w.out = append(w.out, `\e`...)
	case r < rune(len(short)) && short[r] != '-':
		w.out = append(w.out, '\\', short[r])
	case r < ' ':
		w.hex('x', r, 2)
	case r > 0xffff:
		w.hex('U', r, 8)
	default:
		w.out = append(w.out, string(r)...)
	}
}

func (w *writer) hex(kind byte, r rune, digits int) {
	w.out = append(w.out, '\\', kind)
	for i := (digits - 1) * 4; i >= 0; i -= 4 {
		w.out = append(w.out, "0123456789ABCDEF"[r>>i&0xf])
	}
}

// literal writes a text of several lines as it is.
func (w *writer) literal(s string, indent int) {
	w.out = append(w.out, '|')
	if s[0] == ' ' || s[0] == '\n' {
		w.out = append(w.out, '2')
	}
	switch {
	case s[len(s)-1] != '\n':
		w.out = append(w.out, '-')
	case len(s) == 1 || s[len(s)-2] == '\n':
		w.out = append(w.out, '+')
	}
	w.out = append(w.out, '\n')
	for s != "" {
		end := strings.IndexByte(s, '\n') + 1
		if end == 0 {
			end = len(s)
		}
		if s[0] != '\n' {
			w.spaces(indent)
		}
		w.out = append(w.out, s[:end]...)
		s = s[end:]
	}
	if w.out[len(w.out)-1] != '\n' {
		w.out = append(w.out, '\n')
	}
}
