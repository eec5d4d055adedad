package kube_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/seed-0d4f92cc/pack/pkg/kube"
	"github.com/seed-0d4f92cc/pack/pkg/manifest"
	"github.com/seed-0d4f92cc/pack/pkg/release"
)

// TestGetAllMetadata: lists of metadata are read in protobuf or in JSON, without what
// they say of managed fields.
func TestGetAllMetadata(t *testing.T) {
	t.Parallel()
	var items []metav1.ObjectMeta
	var refs []manifest.Ref
	var want []*release.Object
	for i := range 5 {
		name := fmt.Sprint("map-", i)
		items = append(items, metav1.ObjectMeta{
			Name: name, Namespace: "ns", UID: "u", ResourceVersion: "7", Finalizers: []string{"f"},
			Labels: map[string]string{"l": "1"}, Annotations: map[string]string{"a": "2"},
			ManagedFields: []metav1.ManagedFieldsEntry{{Manager: "helm"}},
		})
		ref := manifest.Ref{APIVersion: "v1", Kind: "ConfigMap", Namespace: "ns", Name: name}
		refs = append(refs, ref)
		want = append(want, &release.Object{Ref: ref, Content: map[string]any{
			"apiVersion": "v1", "kind": "ConfigMap", "metadata": map[string]any{
				"name": name, "namespace": "ns", "uid": "u", "resourceVersion": "7", "finalizers": []any{"f"},
				"labels": map[string]any{"l": "1"}, "annotations": map[string]any{"a": "2"},
			},
		}})
	}
	for _, protobuf := range []bool{true, false} {
		server := &fake{handle: func(r *http.Request) (*http.Response, error) {
			if r.URL.Path != "/api/v1/namespaces/ns/configmaps" {
				return nil, nil
			}
			return listing{protobuf, metadataPage("", items...)}.answer(t), nil
		}}
		got, err := server.client(t, kube.Options{}).GetAllMetadata(t.Context(), refs)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("protobuf %t: %s", protobuf, diff)
		}
	}
}

// TestProtobufCutOff: an answer that ends too early is asked for again, wherever it ends.
func TestProtobufCutOff(t *testing.T) {
	t.Parallel()
	page := metadataPage("", metav1.ObjectMeta{Name: "a"}, metav1.ObjectMeta{Name: "b"}, metav1.ObjectMeta{Name: "c"}, metav1.ObjectMeta{Name: "d"})
	var refs []manifest.Ref
	for _, item := range page.Items {
		refs = append(refs, manifest.Ref{APIVersion: "v1", Kind: "ConfigMap", Namespace: "ns", Name: item.Name})
	}
	body, err := io.ReadAll(answerProtobuf(t, 200, page).Body)
	if err != nil {
		t.Fatal(err)
	}
	// Behind the list stand two empty fields, which nobody misses.
	for end := range len(body) - 4 {
		asked := 0
		server := &fake{handle: func(r *http.Request) (*http.Response, error) {
			if r.URL.Path != "/api/v1/namespaces/ns/configmaps" {
				return nil, nil
			}
			resp := answerProtobuf(t, 200, page)
			if asked++; asked == 1 {
				resp.Body = io.NopCloser(strings.NewReader(string(body[:end])))
			}
			return resp, nil
		}}
		got, err := server.client(t, kube.Options{}).GetAllMetadata(t.Context(), refs)
		if err != nil || asked != 2 || got[3] == nil {
			t.Errorf("cut off at %d of %d: asked for %d times, %v", end, len(body), asked, err)
		}
	}
}
