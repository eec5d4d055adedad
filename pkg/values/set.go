package values

import "fmt"

// setter sets one value in a tree.
type setter struct {
	*assigner
	assignment
	expr  string
	value any
}

// inMap sets the value at path, which begins with a key of m. An empty key is
// gone through but never set.
func (s *setter) inMap(m Map, path []step) error {
	key := path[0].key
	if len(path) == 1 {
		if !s.open && key != "" {
			m[key] = s.value
		}
		return nil
	}
	if path[1].isList {
		return s.inListOf(m, path)
	}
	inner, ok := m[key].(Map)
	if _, exists := m[key]; exists && !ok {
		return s.clash(path[0], m[key], "a map")
	}
	if inner == nil {
		inner = Map{}
	}
	if err := s.inMap(inner, path[1:]); err != nil {
		return err
	}
	if len(inner) == 0 {
		if s.cut {
			return nil
		}
		return faultf(s.expr, path[0].offset, "key map %q has no value", key)
	}
	if key != "" {
		m[key] = inner
	}
	return nil
}

// inListOf sets the value at path, which begins with a key of m and an index
// of the list there.
func (s *setter) inListOf(m Map, path []step) error {
	key := path[0].key
	list, ok := m[key].([]any)
	if _, exists := m[key]; exists && !ok {
		return s.clash(path[0], m[key], "a list")
	}
	list, err := s.inList(list, path[1:])
	if err == nil && key != "" {
		m[key] = list
	}
	return err
}

// inList sets the value at path, which begins with an index of list, and
// returns the list, never nil. A scalar is replaced where a map has to be.
func (s *setter) inList(list []any, path []step) ([]any, error) {
	if list == nil {
		list = []any{}
	}
	if len(path) == 1 {
		if s.open {
			return list, nil
		}
		return s.put(list, path[0], s.value)
	}
	index := path[0].index
	var element any
	if index < len(list) {
		element = list[index]
	}
	if path[1].isList {
		nested, ok := element.([]any)
		if element != nil && !ok {
			return nil, s.clash(path[0], element, "a list")
		}
		nested, err := s.inList(nested, path[1:])
		if err != nil || s.cut {
			return list, err
		}
		return s.put(list, path[0], nested)
	}
	inner, _ := element.(Map)
	if inner == nil {
		inner = Map{}
		if index < len(list) {
			list[index] = inner
		}
	}
	if err := s.inMap(inner, path[1:]); err != nil || s.cut {
		return list, err
	}
	return s.put(list, path[0], inner)
}

// put sets an element, and null for those that are missing before it.
func (s *setter) put(list []any, at step, value any) ([]any, error) {
	missing := at.index - len(list)
	if missing < 0 {
		list[at.index] = value
		return list, nil
	}
	if s.fill -= missing; s.fill < 0 {
		return nil, faultf(s.expr, at.offset, "indexes leave more than %d list elements without a value", maxFill)
	}
	return append(append(list, make([]any, missing)...), value), nil
}

func (s *setter) clash(at step, value any, want string) error {
	name := fmt.Sprintf("key %q", at.key)
	if at.isList {
		name = fmt.Sprintf("index %d", at.index)
	}
	return faultf(s.expr, at.offset, "unable to parse key: %s is %s, not %s", name, kind(value), want)
}

// kind names the kind of a value for people.
func kind(value any) string {
	switch value.(type) {
	case nil:
		return "null"
	case Map:
		return "a map"
	case []any:
		return "a list"
	case string:
		return "a string"
	case bool:
		return "a boolean"
	}
	return "a number"
}
