package tmplfuncs

import "reflect"

// sums are the functions of sprig that take any value for a number. Those write
// out what is none, only to throw the text away: that of a value that holds itself
// has no end.
func sums(own map[string]any) map[string]any {
	funcs := map[string]any{}
	for _, name := range []string{
		"int", "int64", "float64", "toDecimal", "add", "add1", "sub", "div", "mod", "mul", "addf", "add1f", "subf", "divf", "mulf",
		"biggest", "max", "min", "maxf", "minf", "ceil", "floor", "round", "slice", "mustSlice",
	} {
		funcs[name] = ofNumbers(own[name])
	}
	return funcs
}

// ofNumbers wraps each form that such a function has.
func ofNumbers(fn any) any {
	switch fn := fn.(type) {
	case func(any) int:
		return func(a any) int { return fn(number(a)) }
	case func(any) int64:
		return func(a any) int64 { return fn(number(a)) }
	case func(any) float64:
		return func(a any) float64 { return fn(number(a)) }
	case func(any, any) int64:
		return func(a, b any) int64 { return fn(number(a), number(b)) }
	case func(...any) int64:
		return func(list ...any) int64 { return fn(all(list)...) }
	case func(...any) float64:
		return func(list ...any) float64 { return fn(all(list)...) }
	case func(any, ...any) int64:
		return func(a any, list ...any) int64 { return fn(number(a), all(list)...) }
	case func(any, ...any) float64:
		return func(a any, list ...any) float64 { return fn(number(a), all(list)...) }
	case func(any, int, ...float64) float64:
		return func(a any, places int, on ...float64) float64 { return fn(number(a), places, on...) }
	case func(any, ...any) any:
		return func(a any, indexes ...any) any { return fn(a, all(indexes)...) }
	case func(any, ...any) (any, error):
		return func(a any, indexes ...any) (any, error) { return fn(a, all(indexes)...) }
	}
	return fn
}

// number is a value, and nil for what cannot be a number: both count as 0.
func number(v any) any {
	switch v.(type) {
	case nil, int, int64, float64, string, bool:
		return v
	case map[string]any, []any:
		return nil
	}
	switch reflect.TypeOf(v).Kind() {
	case reflect.Map, reflect.Slice, reflect.Array, reflect.Struct, reflect.Pointer, reflect.Func:
		return nil
	}
	return v
}

// all is number for each of a list, which stays as it is.
func all(list []any) []any {
	for i, v := range list {
		if n := number(v); n == nil && v != nil {
			list = append([]any(nil), list...)
			for j := range list[i:] {
				list[i+j] = number(list[i+j])
			}
			break
		}
	}
	return list
}
