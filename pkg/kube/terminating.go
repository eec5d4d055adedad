package kube

import (
	"slices"
	"strings"

	"github.com/seed-0d4f92cc/pack/pkg/release"
)

// namespaceFaults are the conditions of a namespace that cannot be emptied, because
// its kinds cannot be listed or their objects not be deleted.
const namespaceFaults = "NamespaceDeletionDiscoveryFailure NamespaceDeletionGroupVersionParsingFailure NamespaceDeletionContentFailure"

// namespaceRemains are those of one that is not empty yet.
const namespaceRemains = "NamespaceContentRemaining NamespaceFinalizersRemaining"

// terminatingMessage says of an object that is being deleted what it waits for, as
// far as it tells.
func terminatingMessage(object map[string]any) string {
	const text = "Resource scheduled for deletion"
	if stringAt(object, "kind") == "Namespace" && stringAt(object, "apiVersion") == "v1" {
		var found []string
		for _, name := range strings.Fields(namespaceFaults + " " + namespaceRemains) {
			if c := conditionAt(object, name); stringAt(c, "status") == "True" {
				found = append(found, stringAt(c, "message"))
			}
		}
		return strings.Join(append([]string{text}, found...), "; ")
	}
	finalizers := finalizersOf(object)
	switch len(finalizers) {
	case 0:
		return text
	case 1:
		return text + "; it waits for whoever serves its finalizer " + finalizers[0]
	}
	return text + "; it waits for whoever serves its finalizers " + strings.Join(finalizers, ", ")
}

func finalizersOf(object map[string]any) []string {
	var out []string
	list, _ := mapAt(object, "metadata")["finalizers"].([]any)
	for _, f := range list {
		if f, ok := f.(string); ok {
			out = append(out, f)
		}
	}
	return out
}

// terminatingTroubles are what keeps an object from going. That a finalizer stays is
// no trouble: what it stands for may take its time.
func terminatingTroubles(s release.State) []release.Trouble {
	if s.Ref.Kind != "Namespace" || s.Ref.Group() != "" {
		return nil
	}
	var out []release.Trouble
	conditions, _ := mapAt(s.Object, "status")["conditions"].([]any)
	for _, c := range conditions {
		c, _ := c.(map[string]any)
		reason := stringAt(c, "type")
		if stringAt(c, "status") == "True" && slices.Contains(strings.Fields(namespaceFaults), reason) {
			out = append(out, release.Trouble{Workload: s.Ref, Reason: reason, Message: stringAt(c, "message")})
		}
	}
	return out
}
