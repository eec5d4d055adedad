package values_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/seed-0d4f92cc/pack/pkg/values"
)

// TestMasked holds that an expression is shown without what other assignments
// set, and that the offset stays where the fault is.
func TestMasked(t *testing.T) {
	t.Parallel()
	for expr, want := range map[string]string{
		"password=geheim,a":            "password=…,^a",
		"password=geheim,a[x]=1":       "password=…,a[^x]=…",
		"a={1,2":                       "a=^{…",
		"password=geheim,a={geheim2,x": "password=…,a=^{…",
		"x=geheim,a[1]y=geheim":        "x=…,a[1]^y=…",
		"a={geheim,geheim},b":          "a=…},^b",
		`password=ge\,heim,a`:          `password=…,^a`,
	} {
		err := values.Assign(values.Map{}, expr, values.Typed, nil)
		bad, ok := errors.AsType[*values.SyntaxError](err)
		if !ok {
			t.Errorf("%s: %v", expr, err)
			continue
		}
		text, offset := bad.Masked()
		if offset > len(text) {
			t.Errorf("%s: offset %d in %q", expr, offset, text)
			continue
		}
		if got := text[:offset] + "^" + text[offset:]; got != want {
			t.Errorf("%s is shown as %q, not %q", expr, got, want)
		}
		if strings.Contains(text, "geheim") {
			t.Errorf("%s shows what is secret: %s", expr, text)
		}
	}
}
