package kube_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-0d4f92cc/pack/pkg/release"
)

const leftDeployment = `
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, annotations: {example.com/a.b: ours}}
spec:
  replicas: 1
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
      - {name: a, image: "nginx:1", ports: [{containerPort: 80, name: http}], env: [{name: X, value: "1"}]}
      - {name: b, image: "nginx:1"}
`

// TestApplyLeaves: on the real server, in maps and in lists, next to a change of the
// chart's own.
func TestApplyLeaves(t *testing.T) {
	t.Parallel()
	c, ns := onCluster(t)
	first := build(t, c, ns, leftDeployment)[0]
	apply(t, c, first, release.ApplyObjectOptions{}, release.ActionCreated)
	container := map[string]any{
		"name": "a", "image": "nginx:theirs", "env": []any{map[string]any{"name": "X", "value": "theirs"}},
		"ports": []any{map[string]any{"containerPort": 80, "protocol": "TCP", "name": "web"}},
	}
	patchAs(t, "/apis/apps/v1/namespaces/"+ns+"/deployments/web", "other", map[string]any{
		"apiVersion": "apps/v1", "kind": "Deployment",
		"metadata": map[string]any{"name": "web", "annotations": map[string]any{"example.com/a.b": "theirs"}},
		"spec": map[string]any{"replicas": 3, "template": map[string]any{"spec": map[string]any{
			"containers": []any{container},
		}}},
	})
	next := build(t, c, ns, strings.Replace(leftDeployment, `b, image: "nginx:1"`, `b, image: "nginx:2"`, 1))[0]
	var left []string
	opts := release.ApplyObjectOptions{Previous: first.Content, Left: func(fields []release.LeftField) {
		for _, f := range fields {
			left = append(left, f.Path+" "+f.Manager)
		}
	}}
	for range 2 {
		left = nil
		live, _, err := c.Apply(t.Context(), next, opts)
		if err != nil {
			t.Fatal(err)
		}
		want := []string{
			".metadata.annotations.example.com/a.b other", ".spec.replicas other",
			`.spec.template.spec.containers[name="a"].image other`,
			`.spec.template.spec.containers[name="a"].env[name="X"].value other`,
			`.spec.template.spec.containers[name="a"].ports[containerPort=80,protocol="TCP"].name other`,
		}
		if diff := cmp.Diff(want, left); diff != "" {
			t.Errorf("left (-want +got):\n%s", diff)
		}
		containers, _ := at(live.Content, "spec", "template", "spec", "containers").([]any)
		images := []any{at(containers[0].(map[string]any), "image"), at(containers[1].(map[string]any), "image")}
		if diff := cmp.Diff([]any{int64(3), "nginx:theirs", "nginx:2"}, append([]any{at(live.Content, "spec", "replicas")}, images...)); diff != "" {
			t.Errorf("live (-want +got):\n%s", diff)
		}
		opts.Previous = next.Content
	}
	// What the chart changes is a conflict, over all that conflicts.
	changed := build(t, c, ns, strings.Replace(leftDeployment, "replicas: 1", "replicas: 2", 1))[0]
	_, _, err := c.Apply(t.Context(), changed, opts)
	if err == nil || !strings.Contains(err.Error(), ".spec.replicas") {
		t.Errorf("error %v, want a conflict", err)
	}
	opts.ForceConflicts = true
	live := apply(t, c, changed, opts, release.ActionUpdated)
	if got := at(live.Content, "spec", "replicas"); got != int64(2) {
		t.Errorf("forced: %v replicas", got)
	}
}
