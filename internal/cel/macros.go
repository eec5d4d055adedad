package cel

import (
	"errors"
	"maps"
	"slices"
)

// comprehension evaluates a macro over the elements of a list, or the keys of a map.
func (e *evaluation) comprehension(n *comprehension) (any, error) {
	target, err := e.eval(n.target)
	if err != nil {
		return nil, err
	}
	items, ok := target.([]any)
	if m, isMap := target.(map[string]any); isMap {
		if err := e.spend(n, len(m), 0); err != nil {
			return nil, err
		}
		ok = true
		for _, key := range slices.Sorted(maps.Keys(m)) {
			items = append(items, key)
		}
	}
	if !ok {
		return nil, failAt(n.where(), "%s goes over a list or a map, not over %s", n.macro, kindOf(target))
	}
	e.bound = append(e.bound, binding{name: n.variable})
	defer func() { e.bound = e.bound[:len(e.bound)-1] }()
	at := len(e.bound) - 1
	each := func(i int) { e.bound[at].value = widened(items[i]) }
	switch n.macro {
	case "all", "exists":
		return e.quantified(n, len(items), each)
	case "exists_one":
		return e.exactlyOne(n, len(items), each)
	case "filter":
		return e.filtered(n, items, each)
	default:
		return e.mapped(n, len(items), each)
	}
}

// quantified is all or exists: as a chain of && or ||, one element can decide
// whatever is wrong with the others.
func (e *evaluation) quantified(n *comprehension, count int, each func(int)) (any, error) {
	decides := n.macro == "exists"
	var failed error
	for i := range count {
		each(i)
		v, err := e.truth(n.body, n.body)
		switch {
		case errors.Is(err, ErrCost):
			return nil, err
		case err != nil && failed == nil:
			failed = err
		case err == nil && v == decides:
			return decides, nil
		}
	}
	if failed != nil {
		return nil, failed
	}
	return !decides, nil
}

func (e *evaluation) exactlyOne(n *comprehension, count int, each func(int)) (any, error) {
	found := 0
	for i := range count {
		each(i)
		v, err := e.truth(n.body, n.body)
		if err != nil {
			return nil, err
		}
		if v {
			found++
		}
	}
	return found == 1, nil
}

func (e *evaluation) filtered(n *comprehension, items []any, each func(int)) (any, error) {
	out := []any{}
	for i := range items {
		each(i)
		v, err := e.truth(n.body, n.body)
		if err != nil {
			return nil, err
		}
		if v {
			out = append(out, items[i])
		}
	}
	return out, nil
}

func (e *evaluation) mapped(n *comprehension, count int, each func(int)) (any, error) {
	out := []any{}
	for i := range count {
		each(i)
		if n.filter != nil {
			wanted, err := e.truth(n.filter, n.filter)
			if err != nil {
				return nil, err
			}
			if !wanted {
				continue
			}
		}
		v, err := e.eval(n.body)
		if err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, nil
}
