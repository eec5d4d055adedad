package kube

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/seed-0d4f92cc/pack/pkg/release"
)

// revisionAnnotation is by which a Deployment and its newest ReplicaSet know
// each other.
const revisionAnnotation = "deployment.kubernetes.io/revision"

// workload is an object that is not ready, with the pods that it has to become
// ready by.
type workload struct {
	release.State
	pods []map[string]any
	// maker is the object that makes the pods: of a Deployment its newest
	// ReplicaSet, nil while there is none, and otherwise the object itself.
	maker map[string]any
}

// findWorkload finds the pods of an object; nil for one that has none. A
// Deployment has those of its newest revision alone, for the older ones may be
// what is to be mended; nothing is known of it until it has been looked at by
// its controller.
func (c *Client) findWorkload(ctx context.Context, s release.State) (*workload, error) {
	w := &workload{State: s, maker: s.Object}
	kind := groupKind{s.Ref.Group(), s.Ref.Kind}
	switch {
	case s.Object == nil:
		return nil, nil
	case kind == groupKind{"", "Pod"}:
		w.pods = []map[string]any{s.Object}
		return w, nil
	case !makesPods(kind):
		return nil, nil
	}
	selector := selectorOf(kind, s.Object)
	if selector == "" || notObserved(s.Object) != "" && kind.kind != "Job" {
		return nil, nil
	}
	if kind.kind == "Deployment" {
		var err error
		if w.maker, err = c.newestReplicaSet(ctx, s, selector); w.maker == nil {
			return w, err
		}
	}
	pods, err := c.selectPods(ctx, s.Ref.Namespace, selector)
	for _, pod := range pods {
		if ownedBy(pod, w.maker) {
			w.pods = append(w.pods, pod)
		}
	}
	return w, err
}

// makesPods says whether objects of a kind have pods that they select.
func makesPods(kind groupKind) bool {
	switch kind {
	case groupKind{"apps", "Deployment"}, groupKind{"apps", "ReplicaSet"}, groupKind{"apps", "StatefulSet"}, groupKind{"apps", "DaemonSet"},
		groupKind{"batch", "Job"}, groupKind{"", "ReplicationController"}:
		return true
	}
	return false
}

// selectorOf is the selector of an object for its pods, as text; empty for one
// that selects none, or everything.
func selectorOf(kind groupKind, object map[string]any) string {
	selector := mapAt(mapAt(object, "spec"), "selector")
	if kind.kind == "ReplicationController" {
		set := labels.Set{}
		for key := range selector {
			set[key] = stringAt(selector, key)
		}
		return set.String()
	}
	data, err := json.Marshal(selector)
	if err != nil {
		return ""
	}
	var parsed metav1.LabelSelector
	if json.Unmarshal(data, &parsed) != nil {
		return ""
	}
	found, err := metav1.LabelSelectorAsSelector(&parsed)
	if err != nil {
		return ""
	}
	return found.String()
}

// newestReplicaSet returns the ReplicaSet of a Deployment's present revision;
// nil if it has none yet.
func (c *Client) newestReplicaSet(ctx context.Context, s release.State, selector string) (map[string]any, error) {
	sets := api{groupVersion: "apps/v1", resource: "replicasets", namespaced: true}
	found, err := c.listObjects(ctx, sets.path(s.Ref.Namespace), url.Values{"labelSelector": {selector}})
	if err != nil {
		return nil, fmt.Errorf("listing replica sets in namespace %q: %w", s.Ref.Namespace, err)
	}
	revision := annotationOf(s.Object, revisionAnnotation)
	for _, set := range found {
		if ownedBy(set, s.Object) && annotationOf(set, revisionAnnotation) == revision {
			return set, nil
		}
	}
	return nil, nil
}

// annotationOf is an annotation of an object; empty where it has none.
func annotationOf(object map[string]any, name string) string {
	return stringAt(mapAt(mapAt(object, "metadata"), "annotations"), name)
}

// ownedBy says whether an object was made by another.
func ownedBy(object, owner map[string]any) bool {
	owners, _ := mapAt(object, "metadata")["ownerReferences"].([]any)
	for _, o := range owners {
		o, _ := o.(map[string]any)
		if uid := stringAt(o, "uid"); uid != "" && uid == metaString(owner, "uid") {
			return true
		}
	}
	return false
}
