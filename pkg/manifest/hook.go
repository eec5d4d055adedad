package manifest

import (
	"strconv"
	"strings"
)

// IsHook says whether the object has the annotation that makes it a hook,
// whatever its value.
func (m Manifest) IsHook() bool {
	_, ok := m.Annotations[AnnotationHook]
	return ok
}

// AsHook reads the hook annotations of a manifest. It returns false when the
// manifest is no hook, or names an event that Helm 4 does not know: Helm drops
// such objects. A weight that is not a number counts as 0; policies are not
// checked.
func (m Manifest) AsHook() (Hook, bool) {
	if !m.IsHook() {
		return Hook{}, false
	}
	events := words[Event](m.Annotations, AnnotationHook)
	for i, e := range events {
		if e == "test-success" {
			events[i] = EventTest
		}
		if !events[i].known() {
			return Hook{}, false
		}
	}
	weight, err := strconv.Atoi(m.Annotations[AnnotationHookWeight])
	if err != nil {
		weight = 0
	}
	return Hook{
		Manifest:          m,
		Events:            events,
		Weight:            weight,
		DeletePolicies:    words[DeletePolicy](m.Annotations, AnnotationHookDeletePolicy),
		OutputLogPolicies: words[OutputLogPolicy](m.Annotations, AnnotationHookOutputLogPolicy),
	}, true
}

func (e Event) known() bool {
	switch e {
	case EventPreInstall, EventPostInstall, EventPreDelete, EventPostDelete,
		EventPreUpgrade, EventPostUpgrade, EventPreRollback, EventPostRollback, EventTest:
		return true
	}
	return false
}

// words reads a comma-separated annotation, trimmed and in lower case. It is
// nil where the annotation is missing.
func words[T ~string](annotations map[string]string, key string) []T {
	text, ok := annotations[key]
	if !ok {
		return nil
	}
	parts := strings.Split(text, ",")
	list := make([]T, len(parts))
	for i, part := range parts {
		list[i] = T(strings.ToLower(strings.TrimSpace(part)))
	}
	return list
}

// Keep says whether annotations ask that the object outlives its release:
// helm.sh/resource-policy is "keep", whatever its case and surrounding blanks.
func Keep(annotations map[string]string) bool {
	return strings.ToLower(strings.TrimSpace(annotations[AnnotationResourcePolicy])) == "keep"
}
