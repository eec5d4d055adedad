package yamlio_test

import (
	"bytes"
	"testing"

	"github.com/google/go-cmp/cmp"
	"sigs.k8s.io/yaml"

	"github.com/seed-0d4f92cc/pack/internal/yamlio"
)

// targets are what trees are read into, each made anew.
func targets() map[string]func() any {
	return map[string]func() any{
		"no map":      func() any { return new(map[string]any) },
		"empty map":   func() any { return &map[string]any{} },
		"map":         func() any { return &map[string]any{"a": "old", "z": map[string]any{"y": 1}} },
		"no list":     func() any { return new([]any) },
		"list":        func() any { return &[]any{"old", map[string]any{"y": 1}, new("old")} },
		"nothing":     func() any { return new(any) },
		"map in any":  func() any { var v any = map[string]any{"a": "old"}; return &v },
		"text in any": func() any { var v any = "old"; return &v },
		"pointer in any": func() any {
			var v any = &map[string]any{"z": "old"}
			return &v
		},
		"struct": func() any { return &struct{ A, Z string }{Z: "old"} },
		"text":   func() any { return new("old") },
	}
}

// TestUnmarshalLikeLibrary reads into everything that a tree can be read into.
// Whether the library was asked must not be seen, in results or errors.
func TestUnmarshalLikeLibrary(t *testing.T) {
	t.Parallel()
	for name, target := range targets() {
		for _, text := range []string{
			"", "# c", "---", "~", "null", "{}", "[]", "a: 1", "{a: 1, b: [x]}", "a: ~", "z: {x: 2}", "- 1\n- a: b", "- ~\n- 1\n- c", "x", "1", "yes",
			"a: &x 1\nb: *x", "a: [1", "a: b: c", "~: 1", "a: .inf", "a: 1\n---\nb: [", "a: 1\na: 2", "y: n", "a: |\n  x\n  y\n",
		} {
			want, got := target(), target()
			wantErr, gotErr := yaml.Unmarshal([]byte(text), want), yamlio.Unmarshal([]byte(text), got)
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%q into %s (-library +got):\n%s", text, name, diff)
			}
			if diff := cmp.Diff(message(wantErr), message(gotErr)); diff != "" {
				t.Errorf("%q into %s (-library +got):\n%s", text, name, diff)
			}
		}
	}
}

func message(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// TestMarshalLikeLibrary writes what the library alone can write, too.
func TestMarshalLikeLibrary(t *testing.T) {
	t.Parallel()
	type named map[string]any
	for _, v := range []any{
		nil, "", "x\n", 1.5, map[string]any{"a": struct {
			B int `json:"b"`
		}{2}}, named{"a": []int{1}}, []named{{"b": 1}}, map[string]any{"k\nk": 1}, "\u2028", "\x7f", "\xff", map[int]string{1: "a"}, func() {}, map[string]any{"<<": "<<"},
	} {
		want, wantErr := yaml.Marshal(v)
		got, gotErr := yamlio.Marshal(v)
		if !bytes.Equal(want, got) || message(wantErr) != message(gotErr) {
			t.Errorf("%#v is %q, error %v; by the library %q, error %v", v, got, gotErr, want, wantErr)
		}
	}
}
