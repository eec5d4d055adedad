package kube_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-0d4f92cc/pack/pkg/kube"
	"github.com/seed-0d4f92cc/pack/pkg/release"
)

const lateObject = `
apiVersion: v1
kind: ConfigMap
metadata: {name: late}
data: {x: "1"}
`

// TestLateWrites: on the real server, a write for an object that others have written,
// removed or made anew since it was planned is refused as it is, and goes through once
// it was asked whether it still may.
func TestLateWrites(t *testing.T) {
	t.Parallel()
	c, ns := onCluster(t)
	path := "/api/v1/namespaces/" + ns + "/configmaps/late"
	change := map[string]func(){
		"written": func() {
			in := map[string]any{"metadata": map[string]any{"labels": map[string]any{"by": "others"}}}
			if err := cluster.Do(t.Context(), http.MethodPatch, path, in, nil); err != nil {
				t.Fatal(err)
			}
		},
		"removed": func() {
			if err := cluster.Do(t.Context(), http.MethodDelete, path, nil, nil); err != nil {
				t.Fatal(err)
			}
		},
	}
	change["made anew"] = func() {
		change["removed"]()
		apply(t, c, build(t, c, ns, lateObject)[0], release.ApplyObjectOptions{}, release.ActionCreated)
	}
	for name, do := range change {
		obj := build(t, c, ns, lateObject)[0]
		live, _, err := c.Apply(t.Context(), obj, release.ApplyObjectOptions{ForceConflicts: true})
		if err != nil {
			t.Fatal(err)
		}
		do()
		asked := 0
		before := func(context.Context) error { asked++; return nil }
		next := obj
		next.Content = map[string]any{
			"apiVersion": "v1", "kind": "ConfigMap", "metadata": map[string]any{"name": "late", "namespace": ns}, "data": map[string]any{"x": "2"},
		}
		_, action, err := c.Apply(t.Context(), next, release.ApplyObjectOptions{Live: live.Content, Before: before})
		want := release.ActionUpdated
		if name == "removed" {
			want = release.ActionCreated
		}
		if err != nil || action != want || asked != 2 {
			t.Errorf("%s: apply: %s, asked %d times, %v", name, action, asked, err)
		}
		checkLateDelete(t, c, live, name)
	}
}

// checkLateDelete deletes an object that is another one now.
func checkLateDelete(t *testing.T, c *kube.Client, live release.Object, name string) {
	t.Helper()
	meta, _ := live.Content["metadata"].(map[string]any)
	asked := 0
	err := c.Delete(t.Context(), live.Ref, release.DeleteObjectOptions{
		Live: meta, Before: func(context.Context) error { asked++; return nil },
	})
	if err != nil || asked != 2 {
		t.Errorf("%s: delete: asked %d times, %v", name, asked, err)
	}
}

// TestOnlyCreates: on the real server, an object that was not there when its write was
// planned is created, and one that somebody else has created since is written only if
// that may be.
func TestOnlyCreates(t *testing.T) {
	t.Parallel()
	c, ns := onCluster(t)
	for _, method := range []release.ApplyMethod{release.ServerSide, release.ClientSide} {
		obj := build(t, c, ns, strings.ReplaceAll(lateObject, "late", "created-"+strings.ToLower(string(method))))[0]
		asked, answer := 0, error(nil)
		opts := release.ApplyObjectOptions{Method: method, Found: func(live release.Object) error {
			if uid := live.Content["metadata"].(map[string]any)["uid"]; uid == nil {
				t.Errorf("%s: asked about %v", method, live.Content)
			}
			asked++
			return answer
		}}
		first := apply(t, c, obj, opts, release.ActionCreated)
		if asked != 0 {
			t.Errorf("%s: asked %d times about what was not there", method, asked)
		}
		obj.Content["data"] = map[string]any{"x": "2"}
		answer = errors.New("it is somebody's")
		if _, _, err := c.Apply(t.Context(), obj, opts); err != answer || asked != 1 {
			t.Errorf("%s: asked %d times, error %v", method, asked, err)
		}
		live, err := c.Get(t.Context(), obj.Ref)
		if diff := cmp.Diff(first.Content["data"], live.Content["data"]); err != nil || diff != "" {
			t.Errorf("%s: it was written: %v\n%s", method, err, diff)
		}
		answer = nil
		apply(t, c, obj, opts, release.ActionUpdated)
		if asked != 2 {
			t.Errorf("%s: asked %d times", method, asked)
		}
	}
}
