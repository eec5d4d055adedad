package gotmpl

import (
	"errors"
	"fmt"
	"reflect"
	"text/template"
)

// builtins are the functions that every template has.
func builtins() map[string]*function {
	raw := param{typ: valueType(), kind: paramRaw}
	one := []param{raw}
	list := []param{raw, raw}
	return map[string]*function{
		"and": {in: list, variadic: true, logic: true},
		"or":  {in: list, variadic: true, logic: true},
		"not": {in: one, trusted: true, direct: func(_ *State, a []value) (value, error) {
			return of(!a[0].isTrue()), nil
		}},
		"len":      {in: one, direct: length},
		"index":    {in: list, variadic: true, direct: index},
		"slice":    {in: list, variadic: true, direct: slice},
		"call":     {in: list, variadic: true, direct: call, callee: true},
		"eq":       {in: list, variadic: true, direct: comparison(equalsAny)},
		"ne":       {in: list, direct: comparison(not(equalsAny))},
		"lt":       {in: list, direct: comparison(less)},
		"le":       {in: list, direct: comparison(lessOrEqual)},
		"gt":       {in: list, direct: comparison(not(lessOrEqual))},
		"ge":       {in: list, direct: comparison(not(less))},
		"print":    printer(func(_ *State, args []any) (string, error) { return fmt.Sprint(args...), nil }),
		"println":  printer(func(_ *State, args []any) (string, error) { return fmt.Sprintln(args...), nil }),
		"html":     printer(escaper(template.HTMLEscaper)),
		"js":       printer(escaper(template.JSEscaper)),
		"urlquery": printer(escaper(template.URLQueryEscaper)),
		"printf": {
			in:       []param{newParam(reflect.TypeFor[string]()), newParam(anyType())},
			variadic: true,
			direct: func(s *State, a []value) (value, error) {
				return result(s.sprintf(a[0].str(), anys(a[1:])))
			},
		},
	}
}

func printer(text func(*State, []any) (string, error)) *function {
	return &function{
		in:       []param{newParam(anyType())},
		variadic: true,
		direct: func(s *State, a []value) (value, error) {
			args := anys(a)
			if err := s.checkPrintable(args); err != nil {
				return value{}, err
			}
			return result(text(s, args))
		},
	}
}

// maxEscape is how many times as long a text can become that is escaped.
const maxEscape = 6

// escaper keeps what an escape makes within the bound.
func escaper(escape func(...any) string) func(*State, []any) (string, error) {
	return func(s *State, args []any) (string, error) {
		if limit := s.limits.MaxBytes / maxEscape; limit > 0 {
			if err := CheckAll(args, limit); err != nil {
				return "", err
			}
		}
		return escape(args...), nil
	}
}

func length(_ *State, a []value) (value, error) {
	v, isNil := a[0].indirect()
	if isNil {
		return value{}, errors.New("len of nil pointer")
	}
	switch x := v.x.(type) {
	case string:
		return of(len(x)), nil
	case []any:
		return of(len(x)), nil
	case map[string]any:
		return of(len(x)), nil
	}
	rv := v.reflect()
	switch rv.Kind() {
	case reflect.Array, reflect.Chan, reflect.Map, reflect.Slice, reflect.String:
		return of(rv.Len()), nil
	}
	return value{}, fmt.Errorf("len of type %s", rv.Type())
}

func index(_ *State, a []value) (value, error) {
	item := a[0].fromInterface()
	if !item.valid() {
		return value{}, errors.New("index of untyped nil")
	}
	for _, at := range a[1:] {
		at = at.fromInterface()
		var isNil bool
		if item, isNil = item.indirect(); isNil {
			return value{}, errors.New("index of nil pointer")
		}
		var err error
		if item, err = indexOnce(item, at); err != nil {
			return value{}, err
		}
	}
	return item, nil
}

func indexOnce(item, at value) (value, error) {
	if m, ok := item.x.(map[string]any); ok {
		if key, ok := at.x.(string); ok {
			return box(m[key]), nil
		}
	}
	rv := item.reflect()
	switch rv.Kind() {
	case reflect.Array, reflect.Slice, reflect.String:
		i, err := position(at, rv.Len())
		if err != nil {
			return value{}, err
		}
		return fromReflect(rv.Index(i)), nil
	case reflect.Map:
		key, err := prepare(at, rv.Type().Key())
		if err != nil {
			return value{}, err
		}
		v := rv.MapIndex(key)
		if !v.IsValid() {
			v = reflect.Zero(rv.Type().Elem())
		}
		return fromReflect(v), nil
	}
	return value{}, fmt.Errorf("can't index item of type %s", rv.Type())
}

// position is an index as an int between 0 and limit.
func position(at value, limit int) (int, error) {
	if !at.valid() {
		return 0, errors.New("cannot index slice/array with nil")
	}
	rv := at.reflect()
	var n int64
	switch {
	case rv.CanInt():
		n = rv.Int()
	case rv.CanUint():
		n = int64(rv.Uint())
	default:
		return 0, fmt.Errorf("cannot index slice/array with type %s", rv.Type())
	}
	if n < 0 || n > int64(limit) {
		return 0, fmt.Errorf("index out of range: %d", n)
	}
	return int(n), nil
}

// prepare makes a value assignable to a type that is asked of it at run time.
func prepare(v value, t reflect.Type) (reflect.Value, error) {
	if !v.valid() {
		if !canBeNil(t) {
			return reflect.Value{}, fmt.Errorf("value is nil; should be of type %s", t)
		}
		return reflect.Zero(t), nil
	}
	rv := v.reflect()
	if rv.Type().AssignableTo(t) {
		return rv, nil
	}
	if (rv.CanInt() || rv.CanUint()) && isInteger(t) {
		return rv.Convert(t), nil
	}
	return reflect.Value{}, fmt.Errorf("value has type %s; should be %s", rv.Type(), t)
}

func isInteger(t reflect.Type) bool {
	zero := reflect.Zero(t)
	return zero.CanInt() || zero.CanUint()
}

func slice(_ *State, a []value) (value, error) {
	item := a[0].fromInterface()
	if !item.valid() {
		return value{}, errors.New("slice of untyped nil")
	}
	item, isNil := item.indirect()
	if isNil {
		return value{}, errors.New("slice of nil pointer")
	}
	indexes := a[1:]
	if len(indexes) > 3 {
		return value{}, fmt.Errorf("too many slice indexes: %d", len(indexes))
	}
	rv := item.reflect()
	var limit int
	switch {
	case rv.Kind() == reflect.String && len(indexes) == 3:
		return value{}, errors.New("cannot 3-index slice a string")
	case rv.Kind() == reflect.String:
		limit = rv.Len()
	case rv.Kind() == reflect.Array, rv.Kind() == reflect.Slice:
		limit = rv.Cap()
	default:
		return value{}, fmt.Errorf("can't slice item of type %s", rv.Type())
	}
	bounds := [3]int{0, rv.Len()}
	for i, at := range indexes {
		n, err := position(at, limit)
		if err != nil {
			return value{}, err
		}
		bounds[i] = n
	}
	return cut(rv, bounds, len(indexes) == 3)
}

func cut(rv reflect.Value, bounds [3]int, capped bool) (value, error) {
	from, to := bounds[0], bounds[1]
	if from > to {
		return value{}, fmt.Errorf("invalid slice index: %d > %d", from, to)
	}
	if !capped {
		return fromReflect(rv.Slice(from, to)), nil
	}
	if to > bounds[2] {
		return value{}, fmt.Errorf("invalid slice index: %d > %d", to, bounds[2])
	}
	return fromReflect(rv.Slice3(from, to, bounds[2])), nil
}

// call calls a function that is a value. Its first argument is what the
// template calls it.
func call(_ *State, a []value) (value, error) {
	name := a[0].str()
	fn := a[1].fromInterface()
	if !fn.valid() {
		return value{}, errors.New("call of nil")
	}
	rv := fn.reflect()
	if rv.Kind() != reflect.Func {
		return value{}, fmt.Errorf("non-function %s of type %s", name, rv.Type())
	}
	t := rv.Type()
	if err := checkResults(name, t); err != nil {
		return value{}, err
	}
	args := a[2:]
	switch fixed := t.NumIn() - 1; {
	case t.IsVariadic() && len(args) < fixed:
		return value{}, fmt.Errorf("wrong number of args for %s: got %d want at least %d", name, len(args), fixed)
	case !t.IsVariadic() && len(args) != t.NumIn():
		return value{}, fmt.Errorf("wrong number of args for %s: got %d want %d", name, len(args), t.NumIn())
	}
	in := make([]reflect.Value, len(args))
	for i, arg := range args {
		want := t.In(min(i, t.NumIn()-1))
		if t.IsVariadic() && i >= t.NumIn()-1 {
			want = want.Elem()
		}
		var err error
		if in[i], err = prepare(arg.fromInterface(), want); err != nil {
			return value{}, fmt.Errorf("arg %d: %w", i, err)
		}
	}
	out := rv.Call(in)
	if len(out) == 2 && !out[1].IsNil() {
		return value{}, out[1].Interface().(error)
	}
	return fromReflect(out[0]), nil
}
