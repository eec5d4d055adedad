package jsonschema

import (
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
)

// document is a file of schemas.
type document struct {
	url   string
	value any
	// resources are the schemas that have a name of their own, and the root, by
	// their places.
	resources map[string]*resource
	// ids are the same resources by their names.
	ids map[string]*resource
	// known are the places that keywords give to schemas.
	known map[string]bool
}

// resource is a schema with a name of its own. What it holds is in its dialect,
// and its anchors are anchors of it.
type resource struct {
	ptr, id string
	dialect dialect
	anchors map[string]string
	dynamic []string
}

// at is the resource that a place belongs to.
func (d *document) at(ptr string) *resource {
	for {
		if r, ok := d.resources[ptr]; ok {
			return r
		}
		slash := strings.LastIndexByte(ptr, '/')
		if slash < 0 {
			return d.resources[""]
		}
		ptr = ptr[:slash]
	}
}

func (d *document) byID(id string) *resource { return d.ids[id] }

// resolve finds the place that a reference names, if it is in this document.
func (d *document) resolve(ref reference) (place, bool, error) {
	r := d.resources[""]
	if ref.doc != d.url {
		if r = d.byID(ref.doc); r == nil {
			return place{}, false, nil
		}
	}
	if !ref.isAnchor() {
		return place{d.url, r.ptr + ref.fragment}, true, nil
	}
	ptr, ok := r.anchors[ref.fragment]
	if !ok {
		return place{}, true, fmt.Errorf("anchor in %q not found in schema %q", place{r.id, ref.fragment}, d.url)
	}
	return place{d.url, ptr}, true, nil
}

// collect finds the resources and anchors of the schema v and of those that it
// holds.
func (c *compiler) collect(d *document, v any, at place, base string, outer dialect) error {
	if d.known[at.ptr] {
		return nil
	}
	if err := c.collectNew(d, v, at, base, outer); err != nil {
		return err
	}
	d.known[at.ptr] = true
	return nil
}

func (c *compiler) collectNew(d *document, v any, at place, base string, outer dialect) error {
	obj, ok := v.(map[string]any)
	if !ok {
		if at.ptr == "" {
			d.keep(&resource{id: base, dialect: outer})
		}
		return nil
	}
	own, r, err := c.resourceOf(d, obj, at, base, outer)
	if err != nil {
		return err
	}
	if err := d.collectAnchors(obj, at, r); err != nil {
		return err
	}
	for _, h := range c.holders {
		if h.since > own {
			continue
		}
		for _, sub := range h.within(obj, at.ptr) {
			if err := c.collect(d, sub.value, place{at.doc, sub.ptr}, r.id, r.dialect); err != nil {
				return err
			}
		}
	}
	return nil
}

// resourceOf finds the resource that a schema belongs to, which may be the
// schema itself, and its draft.
func (c *compiler) resourceOf(d *document, obj map[string]any, at place, base string, outer dialect) (draft, *resource, error) {
	own, err := c.draftOf(at, obj, outer.draft, map[string]bool{})
	if err != nil {
		return 0, nil, err
	}
	_, named := obj["$schema"].(string)
	id := own.id(obj)
	if id == "" && at.ptr != "" {
		// $schema counts for resources only.
		own, named = outer.draft, false
		id = own.id(obj)
	}
	if id == "" && at.ptr != "" {
		return own, d.byID(base), nil
	}
	if id != "" {
		full, err := join(base, id)
		if err != nil {
			return 0, nil, fmt.Errorf("error in parsing id at %q", at)
		}
		base = full.doc
	}
	inner := outer
	if named {
		if inner, err = c.dialectOf(obj, own); err != nil {
			return 0, nil, err
		}
	}
	err = d.add(&resource{ptr: at.ptr, id: base, dialect: inner})
	return own, d.byID(base), err
}

func (d *document) keep(r *resource) { d.resources[r.ptr], d.ids[r.id] = r, r }

// add adds a resource, unless it is there already.
func (d *document) add(r *resource) error {
	old := d.byID(r.id)
	if old == nil {
		d.keep(r)
		return nil
	}
	if old.ptr != r.ptr {
		return fmt.Errorf("duplicate id %q in %q at %q and %q", r.id, d.url, r.ptr, old.ptr)
	}
	return nil
}

func (d *document) collectAnchors(obj map[string]any, at place, r *resource) error {
	add := func(name string) error {
		if old, ok := r.anchors[name]; ok && old != at.ptr {
			return fmt.Errorf("duplicate anchor %q in %q at %q and %q", name, d.url, old, at.ptr)
		}
		if r.anchors == nil {
			r.anchors = map[string]string{}
		}
		r.anchors[name] = at.ptr
		return nil
	}
	version := r.dialect.draft
	if version < draft2019 {
		if _, ok := obj["$ref"]; ok {
			return nil
		}
		// The fragment of the name is the anchor.
		id, _ := obj[version.idKeyword()].(string)
		ref, err := splitReference(id)
		if err != nil {
			return fmt.Errorf("error in parsing anchor at %q", at)
		}
		if ref.isAnchor() {
			return add(ref.fragment)
		}
		return nil
	}
	if name, ok := obj["$anchor"].(string); ok {
		if err := add(name); err != nil {
			return err
		}
	}
	if name, ok := obj["$dynamicAnchor"].(string); ok && version >= draft2020 {
		r.dynamic = append(r.dynamic, name)
		return add(name)
	}
	return nil
}

// draftOf finds the draft of a schema, where need be by the schema of schemas
// that it names.
func (c *compiler) draftOf(at place, v any, otherwise draft, seen map[string]bool) (draft, error) {
	obj, _ := v.(map[string]any)
	name, ok := obj["$schema"].(string)
	if !ok {
		return otherwise, nil
	}
	if d := knownDraft(name); d != 0 {
		return d, nil
	}
	name, _, _ = strings.Cut(name, "#")
	if _, err := url.Parse(name); err != nil {
		return 0, fmt.Errorf("invalid $schema in %q: %w", at, err)
	}
	if at == (place{doc: name}) {
		return 0, fmt.Errorf("draft %q is not supported", name)
	}
	if seen[name] {
		return 0, fmt.Errorf("cycle in resolving $schema in %q", name)
	}
	seen[name] = true
	doc, err := c.load(name)
	if err != nil {
		return 0, err
	}
	return c.draftOf(place{doc: name}, doc, otherwise, seen)
}

// dialectOf finds the vocabularies that the schema's $schema asks for.
func (c *compiler) dialectOf(obj map[string]any, d draft) (dialect, error) {
	out := dialect{draft: d}
	name, _ := obj["$schema"].(string)
	if knownDraft(name) != 0 || d < draft2019 {
		return out, nil
	}
	name, _, _ = strings.Cut(name, "#")
	doc, err := c.load(name)
	if err != nil {
		return out, err
	}
	meta, _ := doc.(map[string]any)
	asked, ok := meta["$vocabulary"].(map[string]any)
	if !ok {
		return out, nil
	}
	prefix := strings.TrimSuffix(d.metaschema(), "schema") + "vocab/"
	out.vocabularies = []string{"core"}
	for _, vocabulary := range slices.Sorted(maps.Keys(asked)) {
		if required, _ := asked[vocabulary].(bool); !required {
			continue
		}
		short, ok := strings.CutPrefix(vocabulary, prefix)
		if !ok || !slices.Contains(d.vocabularyNames(), short) {
			return out, fmt.Errorf("unsupported vocabulary %q in %q", vocabulary, name)
		}
		if short != "core" {
			out.vocabularies = append(out.vocabularies, short)
		}
	}
	return out, nil
}
