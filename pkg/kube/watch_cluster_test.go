package kube_test

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-0d4f92cc/pack/pkg/kube"
	"github.com/seed-0d4f92cc/pack/pkg/manifest"
	"github.com/seed-0d4f92cc/pack/pkg/release"
)

// waitFor watches an object until it has a status, and returns it.
func waitFor(t *testing.T, c *kube.Client, ref manifest.Ref, opts release.WatchOptions, want release.ObjectStatus) release.State {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	var last release.State
	for s, err := range c.Watch(ctx, []manifest.Ref{ref}, opts) {
		if err != nil {
			t.Fatal(err)
		}
		last = s
		if s.Status == want {
			return s
		}
	}
	t.Fatalf("%s: status %s (%s), want %s", ref, last.Status, last.Message, want)
	return last
}

func TestWatchARollout(t *testing.T) {
	t.Parallel()
	c, ns := onCluster(t)
	objects := build(t, c, ns, deployment+"---"+twoMaps+`---
apiVersion: batch/v1
kind: Job
metadata: {name: job}
spec: {template: {spec: {restartPolicy: Never, containers: [{name: a, image: x}]}}}
`)
	var refs []manifest.Ref
	for _, o := range objects {
		refs = append(refs, o.Ref)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	states := map[string]release.ObjectStatus{}
	applied := false
	for s, err := range c.Watch(ctx, refs, release.WatchOptions{JobsComplete: true}) {
		if err != nil {
			t.Fatal(err)
		}
		states[s.Ref.Kind+"/"+s.Ref.Name] = s.Status
		if (s.Object == nil) != (s.Status == release.ObjectNotFound) || s.At.IsZero() {
			t.Errorf("state %+v", s)
		}
		if len(states) == len(refs) && !applied {
			applied = true
			for _, o := range objects {
				apply(t, c, o, release.ApplyObjectOptions{}, release.ActionCreated)
			}
		}
		if states["Deployment/web"] == release.ObjectCurrent && states["Job/job"] == release.ObjectCurrent &&
			states["ConfigMap/a"] == release.ObjectCurrent && states["ConfigMap/b"] == release.ObjectCurrent {
			return
		}
	}
	t.Errorf("states %v", states)
}

func TestWatchAPausedDeployment(t *testing.T) {
	t.Parallel()
	c, ns := onCluster(t)
	o := build(t, c, ns, strings.Replace(deployment, "spec:\n", "spec:\n  paused: true\n", 1))[0]
	apply(t, c, o, release.ApplyObjectOptions{}, release.ActionCreated)
	waitFor(t, c, o.Ref, release.WatchOptions{}, release.ObjectCurrent)
}

func TestDefinitions(t *testing.T) {
	t.Parallel()
	c, ns := onCluster(t)
	group := strings.ReplaceAll(ns, "-", "") + ".example.com"
	text := `
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: widgets.` + group + `}
spec:
  group: ` + group + `
  scope: Namespaced
  names: {plural: widgets, singular: widget, kind: Widget, listKind: WidgetList}
  versions:
  - name: v1
    served: true
    storage: true
    schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}
`
	widgets := "apiVersion: " + group + "/v1\nkind: Widget\nmetadata: {name: w}\nspec: {size: 3}\n"
	docs, err := manifest.ParseText(widgets)
	if err != nil {
		t.Fatal(err)
	}
	_, err = c.Build(t.Context(), docs, release.BuildOptions{Namespace: ns})
	if !errors.Is(err, kube.ErrNoMatch) {
		t.Fatalf("error %v", err)
	}
	crd := build(t, c, ns, text)[0]
	t.Cleanup(func() {
		if err := c.Delete(context.WithoutCancel(t.Context()), crd.Ref, release.DeleteObjectOptions{}); err != nil {
			t.Error(err)
		}
	})
	widget := build(t, c, ns, widgets, crd)[0]
	if _, err := c.Get(t.Context(), widget.Ref); !errors.Is(err, release.ErrObjectNotFound) {
		t.Errorf("before the definition is there: error %v", err)
	}
	apply(t, c, crd, release.ApplyObjectOptions{}, release.ActionCreated)
	waitFor(t, c, crd.Ref, release.WatchOptions{}, release.ObjectCurrent)
	c.Refresh()
	live := apply(t, c, widget, release.ApplyObjectOptions{}, release.ActionCreated)
	if size := at(live.Content, "spec", "size"); size != int64(3) {
		t.Errorf("size %v of type %T", size, size)
	}
	waitFor(t, c, widget.Ref, release.WatchOptions{}, release.ObjectCurrent)
	widget.Content["spec"] = map[string]any{"colour": "red"}
	live = apply(t, c, widget, release.ApplyObjectOptions{Method: release.ClientSide, Previous: map[string]any{"spec": map[string]any{"size": int64(3)}}}, release.ActionUpdated)
	if diff := cmp.Diff(map[string]any{"colour": "red"}, at(live.Content, "spec")); diff != "" {
		t.Error(diff)
	}
}

func TestLogs(t *testing.T) {
	t.Parallel()
	c, ns := onCluster(t)
	job := build(t, c, ns, `
apiVersion: batch/v1
kind: Job
metadata: {name: job}
spec:
  template:
    spec:
      restartPolicy: Never
      initContainers: [{name: first, image: x}]
      containers: [{name: a, image: x}, {name: b, image: x}]
`)[0]
	apply(t, c, job, release.ApplyObjectOptions{}, release.ActionCreated)
	waitFor(t, c, job.Ref, release.WatchOptions{JobsComplete: true}, release.ObjectCurrent)
	var out bytes.Buffer
	if err := c.Logs(t.Context(), job.Ref, &out); err != nil {
		t.Error(err)
	}
	var containers []string
	for line := range strings.Lines(out.String()) {
		// The simulated kubelet makes this of every container.
		containers = append(containers, strings.TrimPrefix(strings.Fields(line)[2], "container "))
	}
	if diff := cmp.Diff([]string{"first", "a", "b"}, containers); diff != "" {
		t.Errorf("%s: %s", out.String(), diff)
	}
	if err := c.Logs(t.Context(), manifest.Ref{APIVersion: "v1", Kind: "ConfigMap", Namespace: ns, Name: "x"}, &out); err == nil {
		t.Error("a ConfigMap has logs")
	}
}
