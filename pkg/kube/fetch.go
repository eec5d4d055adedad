package kube

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"

	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"github.com/seed-0d4f92cc/pack/pkg/manifest"
	"github.com/seed-0d4f92cc/pack/pkg/release"
)

// Objects of one kind and namespace are listed instead of read one by one from
// this number on. The list is of what Helm manages; other releases may have
// much of it, so it is left after as many pages as are worth their while.
const (
	listFrom     = 4
	maxListPages = 4
)

// managedByHelm selects what releases have applied.
const managedByHelm = "app.kubernetes.io/managed-by=Helm"

// GetAll reads many objects by few requests. The result has an element for each
// ref, nil for an object that does not exist: also where its kind is not served,
// or its name is left to the server. Errors of several objects are joined.
func (c *Client) GetAll(ctx context.Context, refs []manifest.Ref) ([]*release.Object, error) {
	return c.getAll(ctx, refs, typeJSON)
}

// GetAllMetadata is GetAll without what is beside the metadata of objects.
func (c *Client) GetAllMetadata(ctx context.Context, refs []manifest.Ref) ([]*release.Object, error) {
	return c.getAll(ctx, refs, typeProtoMeta)
}

func (c *Client) getAll(ctx context.Context, refs []manifest.Ref, accept string) ([]*release.Object, error) {
	entries, err := c.fetch(ctx, refs, accept)
	if err != nil {
		return nil, err
	}
	out := make([]*release.Object, len(refs))
	for i, e := range entries {
		if e == nil {
			continue
		}
		if e.content == nil {
			return nil, fmt.Errorf("reading %s: the server's answer is not an object", refs[i])
		}
		e.content["apiVersion"], e.content["kind"] = refs[i].APIVersion, refs[i].Kind
		out[i] = &release.Object{Ref: refs[i], Content: e.content}
	}
	return out, nil
}

// entry is an object that was read.
type entry struct {
	name string
	// content is the object, or what was asked for of it; nil where it is in a table.
	content map[string]any
	// object, cells and columns are its JSON and its row where a table was asked for.
	object  json.RawMessage
	cells   []any
	columns []tableColumn
}

// fetchGroup are the objects of one kind and namespace.
type fetchGroup struct {
	api     api
	accept  string
	refs    []manifest.Ref
	at      []int // where each ref's entry goes
	out     []*entry
	settled []bool
}

// fetch reads objects, nil for those that do not exist; accept is typeJSON, typeTable or
// typeProtoMeta.
func (c *Client) fetch(ctx context.Context, refs []manifest.Ref, accept string) ([]*entry, error) {
	type key struct{ apiVersion, kind, namespace string }
	byKey := map[key]*fetchGroup{}
	var groups []*fetchGroup
	out := make([]*entry, len(refs))
	for i, ref := range refs {
		if ref.Name == "" {
			continue // the server will name it
		}
		k := key{ref.APIVersion, ref.Kind, ref.Namespace}
		g := byKey[k]
		if g == nil {
			found, err := c.resolve(ctx, ref)
			if errors.Is(err, ErrNoMatch) {
				continue // of what is not served there is nothing
			}
			if err != nil {
				return nil, err
			}
			g = &fetchGroup{api: found, accept: accept, out: out}
			byKey[k], groups = g, append(groups, g)
		}
		g.refs, g.at, g.settled = append(g.refs, ref), append(g.at, i), append(g.settled, false)
	}
	err := c.each(ctx, len(groups), func(ctx context.Context, i int) error { return c.listGroup(ctx, groups[i]) })
	if err != nil {
		return nil, err
	}
	type single struct {
		group *fetchGroup
		i     int
	}
	var rest []single
	for _, g := range groups {
		for i, settled := range g.settled {
			if !settled {
				rest = append(rest, single{g, i})
			}
		}
	}
	err = c.each(ctx, len(rest), func(ctx context.Context, i int) error { return c.getSingle(ctx, rest[i].group, rest[i].i) })
	return out, err
}

// open is how many objects of a group are not settled.
func (g *fetchGroup) open() int {
	n := 0
	for _, settled := range g.settled {
		if !settled {
			n++
		}
	}
	return n
}

// settle notes an object of a list; those of others are passed over.
func (g *fetchGroup) settle(e *entry) {
	for i, ref := range g.refs {
		if ref.Name == e.name {
			g.out[g.at[i]], g.settled[i] = e, true
		}
	}
}

// listGroup settles what lists can settle: which of many objects there are, and
// which are not.
func (c *Client) listGroup(ctx context.Context, g *fetchGroup) error {
	if g.open() < listFrom {
		return nil
	}
	namespace := g.refs[0].Namespace
	r := request{path: g.api.path(namespace), accept: g.accept, query: url.Values{"labelSelector": {managedByHelm}}}
	if g.accept == typeTable {
		r.query.Set("includeObject", "Object")
	}
	pages := 0
	err := c.pages(ctx, r, func(resp *response) (string, error) {
		entries, next, err := readEntries(resp, g.accept)
		for _, e := range entries {
			g.settle(e)
		}
		if pages++; pages >= maxListPages || g.open() == 0 {
			next = ""
		}
		return next, err
	})
	if err != nil {
		return ignoreListError(err)
	}
	if g.open() < listFrom {
		return nil
	}
	return ignoreListError(c.settleMissing(ctx, g))
}

// ignoreListError: what may not be listed is read one by one.
func ignoreListError(err error) error {
	if apierrors.IsForbidden(err) || apierrors.IsNotFound(err) || apierrors.IsMethodNotSupported(err) {
		return nil
	}
	return err
}

// settleMissing finds out which objects are not there at all, by the names of
// all objects of the kind, if one page has them.
func (c *Client) settleMissing(ctx context.Context, g *fetchGroup) error {
	names := map[string]bool{}
	complete := false
	r := request{path: g.api.path(g.refs[0].Namespace), accept: typeProtoMeta}
	err := c.pages(ctx, r, func(resp *response) (string, error) {
		next, err := readItems(resp.header, bytes.NewReader(resp.body), func(it item) error {
			names[it.meta.Name] = true
			return nil
		})
		complete = next == ""
		return "", cutOff(err)
	})
	if err != nil || !complete {
		return err
	}
	for i, ref := range g.refs {
		if !names[ref.Name] {
			g.settled[i] = true
		}
	}
	return nil
}

// getSingle reads one object of a group.
func (c *Client) getSingle(ctx context.Context, g *fetchGroup, i int) error {
	path, err := g.api.objectPath(g.refs[i])
	if err != nil {
		return err
	}
	r := request{method: http.MethodGet, path: path, accept: g.accept}
	if g.accept == typeProtoMeta {
		r.accept = typeMeta
	}
	if g.accept == typeTable {
		r.query = url.Values{"includeObject": {"Object"}}
	}
	resp, err := c.do(ctx, r)
	switch {
	case apierrors.IsNotFound(err):
		return nil
	case apierrors.IsForbidden(err) && g.accept == typeTable:
		c.opts.Logger.Warn("an object may not be read and is left out", "object", g.refs[i].String(), "error", err)
		return nil // nothing is decided by what is shown
	case err != nil:
		return fmt.Errorf("reading %s: %w", g.refs[i], err)
	}
	if g.accept != typeTable {
		content, err := resp.object()
		if err != nil {
			return fmt.Errorf("reading %s: %w", g.refs[i], err)
		}
		g.out[g.at[i]] = &entry{content: content}
		return nil
	}
	entries, _, err := readEntries(resp, g.accept)
	if err == nil && len(entries) == 1 {
		g.out[g.at[i]] = entries[0]
	}
	return err
}
