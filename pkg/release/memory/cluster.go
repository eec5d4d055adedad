package memory

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"strings"
	"sync"

	"github.com/seed-0d4f92cc/pack/internal/yamlio"
	"github.com/seed-0d4f92cc/pack/pkg/manifest"
	"github.com/seed-0d4f92cc/pack/pkg/release"
	"github.com/seed-0d4f92cc/pack/pkg/render"
)

var _ release.Cluster = (*Cluster)(nil)

// Cluster is a cluster that only remembers: it takes objects of any kind, has those
// that were applied, and all of them are ready. It checks nothing, merges nothing,
// and knows of no kind whether it has namespaces. It is safe for concurrent use. Use
// NewCluster.
type Cluster struct {
	caps render.Capabilities

	mu      sync.Mutex
	objects map[manifest.Ref]map[string]any
	// changed is closed and replaced whenever an object comes or goes.
	changed chan struct{}
}

// NewCluster returns an empty Cluster of the version and with the APIs of caps.
func NewCluster(caps render.Capabilities) *Cluster {
	return &Cluster{caps: caps, objects: map[manifest.Ref]map[string]any{}, changed: make(chan struct{})}
}

// Capabilities implements release.Cluster.
func (c *Cluster) Capabilities(ctx context.Context) (render.Capabilities, error) {
	return c.caps, ctx.Err()
}

// Refresh implements release.Cluster.
func (c *Cluster) Refresh() {}

// Build implements release.Cluster.
func (c *Cluster) Build(ctx context.Context, docs []manifest.Manifest, opts release.BuildOptions) ([]release.Object, error) {
	var out []release.Object
	var errs []error
	for _, doc := range docs {
		var content map[string]any
		err := yamlio.Unmarshal([]byte(doc.Content), &content)
		if err == nil {
			out, err = appendObjects(out, content, opts.Namespace)
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", doc.Path, err))
		}
	}
	if len(errs) > 0 {
		return nil, fmt.Errorf("%w: %w", release.ErrBuild, errors.Join(errs...))
	}
	return out, ctx.Err()
}

// appendObjects adds an object, or those of a list.
func appendObjects(out []release.Object, content map[string]any, namespace string) ([]release.Object, error) {
	if len(content) == 0 {
		return out, nil
	}
	apiVersion, _ := content["apiVersion"].(string)
	kind, _ := content["kind"].(string)
	if items, ok := content["items"].([]any); ok && strings.HasSuffix(kind, "List") {
		for _, item := range items {
			inner, _ := item.(map[string]any)
			var err error
			if out, err = appendObjects(out, inner, namespace); err != nil {
				return nil, err
			}
		}
		return out, nil
	}
	meta, _ := content["metadata"].(map[string]any)
	name, _ := meta["name"].(string)
	generated, _ := meta["generateName"].(string)
	if apiVersion == "" || kind == "" || name == "" && generated == "" {
		return nil, fmt.Errorf("an object needs apiVersion, kind and a name: it has %q, %q, %q", apiVersion, kind, name)
	}
	if own, _ := meta["namespace"].(string); own != "" {
		namespace = own
	}
	ref := manifest.Ref{APIVersion: apiVersion, Kind: kind, Namespace: namespace, Name: name}
	return append(out, release.Object{Ref: ref, Content: content}), nil
}

// Get implements release.Cluster.
func (c *Cluster) Get(ctx context.Context, ref manifest.Ref) (release.Object, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	content, ok := c.objects[ref]
	if !ok {
		return release.Object{}, errors.Join(ctx.Err(), release.ErrObjectNotFound)
	}
	return release.Object{Ref: ref, Content: content}, ctx.Err()
}

// Apply implements release.Cluster.
func (c *Cluster) Apply(ctx context.Context, obj release.Object, _ release.ApplyObjectOptions) (release.Object, release.Action, error) {
	if err := ctx.Err(); err != nil {
		return release.Object{}, "", err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	action := release.ActionCreated
	if _, ok := c.objects[obj.Ref]; ok {
		action = release.ActionUpdated
	}
	c.objects[obj.Ref] = obj.Content
	c.change()
	return obj, action, nil
}

// Delete implements release.Cluster.
func (c *Cluster) Delete(ctx context.Context, ref manifest.Ref, _ release.DeleteObjectOptions) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, ok := c.objects[ref]; !ok {
		return release.ErrObjectNotFound
	}
	delete(c.objects, ref)
	c.change()
	return nil
}

// change wakes those who watch. The lock is held.
func (c *Cluster) change() {
	close(c.changed)
	c.changed = make(chan struct{})
}

// Watch implements release.Cluster.
func (c *Cluster) Watch(ctx context.Context, refs []manifest.Ref, _ release.WatchOptions) iter.Seq2[release.State, error] {
	return func(yield func(release.State, error) bool) {
		seen := make([]release.ObjectStatus, len(refs))
		for {
			c.mu.Lock()
			changed := c.changed
			states := make([]release.State, len(refs))
			for i, ref := range refs {
				states[i] = release.State{Ref: ref, Status: release.ObjectNotFound, Message: "not found"}
				if content, ok := c.objects[ref]; ok {
					states[i] = release.State{Ref: ref, Status: release.ObjectCurrent, Message: "it is remembered", Object: content}
				}
			}
			c.mu.Unlock()
			for i, state := range states {
				if state.Status == seen[i] {
					continue
				}
				if seen[i] = state.Status; !yield(state, nil) {
					return
				}
			}
			select {
			case <-changed:
			case <-ctx.Done():
				return
			}
		}
	}
}
