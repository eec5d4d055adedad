package fastyaml_test

import (
	"maps"
	"math"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"sigs.k8s.io/yaml"

	"github.com/seed-0d4f92cc/pack/internal/fastyaml"
)

// FuzzReadLikeLibrary: what is not declined is what the library reads.
func FuzzReadLikeLibrary(f *testing.F) {
	for _, text := range documents() {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		checkTree(t, text)
	})
}

// FuzzHeadLikeLibrary: the same for heads, whose conversions are those of a
// struct.
func FuzzHeadLikeLibrary(f *testing.F) {
	for _, text := range documents() {
		f.Add(text)
	}
	for _, text := range heads() {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		checkHead(t, text)
	})
}

// object is what a head is read into without this package.
type object struct {
	APIVersion string `json:"apiVersion"`
	Kind       string `json:"kind,omitempty"`
	Metadata   *struct {
		Name        string            `json:"name"`
		Namespace   any               `json:"namespace"`
		Annotations map[string]string `json:"annotations"`
	} `json:"metadata,omitempty"`
}

func checkTree(t *testing.T, text string) bool {
	t.Helper()
	got, ok := fastyaml.Read(text)
	if !ok {
		return false
	}
	var want any
	if err := yaml.Unmarshal([]byte(text), &want); err != nil {
		t.Errorf("%q is read as %#v; the library refuses it: %v", text, got, err)
		return true
	}
	if !same(want, got) {
		t.Errorf("%q is read as %#v, by the library as %#v", text, got, want)
	}
	return true
}

// same compares trees. Unlike reflect.DeepEqual it tells zeros apart, and
// unlike go-cmp it copes with deep ones.
func same(a, b any) bool {
	switch a := a.(type) {
	case map[string]any:
		b, ok := b.(map[string]any)
		return ok && maps.EqualFunc(a, b, same)
	case []any:
		b, ok := b.([]any)
		return ok && slices.EqualFunc(a, b, same)
	case float64:
		b, ok := b.(float64)
		return ok && math.Float64bits(a) == math.Float64bits(b)
	}
	return a == b
}

func checkHead(t *testing.T, text string) bool {
	t.Helper()
	got, ok := fastyaml.ReadHead(text)
	if !ok {
		return false
	}
	var o object
	if err := yaml.Unmarshal([]byte(text), &o); err != nil {
		t.Errorf("%q has the head %#v; the library refuses it: %v", text, got, err)
		return true
	}
	want := fastyaml.Head{APIVersion: o.APIVersion, Kind: o.Kind}
	if o.Metadata != nil {
		want.Name, want.Annotations = o.Metadata.Name, o.Metadata.Annotations
		want.Namespace, _ = o.Metadata.Namespace.(string)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%q (-library +got):\n%s", text, diff)
	}
	return true
}
