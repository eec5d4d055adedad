package gotmpl

import (
	"fmt"
	"reflect"

	"github.com/seed-0d4f92cc/pack/internal/tmpltree"
)

// invoke calls a function or a method.
func (s *State) invoke(g given, f *function, node tmpltree.Node, name string) value {
	dot, args, final := g.dot, g.args, g.final
	if len(args) > 0 {
		args = args[1:]
	}
	s.checkCount(f, name, len(args), final.kind != missing)
	if f.bad != nil {
		s.failf("%v", f.bad)
	}
	if f.logic {
		return s.logic(dot, name == "or", args, final)
	}
	mark := len(s.args)
	s.hold(final)
	if f.callee {
		s.args = append(s.args, of(calleeText(args, final)))
	}
	for i, arg := range args {
		v := s.argument(dot, f.param(i), arg)
		s.args = append(s.args, v)
	}
	if final.kind != missing {
		s.args = append(s.args, s.fit(final, f.param(len(args))))
	}
	result, err := s.apply(f, s.args[mark:len(s.args):len(s.args)])
	s.release()
	clear(s.args[mark:])
	s.args = s.args[:mark]
	if err != nil {
		s.node = node
		s.fail("error calling "+name, err)
	}
	return result
}

func (s *State) checkCount(f *function, name string, given int, piped bool) {
	n := given
	if piped {
		n++
	}
	switch {
	case f.variadic && n < len(f.in)-1:
		s.failf("wrong number of args for %s: want at least %d got %d", name, len(f.in)-1, given)
	case !f.variadic && n != len(f.in):
		s.failf("wrong number of args for %s: want %d got %d", name, len(f.in), n)
	}
}

// calleeText is how call names what it calls in its errors.
func calleeText(args []tmpltree.Node, final value) string {
	if len(args) > 0 {
		return args[0].String()
	}
	return final.reflect().String()
}

// logic evaluates and, or: only as many arguments as it takes.
func (s *State) logic(dot value, or bool, args []tmpltree.Node, final value) value {
	var v value
	for _, arg := range args {
		v = s.argument(dot, param{kind: paramRaw}, arg)
		if v.isTrue() == or {
			return v
		}
	}
	if final.kind != missing {
		v = final
	}
	return v
}

// apply calls a function; what it panics with is its error.
func (s *State) apply(f *function, args []value) (v value, err error) {
	if f.trusted {
		return f.direct(s, args)
	}
	// Functions that execute templates leave nothing behind: render restores
	// the state even on an error, and a panic is put right here.
	saved := *s
	defer func() {
		if r := recover(); r != nil {
			out := s.out[:len(saved.out)]
			steps, made, next, links := s.steps, s.made, s.nextCheck, s.links
			*s = saved
			s.out, s.steps, s.made, s.nextCheck, s.links = out, steps, made, next, links
			err = panicError(r)
		}
	}()
	// One call can take long, so the context is looked at before each.
	if err := s.Ended(); err != nil {
		return value{}, err
	}
	if f.direct != nil {
		v, err = f.direct(s, args)
	} else {
		v, err = f.callReflect(s, args)
	}
	if err == nil && !f.passes {
		err = s.charge(v)
	}
	return v, err
}

func panicError(r any) error {
	switch e := r.(type) {
	case thrown:
		return e.err
	case error:
		return e
	}
	return fmt.Errorf("%v", r)
}

func (f *function) callReflect(s *State, args []value) (value, error) {
	in := make([]reflect.Value, 0, len(args)+1)
	if f.takeState {
		in = append(in, reflect.ValueOf(s))
	}
	for i, arg := range args {
		in = append(in, arg.forParam(f.param(i)))
	}
	out := f.fun.Call(in)
	if len(out) == 2 && !out[1].IsNil() {
		return value{}, out[1].Interface().(error)
	}
	return fromReflect(out[0]), nil
}

// forParam is an argument that fits as reflect.Call takes it.
func (v value) forParam(p param) reflect.Value {
	if p.typ == valueType() {
		return reflect.ValueOf(v.reflect())
	}
	if rv := v.reflect(); rv.IsValid() {
		return rv
	}
	return reflect.Zero(p.typ)
}
