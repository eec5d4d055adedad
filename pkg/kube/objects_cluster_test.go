package kube_test

import (
	"errors"
	"regexp"
	"slices"
	"strings"
	"testing"

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
