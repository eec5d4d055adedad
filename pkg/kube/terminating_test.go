package kube_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-0d4f92cc/pack/pkg/kube"
	"github.com/seed-0d4f92cc/pack/pkg/release"
)

const goes = `deletionTimestamp: "2026-01-01T00:00:00Z"`

// TestTerminating: what is being deleted says what it waits for, and what of that
// does not pass by itself.
func TestTerminating(t *testing.T) {
	t.Parallel()
	const remains = `{type: NamespaceFinalizersRemaining, status: "True", message: "a.example.com in 1 resource instances"}`
	const fault = `{type: NamespaceDeletionDiscoveryFailure, status: "True", message: "unable to retrieve metrics"}`
	for _, tt := range []struct {
		apiVersion, kind, object string
		message                  string
		troubles                 []string
	}{
		{"v1", "ConfigMap", `{metadata: {` + goes + `}}`, "", nil},
		{"v1", "ConfigMap", `{metadata: {` + goes + `, finalizers: [a.b/c]}}`, "; it waits for whoever serves its finalizer a.b/c", nil},
		{"v1", "ConfigMap", `{metadata: {` + goes + `, finalizers: [a, b]}}`, "; it waits for whoever serves its finalizers a, b", nil},
		{"v1", "Namespace", `{metadata: {` + goes + `}, status: {conditions: [` + remains + `]}}`, "; a.example.com in 1 resource instances", nil},
		{
			"v1", "Namespace", `{metadata: {` + goes + `}, status: {conditions: [{type: NamespaceContentRemaining, status: "False", message: gone}, ` + fault + `]}}`,
			"; unable to retrieve metrics", []string{"Namespace/ns/a: NamespaceDeletionDiscoveryFailure: unable to retrieve metrics"},
		},
		{"example.com/v1", "Namespace", `{metadata: {` + goes + `}, status: {conditions: [` + fault + `]}}`, "", nil},
		// Its pods do not count any more.
		{"apps/v1", "Deployment", `{metadata: {` + goes + `}, spec: {` + selAll + `}}`, "", nil},
	} {
		object := thing(t, tt.apiVersion, tt.kind, tt.object)
		s := firstState(t, tt.apiVersion, tt.kind, object, release.WatchOptions{})
		if s.Status != release.ObjectTerminating || s.Message != "Resource scheduled for deletion"+tt.message {
			t.Errorf("%s: %s: %s", tt.object, s.Status, s.Message)
		}
		var got []string
		found, err := namespaceWith(nil, nil).client(t, kube.Options{}).Troubles(t.Context(), []release.State{s})
		for _, trouble := range found {
			got = append(got, trouble.String())
		}
		if diff := cmp.Diff(tt.troubles, got); diff != "" || err != nil {
			t.Errorf("%s: %v %s", tt.object, err, diff)
		}
	}
}
