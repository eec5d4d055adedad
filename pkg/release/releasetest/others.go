package releasetest

import (
	"context"
	"fmt"
	"io"
	"iter"
	"slices"
	"strings"

	"github.com/seed-0d4f92cc/pack/pkg/manifest"
	"github.com/seed-0d4f92cc/pack/pkg/release"
)

// Create makes an object as somebody else would: a field manager of that name,
// through an update. It replaces what there is.
func (c *Cluster) Create(manager string, content map[string]any) manifest.Ref {
	content = plainObject(content)
	meta := mapAt(content, "metadata")
	ref := manifest.Ref{
		APIVersion: stringAt(content, "apiVersion"), Kind: stringAt(content, "kind"),
		Namespace: stringAt(meta, "namespace"), Name: stringAt(meta, "name"),
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.create(ref, content, owner{manager: manager})
	return ref
}

// Edit changes an object as somebody else would: a field manager of that name,
// who then owns the fields that change sets otherwise. False if there is no
// such object.
func (c *Cluster) Edit(manager string, ref manifest.Ref, change func(content map[string]any)) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	o, ok := c.objects[idOf(ref)]
	if !ok {
		return false
	}
	before := plainObject(o.content)
	edited := plainObject(o.content)
	change(edited)
	o.content = plainObject(edited)
	old, now := fieldsOf(before), fieldsOf(o.content)
	by := owner{manager: manager}
	if o.owners[by] == nil {
		o.owners[by] = fields{}
	}
	for path := range old {
		if _, kept := now[path]; !kept {
			o.disown(path)
		}
	}
	for path, value := range now {
		if !sameAt(before, path, value) {
			o.disown(path)
			o.owners[by][path] = value
		}
	}
	c.settle(o, before)
	return true
}

// Remove takes an object away for good, whatever its finalizers. False if there
// is no such object.
func (c *Cluster) Remove(ref manifest.Ref) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, ok := c.objects[idOf(ref)]; !ok {
		return false
	}
	c.remove(idOf(ref))
	return true
}

// Object returns a copy of an object as it is; nil if there is none.
func (c *Cluster) Object(ref manifest.Ref) map[string]any {
	c.mu.Lock()
	defer c.mu.Unlock()
	o, ok := c.objects[idOf(ref)]
	if !ok {
		return nil
	}
	return o.as(ref).Content
}

// Objects are the names of all objects but namespaces, "Kind/namespace/name",
// sorted.
func (c *Cluster) Objects() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	var names []string
	for id, o := range c.objects {
		if id.kind != "Namespace" {
			names = append(names, o.ref.String())
		}
	}
	slices.Sort(names)
	return names
}

// SetStatus says what waiting sees of an object from now on, whether it exists
// yet or not. Until then objects are release.ObjectCurrent.
func (c *Cluster) SetStatus(ref manifest.Ref, status release.ObjectStatus, message string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.statuses[idOf(ref)] = setStatus{status, message}
	if o, ok := c.objects[idOf(ref)]; ok {
		c.settle(o, plainObject(o.content))
	}
	c.announce()
}

// SetLogs says what Logs reads of a Pod or a Job.
func (c *Cluster) SetLogs(ref manifest.Ref, text string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.logs[idOf(ref)] = text
}

// Logs implements release.LogReader.
func (c *Cluster) Logs(ctx context.Context, ref manifest.Ref, w io.Writer) error {
	n, err := c.begin(ctx, Call{Op: OpLogs, Refs: []manifest.Ref{ref}})
	if err != nil {
		return c.end(n, "", err)
	}
	c.mu.Lock()
	_, ok := c.objects[idOf(ref)]
	text := c.logs[idOf(ref)]
	c.mu.Unlock()
	if !ok {
		return c.end(n, "", notFound(ref))
	}
	_, err = io.WriteString(w, text)
	return c.end(n, "", err)
}

// Lookup implements release.Looker.
func (c *Cluster) Lookup(ctx context.Context, apiVersion, kind, namespace, name string) (map[string]any, error) {
	ref := manifest.Ref{APIVersion: apiVersion, Kind: kind, Namespace: namespace, Name: name}
	n, err := c.begin(ctx, Call{Op: OpLookup, Refs: []manifest.Ref{ref}})
	if err != nil {
		return nil, c.end(n, "", err)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if name != "" {
		o, ok := c.objects[idOf(ref)]
		if !ok {
			return map[string]any{}, nil
		}
		return o.as(ref).Content, nil
	}
	items := []any{}
	for _, o := range c.listed(ref) {
		items = append(items, o.as(manifest.Ref{APIVersion: apiVersion, Kind: kind}).Content)
	}
	return map[string]any{"apiVersion": apiVersion, "kind": kind + "List", "metadata": map[string]any{}, "items": items}, nil
}

// listed are the objects of the kind and in the namespace of ref, all if that
// is empty, by name. The lock is held.
func (c *Cluster) listed(ref manifest.Ref) []*object {
	var found []*object
	for id, o := range c.objects {
		if id.group == ref.Group() && id.kind == ref.Kind && (ref.Namespace == "" || id.namespace == ref.Namespace) {
			found = append(found, o)
		}
	}
	slices.SortFunc(found, func(a, b *object) int { return strings.Compare(a.ref.String(), b.ref.String()) })
	return found
}

// Watch implements release.Cluster. It ends without an error when ctx does.
func (c *Cluster) Watch(ctx context.Context, refs []manifest.Ref, _ release.WatchOptions) iter.Seq2[release.State, error] {
	return func(yield func(release.State, error) bool) {
		if ctx.Err() != nil {
			return
		}
		n, err := c.begin(ctx, Call{Op: OpWatch, Refs: slices.Clone(refs)})
		if err != nil {
			yield(release.State{}, c.end(n, "", err))
			return
		}
		seen := make(map[manifest.Ref]string, len(refs))
		for {
			states, changed := c.states(refs)
			for _, s := range states {
				sight := fmt.Sprint(s.Status, separator, s.Message, separator, stringAt(mapAt(s.Object, "metadata"), "resourceVersion"))
				if seen[s.Ref] == sight {
					continue
				}
				seen[s.Ref] = sight
				if !yield(s, nil) {
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

// states are the states of objects now, and what is closed when they change.
func (c *Cluster) states(refs []manifest.Ref) ([]release.State, <-chan struct{}) {
	c.mu.Lock()
	defer c.mu.Unlock()
	states := make([]release.State, 0, len(refs))
	for _, ref := range refs {
		s := release.State{Ref: ref, Status: release.ObjectNotFound, Message: "Resource not found", At: c.cfg.Now()}
		if o, ok := c.objects[idOf(ref)]; ok {
			set := c.statusOf(ref)
			s.Status, s.Message, s.Object = set.status, set.message, o.as(ref).Content
			if mapAt(o.content, "metadata")["deletionTimestamp"] != nil {
				s.Status, s.Message = release.ObjectTerminating, "Resource scheduled for deletion"
			}
		}
		states = append(states, s)
	}
	return states, c.changed
}

// statusOf is the status of an object that exists. The lock is held.
func (c *Cluster) statusOf(ref manifest.Ref) setStatus {
	if set, ok := c.statuses[idOf(ref)]; ok {
		return set
	}
	return setStatus{release.ObjectCurrent, "Resource is current"}
}

// content is the field status of an object in a status, for the kinds of which
// more is looked at than whether they are ready: a Pod that is not restarted
// has succeeded when it is current.
func (s setStatus) content(o *object) map[string]any {
	switch {
	case o.ref.Kind == "Pod" && s.status == release.ObjectCurrent:
		if stringAt(mapAt(o.content, "spec"), "restartPolicy") == "Never" {
			return map[string]any{"phase": "Succeeded"}
		}
		return map[string]any{"phase": "Running"}
	case o.ref.Kind == "Pod" && s.status == release.ObjectFailed:
		return map[string]any{"phase": "Failed"}
	case o.ref.Kind == "Pod":
		return map[string]any{"phase": "Pending"}
	case o.ref.Kind == "Job" && s.status == release.ObjectCurrent:
		return map[string]any{"succeeded": int64(1)}
	default:
		return nil
	}
}
