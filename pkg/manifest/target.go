package manifest

import (
	"errors"
	"fmt"
	"strings"
)

// Target names an object that another one depends on.
type Target struct {
	// Kind of the object, in whatever case.
	Kind string
	// Group of the kind. AnyGroup: none was given, and any will do.
	Group    string
	AnyGroup bool
	// Namespace is empty for that of the object that depends on it, or for an
	// object that has none.
	Namespace string
	Name      string
}

// ParseTargets reads a list of targets with commas between them. Each is
// "Kind/name" or "Kind/namespace/name"; the kind may have its group behind a dot,
// "Deployment.apps/web", which for the core group is empty: "Service./web".
func ParseTargets(text string) ([]Target, error) {
	var out []Target
	for entry := range strings.SplitSeq(text, ",") {
		t, err := parseTarget(strings.TrimSpace(entry))
		if err != nil {
			return nil, err
		}
		out = append(out, t)
	}
	return out, nil
}

func parseTarget(text string) (Target, error) {
	if text == "" {
		return Target{}, errors.New("an entry is empty: it must be of the form Kind/name or Kind/namespace/name, with commas between several")
	}
	parts := strings.Split(text, "/")
	if len(parts) != 2 && len(parts) != 3 || strings.ContainsAny(text, " \t\n") {
		return Target{}, fmt.Errorf("%q is not of the form Kind/name or Kind/namespace/name", text)
	}
	t := Target{Name: parts[len(parts)-1]}
	if len(parts) == 3 {
		t.Namespace = parts[1]
	}
	var grouped bool
	t.Kind, t.Group, grouped = strings.Cut(parts[0], ".")
	t.AnyGroup = !grouped
	if t.Kind == "" || t.Name == "" || len(parts) == 3 && t.Namespace == "" {
		return Target{}, fmt.Errorf("%q is not of the form Kind/name or Kind/namespace/name: a part of it is empty", text)
	}
	return t, nil
}

// Matches says whether a target names an object. Namespace is what the target means
// where it has none.
func (t Target) Matches(ref Ref, namespace string) bool {
	if t.Namespace != "" {
		namespace = t.Namespace
	}
	return t.Name == ref.Name && strings.EqualFold(t.Kind, ref.Kind) &&
		(t.AnyGroup || t.Group == ref.Group()) &&
		(namespace == ref.Namespace || t.Namespace == "" && ref.Namespace == "")
}

// String is the form that ParseTargets reads.
func (t Target) String() string {
	kind := t.Kind
	if !t.AnyGroup {
		kind += "." + t.Group
	}
	return Ref{Kind: kind, Namespace: t.Namespace, Name: t.Name}.String()
}
