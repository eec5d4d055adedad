package kube

import (
	"context"
	"encoding/json"
	"strings"
	"time"

	"sigs.k8s.io/structured-merge-diff/v6/value"

	"github.com/seed-0d4f92cc/pack/internal/atomics"
	"github.com/seed-0d4f92cc/pack/pkg/release"
)

// An upgrade mostly changes little, and an apply that changes nothing costs the server
// as much as any. Whether it would can be told from the live object: the server notes
// in the managed fields which fields the last apply had. If those are the fields that
// the object has now, to the last, and live they have the same values, another apply
// has nothing to set, nothing to take away and nobody to take it from.
//
// That a map or a list with something in it is noted as a whole may mean two things: to
// the server it is one value, or it was empty when it was applied, and others have filled
// it. The table of package atomics tells them apart for built-in kinds.
//
// Whatever is not plain (a null, a field that the server writes in another way, an
// entry of another version) counts as a change, and is sent. What cannot be seen are
// admission webhooks that would change an object because it is written.

// maxAge is how long what was read of an object holds.
const maxAge = 2 * time.Second

// unchanged says whether a server-side apply of an object would certainly change
// nothing of the live one.
func (c *Client) unchanged(obj release.Object, live map[string]any) bool {
	meta := mapAt(live, "metadata")
	if obj.Ref.Kind == "Pod" || meta == nil || meta["deletionTimestamp"] != nil || stringAt(live, "apiVersion") != obj.Ref.APIVersion {
		return false
	}
	fields := appliedFields(meta, obj.Ref.APIVersion)
	return fields != nil && sameMap(withoutIdentity(obj.Content), live, fields, c.atomics().Root(obj.Ref.APIVersion, obj.Ref.Kind))
}

// isFresh says whether what is known of a live object that needs no apply is recent. It
// may have been read long ago, where a step had to wait for others: then it is read
// again, and judged again.
func (c *Client) isFresh(ctx context.Context, path string, obj release.Object, opts *release.ApplyObjectOptions) bool {
	if opts.Seen.IsZero() || time.Since(opts.Seen) < maxAge {
		return true
	}
	resp, err := c.get(ctx, path)
	if err != nil {
		return false
	}
	live, err := resp.object()
	if err != nil {
		return false
	}
	opts.Live = live
	return c.unchanged(obj, live)
}

// appliedFields are the fields of the last apply of release.FieldManager, in the form
// of managed fields; nil if that cannot be told, or if it owns others by updates.
func appliedFields(meta map[string]any, apiVersion string) map[string]any {
	var fields map[string]any
	entries, _ := meta["managedFields"].([]any)
	for _, e := range entries {
		entry, _ := e.(map[string]any)
		if stringAt(entry, "manager") != release.FieldManager || stringAt(entry, "subresource") != "" {
			continue
		}
		if stringAt(entry, "operation") != "Apply" || stringAt(entry, "apiVersion") != apiVersion || fields != nil {
			return nil
		}
		if fields = mapAt(entry, "fieldsV1"); fields == nil {
			return nil
		}
	}
	return fields
}

// ownsByUpdate says whether release.FieldManager owns fields of a live object through
// updates, as client-side applies leave it.
func ownsByUpdate(live map[string]any) bool {
	entries, _ := mapAt(live, "metadata")["managedFields"].([]any)
	for _, e := range entries {
		entry, _ := e.(map[string]any)
		if stringAt(entry, "manager") == release.FieldManager && stringAt(entry, "operation") == "Update" && stringAt(entry, "subresource") == "" {
			return true
		}
	}
	return false
}

// withoutIdentity is an object without what managed fields never have.
func withoutIdentity(content map[string]any) map[string]any {
	out := make(map[string]any, len(content))
	for key, v := range content {
		if key != "apiVersion" && key != "kind" {
			out[key] = v
		}
	}
	if meta := mapAt(content, "metadata"); meta != nil {
		rest := make(map[string]any, len(meta))
		for key, v := range meta {
			if key != "name" && key != "namespace" && (key != "creationTimestamp" || v != nil) {
				rest[key] = v
			}
		}
		if out["metadata"] = rest; len(rest) == 0 {
			delete(out, "metadata")
		}
	}
	return out
}

// sameMap compares a map with what is live and with the fields of it that were
// applied: one for each key, and no other.
func sameMap(wanted, live, fields map[string]any, t *atomics.Type) bool {
	if len(wanted) != len(fields) {
		return false
	}
	for key, v := range wanted {
		below, applied := fields["f:"+key].(map[string]any)
		have, exists := live[key]
		if !applied || !exists || !sameField(v, have, below, t, key) {
			return false
		}
	}
	return true
}

// sameField compares the value of one field.
func sameField(wanted, live any, fields map[string]any, t *atomics.Type, name string) bool {
	if wanted == nil || live == nil {
		return false
	}
	if len(fields) == 0 {
		return (t.Whole(name) || !filled(wanted)) && value.Equals(value.NewValueInterface(wanted), value.NewValueInterface(live))
	}
	if t.Whole(name) {
		return false // it was not to the server that noted this
	}
	switch wanted := wanted.(type) {
	case map[string]any:
		live, ok := live.(map[string]any)
		return ok && sameMap(wanted, live, fields, t.Below(name))
	case []any:
		live, ok := live.([]any)
		return ok && sameList(wanted, live, fields, t.Below(name))
	}
	return false
}

// filled says whether a value is a map or a list with something in it.
func filled(v any) bool {
	switch v := v.(type) {
	case map[string]any:
		return len(v) > 0
	case []any:
		return len(v) > 0
	}
	return false
}

// sameList compares a list whose elements the server tells apart, by fields of them or
// by what they are: each was applied, and they stand in one order.
func sameList(wanted, live []any, fields map[string]any, t *atomics.Type) bool {
	if len(wanted) != len(fields) {
		return false
	}
	elements := make([]element, 0, len(fields))
	for name, f := range fields {
		e, ok := readElement(name, f)
		if !ok {
			return false
		}
		elements = append(elements, e)
	}
	at := 0
	for _, w := range wanted {
		e := only(elements, w)
		if e == nil {
			return false
		}
		for at < len(live) && !e.is(live[at]) {
			at++
		}
		if at == len(live) || !e.same(w, live[at], t) {
			return false
		}
		at++
	}
	return true
}

// element is an element of a list as managed fields name it: by key fields, or by the
// value that it is.
type element struct {
	key    map[string]any
	plain  any
	fields map[string]any
	used   bool
}

func readElement(name string, fields any) (element, bool) {
	below, ok := fields.(map[string]any)
	if !ok {
		return element{}, false
	}
	if text, isKey := strings.CutPrefix(name, "k:"); isKey {
		e := element{}
		if json.Unmarshal([]byte(text), &e.key) != nil || len(e.key) == 0 {
			return element{}, false
		}
		// The element itself is a field too.
		if _, whole := below["."]; !whole {
			return element{}, false
		}
		e.fields = make(map[string]any, len(below))
		for k, v := range below {
			if k != "." {
				e.fields[k] = v
			}
		}
		return e, true
	}
	if text, isValue := strings.CutPrefix(name, "v:"); isValue && len(below) == 0 {
		e := element{}
		return e, json.Unmarshal([]byte(text), &e.plain) == nil && e.plain != nil
	}
	return element{}, false
}

// only finds the one element that a value is, and marks it: none, or two of one key,
// are not plain.
func only(elements []element, v any) *element {
	var found *element
	for i := range elements {
		if !elements[i].is(v) {
			continue
		}
		if found != nil || elements[i].used {
			return nil
		}
		found = &elements[i]
	}
	if found != nil {
		found.used = true
	}
	return found
}

// is says whether a value is the element. A key field that it lacks has a default.
func (e *element) is(v any) bool {
	if e.key == nil {
		return value.Equals(value.NewValueInterface(e.plain), value.NewValueInterface(v))
	}
	m, ok := v.(map[string]any)
	some := false
	for name, want := range e.key {
		have, exists := m[name]
		if !exists {
			continue
		}
		if !value.Equals(value.NewValueInterface(want), value.NewValueInterface(have)) {
			return false
		}
		some = true
	}
	return ok && some
}

func (e *element) same(wanted, live any, t *atomics.Type) bool {
	if e.key == nil {
		return true
	}
	w, isMap := wanted.(map[string]any)
	l, isLive := live.(map[string]any)
	return isMap && isLive && sameMap(w, l, e.fields, t)
}
