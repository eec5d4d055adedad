package values_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-0d4f92cc/pack/pkg/values"
)

func TestPaths(t *testing.T) {
	t.Parallel()
	tree := values.Map{"a": values.Map{"b.c": []any{1.0, values.Map{"d": "x"}}, "n": nil}}
	for text, want := range map[string]any{
		"a.b\\.c[0]": 1.0, "a.b\\.c[1].d": "x", "a.n": nil, "": tree,
		"b": missing, "a.b": missing, "a.b\\.c[2]": missing, "a.b\\.c.d": missing, "a.b\\.c[1].d.e": missing, "a[0]": missing,
	} {
		path, err := values.ParsePath(text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if got := values.JoinPath(path); got != text {
			t.Errorf("%s is written as %s", text, got)
		}
		got, ok := values.At(tree, path)
		if !ok {
			got = missing
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", text, diff)
		}
	}
	for _, text := range []string{"a[", "a[x]", "a[0"} {
		if path, err := values.ParsePath(text); err == nil {
			t.Errorf("%s is read as %q", text, path)
		}
	}
}

// missing stands for a value that is not there.
const missing = "(missing)"

func ExampleAt() {
	path, err := values.ParsePath(`list[1].name`)
	if err != nil {
		fmt.Println(err)
		return
	}
	v, ok := values.At(values.Map{"list": []any{nil, values.Map{"name": "web"}}}, path)
	fmt.Println(v, ok, values.JoinPath(path))
	// Output: web true list[1].name
}
