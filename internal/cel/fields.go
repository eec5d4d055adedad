package cel

import (
	"errors"
	"fmt"
	"math"
	"strconv"
)

// selected is a field of a map or an element of a list. Of what is optional it is
// optional too.
func selected(n node, of, key any, wanted bool) (any, error) {
	if o, ok := of.(optional); ok {
		if !o.has {
			return o, nil
		}
		of, wanted = o.value, true
	}
	v, err := elementOf(of, key)
	if err == nil {
		v = widened(v)
		if wanted {
			return optional{v, true}, nil
		}
		return v, nil
	}
	var missing *MissingError
	if _, isList := of.([]any); wanted && (!isList || errors.As(err, &missing)) {
		return optional{}, nil
	}
	return nil, &at{n.where(), err}
}

func elementOf(of, key any) (any, error) {
	switch of := of.(type) {
	case map[string]any:
		name, ok := key.(string)
		if !ok {
			return nil, &MissingError{text(key)}
		}
		v, ok := of[name]
		if !ok {
			return nil, &MissingError{name}
		}
		return v, nil
	case []any:
		i, ok := wholeNumber(key)
		if !ok {
			return nil, fmt.Errorf("a list has no field %s", text(key))
		}
		if i < 0 || i >= int64(len(of)) {
			return nil, &MissingError{strconv.FormatInt(i, 10)}
		}
		return of[i], nil
	}
	return nil, fmt.Errorf("%s has no fields: %s was asked for", kindOf(of), text(key))
}

// wholeNumber is a number that can be an index.
func wholeNumber(v any) (int64, bool) {
	switch v := v.(type) {
	case int64:
		return v, true
	case uint64:
		return int64(v), v <= math.MaxInt64
	case float64:
		return int64(v), v == math.Trunc(v) && math.Abs(v) < 1<<53
	}
	return 0, false
}

func (e *evaluation) index(n *index) (any, error) {
	of, err := e.eval(n.of)
	if err != nil {
		return nil, err
	}
	key, err := e.eval(n.at)
	if err != nil {
		return nil, err
	}
	return selected(n, of, key, n.optional)
}

func (e *evaluation) presence(n *presence) (any, error) {
	of, err := e.eval(n.of)
	if err != nil {
		return nil, err
	}
	if o, ok := of.(optional); ok {
		if !o.has {
			return false, nil
		}
		of = o.value
	}
	if _, isList := of.([]any); isList {
		return nil, failAt(n.where(), "a list has no fields")
	}
	m, _ := of.(map[string]any) // nothing else has any
	_, has := m[n.field]
	return has, nil
}
