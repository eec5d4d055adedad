package kube_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/seed-0d4f92cc/pack/pkg/kube"
	"github.com/seed-0d4f92cc/pack/pkg/release"
)

// TestIdentityInProtobuf: what an apply did tells the version in its answer, which is read
// of all that stands around it.
func TestIdentityInProtobuf(t *testing.T) {
	t.Parallel()
	meta := metav1.PartialObjectMetadata{ObjectMeta: metav1.ObjectMeta{
		Name: "a", Namespace: "ns", GenerateName: "a-", UID: "u", Generation: 4, CreationTimestamp: metav1.Unix(1, 0),
		Labels: map[string]string{"uid": "x"}, Finalizers: []string{"7"},
		ManagedFields: []metav1.ManagedFieldsEntry{{Manager: "helm", FieldsV1: metav1.NewFieldsV1(`{"f:data":{}}`)}},
	}}
	whole := func(version string) *http.Response {
		meta := meta
		meta.ResourceVersion = version
		return answerProtobuf(t, 200, &meta)
	}
	for name, tt := range map[string]struct {
		answer *http.Response
		want   release.Action
		err    string
	}{
		"the same version": {answer: whole("7"), want: release.ActionUnchanged},
		"another version":  {answer: whole("8"), want: release.ActionUpdated},
		"no version":       {answer: whole(""), want: release.ActionUpdated},
		"damaged within":   {answer: protobufText("k8s\x00\x12\x04\x0a\x05\x32\x01"), err: "unexpected EOF"},
		"an odd field":     {answer: protobufText("k8s\x00\x12\x02\x0d\x00"), err: "a field of an unknown form"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var asked []string
			server := &fake{handle: func(r *http.Request) (*http.Response, error) {
				if r.Method != http.MethodPatch {
					return nil, nil
				}
				asked = append(asked, r.Method)
				return tt.answer, nil
			}}
			_, action, err := server.client(t, kube.Options{}).Apply(t.Context(), release.Object{Ref: configMap, Content: map[string]any{
				"apiVersion": "v1", "kind": "ConfigMap", "metadata": map[string]any{"name": "a"}, "data": map[string]any{"x": "1"},
			}}, release.ApplyObjectOptions{Live: liveAt("7"), Brief: true})
			if action != tt.want || (err == nil) != (tt.err == "") || err != nil && !strings.Contains(err.Error(), tt.err) {
				t.Errorf("action %q, error %v, want %q, %q", action, err, tt.want, tt.err)
			}
			if diff := cmp.Diff([]string{"PATCH"}, asked); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func protobufText(body string) *http.Response {
	resp := answer(200, body)
	resp.Header.Set("Content-Type", "application/vnd.kubernetes.protobuf")
	return resp
}
