package gotmpl

import (
	"cmp"

	"reflect"
	"slices"
	"strings"

	"github.com/seed-0d4f92cc/pack/internal/tmpltree"
)

// loop is a range under way.
type loop struct {
	node *tmpltree.RangeNode
	// mark is where the variables of the body begin.
	mark int
	ran  bool
}

func (s *State) rangeOver(dot value, n *tmpltree.RangeNode) control {
	outer := len(s.vars)
	v, _ := s.pipeline(dot, &n.Pipe).indirect()
	l := &loop{node: n, mark: len(s.vars)}
	s.hold(v)
	switch x := v.x.(type) {
	case []any:
		for i := range x {
			if !s.iterate(l, of(i), box(x[i])) {
				break
			}
		}
	case map[string]any:
		s.rangeMap(l, x)
	case []string:
		for i := range x {
			if !s.iterate(l, of(i), of(x[i])) {
				break
			}
		}
	default:
		s.rangeReflect(l, v)
	}
	s.release()
	c := goOn
	if !l.ran && n.ElseList != nil {
		c = s.walk(dot, n.ElseList)
	}
	s.pop(outer)
	return c
}

// iterate walks the body once; it is false when the loop has to end.
func (s *State) iterate(l *loop, index, elem value) bool {
	l.ran = true
	decl := l.node.Pipe.Decl
	switch {
	case len(decl) > 1 && l.node.Pipe.IsAssign:
		s.find(decl[0].Ident[0]).value = index
		s.find(decl[1].Ident[0]).value = elem
	case len(decl) > 1:
		s.vars[len(s.vars)-2].value = index
		s.vars[len(s.vars)-1].value = elem
	case len(decl) == 1 && l.node.Pipe.IsAssign:
		s.find(decl[0].Ident[0]).value = elem
	case len(decl) == 1:
		s.vars[len(s.vars)-1].value = elem
	}
	c := s.walk(elem, l.node.List)
	s.pop(l.mark)
	return c != breakLoop
}

// rangeMap goes through a map as it was at the start, by key.
func (s *State) rangeMap(l *loop, m map[string]any) {
	type entry struct {
		key   string
		value any
	}
	entries := make([]entry, 0, len(m))
	for k, v := range m {
		entries = append(entries, entry{k, v})
	}
	slices.SortFunc(entries, func(a, b entry) int { return strings.Compare(a.key, b.key) })
	for _, e := range entries {
		if !s.iterate(l, of(e.key), box(e.value)) {
			return
		}
	}
}

func (s *State) rangeReflect(l *loop, v value) {
	rv := v.reflect()
	switch rv.Kind() {
	case reflect.Invalid:
	case reflect.Array, reflect.Slice:
		for i := range rv.Len() {
			if !s.iterate(l, of(i), fromReflect(rv.Index(i))) {
				return
			}
		}
	case reflect.Map:
		s.rangeReflectMap(l, rv)
	case reflect.Chan, reflect.Func:
		s.rangeSequence(l, rv)
	default:
		if !rv.CanInt() && !rv.CanUint() {
			s.failf("range can't iterate over %v", rv)
		}
		if len(l.node.Pipe.Decl) > 1 {
			s.failf("can't use %v to iterate over more than one variable", rv)
		}
		for elem := range rv.Seq() {
			if !s.iterate(l, value{}, fromReflect(elem)) {
				return
			}
		}
	}
}

func (s *State) rangeReflectMap(l *loop, rv reflect.Value) {
	if m, ok := plainMap(rv); ok {
		s.rangeMap(l, m)
		return
	}
	keys := rv.MapKeys()
	slices.SortFunc(keys, compareKeys)
	values := make([]reflect.Value, len(keys))
	for i, k := range keys {
		values[i] = rv.MapIndex(k)
	}
	for i, k := range keys {
		if !s.iterate(l, fromReflect(k), fromReflect(values[i])) {
			return
		}
	}
}

// plainMap is a map of a named type as the map[string]any that it is.
func plainMap(rv reflect.Value) (map[string]any, bool) {
	plain := reflect.TypeFor[map[string]any]()
	if rv.Type() == plain || !rv.Type().ConvertibleTo(plain) {
		return nil, false
	}
	return rv.Convert(plain).Interface().(map[string]any), true
}

// compareKeys is the order of text/template for keys of the basic types.
func compareKeys(a, b reflect.Value) int {
	for a.Kind() == reflect.Interface && b.Kind() == reflect.Interface && !a.IsNil() && !b.IsNil() {
		a, b = a.Elem(), b.Elem()
	}
	switch {
	case a.Kind() != b.Kind():
		return cmp.Compare(a.Kind(), b.Kind())
	case a.CanInt():
		return cmp.Compare(a.Int(), b.Int())
	case a.CanUint():
		return cmp.Compare(a.Uint(), b.Uint())
	case a.CanFloat():
		return cmp.Compare(a.Float(), b.Float())
	case a.Kind() == reflect.String:
		return strings.Compare(a.String(), b.String())
	case a.Kind() == reflect.Bool && a.Bool() != b.Bool():
		return map[bool]int{false: -1, true: 1}[a.Bool()]
	}
	return 0
}

// rangeSequence goes through what a channel or an iterator function yields.
func (s *State) rangeSequence(l *loop, rv reflect.Value) {
	t := rv.Type()
	switch {
	case t.CanSeq2() && t.Kind() == reflect.Func:
		for k, v := range rv.Seq2() {
			if len(l.node.Pipe.Decl) < 2 {
				k, v = reflect.Value{}, k
			}
			if !s.iterate(l, fromReflect(k), fromReflect(v)) {
				return
			}
		}
	case t.CanSeq() && len(l.node.Pipe.Decl) > 1 && t.Kind() == reflect.Func:
		s.failf("can't use %v iterate over more than one variable", rv)
	case t.CanSeq() && !rv.IsNil():
		i := 0
		for v := range rv.Seq() {
			if !s.iterate(l, of(i), fromReflect(v)) {
				return
			}
			i++
		}
	case t.Kind() != reflect.Chan || !rv.IsNil():
		s.failf("range can't iterate over %v", rv)
	}
}
