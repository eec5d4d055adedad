package tmplfuncs_test

import (
	"fmt"
	"reflect"
	"runtime/debug"
	"testing"
	"time"

	"github.com/seed-0d4f92cc/pack/internal/tmplfuncs"
)

// endlessValues are values whose text does not end, or has no practical end.
func endlessValues() map[string]any {
	itself := map[string]any{"z": 1}
	itself["a"] = itself
	list := []any{1, nil}
	list[1] = list
	shared := map[string]any{"x": 1}
	for range 60 {
		shared = map[string]any{"a": shared, "b": shared}
	}
	return map[string]any{"itself": itself, "list": list, "shared": shared, "within": []any{map[string]any{"x": itself}}}
}

// TestEndlessValues gives such values to every function, in every place that takes
// any value. What comes back does not matter: that something does is the test, for
// a stack that overflows ends the process.
func TestEndlessValues(t *testing.T) {
	// A stack of this size is enough, and the failure comes sooner.
	defer debug.SetMaxStack(debug.SetMaxStack(64 << 20))
	calls := 0
	for name, fn := range tmplfuncs.New(tmplfuncs.Options{Now: time.Now, MaxBytes: 1 << 20}) {
		kind := reflect.TypeOf(fn)
		for place := range kind.NumIn() {
			for which, v := range endlessValues() {
				args := argumentsWith(kind, place, v)
				if args == nil {
					continue
				}
				calls++
				t.Run(fmt.Sprintf("%s/%d/%s", name, place, which), func(*testing.T) {
					defer func() { _ = recover() }() // an error of the template, there
					reflect.ValueOf(fn).Call(args)
				})
			}
		}
	}
	if calls < 400 {
		t.Errorf("only %d calls", calls)
	}
}

// argumentsWith has v in one place, and something small in the others; nil where v
// does not fit.
func argumentsWith(kind reflect.Type, place int, v any) []reflect.Value {
	var args []reflect.Value
	for i := range kind.NumIn() {
		in := kind.In(i)
		if kind.IsVariadic() && i == kind.NumIn()-1 {
			in = in.Elem()
		}
		switch {
		case i == place && reflect.TypeOf(v).AssignableTo(in):
			args = append(args, reflect.ValueOf(v))
		case i == place:
			return nil
		case in.Kind() == reflect.Interface && in.NumMethod() == 0:
			args = append(args, reflect.ValueOf("1"))
		case in.Kind() == reflect.Int || in.Kind() == reflect.Int64:
			args = append(args, reflect.ValueOf(1).Convert(in))
		default:
			args = append(args, reflect.Zero(in))
		}
	}
	return args
}
