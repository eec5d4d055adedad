package engine_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-0d4f92cc/pack/internal/engine"
)

// object is what templates call on .Files.
type object interface {
	Get(string) string
	GetBytes(string) []byte
	Lines(string) []string
	AsConfig() string
	AsSecrets() string
}

func TestFiles(t *testing.T) {
	t.Parallel()
	f := engine.Files(map[string][]byte{"a.txt": []byte("one\ntwo\n"), "d/b.txt": []byte("x"), "e/b.txt": []byte("y"), "empty": nil})
	o := f.(object)
	if o.Get("a.txt") != "one\ntwo\n" || o.Get("none") != "" || o.GetBytes("none") == nil {
		t.Error("contents")
	}
	if diff := cmp.Diff([]string{"one", "two"}, o.Lines("a.txt")); diff != "" {
		t.Error(diff)
	}
	if o.Lines("none") == nil || o.Lines("empty") == nil {
		t.Error("missing lines are an empty list")
	}
	if want := "a.txt: |\n  one\n  two\nb.txt: \"y\"\nempty: \"\""; o.AsConfig() != want {
		t.Errorf("%q", o.AsConfig())
	}
	if want := "a.txt: b25lCnR3bwo=\nb.txt: eQ==\nempty: \"\""; o.AsSecrets() != want {
		t.Errorf("%q", o.AsSecrets())
	}
	if got := fmt.Sprintf("%T", f); got != "engine.files" {
		t.Errorf("templates see the type %s", got)
	}
}
