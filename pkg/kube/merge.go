package kube

import (
	"reflect"
	"slices"

	"github.com/seed-0d4f92cc/pack/internal/listkeys"
)

// mergeThree returns live with what is wanted: fields of next are set, fields
// that previous had and next lacks are removed, all others stay. Lists are
// merged by the rules of the kind's type, and replaced where it has none. The
// arguments are not changed; the result shares parts of them.
func mergeThree(t *listkeys.Type, previous, next, live map[string]any) map[string]any {
	out := make(map[string]any, len(live))
	for key, value := range live {
		if _, had := previous[key]; had && next[key] == nil {
			continue
		}
		out[key] = value
	}
	for key, value := range next {
		if value == nil {
			delete(out, key)
			continue
		}
		out[key] = mergeField(t.Field(key), previous[key], value, live[key])
	}
	return out
}

// mergeField merges the values of one field. Next is not nil.
func mergeField(f listkeys.Field, previous, next, live any) any {
	switch next := next.(type) {
	case map[string]any:
		live, isMap := live.(map[string]any)
		if !isMap || f.Replace {
			return withoutNulls(next)
		}
		previous, _ := previous.(map[string]any)
		merged := mergeThree(f.Type, previous, next, live)
		if f.Retain {
			keepKeys(merged, next)
		}
		return merged
	case []any:
		live, isList := live.([]any)
		if !isList || !f.Merge {
			return next
		}
		previous, _ := previous.([]any)
		if f.Key == "" {
			return mergeSet(previous, next, live)
		}
		return mergeByKey(f, previous, next, live)
	}
	return next
}

// withoutNulls drops null fields, which stand for fields that are not there.
func withoutNulls(m map[string]any) map[string]any {
	out := make(map[string]any, len(m))
	for key, value := range m {
		switch value := value.(type) {
		case nil:
		case map[string]any:
			out[key] = withoutNulls(value)
		default:
			out[key] = value
		}
	}
	return out
}

func keepKeys(m, keep map[string]any) {
	for key := range m {
		if _, kept := keep[key]; !kept {
			delete(m, key)
		}
	}
}

// mergeSet merges lists of plain values: those that previous had and next
// lacks are removed from live, those of next come first.
func mergeSet(previous, next, live []any) []any {
	out := slices.Clone(next)
	for _, value := range live {
		if !contains(out, value) && !contains(previous, value) {
			out = append(out, value)
		}
	}
	return out
}

func contains(list []any, value any) bool {
	return slices.ContainsFunc(list, func(v any) bool { return reflect.DeepEqual(v, value) })
}

// mergeByKey merges lists of maps that a field identifies. Elements of live
// that neither previous nor next has stay, after those of next. Where the field
// does not identify the elements (two ports of one number), next replaces the
// list.
func mergeByKey(f listkeys.Field, previous, next, live []any) []any {
	before, after, now := indexByKey(f.Key, previous), indexByKey(f.Key, next), indexByKey(f.Key, live)
	if after == nil || now == nil {
		return next
	}
	out := make([]any, 0, len(next))
	for _, item := range next {
		item, _ := item.(map[string]any)
		key := item[f.Key]
		if now[key] == nil {
			out = append(out, withoutNulls(item))
			continue
		}
		merged := mergeThree(f.Type, before[key], item, now[key])
		if f.Retain {
			keepKeys(merged, item)
		}
		out = append(out, merged)
	}
	for _, item := range live {
		item, _ := item.(map[string]any)
		key := item[f.Key]
		if after[key] == nil && before[key] == nil {
			out = append(out, item)
		}
	}
	return out
}

// indexByKey returns the elements of a list by a field of them; nil if an
// element lacks it, or two share its value.
func indexByKey(key string, list []any) map[any]map[string]any {
	out := make(map[any]map[string]any, len(list))
	for _, item := range list {
		item, _ := item.(map[string]any)
		switch value := item[key].(type) {
		case string, int64, float64, bool:
			if out[value] != nil {
				return nil
			}
			out[value] = item
		default:
			return nil
		}
	}
	return out
}

// mergePatch is the JSON merge patch (RFC 7386) from one object to another;
// empty if they are equal.
func mergePatch(from, to map[string]any) map[string]any {
	patch := map[string]any{}
	for key := range from {
		if _, kept := to[key]; !kept {
			patch[key] = nil
		}
	}
	for key, value := range to {
		old, had := from[key]
		if had && reflect.DeepEqual(old, value) {
			continue
		}
		oldMap, wasMap := old.(map[string]any)
		newMap, isMap := value.(map[string]any)
		if wasMap && isMap {
			if inner := mergePatch(oldMap, newMap); len(inner) > 0 {
				patch[key] = inner
			}
			continue
		}
		patch[key] = value
	}
	return patch
}
