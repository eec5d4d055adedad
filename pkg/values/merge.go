package values

// Clone copies a tree: maps and lists anew, scalars as they are. The result is
// never nil, also where m is.
func Clone(m Map) Map {
	out := make(Map, len(m))
	for key, value := range m {
		out[key] = CloneValue(value)
	}
	return out
}

// CloneValue copies one value of a tree as Clone does. Nil maps and lists stay
// nil.
func CloneValue(value any) any {
	switch value := value.(type) {
	case Map:
		if value == nil {
			return value
		}
		return Clone(value)
	case []any:
		if value == nil {
			return value
		}
		out := make([]any, len(value))
		for i, element := range value {
			out[i] = CloneValue(element)
		}
		return out
	}
	return value
}

// CloneTables copies the maps of a tree, as far as they are in maps, and shares
// the rest: lists, whatever is in them, and scalars. It is for a tree over
// which defaults are laid, which never reach into a list. The result is never
// nil.
func CloneTables(m Map) Map {
	out := make(Map, len(m))
	for key, value := range m {
		out[key] = cloneTable(value)
	}
	return out
}

func cloneTable(value any) any {
	if table, ok := value.(Map); ok && table != nil {
		return CloneTables(table)
	}
	return value
}

// Merge puts layers over one another, later ones on top: maps merge key by
// key, everything else (lists, scalars, null) replaces what is below. The
// result is never nil and shares nothing with the layers. The rule is that of
// Helm for several values files.
func Merge(layers ...Map) Map {
	out := Map{}
	for _, layer := range layers {
		overlay(out, layer)
	}
	return out
}

// overlay puts src over dst, which it changes. It shares nothing with src.
func overlay(dst, src Map) { overlayWith(dst, src, CloneValue) }

// overlayOwn is overlay for a src that nobody else holds.
func overlayOwn(dst, src Map) { overlayWith(dst, src, func(v any) any { return v }) }

func overlayWith(dst, src Map, take func(any) any) {
	for key, above := range src {
		if below, ok := dst[key].(Map); ok && below != nil {
			if table, ok := above.(Map); ok {
				overlayWith(below, table, take)
				continue
			}
		}
		dst[key] = take(above)
	}
}
