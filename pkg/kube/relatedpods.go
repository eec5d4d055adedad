package kube

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"github.com/seed-0d4f92cc/pack/pkg/manifest"
)

// Many workloads of one namespace have their pods found in one list of all its pods,
// from as many on, if that is no longer than as many pages.
const (
	allPodsFrom  = 4
	allPodsPages = 2
)

// podSelection are the pods that a workload selects by labels.
type podSelection struct {
	namespace, selector string
	labels              map[string]string
	pods                []*entry
}

// relatedPods are the pods of workloads.
func (c *Client) relatedPods(ctx context.Context, refs []manifest.Ref, entries []*entry) (*Table, error) {
	var all []*podSelection
	byNamespace := map[string][]*podSelection{}
	for i, e := range entries {
		if e == nil {
			continue
		}
		s := &podSelection{namespace: refs[i].Namespace, labels: podLabels(refs[i].Kind, e.object)}
		if s.selector = labelSelector(s.labels); s.selector == "" {
			continue
		}
		known := func(o *podSelection) bool { return o.selector == s.selector }
		if !slices.ContainsFunc(byNamespace[s.namespace], known) {
			all, byNamespace[s.namespace] = append(all, s), append(byNamespace[s.namespace], s)
		}
	}
	namespaces := slices.Sorted(maps.Keys(byNamespace))
	rest := make([][]*podSelection, len(namespaces))
	err := c.each(ctx, len(namespaces), func(ctx context.Context, i int) error {
		group := byNamespace[namespaces[i]]
		done, err := c.allPods(ctx, namespaces[i], group)
		if !done {
			rest[i] = group
		}
		return err
	})
	single := slices.Concat(rest...)
	if err == nil {
		err = c.each(ctx, len(single), func(ctx context.Context, i int) error { return c.selectedPods(ctx, single[i]) })
	}
	switch {
	case apierrors.IsForbidden(err):
		c.opts.Logger.Warn("the pods of workloads may not be listed and are left out", "error", err)
	case err != nil:
		return nil, fmt.Errorf("listing the pods of workloads: %w", err)
	}
	out := &Table{Title: "v1/Pod(related)"}
	for _, s := range all {
		if err := out.addPods(s.pods); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// allPods finds the pods of all selections among all of a namespace, unless those are
// too many, or the selections too few.
func (c *Client) allPods(ctx context.Context, namespace string, selections []*podSelection) (done bool, err error) {
	if len(selections) < allPodsFrom {
		return false, nil
	}
	var pods []*entry
	pages, complete := 0, false
	err = c.pages(ctx, podsRequest(namespace, ""), func(resp *response) (string, error) {
		more, next, err := readEntries(resp, typeTable)
		if resp.again {
			pods, pages = nil, 0
		}
		pods = append(pods, more...)
		complete = next == ""
		if pages++; pages >= allPodsPages {
			next = ""
		}
		return next, err
	})
	if err != nil || !complete {
		return false, err
	}
	for _, pod := range pods {
		var head struct {
			Metadata struct {
				Labels map[string]string `json:"labels"`
			} `json:"metadata"`
		}
		if err := json.Unmarshal(pod.object, &head); err != nil {
			return false, err
		}
		for _, s := range selections {
			if s.selects(head.Metadata.Labels) {
				s.pods = append(s.pods, pod)
			}
		}
	}
	return true, nil
}

func (s *podSelection) selects(labels map[string]string) bool {
	for key, value := range s.labels {
		if have, ok := labels[key]; !ok || have != value {
			return false
		}
	}
	return true
}

// selectedPods finds the pods of one selection.
func (c *Client) selectedPods(ctx context.Context, s *podSelection) error {
	return c.pages(ctx, podsRequest(s.namespace, s.selector), func(resp *response) (string, error) {
		more, next, err := readEntries(resp, typeTable)
		if resp.again {
			s.pods = nil
		}
		s.pods = append(s.pods, more...)
		return next, err
	})
}

func podsRequest(namespace, selector string) request {
	query := url.Values{"includeObject": {"Object"}}
	if selector != "" {
		query.Set("labelSelector", selector)
	}
	return request{path: podsAPI().path(namespace), accept: typeTable, query: query}
}

// podLabels are the labels by which a workload finds its pods; nil for other objects.
// As in Helm they are those of matchLabels alone.
func podLabels(kind string, object json.RawMessage) map[string]string {
	var workload struct {
		Spec struct {
			Selector map[string]json.RawMessage `json:"selector"`
		} `json:"spec"`
	}
	switch kind {
	case "Deployment", "ReplicaSet", "StatefulSet", "DaemonSet", "ReplicationController":
	default:
		return nil
	}
	if json.Unmarshal(object, &workload) != nil {
		return nil
	}
	labels := map[string]string{}
	if kind == "ReplicationController" {
		for key, raw := range workload.Spec.Selector {
			var value string
			if json.Unmarshal(raw, &value) == nil {
				labels[key] = value
			}
		}
	} else if json.Unmarshal(workload.Spec.Selector["matchLabels"], &labels) != nil {
		return nil
	}
	return labels
}

func labelSelector(labels map[string]string) string {
	parts := make([]string, 0, len(labels))
	for _, key := range slices.Sorted(maps.Keys(labels)) {
		parts = append(parts, key+"="+labels[key])
	}
	return strings.Join(parts, ",")
}
