package kube_test

import (
	"slices"
	"testing"
	"time"

	"github.com/seed-0d4f92cc/pack/pkg/kube"
	"github.com/seed-0d4f92cc/pack/pkg/manifest"
	"github.com/seed-0d4f92cc/pack/pkg/release"
)

const podMakers = `apiVersion: apps/v1
kind: StatefulSet
metadata: {name: web}
spec:
  serviceName: web
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: c, image: busybox}]}
---
apiVersion: v1
kind: Pod
metadata: {name: alone, labels: {app: other}}
spec: {containers: [{name: c, image: busybox}]}
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {selector: {app: other}, ports: [{port: 80}]}
`

// TestDeletePods: the pods of a workload go and are made anew, others stay.
func TestDeletePods(t *testing.T) {
	t.Parallel()
	c, namespace := onCluster(t)
	objects := build(t, c, namespace, podMakers)
	for _, o := range objects {
		apply(t, c, o, release.ApplyObjectOptions{}, release.ActionCreated)
	}
	pod := func(name string) manifest.Ref {
		return manifest.Ref{APIVersion: "v1", Kind: "Pod", Namespace: namespace, Name: name}
	}
	before, alone := uidOf(t, c, pod("web-0"), ""), uidOf(t, c, pod("alone"), "")
	var deleted []manifest.Ref
	for _, o := range objects {
		pods, err := c.DeletePods(t.Context(), o)
		if err != nil {
			t.Fatal(err)
		}
		deleted = append(deleted, pods...)
	}
	if !slices.Equal(deleted, []manifest.Ref{pod("web-0")}) {
		t.Errorf("deleted %v", deleted)
	}
	if after := uidOf(t, c, pod("web-0"), before); after == before {
		t.Error("the pod was not made anew")
	}
	if uidOf(t, c, pod("alone"), "") != alone {
		t.Error("a pod that no workload selects was made anew")
	}
}

// uidOf waits for an object that is not the one with the UID old.
func uidOf(t *testing.T, c *kube.Client, ref manifest.Ref, old string) string {
	t.Helper()
	for begun := time.Now(); time.Since(begun) < time.Minute; time.Sleep(100 * time.Millisecond) {
		o, err := c.Get(t.Context(), ref)
		if uid, _ := at(o.Content, "metadata", "uid").(string); err == nil && uid != old {
			return uid
		}
	}
	t.Fatalf("%s did not come", ref)
	return ""
}
