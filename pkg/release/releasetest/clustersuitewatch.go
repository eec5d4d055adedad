package releasetest

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-0d4f92cc/pack/pkg/manifest"
	"github.com/seed-0d4f92cc/pack/pkg/release"
)

// follow watches objects, and calls step with the state of each as it is now
// known, whenever one is seen, until step returns true.
func (c *clusterTest) follow(refs []manifest.Ref, step func(map[manifest.Ref]release.State) bool) {
	c.Helper()
	ctx, cancel := context.WithTimeout(c.Context(), patience)
	defer cancel()
	known := map[manifest.Ref]release.State{}
	for s, err := range c.Watch(ctx, refs, release.WatchOptions{}) {
		if err != nil {
			c.Fatalf("Watch: %v", err)
		}
		if (s.Object == nil) != (s.Status == release.ObjectNotFound) {
			c.Errorf("%s is %s, and its object is %v", s.Ref, s.Status, s.Object)
		}
		if s.At.IsZero() {
			c.Errorf("%s was seen at no time", s.Ref)
		}
		known[s.Ref] = s
		if step(known) {
			return
		}
	}
	c.Fatalf("the watch ended with %v", known)
}

// await waits until an object has a status.
func (c *clusterTest) await(ref manifest.Ref, status release.ObjectStatus) {
	c.Helper()
	c.follow([]manifest.Ref{ref}, func(known map[manifest.Ref]release.State) bool { return known[ref].Status == status })
}

func (c *clusterTest) deleted() {
	for _, propagation := range []string{"", "background", "foreground", "orphan"} {
		o := c.one(c.config(nil))
		c.apply(o, release.ApplyObjectOptions{}, release.ActionCreated)
		if err := c.Delete(c.Context(), o.Ref, release.DeleteObjectOptions{Propagation: propagation}); err != nil {
			c.Fatalf("Delete with propagation %q: %v", propagation, err)
		}
		c.await(o.Ref, release.ObjectNotFound)
		c.wantGone(o.Ref)
		if err := c.Delete(c.Context(), o.Ref, release.DeleteObjectOptions{}); !errors.Is(err, release.ErrObjectNotFound) {
			c.Errorf("a second Delete: error %v, want ErrObjectNotFound", err)
		}
	}
}

func (c *clusterTest) watch() {
	there := c.one(c.config(tree{"a": "1"}))
	other := c.config(tree{"a": "1"})
	other["metadata"] = tree{"name": c.name + "-x"}
	missing := c.one(other)
	c.apply(there, release.ApplyObjectOptions{}, release.ActionCreated)
	// Each stage is reached, and then does what leads to the next.
	stages := []struct {
		there, missing release.ObjectStatus
		then           func() error
	}{
		{release.ObjectCurrent, release.ObjectNotFound, func() error {
			_, _, err := c.tryApply(missing, release.ApplyObjectOptions{})
			return err
		}},
		{release.ObjectCurrent, release.ObjectCurrent, func() error {
			return c.Delete(c.Context(), there.Ref, release.DeleteObjectOptions{})
		}},
		{release.ObjectNotFound, release.ObjectCurrent, nil},
	}
	stage := 0
	c.follow([]manifest.Ref{there.Ref, missing.Ref}, func(known map[manifest.Ref]release.State) bool {
		s := stages[stage]
		if len(known) < 2 || known[there.Ref].Status != s.there || known[missing.Ref].Status != s.missing {
			return false
		}
		if s.then == nil {
			return true
		}
		if err := s.then(); err != nil {
			c.Fatal(err)
		}
		stage++
		return false
	})
	// Changes of what is ready are seen too.
	first := ""
	c.follow([]manifest.Ref{missing.Ref}, func(known map[manifest.Ref]release.State) bool {
		data := fmt.Sprint(mapAt(known[missing.Ref].Object, "data"))
		if first == "" {
			first = data
			other["data"] = tree{"a": "2"}
			c.apply(c.one(other), release.ApplyObjectOptions{}, release.ActionUpdated)
		}
		return data == "map[a:2]"
	})
}

func (c *clusterTest) watchEnds() {
	o := c.one(c.config(nil))
	c.apply(o, release.ApplyObjectOptions{}, release.ActionCreated)
	ctx, cancel := context.WithCancel(c.Context())
	defer cancel()
	seen := 0
	for s, err := range c.Watch(ctx, []manifest.Ref{o.Ref}, release.WatchOptions{}) {
		if err != nil {
			c.Errorf("the end of the context is reported: %v", err)
			continue
		}
		if s.Ref != o.Ref {
			c.Errorf("state of %s", s.Ref)
		}
		seen++
		cancel()
	}
	if seen != 1 {
		c.Errorf("%d states before the context ended, want 1", seen)
	}
	for s, err := range c.Watch(ctx, []manifest.Ref{o.Ref}, release.WatchOptions{}) {
		c.Errorf("a watch whose context has ended: %v, error %v", s, err)
	}
}

func (c *clusterTest) terminating() {
	o := c.config(tree{"a": "1"})
	o["metadata"] = tree{"name": c.name, "finalizers": []any{"example.com/suite"}}
	held := c.one(o)
	c.apply(held, release.ApplyObjectOptions{}, release.ActionCreated)
	for range 2 {
		if err := c.Delete(c.Context(), held.Ref, release.DeleteObjectOptions{}); err != nil {
			c.Fatal(err)
		}
		c.await(held.Ref, release.ObjectTerminating)
	}
	c.get(held.Ref)
	if _, _, err := c.tryApply(c.one(c.config(tree{"a": "1"})), release.ApplyObjectOptions{}); err != nil {
		c.Fatalf("giving up the finalizer: %v", err)
	}
	c.await(held.Ref, release.ObjectNotFound)
}

func (c *clusterTest) cancelled() {
	o := c.one(c.config(nil))
	ctx, cancel := context.WithCancel(c.Context())
	cancel()
	_, capabilitiesErr := c.Capabilities(ctx)
	_, getErr := c.Get(ctx, o.Ref)
	_, _, applyErr := c.Apply(ctx, o, release.ApplyObjectOptions{})
	for what, err := range map[string]error{
		"Capabilities": capabilitiesErr, "Get": getErr, "Apply": applyErr,
		"Delete": c.Delete(ctx, o.Ref, release.DeleteObjectOptions{}),
	} {
		if !errors.Is(err, context.Canceled) {
			c.Errorf("%s: error %v, want context.Canceled", what, err)
		}
	}
	c.wantGone(o.Ref)
}

func (c *clusterTest) lookups() {
	l, ok := c.Cluster.(release.Looker)
	if !ok {
		c.Skip("it answers no lookups")
	}
	lookup := func(namespace, name string) map[string]any {
		c.Helper()
		found, err := l.Lookup(c.Context(), "v1", "ConfigMap", namespace, name)
		if err != nil || found == nil {
			c.Fatalf("Lookup ConfigMap %s/%s: %v, error %v", namespace, name, found, err)
		}
		return found
	}
	if got := lookup(NamespaceA, c.name); len(got) != 0 {
		c.Errorf("what does not exist is %v", got)
	}
	o := c.one(c.config(tree{"a": "1"}))
	c.apply(o, release.ApplyObjectOptions{}, release.ActionCreated)
	if diff := cmp.Diff(c.get(o.Ref).Content, lookup(NamespaceA, c.name)); diff != "" {
		c.Errorf("an object (-want +got):\n%s", diff)
	}
	if got := lookup(NamespaceB, c.name); len(got) != 0 {
		c.Errorf("what exists elsewhere is %v", got)
	}
	for namespace, want := range map[string]int{NamespaceA: 1, NamespaceB: 0, "": 1} {
		list := lookup(namespace, "")
		items, isList := list["items"].([]any)
		found := 0
		for _, item := range items {
			if item, ok := item.(map[string]any); ok && stringAt(mapAt(item, "metadata"), "name") == c.name && item["kind"] == "ConfigMap" {
				found++
			}
		}
		if !isList || found != want || list["kind"] != "ConfigMapList" {
			c.Errorf("the list of namespace %q is a %v and has the object %d times, want %d", namespace, list["kind"], found, want)
		}
	}
}
