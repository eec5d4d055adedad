package tmplfuncs

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"strconv"
	"testing"

	"github.com/Masterminds/sprig/v3"

	"github.com/seed-0d4f92cc/pack/internal/common"
	"github.com/seed-0d4f92cc/pack/internal/engine"
)

// randomTree is a tree of everything that is in values, and of other things.
func randomTree(r *rand.Rand, depth int) any {
	kinds := 24
	if depth == 0 {
		kinds = 19
	}
	switch r.IntN(kinds) {
	case 0:
		return nil
	case 1:
		return map[string]any(nil)
	case 2:
		return []any(nil)
	case 3:
		return common.Values(nil)
	case 4:
		return map[string]any{}
	case 5:
		return []any{}
	case 6:
		return r.Int()
	case 7:
		return r.Float64()
	case 8:
		return strconv.Itoa(r.Int())
	case 9:
		return []string{"a", "b"}
	case 10:
		return map[string]string{"a": "b"}
	case 11:
		return &struct{ A, B any }{A: []any{1}, B: map[string]any{"c": nil}}
	case 12:
		return []byte("bytes")
	case 13:
		return struct{ A []int }{A: []int{1, 2}}
	case 14:
		return &common.Capabilities{KubeVersion: common.NewKubeVersion("v1.30.1+k3s", "v1.30.1", "1", "30")}
	case 15:
		return &common.Capabilities{APIVersions: common.VersionSet{"v1", "apps/v1"}, HelmVersion: common.BuildInfo{Version: "v4"}}
	case 16:
		return engine.Files(map[string][]byte{"a": []byte("text"), "b": {}, "c": nil})
	case 17:
		return engine.Files(map[string][]byte{"a": []byte("text"), "b": {}})
	case 18:
		return []any{[]string{}, []byte{}, []string(nil), map[string]string(nil), common.VersionSet{}}
	case 19, 20:
		list := make([]any, r.IntN(4))
		for i := range list {
			list[i] = randomTree(r, depth-1)
		}
		return list
	case 21:
		return common.Values{"a": randomTree(r, depth-1)}
	default:
		m := map[string]any{}
		for range r.IntN(4) {
			m[strconv.Itoa(r.IntN(10))] = randomTree(r, depth-1)
		}
		return m
	}
}

// TestCopierIsSprigs compares copies with sprig's, types and what is nil included.
func TestCopierIsSprigs(t *testing.T) {
	sprigs := sprig.TxtFuncMap()["mustDeepCopy"].(func(any) (any, error))
	for seed := range uint64(3000) {
		v := randomTree(rand.New(rand.NewPCG(seed, 1)), 4)
		want, wantErr := copied(sprigs, v)
		got, err := copied(copier(sprigs).tree, v)
		if (err != nil) != (wantErr != nil) || !reflect.DeepEqual(got, want) {
			t.Fatalf("seed %d: %#v\ngot  %#v, %v\nwant %#v, %v", seed, v, got, err, want, wantErr)
		}
	}
}

// copied copies a value; a panic is an error.
func copied(copyOf func(any) (any, error), v any) (c any, err error) {
	defer func() {
		if p := recover(); p != nil {
			c, err = nil, fmt.Errorf("panic: %v", p)
		}
	}()
	return copyOf(v)
}

// TestCopiesShareNothing changes a copy all over.
func TestCopiesShareNothing(t *testing.T) {
	sprigs := sprig.TxtFuncMap()["mustDeepCopy"].(func(any) (any, error))
	list := []any{map[string]any{"b": 1}}
	v := common.Values{"a": list, "again": list}
	c, err := copier(sprigs).tree(v)
	if err != nil {
		t.Fatal(err)
	}
	got := c.(common.Values)
	got["a"].([]any)[0].(map[string]any)["b"] = 2
	want := common.Values{"a": []any{map[string]any{"b": 1}}, "again": []any{map[string]any{"b": 1}}}
	if !reflect.DeepEqual(v, want) {
		t.Errorf("the original became %v", v)
	}
	if first := got["again"].([]any)[0].(map[string]any)["b"]; first != 1 {
		t.Errorf("what was there twice is shared in the copy: %v", got)
	}
}
