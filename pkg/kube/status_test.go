package kube_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/seed-0d4f92cc/pack/pkg/kube"
	"github.com/seed-0d4f92cc/pack/pkg/manifest"
	"github.com/seed-0d4f92cc/pack/pkg/release"
)

func TestStatusRules(t *testing.T) {
	t.Parallel()
	const job = `{"metadata":{"name":"a","namespace":"ns","resourceVersion":"1"},"spec":{},"status":%s}`
	const deploy = `{"metadata":{"name":"a","namespace":"ns","resourceVersion":"1","generation":2%s},"spec":%s,"status":{"observedGeneration":1}}`
	tests := []struct {
		name, apiVersion, kind, object string
		jobs                           bool
		want                           release.ObjectStatus
		message                        string
	}{
		{"a job that has not started", "batch/v1", "Job", fmt.Sprintf(job, `{}`), false, release.ObjectInProgress, "Job not started"},
		{"a job that has started", "batch/v1", "Job", fmt.Sprintf(job, `{"startTime":"2026-01-01T00:00:00Z","active":1}`), false, release.ObjectCurrent, "Job in progress. success:0, active: 1, failed: 0"},
		{"a job that must complete", "batch/v1", "Job", fmt.Sprintf(job, `{"startTime":"2026-01-01T00:00:00Z","active":1}`), true, release.ObjectInProgress, "Job in progress"},
		{"a job that has completed", "batch/v1", "Job", fmt.Sprintf(job, `{"startTime":"2026-01-01T00:00:00Z","succeeded":1,"conditions":[{"type":"Complete","status":"True"}]}`), true, release.ObjectCurrent, "Job Completed. succeeded: 1/1"},
		{"a job that has failed", "batch/v1", "Job", fmt.Sprintf(job, `{"startTime":"2026-01-01T00:00:00Z","failed":1,"conditions":[{"type":"Failed","status":"True"}]}`), false, release.ObjectFailed, "Job Failed. failed: 1/1"},
		{"a paused deployment", "apps/v1", "Deployment", fmt.Sprintf(deploy, "", `{"paused":true}`), false, release.ObjectCurrent, "Deployment is paused"},
		{"a paused deployment that goes", "apps/v1", "Deployment", fmt.Sprintf(deploy, `,"deletionTimestamp":"2026-01-01T00:00:00Z"`, `{"paused":true}`), false, release.ObjectTerminating, "Resource scheduled for deletion"},
		{"a deployment", "apps/v1", "Deployment", fmt.Sprintf(deploy, "", `{}`), false, release.ObjectInProgress, "Deployment generation is 2, but latest observed generation is 1"},
		{"a pod that has failed", "v1", "Pod", pod("a", "1", failed), false, release.ObjectFailed, "Pod has completed, but not successfully"},
		{"a pod that makes no sense", "v1", "Pod", pod("a", "1", `{"phase":"Dreaming"}`), false, release.ObjectUnknown, "unknown phase Dreaming"},
		{"a config map", "v1", "ConfigMap", pod("a", "1", `{}`), false, release.ObjectCurrent, "Resource is always ready"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			server := &fake{handle: func(r *http.Request) (*http.Response, error) {
				if !strings.Contains(r.URL.Path, "/namespaces/ns/") || r.URL.Query().Has("watch") {
					return nil, nil
				}
				return list("1", tt.object)()
			}}
			ref := manifest.Ref{APIVersion: tt.apiVersion, Kind: tt.kind, Namespace: "ns", Name: "a"}
			for s, err := range server.client(t, kube.Options{}).Watch(t.Context(), []manifest.Ref{ref}, release.WatchOptions{JobsComplete: tt.jobs}) {
				if err != nil || s.Status != tt.want || s.Message != tt.message {
					t.Errorf("%s: %s (%v), want %s: %s", s.Status, s.Message, err, tt.want, tt.message)
				}
				break
			}
		})
	}
}
