package kube_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-0d4f92cc/pack/pkg/kube"
	"github.com/seed-0d4f92cc/pack/pkg/manifest"
	"github.com/seed-0d4f92cc/pack/pkg/release"
)

// documents makes one document a text, each from its own template.
func documents(texts ...string) []manifest.Manifest {
	docs := make([]manifest.Manifest, len(texts))
	for i, text := range texts {
		docs[i] = manifest.Manifest{Path: "c/templates/" + string(rune('a'+i)) + ".yaml", Content: text}
	}
	return docs
}

func TestBuild(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		text string
		want []string // "Kind/namespace/name"
	}{
		{"the default namespace", "{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}", []string{"ConfigMap/ns/a"}},
		{"its own namespace", "{apiVersion: v1, kind: ConfigMap, metadata: {name: a, namespace: other}}", []string{"ConfigMap/other/a"}},
		{"no namespace", "{apiVersion: v1, kind: Namespace, metadata: {name: a, namespace: other}}", []string{"Namespace/a"}},
		{"nothing", "# a comment\n", nil},
		{"an empty object", "{}", nil},
		{"a generated name", "{apiVersion: v1, kind: ConfigMap, metadata: {generateName: a-}}", []string{"ConfigMap/ns/"}},
		{
			"a list", "apiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: ConfigMap, metadata: {name: a}}\n- {apiVersion: apps/v1, kind: Deployment, metadata: {name: b}}\n",
			[]string{"ConfigMap/ns/a", "Deployment/ns/b"},
		},
		{
			"a list in a list", "apiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: List, items: [{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}]}\n",
			[]string{"ConfigMap/ns/a"},
		},
		{"a list of one kind", "apiVersion: v1\nkind: ConfigMapList\nitems:\n- {metadata: {name: a}}\n- {metadata: {name: b}}\n", []string{"ConfigMap/ns/a", "ConfigMap/ns/b"}},
		{"an empty list", "{apiVersion: v1, kind: List, items: []}", nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c := (&fake{}).client(t, kube.Options{})
			objects, err := c.Build(t.Context(), documents(tt.text), release.BuildOptions{Namespace: "ns", Validate: true})
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, o := range objects {
				got = append(got, o.Ref.String())
				if namespace, _ := at(o.Content, "metadata", "namespace").(string); namespace != o.Ref.Namespace {
					t.Errorf("%s: the namespace of the content is %q", o.Ref, namespace)
				}
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestBuildNumbers(t *testing.T) {
	t.Parallel()
	c := (&fake{}).client(t, kube.Options{})
	text := "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\nx: {small: 3, large: 9007199254740993, float: 1.5, whole: 2.0, octal: 0644, text: '3', yes: yes, nothing: null}\n"
	objects, err := c.Build(t.Context(), documents(text), release.BuildOptions{Namespace: "ns"})
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]any{
		"small": int64(3), "large": int64(9007199254740993), "float": 1.5, "whole": int64(2),
		"octal": int64(420), "text": "3", "true": true, "nothing": nil,
	}
	if diff := cmp.Diff(want, objects[0].Content["x"]); diff != "" {
		t.Error(diff)
	}
}

func TestBuildErrors(t *testing.T) {
	t.Parallel()
	const widget = "{apiVersion: ex.com/v1, kind: Widget, metadata: {name: w}}"
	tests := []struct {
		name     string
		texts    []string
		validate bool
		want     string
	}{
		{"no kind", []string{"{apiVersion: v1, metadata: {name: a}}"}, true, `error validating "c/templates/a.yaml": error validating data: kind not set`},
		{"no version", []string{"{kind: ConfigMap, metadata: {name: a}}"}, true, `error validating "c/templates/a.yaml": error validating data: apiVersion not set`},
		{"neither", []string{"{metadata: {name: a}}"}, true, `error validating "c/templates/a.yaml": error validating data: [apiVersion not set, kind not set]`},
		{"no kind, not validated", []string{"{apiVersion: v1, metadata: {name: a}}"}, false, `unable to decode "c/templates/a.yaml": Object 'Kind' is missing`},
		{"an empty kind", []string{"{apiVersion: v1, kind: '', metadata: {name: a}}"}, true, `unable to decode "c/templates/a.yaml": Object 'Kind' is missing`},
		{"no version, not validated", []string{"{kind: ConfigMap, metadata: {name: a}}"}, false, `unable to decode "c/templates/a.yaml": Object 'apiVersion' is missing`},
		{"no name", []string{"{apiVersion: v1, kind: ConfigMap}"}, true, `c/templates/a.yaml: ConfigMap in version "v1": resource name may not be empty`},
		{"two names", []string{"{apiVersion: v1, kind: ConfigMap, metadata: {name: a, generateName: b}}"}, true, `c/templates/a.yaml: ConfigMap "a" has both a name and a generateName`},
		{"a name that is a number", []string{"{apiVersion: v1, kind: ConfigMap, metadata: {name: 5}}"}, true, `unable to decode "c/templates/a.yaml": json: cannot unmarshal number into Go struct field ObjectMeta.metadata.name of type string`},
		{"labels that are a list", []string{"{apiVersion: v1, kind: ConfigMap, metadata: {name: a, labels: [b]}}"}, true, `unable to decode "c/templates/a.yaml": json: cannot unmarshal array into Go struct field ObjectMeta.metadata.labels of type map[string]string`},
		{"a label that is a number", []string{"{apiVersion: v1, kind: ConfigMap, metadata: {name: a, labels: {b: 1}}}"}, true, `unable to decode "c/templates/a.yaml": json: cannot unmarshal number into Go struct field ObjectMeta.metadata.labels of type string`},
		{"metadata that are a list", []string{"{apiVersion: v1, kind: ConfigMap, metadata: [a]}"}, true, `unable to decode "c/templates/a.yaml": json: cannot unmarshal array into Go struct field .metadata of type kube.ObjectMeta`},
		{"a list, not an object", []string{"[a]"}, true, `unable to decode "c/templates/a.yaml": it is not an object`},
		{"an item that is no object", []string{"{apiVersion: v1, kind: List, items: [a]}"}, true, `unable to decode "c/templates/a.yaml": an item of a list is not an object`},
		{"an unknown kind", []string{widget}, true, "resource mapping not found for name: \"w\" namespace: \"\" from \"c/templates/a.yaml\": no matches for kind \"Widget\" in version \"ex.com/v1\"\nensure CRDs are installed first"},
		{
			"several", []string{widget, "{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}", "{apiVersion: v1, metadata: {name: a}}"}, true,
			"[resource mapping not found for name: \"w\" namespace: \"\" from \"c/templates/a.yaml\": no matches for kind \"Widget\" in version \"ex.com/v1\"\nensure CRDs are installed first, error validating \"c/templates/c.yaml\": error validating data: kind not set]",
		},
		{"lists without end", []string{strings.Repeat("{apiVersion: v1, kind: List, items: [", 20) + strings.Repeat("]}", 20)}, true, "c/templates/a.yaml: lists are nested more than 8 times"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c := (&fake{}).client(t, kube.Options{})
			_, err := c.Build(t.Context(), documents(tt.texts...), release.BuildOptions{Namespace: "ns", Validate: tt.validate})
			wantError(t, err, tt.want)
			var build *kube.BuildError
			if !errors.As(err, &build) {
				t.Errorf("error %#v", err)
			}
		})
	}
}

func TestBuildAsksAgainForUnknownKinds(t *testing.T) {
	t.Parallel()
	server := &fake{}
	c := server.client(t, kube.Options{})
	if _, err := c.Capabilities(t.Context()); err != nil {
		t.Fatal(err)
	}
	docs := documents(
		"{apiVersion: ex.com/v1, kind: Widget, metadata: {name: a}}",
		"{apiVersion: ex.com/v1, kind: Gadget, metadata: {name: b}}",
	)
	_, err := c.Build(t.Context(), docs, release.BuildOptions{Namespace: "ns"})
	var first *kube.NoMatchError
	if !errors.Is(err, kube.ErrNoMatch) || !errors.As(err, &first) || first.Ref.Kind != "Widget" || first.Path != "c/templates/a.yaml" {
		t.Errorf("error %#v", err)
	}
	asked := strings.Count(strings.Join(server.requests, "\n"), "GET /apis")
	if asked != 2 {
		t.Errorf("the server was asked for its groups %d times, want 2", asked)
	}
}

func TestBuildWithDefinitions(t *testing.T) {
	t.Parallel()
	c := (&fake{}).client(t, kube.Options{})
	crds, err := c.Build(t.Context(), documents(`
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: widgets.ex.com}
spec:
  group: ex.com
  scope: Cluster
  names: {plural: widgets, kind: Widget}
  versions: [{name: v1, served: true}, {name: v0, served: false}]
`), release.BuildOptions{})
	if err != nil {
		t.Fatal(err)
	}
	opts := release.BuildOptions{Namespace: "ns", CRDs: crds}
	objects, err := c.Build(t.Context(), documents("{apiVersion: ex.com/v1, kind: Widget, metadata: {name: w}}"), opts)
	if err != nil {
		t.Fatal(err)
	}
	if got := objects[0].Ref.String(); got != "Widget/w" {
		t.Errorf("object %s", got)
	}
	_, err = c.Build(t.Context(), documents("{apiVersion: ex.com/v0, kind: Widget, metadata: {name: w}}"), opts)
	if !errors.Is(err, kube.ErrNoMatch) {
		t.Errorf("a version that is not served: error %v", err)
	}
}

func FuzzBuild(f *testing.F) {
	for _, seed := range []string{
		"{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}", "{apiVersion: v1, kind: List, items: [{}]}",
		"a: [", "{kind: 1}", "{apiVersion: v1, kind: ConfigMap, metadata: {name: a, labels: {a: }}}", "&a [*a]",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		c := (&fake{}).client(t, kube.Options{})
		objects, err := c.Build(t.Context(), documents(text), release.BuildOptions{Namespace: "ns", Validate: true})
		if err != nil && len(objects) > 0 {
			t.Error("objects beside an error")
		}
		for _, o := range objects {
			if o.Ref.Kind == "" || o.Content["kind"] != o.Ref.Kind || o.Content["apiVersion"] != o.Ref.APIVersion {
				t.Errorf("%v is not %v", o.Content, o.Ref)
			}
			if name, _ := at(o.Content, "metadata", "name").(string); name != o.Ref.Name {
				t.Errorf("name %q of %v", name, o.Ref)
			}
		}
	})
}
