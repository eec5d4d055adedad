package gotmpl

import (
	"reflect"

	"github.com/seed-0d4f92cc/pack/internal/common"

	"github.com/seed-0d4f92cc/pack/internal/tmpltree"
)

// anyArgument evaluates a node that is not a literal, whatever its type.
func (s *State) anyArgument(dot value, node tmpltree.Node) value {
	s.node = node
	none := value{kind: missing}
	switch n := node.(type) {
	case *tmpltree.DotNode:
		return dot
	case *tmpltree.FieldNode:
		return s.fieldNode(dot, n, nil, none)
	case *tmpltree.VariableNode:
		return s.variableNode(dot, n, nil, none)
	case *tmpltree.PipeNode:
		return s.pipeline(dot, n)
	case *tmpltree.IdentifierNode:
		return s.functionNode(dot, n, n, nil, none)
	case *tmpltree.ChainNode:
		return s.chainNode(dot, n, nil, none)
	}
	s.failf("can't evaluate command %q", node)
	return value{}
}

// argument evaluates a node for a parameter.
func (s *State) argument(dot value, p param, node tmpltree.Node) value {
	s.node = node
	switch n := node.(type) {
	case *tmpltree.BoolNode, *tmpltree.NumberNode, *tmpltree.StringNode:
		return s.literal(p, n)
	case *tmpltree.NilNode:
		if p.kind == paramRaw {
			return value{}
		}
		if !canBeNil(p.typ) {
			s.failf("cannot assign nil to %s", p.typ)
		}
		return zeroOf(p)
	}
	return s.fit(s.anyArgument(dot, node), p)
}

// literal is a literal as the type of a parameter asks for it.
func (s *State) literal(p param, node tmpltree.Node) value {
	switch p.kind {
	case paramAny, paramRaw:
		return s.constant(node)
	case paramString:
		if n, ok := node.(*tmpltree.StringNode); ok {
			return of(n.Text)
		}
	case paramInt:
		if n, ok := node.(*tmpltree.NumberNode); ok && n.IsInt {
			return of(int(n.Int64))
		}
	case paramBool:
		if n, ok := node.(*tmpltree.BoolNode); ok {
			return of(n.True)
		}
	}
	return s.literalReflect(p.typ, node)
}

func (s *State) literalReflect(t reflect.Type, node tmpltree.Node) value {
	rv := reflect.New(t).Elem()
	number, isNumber := node.(*tmpltree.NumberNode)
	wanted := ""
	switch kind := t.Kind(); {
	case kind == reflect.Bool:
		if n, ok := node.(*tmpltree.BoolNode); ok {
			rv.SetBool(n.True)
			return fromReflect(reflect.ValueOf(rv.Interface()))
		}
		wanted = "bool"
	case kind == reflect.String:
		if n, ok := node.(*tmpltree.StringNode); ok {
			rv.SetString(n.Text)
			return fromReflect(reflect.ValueOf(rv.Interface()))
		}
		wanted = "string"
	case rv.CanComplex(), rv.CanFloat(), rv.CanInt(), rv.CanUint():
		if isNumber && setNumber(rv, number) {
			return fromReflect(reflect.ValueOf(rv.Interface()))
		}
		wanted = numberName(rv)
	case t == valueType():
		return s.constant(node)
	default:
		s.failf("can't handle %s for arg of type %s", node, t)
	}
	s.failf("expected %s; found %s", wanted, node)
	return value{}
}

func setNumber(rv reflect.Value, n *tmpltree.NumberNode) bool {
	switch {
	case rv.CanInt() && n.IsInt:
		rv.SetInt(n.Int64)
	case rv.CanUint() && n.IsUint:
		rv.SetUint(n.Uint64)
	case rv.CanFloat() && n.IsFloat:
		rv.SetFloat(n.Float64)
	case rv.CanComplex() && n.IsComplex:
		rv.SetComplex(*n.Complex)
	default:
		return false
	}
	return true
}

func numberName(rv reflect.Value) string {
	switch {
	case rv.CanInt():
		return "integer"
	case rv.CanUint():
		return "unsigned integer"
	case rv.CanFloat():
		return "float"
	}
	return "complex"
}

// fit makes a value assignable to a parameter, or fails.
func (s *State) fit(v value, p param) value {
	switch p.kind {
	case paramRaw:
		return v
	case paramAny:
		if v.kind == invalid {
			return box(nil)
		}
		return v
	case paramString:
		if _, ok := v.x.(string); ok && v.kind <= boxed {
			return of(v.x)
		}
	case paramInt:
		if _, ok := v.x.(int); ok && v.kind <= boxed {
			return of(v.x)
		}
	case paramBool:
		if _, ok := v.x.(bool); ok && v.kind <= boxed {
			return of(v.x)
		}
	case paramMap:
		if m, ok := asTree(v.x); ok {
			return of(m)
		}
	}
	return s.fitReflect(v, p)
}

// asTree is a map of values without the name that its type may have.
func asTree(x any) (map[string]any, bool) {
	switch m := x.(type) {
	case map[string]any:
		return m, true
	case common.Values:
		return m, true
	}
	return nil, false
}

func (s *State) fitReflect(v value, p param) value {
	if !v.valid() {
		if !canBeNil(p.typ) {
			s.failf("invalid value; expected %s", p.typ)
		}
		return zeroOf(p)
	}
	if p.typ == valueType() {
		return v
	}
	rv := v.reflect()
	if rv.Type().AssignableTo(p.typ) {
		return converted(rv, p)
	}
	if rv.Kind() == reflect.Interface && !rv.IsNil() {
		rv = rv.Elem()
		if rv.Type().AssignableTo(p.typ) {
			return converted(rv, p)
		}
	}
	switch {
	case rv.Kind() == reflect.Pointer && rv.Type().Elem().AssignableTo(p.typ):
		if rv = rv.Elem(); !rv.IsValid() {
			s.failf("dereference of nil pointer of type %s", p.typ)
		}
		return converted(rv, p)
	case rv.CanAddr() && reflect.PointerTo(rv.Type()).AssignableTo(p.typ):
		return fromReflect(rv.Addr())
	}
	s.failf("wrong type for value; expected %s; got %s", p.typ, rv.Type())
	return value{}
}

// converted is an assignable value in the very type of a parameter.
func converted(rv reflect.Value, p param) value {
	if p.kind != paramOther && p.kind != paramAny && rv.Type() != p.typ {
		rv = rv.Convert(p.typ)
	}
	return fromReflect(rv)
}

// zeroOf is nil in the type of a parameter.
func zeroOf(p param) value {
	if p.kind == paramAny {
		return box(nil)
	}
	if p.typ == valueType() {
		return value{}
	}
	rv := reflect.Zero(p.typ)
	if rv.Kind() == reflect.Interface {
		return value{x: rv, kind: reflected}
	}
	return of(rv.Interface())
}

func canBeNil(t reflect.Type) bool {
	switch t.Kind() {
	case reflect.Chan, reflect.Func, reflect.Interface, reflect.Map, reflect.Pointer, reflect.Slice:
		return true
	}
	return t == valueType()
}
