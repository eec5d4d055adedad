package kube_test

import (
	"net/http"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/seed-0d4f92cc/pack/pkg/kube"
	"github.com/seed-0d4f92cc/pack/pkg/release"
)

// TestTouched: a record counts as touched if somebody else than Helm or pack has
// written its data, and not for labels or the status of others.
func TestTouched(t *testing.T) {
	t.Parallel()
	fields := func(manager, fields string) metav1.ManagedFieldsEntry {
		return metav1.ManagedFieldsEntry{Manager: manager, Operation: "Update", FieldsV1: metav1.NewFieldsV1(fields)}
	}
	const data, labels = `{"f:data":{".":{},"f:release":{}}}`, `{"f:metadata":{"f:labels":{"f:team":{}}}}`
	for _, tt := range []struct {
		name    string
		managed []metav1.ManagedFieldsEntry
		want    bool
	}{
		{"nobody is noted", nil, false},
		{"pack", []metav1.ManagedFieldsEntry{fields("helm", data)}, false},
		{"Helm", []metav1.ManagedFieldsEntry{fields("Helm", data)}, false},
		{"labels", []metav1.ManagedFieldsEntry{fields("helm", data), fields("kubectl-label", labels)}, false},
		{"an edit", []metav1.ManagedFieldsEntry{fields("helm", labels), fields("kubectl-edit", data)}, true},
	} {
		m := recordMetaOf("web", 3)
		m.ManagedFields = tt.managed
		server := &fake{handle: func(*http.Request) (*http.Response, error) {
			return answerProtobuf(t, 200, metadataPage("", m)), nil
		}}
		for h, err := range kube.NewSecretStore(server.client(t, kube.Options{})).List(t.Context(), release.ListOptions{}) {
			if err != nil || h.Touched != tt.want {
				t.Errorf("%s: touched %v, error %v", tt.name, h.Touched, err)
			}
		}
	}
}
