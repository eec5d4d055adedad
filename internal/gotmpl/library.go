package gotmpl

import (
	"fmt"
	"maps"
	"reflect"

	"github.com/seed-0d4f92cc/pack/internal/tmpltree"
)

// Library is the functions that templates may call. It does not change and
// serves any number of executions.
type Library struct {
	functions map[string]*function
	parser    *tmpltree.Parser
}

// function is something that a template calls.
type function struct {
	fun reflect.Value
	// in are the parameters that templates see, out of all but a leading
	// *State.
	in        []param
	variadic  bool
	takeState bool
	bad       error
	// direct calls the function without reflect; nil where that is not
	// possible. It is given arguments of the types of the parameters.
	direct func(s *State, args []value) (value, error)
	// logic marks and, or: their arguments are evaluated as far as needed.
	logic bool
	// callee marks call, which is told the text of its first argument.
	callee bool
	// trusted functions do not panic.
	trusted bool
	// passes says that the result is one of the arguments, or a part of one:
	// nothing was made.
	passes bool
}

// param is the type of a parameter, the element's for the last of a variadic
// function.
type param struct {
	typ  reflect.Type
	kind paramKind
}

// paramKind tells apart the types for which no reflection is needed.
type paramKind uint8

const (
	paramOther paramKind = iota
	// paramRaw is handed a value as it is: reflect.Value in text/template.
	paramRaw
	paramAny
	paramString
	paramInt
	paramBool
	paramMap
)

func newParam(t reflect.Type) param {
	p := param{typ: t}
	switch t {
	case valueType():
		p.kind = paramOther
	case anyType():
		p.kind = paramAny
	case reflect.TypeFor[string]():
		p.kind = paramString
	case reflect.TypeFor[int]():
		p.kind = paramInt
	case reflect.TypeFor[bool]():
		p.kind = paramBool
	case reflect.TypeFor[map[string]any]():
		p.kind = paramMap
	}
	return p
}

// NewLibrary makes a library of text/template's own functions and of funcs,
// which may replace those. A function has the results that text/template asks
// for; if its first parameter is a *State it is given the execution that calls
// it, and templates do not see that parameter.
func NewLibrary(funcs map[string]any) (*Library, error) {
	l := &Library{functions: builtins()}
	names := make(map[string]any, len(l.functions)+len(funcs))
	for name, f := range l.functions {
		names[name] = true
		f.passes = passesOn(name)
	}
	for name, fn := range funcs {
		rv := reflect.ValueOf(fn)
		if rv.Kind() != reflect.Func || rv.IsNil() {
			return nil, fmt.Errorf("template function %q is a %T, not a function", name, fn)
		}
		f := newFunction(name, rv)
		if f.bad != nil {
			return nil, f.bad
		}
		f.direct = direct(fn)
		f.passes = passesOn(name)
		l.functions[name] = f
		names[name] = fn
	}
	l.parser = tmpltree.NewParser(names)
	return l, nil
}

// newFunction describes a function or a method.
func newFunction(name string, fun reflect.Value) *function {
	t := fun.Type()
	f := &function{fun: fun, variadic: t.IsVariadic(), bad: checkResults(name, t)}
	for i := range t.NumIn() {
		in := t.In(i)
		switch {
		case i == 0 && in == reflect.TypeFor[*State]():
			f.takeState = true
			continue
		case f.variadic && i == t.NumIn()-1:
			in = in.Elem()
		}
		f.in = append(f.in, newParam(in))
	}
	return f
}

// checkResults accepts one result, or two of which the second is an error.
func checkResults(name string, t reflect.Type) error {
	switch n := t.NumOut(); {
	case n == 1, n == 2 && t.Out(1) == reflect.TypeFor[error]():
		return nil
	case n == 2:
		return fmt.Errorf("invalid function signature for %s: second return value should be error; is %s", name, t.Out(1))
	default:
		return fmt.Errorf("function %s has %d return values; should be 1 or 2", name, n)
	}
}

// param is the parameter for the i-th argument.
func (f *function) param(i int) param { return f.in[min(i, len(f.in)-1)] }

// Names are the names of all functions.
func (l *Library) Names() []string {
	names := make([]string, 0, len(l.functions))
	for name := range maps.Keys(l.functions) {
		names = append(names, name)
	}
	return names
}
