package common_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-0d4f92cc/pack/internal/common"
)

func TestValues(t *testing.T) {
	t.Parallel()
	v := common.Values{"a": map[string]any{"b": common.Values{"c": 1}, "n": nil}, "s": "x"}
	table, err := v.Table("a.b")
	if diff := cmp.Diff(common.Values{"c": 1}, table); err != nil || diff != "" {
		t.Errorf("%v %s", err, diff)
	}
	for path, want := range map[string]any{"a.b.c": 1, "s": "x", "a.n": nil} {
		if got, err := v.PathValue(path); err != nil || got != want {
			t.Errorf("%s: %v, %v", path, got, err)
		}
	}
	for _, path := range []string{"", "a", "a.b", "a.x", "s.x", "none.x"} {
		if got, err := v.PathValue(path); err == nil {
			t.Errorf("%q: %v", path, got)
		}
	}
	var b strings.Builder
	if err := v.Encode(&b); err != nil {
		t.Fatal(err)
	}
	if text, err := v.YAML(); err != nil || text != b.String() || !strings.HasPrefix(text, "a:\n  b:\n    c: 1\n") {
		t.Errorf("%q %v", text, err)
	}
	if m := (common.Values)(nil).AsMap(); m == nil {
		t.Error("nil")
	}
	for _, name := range []string{"AsMap", "YAML", "Encode", "Table", "PathValue"} {
		if !common.IsMethod(name) {
			t.Errorf("%s is a method", name)
		}
	}
}

func TestKubeVersion(t *testing.T) {
	t.Parallel()
	live := common.NewKubeVersion("v1.36.3+k3s1", "", "1", "36+")
	given := common.NewKubeVersion("v1.30.4-gke.5", "v1.30.4", "1", "30")
	if live.String() != "v1.36.3+k3s1" || given.String() != "v1.30.4" || given.GitVersion() != "v1.30.4-gke.5" {
		t.Errorf("%s %s %s", live.String(), given.String(), given.GitVersion())
	}
}
