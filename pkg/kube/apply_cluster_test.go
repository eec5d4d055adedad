package kube_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-0d4f92cc/pack/pkg/release"
)

const twoMaps = `
apiVersion: v1
kind: ConfigMap
metadata: {name: a}
data: {k: one}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: b}
data: {k: one}
`

func TestApplyServerSide(t *testing.T) {
	t.Parallel()
	c, ns := onCluster(t)
	a := build(t, c, ns, twoMaps)[0]
	live := apply(t, c, a, release.ApplyObjectOptions{}, release.ActionCreated)
	live = apply(t, c, a, release.ApplyObjectOptions{Live: live.Content}, release.ActionUnchanged)
	a.Content["data"] = map[string]any{"l": "two"}
	live = apply(t, c, a, release.ApplyObjectOptions{Live: live.Content}, release.ActionUpdated)
	want := map[string]any{"l": "two"}
	if diff := cmp.Diff(want, at(live.Content, "data")); diff != "" {
		t.Error(diff)
	}
	got, err := c.Get(t.Context(), a.Ref)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(live, got); diff != "" {
		t.Errorf("what Apply returned and what is there: %s", diff)
	}
}

func TestApplyErrors(t *testing.T) {
	t.Parallel()
	c, ns := onCluster(t)
	a := build(t, c, ns, twoMaps)[0]
	apply(t, c, a, release.ApplyObjectOptions{}, release.ActionCreated)
	other := map[string]any{"apiVersion": "v1", "kind": "ConfigMap", "metadata": map[string]any{"name": "a"}, "data": map[string]any{"k": "theirs"}}
	path := "/api/v1/namespaces/" + ns + "/configmaps/a"
	patchAs(t, path, "other", other)

	a.Content["data"] = map[string]any{"k": "ours"}
	_, _, err := c.Apply(t.Context(), a, release.ApplyObjectOptions{})
	wantError(t, err, "conflict occurred while applying object "+ns+"/a /v1, Kind=ConfigMap: Apply failed with 1 conflict: conflict with \"other\": .data.k")
	live := apply(t, c, a, release.ApplyObjectOptions{ForceConflicts: true}, release.ActionUpdated)
	if at(live.Content, "data", "k") != "ours" {
		t.Error("force did not take the field")
	}

	a.Content["dataa"] = map[string]any{"k": "v"}
	_, _, err = c.Apply(t.Context(), a, release.ApplyObjectOptions{})
	wantError(t, err, "server-side apply failed for object "+ns+"/a /v1, Kind=ConfigMap: failed to create typed patch object ("+ns+"/a; /v1, Kind=ConfigMap): .dataa: field not declared in schema")

	nowhere := build(t, c, "nowhere", twoMaps)[0]
	_, _, err = c.Apply(t.Context(), nowhere, release.ApplyObjectOptions{})
	wantError(t, err, `server-side apply failed for object nowhere/a /v1, Kind=ConfigMap: namespaces "nowhere" not found`)
}

func wantError(t *testing.T, err error, want string) {
	t.Helper()
	if err == nil || err.Error() != want {
		t.Errorf("error\n%v, want\n%s", err, want)
	}
}

func TestApplyGeneratedName(t *testing.T) {
	t.Parallel()
	c, ns := onCluster(t)
	o := build(t, c, ns, "apiVersion: v1\nkind: ConfigMap\nmetadata: {generateName: gen-}\n")[0]
	live := apply(t, c, o, release.ApplyObjectOptions{}, release.ActionCreated)
	if !strings.HasPrefix(live.Ref.Name, "gen-") || len(live.Ref.Name) <= len("gen-") {
		t.Errorf("name %q", live.Ref.Name)
	}
}

func TestApplyMigratesManagedFields(t *testing.T) {
	t.Parallel()
	c, ns := onCluster(t)
	a := build(t, c, ns, twoMaps)[0]
	a.Content["data"] = map[string]any{"keep": "1", "drop": "1"}
	apply(t, c, a, release.ApplyObjectOptions{Method: release.ClientSide}, release.ActionCreated)
	a.Content["data"] = map[string]any{"keep": "2"}
	live := apply(t, c, a, release.ApplyObjectOptions{MigrateManagedFields: true}, release.ActionUpdated)
	if diff := cmp.Diff(map[string]any{"keep": "2"}, at(live.Content, "data")); diff != "" {
		t.Error(diff)
	}
	fields, _ := at(live.Content, "metadata", "managedFields").([]any)
	for _, f := range fields {
		f, _ := f.(map[string]any)
		if f["manager"] == release.FieldManager && f["operation"] != "Apply" {
			t.Errorf("an entry of %v is left", f["operation"])
		}
	}
	// With nothing to move, moving is no error, and changes nothing.
	apply(t, c, a, release.ApplyObjectOptions{MigrateManagedFields: true, Live: live.Content}, release.ActionUnchanged)
}

const deployment = `
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 1
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
      - {name: a, image: "nginx:1", env: [{name: X, value: "1"}, {name: Z, value: "1"}]}
      - {name: b, image: "nginx:1"}
`

func TestApplyClientSide(t *testing.T) {
	t.Parallel()
	c, ns := onCluster(t)
	opts := release.ApplyObjectOptions{Method: release.ClientSide}
	first := build(t, c, ns, deployment)[0]
	apply(t, c, first, opts, release.ActionCreated)
	// Somebody adds a container and scales up.
	path := "/apis/apps/v1/namespaces/" + ns + "/deployments/web"
	patchAs(t, path, "other", map[string]any{
		"apiVersion": "apps/v1", "kind": "Deployment", "metadata": map[string]any{"name": "web", "labels": map[string]any{"theirs": "yes"}},
		"spec": map[string]any{"template": map[string]any{"spec": map[string]any{
			"containers": []any{map[string]any{"name": "sidecar", "image": "envoy:1"}},
		}}},
	})
	next := build(t, c, ns, strings.NewReplacer("nginx:1", "nginx:2", `, {name: Z, value: "1"}`, "").Replace(deployment))[0]
	opts.Previous = first.Content
	live := apply(t, c, next, opts, release.ActionUpdated)
	containers, _ := at(live.Content, "spec", "template", "spec", "containers").([]any)
	var got []string
	for _, container := range containers {
		container, _ := container.(map[string]any)
		env, _ := container["env"].([]any)
		names := container["name"].(string) + " " + container["image"].(string)
		for _, e := range env {
			names += " " + e.(map[string]any)["name"].(string)
		}
		got = append(got, names)
	}
	want := []string{"a nginx:2 X", "b nginx:2", "sidecar envoy:1"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if at(live.Content, "metadata", "labels", "theirs") != "yes" {
		t.Error("a label of somebody else is gone")
	}
	opts.Previous = next.Content
	// The controller may write the object in between; what is wanted is there.
	if _, action, err := c.Apply(t.Context(), next, opts); err != nil || action != release.ActionUnchanged {
		t.Errorf("the second time: %q, %v", action, err)
	}
}

func TestSecretValuesAreHidden(t *testing.T) {
	t.Parallel()
	c, ns := onCluster(t)
	for name, value := range map[string]any{"number": int64(123456789), "map": map[string]any{"a": "hunter2"}, "list": []any{"hunter2"}} {
		secret := build(t, c, ns, "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\nstringData: {other: hunter2}\n")[0]
		if _, _, err := c.Apply(t.Context(), secret, release.ApplyObjectOptions{}); err != nil {
			t.Fatal(err)
		}
		secret.Content["stringData"] = map[string]any{"password": value}
		for _, method := range []release.ApplyMethod{release.ServerSide, release.ClientSide} {
			_, _, err := c.Apply(t.Context(), secret, release.ApplyObjectOptions{Method: method})
			text := fmt.Sprintf("%v %+v", err, err)
			if err == nil || strings.Contains(text, "123456789") || strings.Contains(text, "hunter2") || strings.Contains(text, "aHVudGVyMg") {
				t.Errorf("%s, %s: error %v", name, method, err)
			}
		}
	}
}
