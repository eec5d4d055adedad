package release

import (
	"context"
	"errors"
	"fmt"
)

// The markers by which Helm knows whose an object is.
const (
	managedByLabel   = "app.kubernetes.io/managed-by"
	managedByHelm    = "Helm"
	releaseNameAnnot = "meta.helm.sh/release-name"
	releaseNSAnnot   = "meta.helm.sh/release-namespace"
)

// markOwned writes the markers into an object, over what the chart says. A
// labels or annotations field of another shape is left for the server to
// refuse.
func markOwned(obj map[string]any, key Key) {
	meta, ok := obj["metadata"].(map[string]any)
	if !ok {
		return
	}
	setIn(meta, "labels", managedByLabel, managedByHelm)
	setIn(meta, "annotations", releaseNameAnnot, key.Name)
	setIn(meta, "annotations", releaseNSAnnot, key.Namespace)
}

func setIn(meta map[string]any, field, key, value string) {
	m, ok := meta[field].(map[string]any)
	if !ok {
		if meta[field] != nil {
			return
		}
		m = map[string]any{}
		meta[field] = m
	}
	m[key] = value
}

// checkOwned returns nil if a live object carries the markers of the release,
// and otherwise an *OwnershipError.
func checkOwned(live Object, key Key) error {
	var problems []string
	check := func(what, field, name, want string) {
		got, ok := metaString(live.Content, field, name)
		switch {
		case !ok:
			problems = append(problems, fmt.Sprintf("%s validation error: missing key %q: must be set to %q", what, name, want))
		case got != want:
			problems = append(problems, fmt.Sprintf("%s validation error: key %q must equal %q: current value is %q", what, name, want, got))
		}
	}
	check("label", "labels", managedByLabel, managedByHelm)
	check("annotation", "annotations", releaseNameAnnot, key.Name)
	check("annotation", "annotations", releaseNSAnnot, key.Namespace)
	if len(problems) == 0 {
		return nil
	}
	return &OwnershipError{Ref: live.Ref, Problems: problems}
}

// CheckOwners says which of the objects that an install would make exist and are not
// those of the release key: an *OwnershipError for each.
func (e *Engine) CheckOwners(ctx context.Context, key Key, objects []Object) error {
	if err := e.needCluster(); err != nil {
		return err
	}
	live, err := e.getMetadata(ctx, objects)
	if err != nil {
		return fmt.Errorf("unable to continue with install: %w", err)
	}
	var denied []error
	for _, o := range live {
		if o == nil {
			continue
		}
		if err := checkOwned(*o, key); err != nil {
			denied = append(denied, err)
		}
	}
	if len(denied) > 0 {
		return fmt.Errorf("unable to continue with install: %w", errors.Join(denied...))
	}
	return nil
}

// isOfAnother says whether a live object carries the markers of another release.
func isOfAnother(live Object, key Key) bool {
	name, named := metaString(live.Content, "annotations", releaseNameAnnot)
	namespace, placed := metaString(live.Content, "annotations", releaseNSAnnot)
	return named && name != key.Name || placed && namespace != key.Namespace
}

// metaString reads a label or an annotation.
func metaString(obj map[string]any, field, key string) (string, bool) {
	meta, _ := obj["metadata"].(map[string]any)
	m, _ := meta[field].(map[string]any)
	s, ok := m[key].(string)
	return s, ok
}
