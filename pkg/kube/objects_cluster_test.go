package kube_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-0d4f92cc/pack/pkg/kube"
	"github.com/seed-0d4f92cc/pack/pkg/manifest"
	"github.com/seed-0d4f92cc/pack/pkg/release"
)

// build makes objects of YAML documents.
func build(t *testing.T, c *kube.Client, namespace, text string, crds ...release.Object) []release.Object {
	t.Helper()
	docs, err := manifest.ParseText(text)
	if err != nil {
		t.Fatal(err)
	}
	objects, err := c.Build(t.Context(), docs, release.BuildOptions{Namespace: namespace, Validate: true, CRDs: crds})
	if err != nil {
		t.Fatal(err)
	}
	return objects
}

// apply applies an object and wants an action.
func apply(t *testing.T, c *kube.Client, o release.Object, opts release.ApplyObjectOptions, want release.Action) release.Object {
	t.Helper()
	live, action, err := c.Apply(t.Context(), o, opts)
	if err != nil {
		t.Fatalf("apply %s: %v", o.Ref, err)
	}
	if action != want {
		t.Errorf("apply %s: action %q, want %q", o.Ref, action, want)
	}
	return live
}

func at(o map[string]any, path ...string) any {
	var v any = o
	for _, key := range path {
		m, _ := v.(map[string]any)
		v = m[key]
	}
	return v
}

func version(o release.Object) string {
	s, _ := at(o.Content, "metadata", "resourceVersion").(string)
	return s
}

func TestCapabilitiesOfACluster(t *testing.T) {
	t.Parallel()
	c, _ := onCluster(t)
	caps, err := c.Capabilities(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if caps.KubeVersion.Version != cluster.Version() || caps.KubeVersion.Major != "1" || caps.KubeVersion.Minor == "" {
		t.Errorf("version %+v", caps.KubeVersion)
	}
	for _, want := range []string{"v1", "v1/ConfigMap", "apps/v1", "apps/v1/Deployment", "apps/v1/Scale", "apiextensions.k8s.io/v1"} {
		if !slices.Contains(caps.APIVersions, want) {
			t.Errorf("%q is not among the API versions", want)
		}
	}
	if !slices.IsSorted(caps.APIVersions) {
		t.Error("API versions are not sorted")
	}
}

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
	live = apply(t, c, a, release.ApplyObjectOptions{LiveResourceVersion: version(live)}, release.ActionUnchanged)
	a.Content["data"] = map[string]any{"l": "two"}
	live = apply(t, c, a, release.ApplyObjectOptions{LiveResourceVersion: version(live)}, release.ActionUpdated)
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
	apply(t, c, a, release.ApplyObjectOptions{MigrateManagedFields: true, LiveResourceVersion: version(live)}, release.ActionUnchanged)
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

func TestDelete(t *testing.T) {
	t.Parallel()
	c, ns := onCluster(t)
	for _, propagation := range []string{"", "background", "foreground", "orphan"} {
		a := build(t, c, ns, twoMaps)[0]
		apply(t, c, a, release.ApplyObjectOptions{}, release.ActionCreated)
		if err := c.Delete(t.Context(), a.Ref, release.DeleteObjectOptions{Propagation: propagation}); err != nil {
			t.Fatalf("%q: %v", propagation, err)
		}
		waitFor(t, c, a.Ref, release.WatchOptions{}, release.ObjectNotFound)
	}
	ref := manifest.Ref{APIVersion: "v1", Kind: "ConfigMap", Namespace: ns, Name: "a"}
	if err := c.Delete(t.Context(), ref, release.DeleteObjectOptions{}); !errors.Is(err, release.ErrObjectNotFound) {
		t.Errorf("error %v", err)
	}
	if err := c.Delete(t.Context(), ref, release.DeleteObjectOptions{Propagation: "sideways"}); err == nil {
		t.Error("no error for an unknown propagation")
	}
	if _, err := c.Get(t.Context(), ref); !errors.Is(err, release.ErrObjectNotFound) {
		t.Errorf("error %v", err)
	}
}

// waitFor watches an object until it has a status, and returns it.
func waitFor(t *testing.T, c *kube.Client, ref manifest.Ref, opts release.WatchOptions, want release.ObjectStatus) release.State {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	var last release.State
	for s, err := range c.Watch(ctx, []manifest.Ref{ref}, opts) {
		if err != nil {
			t.Fatal(err)
		}
		last = s
		if s.Status == want {
			return s
		}
	}
	t.Fatalf("%s: status %s (%s), want %s", ref, last.Status, last.Message, want)
	return last
}

func TestWatchARollout(t *testing.T) {
	t.Parallel()
	c, ns := onCluster(t)
	objects := build(t, c, ns, deployment+"---"+twoMaps+`---
apiVersion: batch/v1
kind: Job
metadata: {name: job}
spec: {template: {spec: {restartPolicy: Never, containers: [{name: a, image: x}]}}}
`)
	var refs []manifest.Ref
	for _, o := range objects {
		refs = append(refs, o.Ref)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	states := map[string]release.ObjectStatus{}
	applied := false
	for s, err := range c.Watch(ctx, refs, release.WatchOptions{JobsComplete: true}) {
		if err != nil {
			t.Fatal(err)
		}
		states[s.Ref.Kind+"/"+s.Ref.Name] = s.Status
		if (s.Object == nil) != (s.Status == release.ObjectNotFound) || s.At.IsZero() {
			t.Errorf("state %+v", s)
		}
		if len(states) == len(refs) && !applied {
			applied = true
			for _, o := range objects {
				apply(t, c, o, release.ApplyObjectOptions{}, release.ActionCreated)
			}
		}
		if states["Deployment/web"] == release.ObjectCurrent && states["Job/job"] == release.ObjectCurrent &&
			states["ConfigMap/a"] == release.ObjectCurrent && states["ConfigMap/b"] == release.ObjectCurrent {
			return
		}
	}
	t.Errorf("states %v", states)
}

func TestWatchAPausedDeployment(t *testing.T) {
	t.Parallel()
	c, ns := onCluster(t)
	o := build(t, c, ns, strings.Replace(deployment, "spec:\n", "spec:\n  paused: true\n", 1))[0]
	apply(t, c, o, release.ApplyObjectOptions{}, release.ActionCreated)
	waitFor(t, c, o.Ref, release.WatchOptions{}, release.ObjectCurrent)
}

func TestDefinitions(t *testing.T) {
	t.Parallel()
	c, ns := onCluster(t)
	group := strings.ReplaceAll(ns, "-", "") + ".example.com"
	text := `
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: widgets.` + group + `}
spec:
  group: ` + group + `
  scope: Namespaced
  names: {plural: widgets, singular: widget, kind: Widget, listKind: WidgetList}
  versions:
  - name: v1
    served: true
    storage: true
    schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}
`
	widgets := "apiVersion: " + group + "/v1\nkind: Widget\nmetadata: {name: w}\nspec: {size: 3}\n"
	docs, err := manifest.ParseText(widgets)
	if err != nil {
		t.Fatal(err)
	}
	_, err = c.Build(t.Context(), docs, release.BuildOptions{Namespace: ns})
	if !errors.Is(err, kube.ErrNoMatch) {
		t.Fatalf("error %v", err)
	}
	crd := build(t, c, ns, text)[0]
	t.Cleanup(func() {
		if err := c.Delete(context.WithoutCancel(t.Context()), crd.Ref, release.DeleteObjectOptions{}); err != nil {
			t.Error(err)
		}
	})
	widget := build(t, c, ns, widgets, crd)[0]
	if _, err := c.Get(t.Context(), widget.Ref); !errors.Is(err, release.ErrObjectNotFound) {
		t.Errorf("before the definition is there: error %v", err)
	}
	apply(t, c, crd, release.ApplyObjectOptions{}, release.ActionCreated)
	waitFor(t, c, crd.Ref, release.WatchOptions{}, release.ObjectCurrent)
	c.Refresh()
	live := apply(t, c, widget, release.ApplyObjectOptions{}, release.ActionCreated)
	if size := at(live.Content, "spec", "size"); size != int64(3) {
		t.Errorf("size %v of type %T", size, size)
	}
	waitFor(t, c, widget.Ref, release.WatchOptions{}, release.ObjectCurrent)
	widget.Content["spec"] = map[string]any{"colour": "red"}
	live = apply(t, c, widget, release.ApplyObjectOptions{Method: release.ClientSide, Previous: map[string]any{"spec": map[string]any{"size": int64(3)}}}, release.ActionUpdated)
	if diff := cmp.Diff(map[string]any{"colour": "red"}, at(live.Content, "spec")); diff != "" {
		t.Error(diff)
	}
}

func TestLookup(t *testing.T) {
	t.Parallel()
	c, ns := onCluster(t)
	for _, o := range build(t, c, ns, twoMaps) {
		apply(t, c, o, release.ApplyObjectOptions{}, release.ActionCreated)
	}
	paged := clientOf(t, cluster.Kubeconfig(), kube.Options{PageSize: 1})
	one, err := paged.Lookup(t.Context(), "v1", "ConfigMap", ns, "a")
	if err != nil || at(one, "data", "k") != "one" {
		t.Errorf("one: %v, %v", one, err)
	}
	all, err := paged.Lookup(t.Context(), "v1", "ConfigMap", ns, "")
	items, _ := all["items"].([]any)
	if err != nil || len(items) != 3 || all["kind"] != "ConfigMapList" || at(all, "metadata", "continue") != nil { // with the one of the root certificates
		t.Errorf("all: %d items of %v, %v", len(items), all["kind"], err)
	}
	namespace, err := c.Lookup(t.Context(), "v1", "Namespace", "ignored", ns)
	if err != nil || at(namespace, "metadata", "name") != ns {
		t.Errorf("namespace: %v, %v", namespace, err)
	}
	everywhere, err := c.Lookup(t.Context(), "v1", "ConfigMap", "", "")
	if items, _ := everywhere["items"].([]any); err != nil || len(items) < 4 {
		t.Errorf("everywhere: %d items, %v", len(items), err)
	}
	for name, args := range map[string][4]string{
		"missing object":    {"v1", "ConfigMap", ns, "none"},
		"missing namespace": {"v1", "ConfigMap", "none", "a"},
		"no namespace":      {"v1", "ConfigMap", "", "a"},
		"unknown kind":      {"v1", "Widget", ns, "a"},
	} {
		if got, err := c.Lookup(t.Context(), args[0], args[1], args[2], args[3]); err != nil || got == nil || len(got) > 0 {
			t.Errorf("%s: %v, %v", name, got, err)
		}
	}
	_, err = c.Lookup(t.Context(), "ex.com/v1", "Widget", ns, "a")
	wantError(t, err, "unable to get apiresource from unstructured: ex.com/v1, Kind=Widget: the server could not find the requested resource")
}

func TestGetAll(t *testing.T) {
	t.Parallel()
	c, ns := onCluster(t)
	var refs []manifest.Ref
	var want []string
	for _, name := range []string{"a", "b", "c", "d", "e", "f"} {
		o := build(t, c, ns, "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: "+name+"}\n")[0]
		refs = append(refs, o.Ref)
		switch name {
		case "b", "c", "d":
			at(o.Content, "metadata").(map[string]any)["labels"] = map[string]any{"app.kubernetes.io/managed-by": "Helm"}
			fallthrough
		case "e":
			apply(t, c, o, release.ApplyObjectOptions{}, release.ActionCreated)
			want = append(want, name)
		default:
			want = append(want, "")
		}
	}
	for name, refs := range map[string][]manifest.Ref{"by list": refs, "one by one": refs[:2], "none": nil} {
		objects, err := c.GetAll(t.Context(), refs)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		var got []string
		for i, o := range objects {
			if o == nil {
				got = append(got, "")
				continue
			}
			if o.Ref != refs[i] || o.Content["kind"] != "ConfigMap" {
				t.Errorf("%s: object %v at the place of %v", name, o.Content, refs[i])
			}
			got = append(got, o.Ref.Name)
		}
		if diff := cmp.Diff(want[:len(refs)], got, cmpEmpty()); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

func TestTables(t *testing.T) {
	t.Parallel()
	c, ns := onCluster(t)
	objects := build(t, c, ns, deployment+"---"+twoMaps)
	refs := []manifest.Ref{{APIVersion: "v1", Kind: "ConfigMap", Namespace: ns, Name: "missing"}}
	for _, o := range objects {
		apply(t, c, o, release.ApplyObjectOptions{}, release.ActionCreated)
		refs = append(refs, o.Ref)
	}
	waitFor(t, c, objects[0].Ref, release.WatchOptions{}, release.ObjectCurrent)
	tables, err := c.Tables(t.Context(), refs)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, table := range tables {
		got = append(got, table.Title+" "+strings.Join(table.Columns, ","))
		for _, row := range table.Rows {
			got = append(got, strings.Join(row[:2], " "))
		}
		if len(table.Objects) != len(table.Rows) {
			t.Errorf("%s: %d objects, %d rows", table.Title, len(table.Objects), len(table.Rows))
		}
	}
	if len(got) > 0 {
		got[len(got)-1] = regexp.MustCompile(`^web-[-a-z0-9]+`).ReplaceAllString(got[len(got)-1], "")
	}
	want := []string{
		"v1/Deployment NAME,READY,UP-TO-DATE,AVAILABLE,AGE", "web 1/1",
		"v1/ConfigMap NAME,DATA,AGE", "a 1", "b 1",
		"v1/Pod(related) NAME,READY,STATUS,RESTARTS,AGE", " 2/2",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestEnsureNamespace(t *testing.T) {
	t.Parallel()
	c, ns := onCluster(t)
	for range 2 {
		if err := c.EnsureNamespace(t.Context(), ns); err != nil {
			t.Fatal(err)
		}
	}
	got, err := c.Get(t.Context(), manifest.Ref{APIVersion: "v1", Kind: "Namespace", Name: ns})
	if err != nil || at(got.Content, "metadata", "labels", "name") != ns {
		t.Errorf("labels %v, error %v", at(got.Content, "metadata", "labels"), err)
	}
}

func TestLogs(t *testing.T) {
	t.Parallel()
	c, ns := onCluster(t)
	job := build(t, c, ns, `
apiVersion: batch/v1
kind: Job
metadata: {name: job}
spec:
  template:
    spec:
      restartPolicy: Never
      initContainers: [{name: first, image: x}]
      containers: [{name: a, image: x}, {name: b, image: x}]
`)[0]
	apply(t, c, job, release.ApplyObjectOptions{}, release.ActionCreated)
	waitFor(t, c, job.Ref, release.WatchOptions{JobsComplete: true}, release.ObjectCurrent)
	var out bytes.Buffer
	if err := c.Logs(t.Context(), job.Ref, &out); err != nil {
		t.Error(err)
	}
	var containers []string
	for line := range strings.Lines(out.String()) {
		// The simulated kubelet makes this of every container.
		containers = append(containers, strings.TrimPrefix(strings.Fields(line)[2], "container "))
	}
	if diff := cmp.Diff([]string{"first", "a", "b"}, containers); diff != "" {
		t.Errorf("%s: %s", out.String(), diff)
	}
	if err := c.Logs(t.Context(), manifest.Ref{APIVersion: "v1", Kind: "ConfigMap", Namespace: ns, Name: "x"}, &out); err == nil {
		t.Error("a ConfigMap has logs")
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
