package releasetest_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-0d4f92cc/pack/pkg/manifest"
	"github.com/seed-0d4f92cc/pack/pkg/release"
	"github.com/seed-0d4f92cc/pack/pkg/release/releasetest"
)

func newCluster() *releasetest.Cluster {
	return releasetest.NewCluster(releasetest.ClusterConfig{Namespaces: []string{releasetest.NamespaceA, releasetest.NamespaceB}})
}

func TestCluster(t *testing.T) {
	t.Parallel()
	releasetest.TestCluster(t, func(*testing.T) release.Cluster { return newCluster() })
}

// TestClusterShared runs the suite as a cluster with one server behind it runs
// it.
func TestClusterShared(t *testing.T) {
	t.Parallel()
	cluster := newCluster()
	releasetest.TestCluster(t, func(*testing.T) release.Cluster { return cluster })
}

func object(kind, name string, fields map[string]any) release.Object {
	apiVersion := map[string]string{"Job": "batch/v1", "Deployment": "apps/v1"}[kind]
	if apiVersion == "" {
		apiVersion = "v1"
	}
	o := release.Object{
		Ref: manifest.Ref{APIVersion: apiVersion, Kind: kind, Namespace: "default", Name: name},
		Content: map[string]any{
			"apiVersion": apiVersion, "kind": kind, "metadata": map[string]any{"name": name, "namespace": "default"},
		},
	}
	for field, value := range fields {
		o.Content[field] = value
	}
	return o
}

func config(data map[string]any) release.Object {
	return object("ConfigMap", "web", map[string]any{"data": data})
}

func apply(t *testing.T, c *releasetest.Cluster, o release.Object) {
	t.Helper()
	if _, _, err := c.Apply(t.Context(), o, release.ApplyObjectOptions{}); err != nil {
		t.Fatal(err)
	}
}

func TestClusterCalls(t *testing.T) {
	t.Parallel()
	errDown := errors.New("the server is down")
	c := releasetest.NewCluster(releasetest.ClusterConfig{Fail: func(call releasetest.Call) error {
		if call.Op == releasetest.OpDelete && call.Detail == "orphan" {
			return errDown
		}
		return nil
	}})
	ctx, o := t.Context(), config(nil)
	if _, err := c.Capabilities(ctx); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Get(ctx, o.Ref); !errors.Is(err, release.ErrObjectNotFound) {
		t.Errorf("error %v", err)
	}
	apply(t, c, o)
	opts := release.ApplyObjectOptions{ForceConflicts: true, MigrateManagedFields: true}
	if _, _, err := c.Apply(ctx, o, opts); err != nil {
		t.Fatal(err)
	}
	if err := c.Delete(ctx, o.Ref, release.DeleteObjectOptions{Propagation: "orphan"}); !errors.Is(err, errDown) {
		t.Errorf("error %v, want that of Fail", err)
	}
	for range c.Watch(ctx, []manifest.Ref{o.Ref}, release.WatchOptions{}) {
		break
	}
	c.Refresh()
	if err := c.Delete(ctx, o.Ref, release.DeleteObjectOptions{}); err != nil {
		t.Fatal(err)
	}
	var calls []string
	for _, call := range c.Calls() {
		calls = append(calls, call.String())
	}
	want := []string{
		"capabilities",
		"get ConfigMap/default/web failed",
		"apply ConfigMap/default/web ssa created",
		"apply ConfigMap/default/web ssa+force+migrate updated",
		"delete ConfigMap/default/web orphan failed",
		"watch ConfigMap/default/web",
		"refresh",
		"delete ConfigMap/default/web background",
	}
	if diff := cmp.Diff(want, calls); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(append(want[2:5:5], want[7]), c.Writes()); diff != "" {
		t.Error(diff)
	}
}

func TestClusterFailures(t *testing.T) {
	t.Parallel()
	errDown := errors.New("the server is down")
	c := releasetest.NewCluster(releasetest.ClusterConfig{Fail: func(releasetest.Call) error { return errDown }})
	ctx, o := t.Context(), config(nil)
	_, capabilitiesErr := c.Capabilities(ctx)
	_, buildErr := c.Build(ctx, nil, release.BuildOptions{})
	_, getErr := c.Get(ctx, o.Ref)
	_, _, applyErr := c.Apply(ctx, o, release.ApplyObjectOptions{})
	_, lookupErr := c.Lookup(ctx, "v1", "ConfigMap", "default", "web")
	errs := []error{
		capabilitiesErr, buildErr, getErr, applyErr, lookupErr,
		c.Delete(ctx, o.Ref, release.DeleteObjectOptions{}), c.Logs(ctx, o.Ref, new(strings.Builder)),
	}
	for _, err := range c.Watch(ctx, []manifest.Ref{o.Ref}, release.WatchOptions{}) {
		errs = append(errs, err)
	}
	if len(errs) != 8 {
		t.Errorf("%d errors, want 8", len(errs))
	}
	for i, err := range errs {
		if !errors.Is(err, errDown) {
			t.Errorf("error %d is %v, want that of Fail", i, err)
		}
	}
}

// TestClusterOthers: fields that others set are theirs.
func TestClusterOthers(t *testing.T) {
	t.Parallel()
	c := newCluster()
	apply(t, c, config(map[string]any{"a": "1", "b": "2"}))
	ref := config(nil).Ref
	if !c.Edit("someone", ref, func(content map[string]any) {
		data := content["data"].(map[string]any)
		data["a"], data["mine"] = "edited", "x"
		delete(data, "b")
	}) {
		t.Fatal("there is nothing to edit")
	}
	_, _, err := c.Apply(t.Context(), config(map[string]any{"a": "1", "mine": "y"}), release.ApplyObjectOptions{})
	const want = `conflict occurred while applying object default/web /v1, Kind=ConfigMap: ` +
		"Apply failed with 2 conflicts: conflicts with \"someone\" using v1:\n- .data.a\n- .data.mine"
	if err == nil || err.Error() != want {
		t.Errorf("error %v, want %s", err, want)
	}
	live, _, err := c.Apply(t.Context(), config(map[string]any{"a": "1"}), release.ApplyObjectOptions{ForceConflicts: true})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[string]any{"a": "1", "mine": "x"}, live.Content["data"]); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(live.Content, c.Object(ref)); diff != "" {
		t.Error(diff)
	}
	other := config(map[string]any{"a": "1"})
	if ref := c.Create("someone", other.Content); ref != other.Ref {
		t.Errorf("it was created as %s", ref)
	}
	// Who has the same value shares it.
	apply(t, c, other)
	apply(t, c, config(nil))
	if diff := cmp.Diff(map[string]any{"a": "1"}, c.Object(ref)["data"]); diff != "" {
		t.Error(diff)
	}
	missing := object("Secret", "none", nil).Ref
	if c.Edit("someone", missing, func(map[string]any) {}) || c.Remove(missing) || c.Object(missing) != nil {
		t.Error("what does not exist was edited, removed or read")
	}
}

func TestClusterNamespaces(t *testing.T) {
	t.Parallel()
	c := newCluster()
	apply(t, c, config(nil))
	c.Create("someone", map[string]any{"apiVersion": "v1", "kind": "Node", "metadata": map[string]any{"name": "n"}})
	if diff := cmp.Diff([]string{"ConfigMap/default/web", "Node/n"}, c.Objects()); diff != "" {
		t.Error(diff)
	}
	ns := manifest.Ref{APIVersion: "v1", Kind: "Namespace", Name: "default"}
	if err := c.Delete(t.Context(), ns, release.DeleteObjectOptions{}); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"Node/n"}, c.Objects()); diff != "" {
		t.Errorf("after the namespace was deleted: %s", diff)
	}
	if _, _, err := c.Apply(t.Context(), config(nil), release.ApplyObjectOptions{}); err == nil {
		t.Error("an object was created in a namespace that was deleted")
	}
}

func TestClusterKindsAndVersion(t *testing.T) {
	t.Parallel()
	c := releasetest.NewCluster(releasetest.ClusterConfig{
		Version: "v1.30.2", Kinds: []releasetest.Kind{{APIVersion: "example.com/v1", Kind: "Widget", ClusterScoped: true, Fields: []string{"spec"}}},
	})
	caps, err := c.Capabilities(t.Context())
	if err != nil || caps.KubeVersion.Version != "v1.30.2" || caps.KubeVersion.Minor != "30" {
		t.Errorf("capabilities %+v, error %v", caps.KubeVersion, err)
	}
	build := func(text string) ([]release.Object, error) {
		return c.Build(t.Context(), []manifest.Manifest{{Path: "t.yaml", Content: text}}, release.BuildOptions{Namespace: "n", Validate: true})
	}
	objects, err := build(`{"apiVersion":"example.com/v1","kind":"Widget","metadata":{"name":"w","namespace":"x"},"spec":{"n":1.5,"m":2}}`)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]any{
		"apiVersion": "example.com/v1", "kind": "Widget", "metadata": map[string]any{"name": "w"},
		"spec": map[string]any{"n": 1.5, "m": int64(2)},
	}
	if diff := cmp.Diff(want, objects[0].Content); diff != "" || objects[0].Ref.Namespace != "" {
		t.Errorf("namespace %q; %s", objects[0].Ref.Namespace, diff)
	}
	if _, err := build(`{"apiVersion":"example.com/v1","kind":"Widget","metadata":{"name":"w"},"sepc":{}}`); err == nil {
		t.Error("an unknown field is no error")
	}
	bad := releasetest.NewCluster(releasetest.ClusterConfig{Version: "latest"})
	if _, err := bad.Capabilities(t.Context()); err == nil {
		t.Error("a version that is none is no error")
	}
}

func ExampleCluster() {
	ctx := context.Background()
	c := releasetest.NewCluster(releasetest.ClusterConfig{Namespaces: []string{"prod"}})
	objects, err := c.Build(ctx, []manifest.Manifest{{
		Path: "web/templates/cm.yaml", Content: "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: web}\n",
	}}, release.BuildOptions{Namespace: "prod"})
	if err != nil {
		panic(err)
	}
	for range 2 {
		if _, _, err := c.Apply(ctx, objects[0], release.ApplyObjectOptions{Method: release.ClientSide}); err != nil {
			panic(err)
		}
	}
	fmt.Println(strings.Join(c.Writes(), "\n"))
	fmt.Println(c.Objects())
	// Output:
	// apply ConfigMap/prod/web csa created
	// apply ConfigMap/prod/web csa unchanged
	// [ConfigMap/prod/web]
}
