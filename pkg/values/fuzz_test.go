package values_test

import (
	"errors"
	"reflect"
	"regexp"
	"testing"

	"github.com/seed-0d4f92cc/pack/internal/yamlio"
	"github.com/seed-0d4f92cc/pack/pkg/values"
)

// Trees are compared without go-cmp here: its time doubles with each level.
func FuzzAssign(f *testing.F) {
	styles := map[string]values.Style{}
	for style := values.Typed; style <= values.Literal; style++ {
		styles[style.String()] = style
	}
	for kind, list := range records(f) {
		style, ok := styles[kind]
		if !ok {
			continue
		}
		for _, r := range list {
			f.Add(r.Base, r.Expr, int(style))
		}
	}
	f.Fuzz(func(t *testing.T, baseText, expr string, number int) {
		style := values.Style(uint(number) % uint(values.Literal+1))
		base, err := values.Parse([]byte(baseText))
		if err != nil {
			return
		}
		read := func(name string) ([]byte, error) { return []byte("<" + name + ">"), nil }
		got := values.Clone(base)
		if err := values.Assign(got, expr, style, read); err != nil {
			checkFault(t, err, expr)
			return
		}
		// A high index makes many elements, but there is a limit to them.
		if n := size(got); n > size(base)+2*len(expr)+1<<20+65537 {
			t.Errorf("%d values from %d bytes", n, len(expr))
		}
		same := values.Clone(base)
		if err := values.Assign(same, expr, style, read); err != nil {
			t.Errorf("the same expression succeeds and fails: %v", err)
		}
		if !reflect.DeepEqual(got, same) {
			t.Errorf("the same expression gives two results\n%s\n%s", dump(got), dump(same))
		}
		// "a.b=1,a=2" can't be assigned a second time: a is no map any more.
		again := values.Clone(got)
		if err := values.Assign(again, expr, style, read); err != nil {
			return
		}
		if !reflect.DeepEqual(got, again) {
			t.Errorf("assigned once and twice\n%s\n%s", dump(got), dump(again))
		}
	})
}

func checkFault(t *testing.T, err error, expr string) {
	t.Helper()
	syntax, ok := errors.AsType[*values.SyntaxError](err)
	switch {
	case !ok:
		t.Errorf("%v is no syntax error", err)
	case syntax.Expr != expr || syntax.Offset < 0 || syntax.Offset > len(expr):
		t.Errorf("fault at %d of %q in %q", syntax.Offset, syntax.Expr, expr)
	case syntax.Msg == "" || len(syntax.Msg) > 2000:
		t.Errorf("a message of %d bytes", len(syntax.Msg))
	}
}

func FuzzParse(f *testing.F) {
	for _, r := range records(f)["values"] {
		f.Add([]byte(r.File))
	}
	f.Add([]byte(`{"<<": null}`))
	f.Add([]byte(`a: "\N"`))
	// The printer, which is Helm's too, does not quote the key "<<", and text
	// that holds one of the less usual line breaks.
	lossy := regexp.MustCompile("\"\\\\u003c\\\\u003c\":|\u0085|\\\\u2028|\\\\u2029")
	f.Fuzz(func(t *testing.T, data []byte) {
		m, err := values.Parse(data)
		if err != nil {
			if m != nil || err.Error() == "" || len(err.Error()) > 10000 {
				t.Errorf("%d values and an error of %d bytes", len(m), len(err.Error()))
			}
			return
		}
		if err := yamlio.CheckDepth(m); err != nil {
			t.Error(err)
		}
		checkKinds(t, m)
		// Not every text can be written as YAML, but what can is read alike.
		text, err := yamlio.Marshal(m)
		if err != nil || lossy.MatchString(dump(m)) {
			return
		}
		again, err := values.Parse(text)
		if err != nil || !reflect.DeepEqual(m, again) {
			t.Errorf("error %v reading what was printed\n%s\n%s", err, dump(m), dump(again))
		}
	})
}

// checkKinds sees to it that a tree holds only what values.Map promises.
func checkKinds(t *testing.T, value any) {
	t.Helper()
	switch value := value.(type) {
	case nil, bool, string, float64:
	case map[string]any:
		for _, inner := range value {
			checkKinds(t, inner)
		}
	case []any:
		for _, inner := range value {
			checkKinds(t, inner)
		}
	default:
		t.Errorf("a %T", value)
	}
}
