package tmplfuncs

import (
	"reflect"

	"github.com/Masterminds/sprig/v3"

	"github.com/seed-0d4f92cc/pack/internal/gotmpl"
)

// certificates are the functions of sprig that make certificates. An address that
// is no text is shown in their errors, so it must have an end.
func certificates(maxBytes int) map[string]any {
	own := sprig.TxtFuncMap()
	funcs := map[string]any{}
	for _, name := range []string{"genSelfSignedCert", "genSelfSignedCertWithKey", "genSignedCert", "genSignedCertWithKey"} {
		funcs[name] = checked(own[name], maxBytes)
	}
	return funcs
}

// checked is a function, which must return an error last, whose lists are measured
// first. Its types are not all exported, so that it is put together at run time.
func checked(fn any, maxBytes int) any {
	f := reflect.ValueOf(fn)
	return reflect.MakeFunc(f.Type(), func(args []reflect.Value) []reflect.Value {
		for _, arg := range args {
			list, ok := arg.Interface().([]any)
			if !ok {
				continue
			}
			if err := gotmpl.CheckAll(list, maxBytes); err != nil {
				return failed(f.Type(), err)
			}
		}
		return f.Call(args)
	}).Interface()
}

// failed is what a function of a type returns beside an error.
func failed(of reflect.Type, err error) []reflect.Value {
	var out []reflect.Value
	for i := range of.NumOut() - 1 {
		out = append(out, reflect.Zero(of.Out(i)))
	}
	return append(out, reflect.ValueOf(&err).Elem())
}
