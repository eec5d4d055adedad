package tmplfuncs

import (
	"fmt"

	"github.com/Masterminds/sprig/v3"

	"github.com/seed-0d4f92cc/pack/internal/common"
	"github.com/seed-0d4f92cc/pack/internal/gotmpl"
)

// maxKeys is how many keys a function lists.
const maxKeys = 4 << 20

// dicts are the functions of sprig that change maps, and those that leave the
// order of a map to chance.
func dicts(opts Options) map[string]any {
	own := sprig.TxtFuncMap()
	change := opts.Change
	if change == nil {
		change = func(*gotmpl.State, map[string]any) error { return nil }
	}
	funcs := map[string]any{
		"set": func(s *gotmpl.State, m map[string]any, key string, v any) (map[string]any, error) {
			if err := change(s, m); err != nil {
				return nil, err
			}
			m[key] = v
			return m, nil
		},
		"unset": func(s *gotmpl.State, m map[string]any, key string) (map[string]any, error) {
			if err := change(s, m); err != nil {
				return nil, err
			}
			delete(m, key)
			return m, nil
		},
		"keys": func(maps ...map[string]any) ([]string, error) {
			keys := []string{}
			for _, m := range maps {
				if len(keys)+len(m) > maxKeys {
					return nil, fmt.Errorf("%w: more than %d keys", ErrTooLarge, maxKeys)
				}
				keys = append(keys, sortedKeys(m)...)
			}
			return keys, nil
		},
		"values": func(m map[string]any) []any {
			list := make([]any, 0, len(m))
			for _, key := range sortedKeys(m) {
				list = append(list, m[key])
			}
			return list
		},
	}
	funcs["dict"] = dictOf(own["dict"].(func(...any) map[string]any), opts.MaxBytes)
	for _, name := range []string{"merge", "mergeOverwrite"} {
		funcs[name] = merging(own[name].(func(map[string]any, ...map[string]any) any), change)
	}
	for _, name := range []string{"mustMerge", "mustMergeOverwrite"} {
		funcs[name] = mustMerging(own[name].(func(map[string]any, ...map[string]any) (any, error)), change)
	}
	copyAny := copier(own["mustDeepCopy"].(func(any) (any, error)))
	for _, name := range []string{"deepCopy", "mustDeepCopy"} {
		funcs[name] = func(s *gotmpl.State, v any) (any, error) {
			if err := bound(opts.MaxBytes).tree(v); err != nil {
				return nil, err
			}
			c, err := copyAny.tree(v)
			if err != nil {
				return nil, err
			}
			return c, s.MadeTree(c)
		}
	}
	return funcs
}

type (
	changeFunc func(*gotmpl.State, map[string]any) error
	mergeFunc  func(*gotmpl.State, map[string]any, ...map[string]any) (any, error)
)

func merging(merge func(map[string]any, ...map[string]any) any, change changeFunc) mergeFunc {
	return mustMerging(func(dst map[string]any, srcs ...map[string]any) (any, error) {
		return merge(dst, srcs...), nil
	}, change)
}

func mustMerging(merge func(map[string]any, ...map[string]any) (any, error), change changeFunc) mergeFunc {
	return func(s *gotmpl.State, dst map[string]any, srcs ...map[string]any) (any, error) {
		for i, src := range srcs {
			if err := (&merger{change: change, left: maxMergeNodes}).check(s, dst, src, 0); err != nil {
				return nil, err
			}
			// One by one: what the first brings may be changed by the next.
			merged, err := merge(dst, src)
			m, ok := merged.(map[string]any)
			if !ok || err != nil || i == len(srcs)-1 {
				return merged, err
			}
			dst = m // another map if dst was nil
		}
		return dst, nil
	}
}

// Bounds on merges: of maps that hold themselves, or share parts.
const (
	maxMergeDepth = 10_000
	maxMergeNodes = 2_000_000
)

// merger looks at a merge before it is done.
type merger struct {
	change changeFunc
	left   int
}

// check asks for every map that a merge of src into dst changes.
func (m *merger) check(s *gotmpl.State, dst, src map[string]any, depth int) error {
	if len(src) == 0 {
		return nil
	}
	if m.left -= len(src); depth > maxMergeDepth || m.left < 0 {
		return gotmpl.ErrEndless
	}
	if err := m.change(s, dst); err != nil {
		return err
	}
	for key, from := range src {
		below, ok := asMap(from)
		if !ok {
			continue
		}
		if into, ok := asMap(dst[key]); ok {
			if err := m.check(s, into, below, depth+1); err != nil {
				return err
			}
		}
	}
	return nil
}

func asMap(v any) (map[string]any, bool) {
	switch m := v.(type) {
	case map[string]any:
		return m, true
	case common.Values:
		return m, true
	}
	return nil, false
}

// dictOf refuses keys whose text does not end.
func dictOf(dict func(...any) map[string]any, maxBytes int) func(...any) (map[string]any, error) {
	return func(list ...any) (map[string]any, error) {
		for i := 0; i < len(list); i += 2 {
			if err := gotmpl.CheckTree(list[i], maxBytes); err != nil {
				return nil, err
			}
		}
		return dict(list...), nil
	}
}
