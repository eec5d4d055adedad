package kube_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"

	"github.com/seed-0d4f92cc/pack/pkg/kube"
	"github.com/seed-0d4f92cc/pack/pkg/manifest"
	"github.com/seed-0d4f92cc/pack/pkg/release"
)

// serves is a server with one kind, whose objects are these.
func serves(apiVersion, kind string, objects ...string) *fake {
	group, version, grouped := strings.Cut(apiVersion, "/")
	root := "/apis"
	if !grouped {
		root, group, version = "/api", "", apiVersion
	}
	return &fake{handle: func(r *http.Request) (*http.Response, error) {
		switch {
		case r.URL.Path == root:
			resp := answer(200, fmt.Sprintf(`{"kind":"APIGroupDiscoveryList","items":[{"metadata":{"name":%q},"versions":[{"version":%q,"freshness":"Current",
				"resources":[{"resource":"things","responseKind":{"kind":%q},"scope":"Namespaced","subresources":[{"subresource":"status","responseKind":{"kind":%[3]q}}]}]}]}]}`,
				group, version, kind))
			resp.Header.Set("Content-Type", "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList")
			return resp, nil
		case strings.HasSuffix(r.URL.Path, "/namespaces/ns/things") && !r.URL.Query().Has("watch"):
			return list("1", objects...)()
		case strings.HasSuffix(r.URL.Path, "/namespaces/ns/things"):
			return events()(r.Context())
		}
		return nil, nil
	}}
}

// thing is an object called a, of YAML: what is below metadata is indented.
func thing(t *testing.T, apiVersion, kind, text string) string {
	t.Helper()
	var o map[string]any
	if err := yaml.Unmarshal([]byte(text), &o); err != nil {
		t.Fatal(err)
	}
	meta, _ := o["metadata"].(map[string]any)
	if meta == nil {
		meta = map[string]any{}
	}
	meta["name"], meta["namespace"], meta["resourceVersion"] = "a", "ns", "1"
	o["metadata"], o["apiVersion"], o["kind"] = meta, apiVersion, kind
	data, err := json.Marshal(o)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// firstState is what a watch sees first of an object.
func firstState(t *testing.T, apiVersion, kind, object string, opts release.WatchOptions) release.State {
	t.Helper()
	ref := manifest.Ref{APIVersion: apiVersion, Kind: kind, Namespace: "ns", Name: "a"}
	for s, err := range serves(apiVersion, kind, object).client(t, kube.Options{}).Watch(t.Context(), []manifest.Ref{ref}, opts) {
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	t.Fatal("nothing was seen")
	return release.State{}
}

func TestLegacyRules(t *testing.T) {
	t.Parallel()
	const current, busy, failing = release.ObjectCurrent, release.ObjectInProgress, release.ObjectFailed
	tests := []struct {
		apiVersion, kind string
		object           string // as YAML in flow style
		want             release.ObjectStatus
		message          string
	}{
		{"v1", "Pod", `{status: {phase: Running}}`, busy, "Pod is not ready"},
		{"v1", "Pod", `{status: {conditions: [{type: Ready, status: "False"}]}}`, busy, "Pod is not ready"},
		{"v1", "Pod", `{status: {conditions: [{type: Ready, status: "True"}]}}`, current, ""},

		{"batch/v1", "Job", `{spec: {completions: 2, backoffLimit: 1}, status: {succeeded: 1, failed: 1}}`, busy, "Job in progress. succeeded: 1/2"},
		{"batch/v1", "Job", `{spec: {completions: 2, backoffLimit: 1}, status: {succeeded: 1, failed: 2}}`, failing, "Job Failed. failed: 2"},
		{"batch/v1", "Job", `{spec: {completions: 2}, status: {succeeded: 2, failed: 6}}`, current, ""},
		{"batch/v1", "Job", `{spec: {parallelism: 2}}`, current, ""},

		{"apps/v1", "Deployment", `{metadata: {generation: 1}}`, busy, "generation is 1, but latest observed generation is 0"},
		{"apps/v1", "Deployment", `{metadata: {generation: 2}, status: {observedGeneration: 1, replicas: 1, updatedReplicas: 1, readyReplicas: 1}}`, busy, "generation is 2, but latest observed generation is 1"},
		{"apps/v1", "Deployment", `{metadata: {generation: 2}, spec: {paused: true}}`, current, ""},
		{"apps/v1", "Deployment", `{status: {replicas: 1, updatedReplicas: 1}}`, busy, "Ready: 0/1"},
		{"apps/v1", "Deployment", `{spec: {replicas: 0}}`, current, ""},
		{"apps/v1", "Deployment", `{spec: {replicas: 4}, status: {replicas: 4, updatedReplicas: 4, readyReplicas: 3}}`, current, ""},
		{"apps/v1", "Deployment", `{spec: {replicas: 4}, status: {replicas: 4, updatedReplicas: 4, readyReplicas: 2}}`, busy, "Ready: 2/4"},
		{"apps/v1", "Deployment", `{spec: {replicas: 4}, status: {replicas: 5, updatedReplicas: 2, readyReplicas: 4}}`, busy, "Ready: 1/4"},
		{"apps/v1", "Deployment", `{spec: {replicas: 4}, status: {replicas: 5, updatedReplicas: 4, readyReplicas: 4}}`, current, ""},
		{"apps/v1", "Deployment", `{spec: {replicas: 4, strategy: {type: Recreate}}, status: {replicas: 4, updatedReplicas: 4, readyReplicas: 3}}`, busy, "Ready: 3/4"},
		{"apps/v1", "Deployment", `{spec: {replicas: 4, strategy: {rollingUpdate: {maxUnavailable: 3}}}, status: {replicas: 4, updatedReplicas: 4, readyReplicas: 1}}`, current, ""},
		{"apps/v1", "Deployment", `{spec: {replicas: 3, strategy: {rollingUpdate: {maxUnavailable: 50%}}}, status: {replicas: 3, updatedReplicas: 3, readyReplicas: 1}}`, busy, "Ready: 1/3"},
		{"apps/v1", "Deployment", `{spec: {replicas: 2, strategy: {rollingUpdate: {maxUnavailable: 0, maxSurge: 0%}}}, status: {replicas: 2, updatedReplicas: 2, readyReplicas: 1}}`, current, ""},
		{"apps/v1", "Deployment", `{spec: {replicas: 1, strategy: {rollingUpdate: {maxUnavailable: 5}}}, status: {replicas: 1, updatedReplicas: 1}}`, current, ""},

		{"v1", "PersistentVolumeClaim", `{status: {phase: Pending}}`, busy, "PVC is not Bound. phase: Pending"},
		{"v1", "PersistentVolumeClaim", `{status: {phase: Bound}}`, current, ""},

		{"v1", "Service", `{spec: {type: ExternalName}}`, current, ""},
		{"v1", "Service", `{spec: {type: ClusterIP}}`, busy, "Service has no cluster IP address"},
		{"v1", "Service", `{spec: {clusterIP: None}}`, current, ""},
		{"v1", "Service", `{spec: {type: LoadBalancer, clusterIP: 10.0.0.1}}`, busy, "Service has no external IP address"},
		{"v1", "Service", `{spec: {type: LoadBalancer, clusterIP: 10.0.0.1, externalIPs: [10.1.1.1]}}`, current, ""},
		{"v1", "Service", `{spec: {type: LoadBalancer, clusterIP: 10.0.0.1}, status: {loadBalancer: {ingress: [{ip: 10.1.1.1}]}}}`, current, ""},

		{"apps/v1", "DaemonSet", `{metadata: {generation: 1}}`, busy, "generation is 1, but latest observed generation is 0"},
		{"apps/v1", "DaemonSet", `{spec: {updateStrategy: {type: OnDelete}}, metadata: {generation: 1}}`, current, ""},
		{"apps/v1", "DaemonSet", `{status: {desiredNumberScheduled: 3, updatedNumberScheduled: 2, numberReady: 3}}`, busy, "Updated: 2/3"},
		{"apps/v1", "DaemonSet", `{status: {desiredNumberScheduled: 3, updatedNumberScheduled: 3, numberReady: 1}}`, busy, "Ready: 1/3"},
		{"apps/v1", "DaemonSet", `{status: {desiredNumberScheduled: 3, updatedNumberScheduled: 3, numberReady: 2}}`, current, ""},
		{"apps/v1", "DaemonSet", `{spec: {updateStrategy: {rollingUpdate: {maxUnavailable: 34%}}}, status: {desiredNumberScheduled: 3, updatedNumberScheduled: 3, numberReady: 1}}`, current, ""},

		{"apps/v1", "StatefulSet", `{metadata: {generation: 1}}`, busy, "generation is 1, but latest observed generation is 0"},
		{"apps/v1", "StatefulSet", `{spec: {updateStrategy: {type: OnDelete}}, metadata: {generation: 1}}`, current, ""},
		{"apps/v1", "StatefulSet", `{spec: {replicas: 2}, status: {updatedReplicas: 1, readyReplicas: 2}}`, busy, "Updated: 1/2"},
		{"apps/v1", "StatefulSet", `{spec: {replicas: 2}, status: {updatedReplicas: 2, readyReplicas: 1}}`, busy, "Ready: 1/2"},
		{"apps/v1", "StatefulSet", `{spec: {replicas: 2}, status: {updatedReplicas: 2, readyReplicas: 2, currentRevision: a, updateRevision: b}}`, busy, "the update to the newest revision is under way"},
		{"apps/v1", "StatefulSet", `{spec: {replicas: 2, updateStrategy: {rollingUpdate: {partition: 1}}}, status: {updatedReplicas: 1, readyReplicas: 2, currentRevision: a, updateRevision: b}}`, current, ""},
		{"apps/v1", "StatefulSet", `{spec: {replicas: 2}, status: {updatedReplicas: 2, readyReplicas: 2, currentRevision: b, updateRevision: b}}`, current, ""},

		{"apps/v1", "ReplicaSet", `{spec: {replicas: 2}, status: {readyReplicas: 1}}`, busy, "Ready: 1/2"},
		{"v1", "ReplicationController", `{spec: {replicas: 2}, status: {readyReplicas: 2}}`, current, ""},
		{"v1", "ReplicationController", `{metadata: {generation: 1}}`, busy, "generation is 1, but latest observed generation is 0"},

		{"apiextensions.k8s.io/v1", "CustomResourceDefinition", `{}`, busy, "Install in progress"},
		{"apiextensions.k8s.io/v1", "CustomResourceDefinition", `{status: {conditions: [{type: NamesAccepted, status: "False"}]}}`, current, ""},
		{"apiextensions.k8s.io/v1", "CustomResourceDefinition", `{status: {conditions: [{type: NamesAccepted, status: "True"}, {type: Established, status: "True"}]}}`, current, ""},

		{"example.com/v1", "Widget", `{metadata: {generation: 2}, status: {observedGeneration: 1, conditions: [{type: Ready, status: "False"}]}}`, current, ""},
		{"v1", "Pod", `{metadata: {deletionTimestamp: "2026-01-01T00:00:00Z"}, status: {conditions: [{type: Ready, status: "True"}]}}`, release.ObjectTerminating, "Resource scheduled for deletion"},
	}
	for _, tt := range tests {
		t.Run(tt.kind+" "+tt.object, func(t *testing.T) {
			t.Parallel()
			jobs := tt.kind == "Job" && !strings.Contains(tt.object, "parallelism")
			s := firstState(t, tt.apiVersion, tt.kind, thing(t, tt.apiVersion, tt.kind, tt.object), release.WatchOptions{Legacy: true, JobsComplete: jobs})
			if s.Status != tt.want || tt.message != "" && s.Message != tt.message {
				t.Errorf("%s: %s, want %s: %s", s.Status, s.Message, tt.want, tt.message)
			}
		})
	}
}
