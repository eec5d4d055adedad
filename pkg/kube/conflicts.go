package kube

import (
	"context"
	"encoding/json"
	"errors"
	"reflect"
	"slices"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/structured-merge-diff/v6/fieldpath"
	"sigs.k8s.io/structured-merge-diff/v6/value"

	"github.com/seed-0d4f92cc/pack/pkg/release"
)

// A server-side apply conflicts over fields that somebody else has set otherwise.
// Where the chart asks for what it asked for in the last revision, it was not the
// chart that changed its mind: the field is left to whoever has it, such as the
// replicas that an autoscaler sets. The server says which fields those are, the
// managed fields of the live object whose.

// leave takes out of an object the fields over which an apply conflicts, as far as
// they may be left to others. Ok is false if they may not all be: then the conflict
// stands.
func (c *Client) leave(ctx context.Context, path string, obj release.Object, opts release.ApplyObjectOptions, conflict error) (release.Object, []release.LeftField, bool) {
	names := conflictingFields(conflict)
	if opts.Left == nil || opts.Previous == nil || len(names) == 0 {
		return obj, nil, false
	}
	resp, err := c.get(ctx, path)
	if err != nil {
		return obj, nil, false
	}
	var live struct {
		Metadata struct {
			ManagedFields []metav1.ManagedFieldsEntry `json:"managedFields"`
		} `json:"metadata"`
	}
	if err := json.Unmarshal(resp.body, &live); err != nil {
		return obj, nil, false
	}
	owned := ownedPaths(live.Metadata.ManagedFields)
	obj.Content = runtime.DeepCopyJSON(obj.Content)
	var left []release.LeftField
	for _, name := range names {
		owner, ok := owned[name]
		if !ok || !unchangedAt(opts.Previous, obj.Content, owner.path) || !removeAt(obj.Content, owner.path) {
			return obj, nil, false
		}
		left = append(left, release.LeftField{Path: name, Manager: strings.Join(owner.managers, ", ")})
	}
	return obj, left, true
}

// conflictingFields are the fields that the server names, each once.
func conflictingFields(err error) []string {
	var status *statusError
	if !errors.As(err, &status) || status.ErrStatus.Details == nil {
		return nil
	}
	var names []string
	for _, cause := range status.ErrStatus.Details.Causes {
		if cause.Type == metav1.CauseTypeFieldManagerConflict && !slices.Contains(names, cause.Field) {
			names = append(names, cause.Field)
		}
	}
	return names
}

// pathOwner is a field and who has set it.
type pathOwner struct {
	path     fieldpath.Path
	managers []string
}

// ownedPaths are the fields that others than release.FieldManager own, by the name
// that the server's messages have for them.
func ownedPaths(entries []metav1.ManagedFieldsEntry) map[string]pathOwner {
	owned := map[string]pathOwner{}
	for _, e := range entries {
		if e.Manager == release.FieldManager || e.FieldsV1 == nil {
			continue
		}
		var set fieldpath.Set
		if err := set.FromJSON(e.FieldsV1.GetRawReader()); err != nil {
			continue // its fields remain in conflict
		}
		for path := range set.All() {
			name := path.String()
			o := owned[name]
			o.path = path.Copy()
			if !slices.Contains(o.managers, e.Manager) {
				o.managers = append(o.managers, e.Manager)
			}
			owned[name] = o
		}
	}
	return owned
}

// unchangedAt says whether two objects have the same at path, and have it at all.
func unchangedAt(previous, next map[string]any, path fieldpath.Path) bool {
	before, had := valueAt(previous, path)
	after, has := valueAt(next, path)
	return had && has && reflect.DeepEqual(before, after)
}

// valueAt follows a path into an object.
func valueAt(v any, path fieldpath.Path) (any, bool) {
	for _, e := range path {
		switch {
		case e.FieldName != nil:
			m, _ := v.(map[string]any)
			next, ok := m[*e.FieldName]
			if !ok {
				return nil, false
			}
			v = next
		default:
			list, _ := v.([]any)
			i := indexOf(list, e)
			if i < 0 {
				return nil, false
			}
			v = list[i]
		}
	}
	return v, true
}

// removeAt removes what is at path; false if there is nothing.
func removeAt(v any, path fieldpath.Path) bool {
	last := path[len(path)-1]
	parent, ok := valueAt(v, path[:len(path)-1])
	m, isMap := parent.(map[string]any)
	if !ok || !isMap || last.FieldName == nil {
		return false // an element of a list is not a value that somebody sets
	}
	_, had := m[*last.FieldName]
	delete(m, *last.FieldName)
	return had
}

// indexOf finds the element of a list that a path names; -1 if there is none, or no
// single one.
func indexOf(list []any, e fieldpath.PathElement) int {
	found := -1
	for i, item := range list {
		if !isElement(item, i, e) {
			continue
		}
		if found >= 0 {
			return -1
		}
		found = i
	}
	return found
}

func isElement(item any, i int, e fieldpath.PathElement) bool {
	switch {
	case e.Index != nil:
		return *e.Index == i
	case e.Value != nil:
		return value.Equals(*e.Value, value.NewValueInterface(item))
	case e.Key == nil:
		return false
	}
	m, _ := item.(map[string]any)
	some := false
	for _, field := range *e.Key {
		have, ok := m[field.Name]
		if !ok {
			continue // the server has filled in a default, such as a port's protocol
		}
		if !value.Equals(field.Value, value.NewValueInterface(have)) {
			return false
		}
		some = true
	}
	return some
}
