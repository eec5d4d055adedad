package values

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// TableOptions say how MergeTables treats nulls and what it reports. The zero
// value removes nulls and reports nothing.
type TableOptions struct {
	// KeepNull keeps the nulls of dst instead of deleting their keys: used
	// where what is merged still has another merge before it, in which the
	// null is to delete a default.
	KeepNull bool
	// Prefix is the path of the tables in warnings, "chart.sub.key".
	Prefix string
	// Warn is called for each value that could not be merged, in the order
	// of the paths, before MergeTables returns. Nil reports nothing.
	Warn func(text string)
}

// MergeTables fills into dst what it lacks of src, whose priority is lower,
// and returns dst, or a new map if dst is nil. It changes dst and shares
// nothing with src. The rules are those by which Helm lays values over the
// defaults of a chart:
//
//   - maps are merged recursively; lists never are;
//   - a null in dst deletes the key, unless src has no value there or
//     KeepNull is set;
//   - where one has a map and the other has not, dst stays as it is, and Warn
//     is told, with the text that Helm logs.
func MergeTables(dst, src Map, opts TableOptions) Map {
	if dst == nil {
		dst = make(Map, len(src))
	}
	m := tableMerger{keepNull: opts.KeepNull, warns: opts.Warn != nil}
	m.merge(dst, src, opts.Prefix)
	slices.SortFunc(m.warnings, func(a, b tableWarning) int { return cmp.Compare(a.path, b.path) })
	for _, w := range m.warnings {
		opts.Warn(w.text)
	}
	return dst
}

type tableMerger struct {
	keepNull, warns bool
	warnings        []tableWarning
}

type tableWarning struct{ path, text string }

func (m *tableMerger) merge(dst, src Map, prefix string) {
	for key, below := range src {
		above, ok := dst[key]
		if table, isTable := above.(Map); isTable && table == nil {
			above = Map{}
			dst[key] = above
		}
		switch {
		case !ok:
			dst[key] = CloneValue(below)
		case above == nil:
			if below != nil && !m.keepNull {
				delete(dst, key)
			}
		default:
			m.mergeValue(above, below, prefix, key)
		}
	}
}

// mergeValue merges where dst has a value.
func (m *tableMerger) mergeValue(above, below any, prefix, key string) {
	dst, dstIsTable := above.(Map)
	src, srcIsTable := below.(Map)
	switch {
	case dstIsTable && srcIsTable:
		m.merge(dst, src, join(prefix, key))
	case srcIsTable:
		m.warn(prefix, key, "warning: cannot overwrite table with non table for %s (%s)", below)
	case dstIsTable && below != nil:
		m.warn(prefix, key, "warning: destination for %s is a table. Ignoring non-table value (%s)", below)
	}
}

func (m *tableMerger) warn(prefix, key, format string, value any) {
	if !m.warns {
		return
	}
	path := join(prefix, key)
	m.warnings = append(m.warnings, tableWarning{path, shorten(fmt.Sprintf(format, path, fmt.Sprint(value)))})
}

func join(prefix, key string) string {
	if prefix == "" {
		return key
	}
	return prefix + "." + key
}

// DropNulls returns a copy of m without the keys whose value is null, in
// nested maps too. What lists hold is copied as it is.
func DropNulls(m Map) Map {
	out := make(Map, len(m))
	for key, value := range m {
		switch value := value.(type) {
		case nil:
		case Map:
			out[key] = DropNulls(value)
		default:
			out[key] = CloneValue(value)
		}
	}
	return out
}

// Lookup finds the value at a path of map keys, "a.b.c", which is split at
// every dot. It can be a map or null; the second result says whether it is
// there at all. It is shared with m.
func Lookup(m Map, path string) (any, bool) {
	var value any = m
	for key := range strings.SplitSeq(path, ".") {
		table, _ := value.(Map)
		var ok bool
		if value, ok = table[key]; !ok {
			return nil, false
		}
	}
	return value, true
}

// Table finds the map at a path of map keys, "a.b.c". The error says which
// key has no map, in Helm's words. The map is shared with m.
func Table(m Map, path string) (Map, error) {
	for key := range strings.SplitSeq(path, ".") {
		table, ok := m[key].(Map)
		if !ok {
			return nil, fmt.Errorf("%q is not a table", key)
		}
		m = table
	}
	return m, nil
}
