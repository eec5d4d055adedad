package kube

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/seed-0d4f92cc/pack/pkg/release"
)

// maxUnscheduled bounds for how many pods of a workload it is looked up whether a
// node is on its way; the others of that workload fare as these do.
const maxUnscheduled = 3

// hopelessReasons are those for which a container that waits seldom starts. A
// crash loop counts only while the container waits for its next turn.
const hopelessReasons = "ErrImagePull ImagePullBackOff InvalidImageName ErrImageNeverPull " +
	"CreateContainerConfigError CreateContainerError CrashLoopBackOff"

// Troubles looks into the pods of workloads that are not ready. Of a Job crashes
// do not count, for it has its own limit of them. The troubles are returned that
// could be found beside an error that joins what could not be read.
func (c *Client) Troubles(ctx context.Context, pending []release.State) ([]release.Trouble, error) {
	found := make([][]release.Trouble, len(pending))
	err := c.eachWorkload(ctx, pending, func(ctx context.Context, i int, w *workload) error {
		var err error
		found[i], err = c.troublesOf(ctx, w)
		return err
	})
	return slices.Concat(found...), err
}

// eachWorkload calls fn for the objects that have pods, several at once.
func (c *Client) eachWorkload(ctx context.Context, pending []release.State, fn func(ctx context.Context, i int, w *workload) error) error {
	return c.each(ctx, len(pending), func(ctx context.Context, i int) error {
		if pending[i].Status == release.ObjectTerminating {
			return fn(ctx, i, &workload{State: pending[i]})
		}
		w, err := c.findWorkload(ctx, pending[i])
		if w == nil {
			return err
		}
		return errors.Join(err, fn(ctx, i, w))
	})
}

func (c *Client) troublesOf(ctx context.Context, w *workload) ([]release.Trouble, error) {
	if w.Status == release.ObjectTerminating {
		return terminatingTroubles(w.State), nil
	}
	var out []release.Trouble
	unscheduled := 0
	for _, pod := range w.pods {
		for _, t := range podTroubles(pod, w.Ref.Kind == "Job") {
			t.Workload, t.Pod = w.Ref, metaString(pod, "name")
			if t.Slow {
				if unscheduled++; unscheduled > maxUnscheduled || c.nodeIsComing(ctx, pod) {
					continue
				}
			}
			out = append(out, t)
		}
	}
	problem, err := c.makingPods(ctx, w)
	if problem != "" {
		out = append(out, release.Trouble{Workload: w.Ref, Reason: "FailedCreate", Message: problem})
	}
	return out, err
}

// podTroubles are what keeps one pod from becoming ready. One that goes or has
// ended is not waited for.
func podTroubles(pod map[string]any, ofJob bool) []release.Trouble {
	status := mapAt(pod, "status")
	phase := stringAt(status, "phase")
	if metaString(pod, "deletionTimestamp") != "" || phase == "Succeeded" || phase == "Failed" {
		return nil
	}
	var out []release.Trouble
	scheduled := conditionAt(pod, "PodScheduled")
	if stringAt(scheduled, "status") == "False" && stringAt(scheduled, "reason") == "Unschedulable" && stringAt(status, "nominatedNodeName") == "" {
		out = append(out, release.Trouble{Reason: "Unschedulable", Message: stringAt(scheduled, "message"), Slow: true})
	}
	for _, container := range containerStatuses(pod) {
		waiting := mapAt(mapAt(container, "state"), "waiting")
		reason := stringAt(waiting, "reason")
		if reason == "" || !slices.Contains(strings.Fields(hopelessReasons), reason) || reason == "CrashLoopBackOff" && ofJob {
			continue
		}
		out = append(out, release.Trouble{
			Container: stringAt(container, "name"), Reason: reason, Message: waitingMessage(waiting, container),
		})
	}
	return out
}

// containerStatuses are those of all containers of a pod, init containers first.
func containerStatuses(pod map[string]any) []map[string]any {
	var out []map[string]any
	for _, field := range []string{"initContainerStatuses", "containerStatuses"} {
		list, _ := mapAt(pod, "status")[field].([]any)
		for _, c := range list {
			if c, ok := c.(map[string]any); ok {
				out = append(out, c)
			}
		}
	}
	return out
}

// waitingMessage is why a container waits, and how it ended if it has run. What
// it wrote at its end is not repeated: nobody knows what is in it.
func waitingMessage(waiting, container map[string]any) string {
	message := stringAt(waiting, "message")
	ended := mapAt(mapAt(container, "lastState"), "terminated")
	if ended == nil {
		return message
	}
	how := fmt.Sprintf("exit code %d", intAt(ended, "exitCode", 0))
	if reason := stringAt(ended, "reason"); reason != "" {
		how += " (" + reason + ")"
	}
	return strings.TrimPrefix(message+"; last time it ended with "+how, "; ")
}

// nodeIsComing says whether an autoscaler has taken care of a pod that has no
// node. What cannot be read says nothing.
func (c *Client) nodeIsComing(ctx context.Context, pod map[string]any) bool {
	events, err := c.eventsOf(ctx, pod, "")
	if err != nil {
		return false
	}
	return slices.ContainsFunc(events, func(e release.ObjectEvent) bool {
		// The words of the cluster autoscaler and of Karpenter.
		return e.Reason == "TriggeredScaleUp" || e.Reason == "Nominated"
	})
}

// makingPods says why a workload cannot make its pods, for example because a
// quota is exceeded; empty if it can.
func (c *Client) makingPods(ctx context.Context, w *workload) (string, error) {
	if failure := conditionAt(w.maker, "ReplicaFailure"); stringAt(failure, "status") == "True" {
		return stringAt(failure, "message"), nil
	}
	if !lacksPods(w) {
		return "", nil
	}
	// These kinds have no such condition. A failure that a new pod followed has
	// passed.
	events, err := c.eventsOf(ctx, w.Object, "Warning")
	if err != nil {
		return "", err
	}
	newest := ""
	for _, pod := range w.pods {
		newest = max(newest, metaString(pod, "creationTimestamp"))
	}
	for _, e := range slices.Backward(events) {
		if e.Reason == "FailedCreate" && e.Last.UTC().Format(time.RFC3339) > newest {
			return e.Message, nil
		}
	}
	return "", nil
}

// lacksPods says whether a workload of a kind that only events tell of has fewer
// pods than it should.
func lacksPods(w *workload) bool {
	spec, status := mapAt(w.Object, "spec"), mapAt(w.Object, "status")
	switch w.Ref.Kind {
	case "StatefulSet":
		return int64(len(w.pods)) < intAt(spec, "replicas", 1)
	case "DaemonSet":
		return intAt(status, "currentNumberScheduled", 0) < intAt(status, "desiredNumberScheduled", 0)
	case "Job":
		return len(w.pods) == 0
	}
	return false
}

// eventsOf reads the events of an object, oldest first: those of one type, or
// all if that is empty.
func (c *Client) eventsOf(ctx context.Context, object map[string]any, kind string) ([]release.ObjectEvent, error) {
	namespace, uid := metaString(object, "namespace"), metaString(object, "uid")
	if namespace == "" || uid == "" {
		return nil, nil
	}
	selector := "involvedObject.uid=" + uid
	if kind != "" {
		selector += ",type=" + kind
	}
	events := api{groupVersion: "v1", resource: "events", namespaced: true}
	found, err := c.listObjects(ctx, events.path(namespace), url.Values{"fieldSelector": {selector}})
	if err != nil {
		return nil, fmt.Errorf("listing events in namespace %q: %w", namespace, err)
	}
	out := make([]release.ObjectEvent, 0, len(found))
	for _, e := range found {
		out = append(out, readEvent(e))
	}
	slices.SortStableFunc(out, func(a, b release.ObjectEvent) int { return a.Last.Compare(b.Last) })
	return out, nil
}

// readEvent reads an event in the form that old sources of events use, or in
// that of new ones.
func readEvent(e map[string]any) release.ObjectEvent {
	series := mapAt(e, "series")
	out := release.ObjectEvent{
		Reason: stringAt(e, "reason"), Message: stringAt(e, "message"),
		Count: max(intAt(series, "count", 0), intAt(e, "count", 0), 1),
	}
	for _, text := range []string{
		stringAt(series, "lastObservedTime"), stringAt(e, "lastTimestamp"), stringAt(e, "eventTime"), metaString(e, "creationTimestamp"),
	} {
		if t, err := time.Parse(time.RFC3339, text); err == nil {
			out.Last = t
			break
		}
	}
	return out
}
