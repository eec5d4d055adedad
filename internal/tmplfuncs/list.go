package tmplfuncs

import (
	"fmt"
	"reflect"

	"github.com/Masterminds/sprig/v3"

	"github.com/seed-0d4f92cc/pack/internal/gotmpl"
)

// lists are the functions of sprig that compare values with each other, or put
// lists together.
func lists(maxBytes int) map[string]any {
	b := bound(maxBytes)
	own := sprig.TxtFuncMap()
	concat := own["concat"].(func(...any) any)
	funcs := map[string]any{
		"concat": func(lists ...any) (any, error) {
			if err := b.checkLists(lists); err != nil {
				return nil, err
			}
			return concat(lists...), nil
		},
		"deepEqual": func(x, y any) (bool, error) {
			if err := checkComparable(x, y); err != nil {
				return false, err
			}
			return reflect.DeepEqual(x, y), nil
		},
	}
	for _, name := range []string{"uniq", "mustUniq"} {
		funcs[name] = uniq
	}
	for _, name := range []string{"without", "mustWithout"} {
		without := own["mustWithout"].(func(any, ...any) ([]any, error))
		funcs[name] = func(list any, omit ...any) ([]any, error) {
			if err := checkComparable(list, omit); err != nil {
				return nil, err
			}
			return without(list, omit...)
		}
	}
	for _, name := range []string{"has", "mustHas"} {
		has := own["mustHas"].(func(any, any) (bool, error))
		funcs[name] = func(needle, haystack any) (bool, error) {
			if err := checkComparable(needle, haystack); err != nil {
				return false, err
			}
			return has(needle, haystack)
		}
	}
	return funcs
}

// checkComparable refuses trees that take too long to compare, or more stack than
// there is.
func checkComparable(values ...any) error { return gotmpl.CheckAll(values, 0) }

// checkLists refuses lists that are too long together.
func (b bound) checkLists(lists []any) error {
	total := 0
	for _, list := range lists {
		if rv := reflect.ValueOf(list); rv.Kind() == reflect.Slice || rv.Kind() == reflect.Array {
			total += rv.Len()
		}
	}
	return b.check(0, total, int(reflect.TypeFor[any]().Size()))
}

// uniq is sprig's, in its words, but for the time it takes: it is quadratic
// where values are neither texts nor numbers, and ends with the execution.
func uniq(s *gotmpl.State, list any) ([]any, error) {
	rv := reflect.ValueOf(list)
	if rv.Kind() != reflect.Slice && rv.Kind() != reflect.Array {
		return nil, fmt.Errorf("Cannot find uniq on type %s", rv.Kind()) //nolint:staticcheck // sprig's words
	}
	if err := checkComparable(list); err != nil {
		return nil, err
	}
	dest := []any{}
	scalars := map[any]struct{}{}
	for i := range rv.Len() {
		item := rv.Index(i).Interface()
		if isScalar(item) {
			if _, seen := scalars[item]; !seen {
				scalars[item] = struct{}{}
				dest = append(dest, item)
			}
			continue
		}
		if err := s.Ended(); err != nil {
			return nil, err
		}
		if !inList(dest, item) {
			dest = append(dest, item)
		}
	}
	return dest, nil
}

// isScalar says whether a value is equal to another exactly when == says so.
func isScalar(x any) bool {
	switch x.(type) {
	case string, bool, int, int64:
		return true
	}
	return false
}

func inList(list []any, item any) bool {
	for _, other := range list {
		if reflect.DeepEqual(item, other) {
			return true
		}
	}
	return false
}
