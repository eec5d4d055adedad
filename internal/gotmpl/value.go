package gotmpl

import (
	"reflect"
)

// value is what an expression evaluates to. It stands for a reflect.Value, but
// keeps what templates mostly deal in, the trees of YAML data, out of reflect.
type value struct {
	x    any
	kind valueKind
}

type valueKind uint8

const (
	// invalid is no value at all: reflect's zero Value.
	invalid valueKind = iota
	// concrete is x, of its own type.
	concrete
	// boxed is a value of type interface{}, as maps and lists hold it; x may
	// be nil.
	boxed
	// reflected is x as a reflect.Value, for what an interface cannot carry:
	// an addressable value, or one of an interface type with methods.
	reflected
	// missing is the final argument of a command that no pipeline feeds.
	missing
)

func of(x any) value { return value{x: x, kind: concrete} }

func box(x any) value { return value{x: x, kind: boxed} }

// fromReflect is the value that stands for rv.
func fromReflect(rv reflect.Value) value {
	switch {
	case !rv.IsValid():
		return value{}
	case rv.Type() == valueType():
		return fromReflect(rv.Interface().(reflect.Value))
	case rv.Kind() == reflect.Interface && rv.NumMethod() == 0:
		return box(rv.Interface())
	case rv.Kind() == reflect.Interface, rv.CanAddr() && hasPointerMethods(rv.Type()):
		return value{x: rv, kind: reflected}
	}
	return of(rv.Interface())
}

// hasPointerMethods says whether it matters that a value of type t has an
// address: only named types have methods.
func hasPointerMethods(t reflect.Type) bool { return t.Name() != "" && t.PkgPath() != "" }

func valueType() reflect.Type { return reflect.TypeFor[reflect.Value]() }

func anyType() reflect.Type { return reflect.TypeFor[any]() }

// reflect is the reflect.Value that v stands for.
func (v value) reflect() reflect.Value {
	switch v.kind {
	case concrete:
		return reflect.ValueOf(v.x)
	case boxed:
		// An element of an array has the type interface{} and no address.
		return reflect.ValueOf([1]any{v.x}).Index(0)
	case reflected:
		return v.x.(reflect.Value)
	default:
		return reflect.Value{}
	}
}

// any is what is handed to a parameter of type interface{}.
func (v value) any() any {
	if v.kind == reflected {
		return v.x.(reflect.Value).Interface()
	}
	return v.x
}

// valid says whether there is a value; a nil of type interface{} is one.
func (v value) valid() bool { return v.kind != invalid }

// typ is the type of a valid value.
func (v value) typ() reflect.Type {
	if v.kind == boxed {
		return anyType()
	}
	return v.reflect().Type()
}

// unbox takes a value out of the interface{} that holds it.
func (v value) unbox() value {
	if v.kind != boxed {
		return v
	}
	if v.x == nil {
		return value{}
	}
	return of(v.x)
}

// fromInterface takes a value out of any interface that holds it.
func (v value) fromInterface() value {
	if v.kind == reflected {
		if rv := v.x.(reflect.Value); rv.Kind() == reflect.Interface {
			return fromReflect(rv.Elem())
		}
	}
	return v.unbox()
}

// indirect follows interfaces and pointers to their end. Where that is nil it
// says so, and the value is the nil interface or pointer.
func (v value) indirect() (value, bool) {
	if v.kind == boxed {
		if v.x == nil {
			return v, true
		}
		v = of(v.x)
	}
	switch v.x.(type) {
	case nil, string, bool, int, int64, float64, map[string]any, []any:
		return v, false
	}
	rv := v.reflect()
	for rv.Kind() == reflect.Pointer || rv.Kind() == reflect.Interface {
		if rv.IsNil() {
			return value{x: rv, kind: reflected}, true
		}
		rv = rv.Elem()
	}
	return fromReflect(rv), false
}

// truth says whether a value counts as true, and whether it can be asked.
func (v value) truth() (truth, ok bool) {
	v = v.fromInterface()
	switch x := v.x.(type) {
	case nil:
		return false, true
	case bool:
		return x, true
	case string:
		return x != "", true
	case map[string]any:
		return len(x) > 0, true
	case []any:
		return len(x) > 0, true
	case int:
		return x != 0, true
	case float64:
		return x != 0, true
	}
	return reflectTruth(v.reflect())
}

func reflectTruth(rv reflect.Value) (truth, ok bool) {
	switch rv.Kind() {
	case reflect.Array, reflect.Map, reflect.Slice, reflect.String:
		return rv.Len() > 0, true
	case reflect.Bool:
		return rv.Bool(), true
	case reflect.Complex64, reflect.Complex128:
		return rv.Complex() != 0, true
	case reflect.Chan, reflect.Func, reflect.Pointer, reflect.UnsafePointer:
		return !rv.IsNil(), true
	case reflect.Struct:
		return true, true
	}
	switch {
	case rv.CanInt():
		return rv.Int() != 0, true
	case rv.CanFloat():
		return rv.Float() != 0, true
	case rv.CanUint():
		return rv.Uint() != 0, true
	}
	return false, false
}

// isTrue is truth for and, or and not, which take what cannot be asked as
// false.
func (v value) isTrue() bool {
	t, _ := v.truth()
	return t
}
