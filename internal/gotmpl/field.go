package gotmpl

import (
	"reflect"

	"github.com/seed-0d4f92cc/pack/internal/common"

	"github.com/seed-0d4f92cc/pack/internal/tmpltree"
)

// field evaluates .Name of receiver: a method, which is given the arguments, a
// key of a map, or a field of a struct.
func (s *State) field(g given, receiver value, node tmpltree.Node, name string) value {
	if !receiver.valid() {
		return value{}
	}
	m, ok := receiver.x.(map[string]any)
	if !ok {
		// The methods of Values come before its keys.
		if tree, isTree := receiver.x.(common.Values); isTree && !common.IsMethod(name) {
			m, ok = tree, true
		}
	}
	if !ok {
		return s.fieldReflect(g, receiver, node, name)
	}
	if g.any() {
		s.failf("%s is not a method but has arguments", name)
	}
	return box(m[name])
}

func (s *State) fieldReflect(g given, receiver value, node tmpltree.Node, name string) value {
	typ := receiver.typ()
	rv, isNil := indirectReflect(receiver.reflect())
	if rv.Kind() == reflect.Interface && isNil {
		s.failf("nil pointer evaluating %s.%s", typ, name)
	}
	ptr := rv
	if ptr.Kind() != reflect.Interface && ptr.Kind() != reflect.Pointer && ptr.CanAddr() {
		ptr = ptr.Addr()
	}
	if method := ptr.MethodByName(name); method.IsValid() {
		s.checkReceiver(receiver, name)
		return s.invoke(g, newFunction(name, method), node, name)
	}
	switch rv.Kind() {
	case reflect.Struct:
		if v, ok := s.structField(rv, typ, name, g.any()); ok {
			return v
		}
	case reflect.Map:
		if v, ok := s.mapKey(rv, name, g.any()); ok {
			return v
		}
	case reflect.Pointer:
		// Where there is no such field, that is what is said.
		elem := rv.Type().Elem()
		known := true
		if elem.Kind() == reflect.Struct {
			_, known = elem.FieldByName(name)
		}
		if known && isNil {
			s.failf("nil pointer evaluating %s.%s", typ, name)
		}
	}
	s.failf("can't evaluate field %s in type %s", name, typ)
	return value{}
}

// checkReceiver refuses a method of values that are too large to be printed.
func (s *State) checkReceiver(receiver value, method string) {
	tree, ok := receiver.x.(common.Values)
	if !ok {
		return
	}
	if err := CheckTree(tree, s.limits.MaxBytes); err != nil {
		s.fail("error calling "+method, err)
	}
}

func (s *State) structField(rv reflect.Value, typ reflect.Type, name string, hasArgs bool) (value, bool) {
	f, ok := rv.Type().FieldByName(name)
	if !ok {
		return value{}, false
	}
	v, err := rv.FieldByIndexErr(f.Index)
	switch {
	case !f.IsExported():
		s.failf("%s is an unexported field of struct type %s", name, typ)
	case err != nil:
		s.failf("%v", err)
	case hasArgs:
		s.failf("%s has arguments but cannot be invoked as function", name)
	}
	return fromReflect(v), true
}

func (s *State) mapKey(rv reflect.Value, name string, hasArgs bool) (value, bool) {
	key := reflect.ValueOf(name)
	if !key.Type().AssignableTo(rv.Type().Key()) {
		return value{}, false
	}
	if hasArgs {
		s.failf("%s is not a method but has arguments", name)
	}
	v := rv.MapIndex(key)
	if !v.IsValid() {
		v = reflect.Zero(rv.Type().Elem())
	}
	return fromReflect(v), true
}

// indirectReflect follows pointers and interfaces to their end, or to a nil.
func indirectReflect(rv reflect.Value) (reflect.Value, bool) {
	for ; rv.Kind() == reflect.Pointer || rv.Kind() == reflect.Interface; rv = rv.Elem() {
		if rv.IsNil() {
			return rv, true
		}
	}
	return rv, false
}
