package release

import (
	"bytes"
	"encoding/json"
	"iter"
	"reflect"
	"strings"
)

// MarshalJSON writes the record as Helm does, and after it what is unknown.
func (r *Release) MarshalJSON() ([]byte, error) {
	type plain Release
	return marshalWith((*plain)(r), r.Unknown)
}

// UnmarshalJSON reads the record and keeps what is unknown.
func (r *Release) UnmarshalJSON(data []byte) (err error) {
	type plain Release
	r.Unknown, err = unmarshalWith(data, (*plain)(r))
	return err
}

// MarshalJSON writes the members that Helm has, and after them what is unknown.
func (i *Info) MarshalJSON() ([]byte, error) {
	type plain Info
	return marshalWith((*plain)(i), i.Unknown)
}

// UnmarshalJSON reads the members that Helm has and keeps what is unknown.
func (i *Info) UnmarshalJSON(data []byte) (err error) {
	type plain Info
	i.Unknown, err = unmarshalWith(data, (*plain)(i))
	return err
}

// MarshalJSON writes the members that Helm has, and after them what is unknown.
func (h *Hook) MarshalJSON() ([]byte, error) {
	type plain Hook
	return marshalWith((*plain)(h), h.Unknown)
}

// UnmarshalJSON reads the members that Helm has and keeps what is unknown.
func (h *Hook) UnmarshalJSON(data []byte) (err error) {
	type plain Hook
	h.Unknown, err = unmarshalWith(data, (*plain)(h))
	return err
}

// marshalWith writes the struct that v points to, and the unknown members after
// its own, in order of their names.
func marshalWith(v any, unknown map[string]json.RawMessage) ([]byte, error) {
	data, err := json.Marshal(v)
	if err != nil || len(unknown) == 0 {
		return data, err
	}
	more, err := json.Marshal(unknown)
	if err != nil {
		return nil, err
	}
	if string(data) == "{}" {
		return more, nil
	}
	data[len(data)-1] = ','
	return append(data, more[1:]...), nil
}

// unmarshalWith reads data into the struct that v points to, and returns the
// members for which it has no field.
func unmarshalWith(data []byte, v any) (map[string]json.RawMessage, error) {
	if err := json.Unmarshal(data, v); err != nil {
		return nil, err
	}
	fields := fieldNames(reflect.TypeOf(v).Elem())
	var unknown map[string]json.RawMessage
	for start, end := range members(data) {
		// What is quoted is a valid string: data has been read.
		var name string
		if err := json.Unmarshal(data[start.key:end.key], &name); err != nil {
			return nil, err
		}
		if isField(fields, name) {
			continue
		}
		if unknown == nil {
			unknown = map[string]json.RawMessage{}
		}
		unknown[name] = bytes.Clone(bytes.TrimSpace(data[start.value:end.value]))
	}
	return unknown, nil
}

// fieldNames are the names of a struct's members in JSON.
func fieldNames(t reflect.Type) []string {
	names := make([]string, 0, t.NumField())
	for f := range t.Fields() {
		if name, _, _ := strings.Cut(f.Tag.Get("json"), ","); name != "-" {
			names = append(names, name)
		}
	}
	return names
}

// isField says whether encoding/json takes name for one of fields: it folds
// case.
func isField(fields []string, name string) bool {
	for _, f := range fields {
		if strings.EqualFold(f, name) {
			return true
		}
	}
	return false
}

// place is where a member of an object begins or ends.
type place struct{ key, value int }

// members yields where the members of the object in data begin and end, of the
// object itself, not of those within. Data must be valid JSON; if it holds no
// object there are none.
func members(data []byte) iter.Seq2[place, place] {
	return func(yield func(start, end place) bool) {
		i := blanksEnd(data, 0)
		if i == len(data) || data[i] != '{' {
			return
		}
		for i = blanksEnd(data, i+1); i < len(data) && data[i] != '}'; i = blanksEnd(data, i+1) {
			var start, end place
			start.key = i
			end.key = stringEnd(data, i) + 1
			colon := blanksEnd(data, end.key)
			start.value = blanksEnd(data, colon+1)
			end.value = valueEnd(data, start.value)
			if !yield(start, end) {
				return
			}
			if i = blanksEnd(data, end.value); i == len(data) || data[i] == '}' {
				return
			}
		}
	}
}

// blanksEnd is the first position from i on that is not white space.
func blanksEnd(data []byte, i int) int {
	for i < len(data) && strings.IndexByte(" \t\r\n", data[i]) >= 0 {
		i++
	}
	return i
}

// stringEnd is the position of the quote that ends the string whose first quote
// is at i; the length of data if there is none.
func stringEnd(data []byte, i int) int {
	for i++; i < len(data); i++ {
		n := bytes.IndexByte(data[i:], '"')
		if n < 0 {
			break
		}
		i += n
		escapes := 0
		for data[i-1-escapes] == '\\' {
			escapes++
		}
		if escapes%2 == 0 {
			return i
		}
	}
	return len(data)
}

// valueEnd is the position after the value that begins at i.
func valueEnd(data []byte, i int) int {
	depth := 0
	for ; i < len(data); i++ {
		switch data[i] {
		case '"':
			i = stringEnd(data, i)
		case '{', '[':
			depth++
		case '}', ']':
			depth--
			if depth < 0 {
				return i
			}
		case ',':
			if depth == 0 {
				return i
			}
			continue
		default:
			continue
		}
		if depth == 0 {
			return i + 1
		}
	}
	return len(data)
}
