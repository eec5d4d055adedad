package kube

import (
	"context"
	"time"

	"github.com/fluxcd/cli-utils/pkg/kstatus/status"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/seed-0d4f92cc/pack/pkg/manifest"
	"github.com/seed-0d4f92cc/pack/pkg/release"
)

// stateOf judges a live object: by the rule that there is for it, by kstatus with
// Helm's rules on top, or by the legacy rules. Object is nil for one that does not
// exist.
func (c *Client) stateOf(ref manifest.Ref, object map[string]any, opts release.WatchOptions, now time.Time) release.State {
	s := release.State{Ref: ref, Object: object, At: now}
	if object == nil {
		s.Status, s.Message = release.ObjectNotFound, "Resource not found"
		return s
	}
	if metaString(object, "deletionTimestamp") != "" {
		s.Status, s.Message = release.ObjectTerminating, terminatingMessage(object)
		return s
	}
	switch rule, err := c.ruleFor(ref, object, opts.Hooks); {
	case err != nil:
		s.Status, s.Message = release.ObjectFailed, err.Error()
		return s
	case rule != nil && rule.judge(&s):
		return s
	case opts.Legacy:
		judgeLegacy(&s, opts)
		return s
	}
	result, err := status.Compute(&unstructured.Unstructured{Object: object})
	if err != nil {
		s.Status, s.Message = release.ObjectUnknown, err.Error()
		return s
	}
	s.Status, s.Message = release.ObjectStatus(result.Status), result.Message
	judgeConditions(&s)
	refine(&s, opts)
	return s
}

// refine applies the rules by which Helm waits where they differ from kstatus.
func refine(s *release.State, opts release.WatchOptions) {
	switch (groupKind{s.Ref.Group(), s.Ref.Kind}) {
	case groupKind{"apps", "Deployment"}:
		// Nobody rolls a paused Deployment out, so there is nothing to wait for.
		if paused, _ := mapAt(s.Object, "spec")["paused"].(bool); paused {
			s.Status, s.Message = release.ObjectCurrent, "Deployment is paused"
		}
	case groupKind{"batch", "Job"}:
		if opts.JobsComplete && s.Status == release.ObjectCurrent && !hasCondition(s.Object, "Complete") {
			s.Status, s.Message = release.ObjectInProgress, "Job in progress"
		}
	case groupKind{"", "Pod"}:
		if stringAt(mapAt(s.Object, "status"), "phase") == "Failed" {
			s.Status = release.ObjectFailed
		}
	}
}

// groupKind is a kind in whatever version.
type groupKind struct{ group, kind string }

// hasCondition says whether a condition of an object's status is true.
func hasCondition(object map[string]any, kind string) bool {
	return conditionStatus(object, kind) == "True"
}

// conditionStatus is the status of a condition; empty where there is none.
func conditionStatus(object map[string]any, kind string) string {
	return stringAt(conditionAt(object, kind), "status")
}

// conditionAt is a condition of an object's status; nil where there is none.
func conditionAt(object map[string]any, kind string) map[string]any {
	conditions, _ := mapAt(object, "status")["conditions"].([]any)
	for _, c := range conditions {
		c, _ := c.(map[string]any)
		if stringAt(c, "type") == kind {
			return c
		}
	}
	return nil
}

// An object whose kind has a status gets statusTime to have one, if it was made
// no longer ago than recently, by the clock here or by that of the server.
const (
	statusTime = 10 * time.Second
	recently   = time.Minute
)

// statusTimeIn is statusTime, or half of the time there is: a short wait does not end in
// vain because nobody writes a status.
func statusTimeIn(ctx context.Context) time.Duration {
	if end, ok := ctx.Deadline(); ok {
		return min(statusTime, time.Until(end)/2)
	}
	return statusTime
}

// noStatusYet is the message of an object that waits for its first status.
const noStatusYet = "there is no status yet"

// awaitStatus keeps an object of a custom kind that was just made from being
// ready before its controller has looked at it. There may be no controller that
// writes a status, so that this does not last. Kinds of Kubernetes' own always
// have the field.
func (g *watchGroup) awaitStatus(s *release.State) {
	_, told := s.Object["status"]
	if told || !g.api.status || g.opts.Legacy || s.Status != release.ObjectCurrent || hasRules(s.Object) {
		return
	}
	if rule, err := g.client.ruleFor(s.Ref, s.Object, g.opts.Hooks); err != nil || rule != nil && (rule.none || rule.ready != nil) {
		return
	}
	first, known := g.first[s.Ref.Name]
	if !known {
		first = s.At
		g.first[s.Ref.Name] = first
	}
	made, err := time.Parse(time.RFC3339, metaString(s.Object, "creationTimestamp"))
	age := s.At.Sub(made)
	age = min(age.Abs(), (age + time.Duration(g.client.ahead.Load())).Abs())
	if err != nil || age >= recently || s.At.Sub(first) >= g.statusTime {
		return
	}
	s.Status, s.Message = release.ObjectInProgress, noStatusYet
}

// changesWithTime says whether the judgement of an object can change although
// the object does not: kstatus gives an unschedulable pod some time, and what has
// no status gets some too.
func changesWithTime(s release.State) bool {
	if s.Status == release.ObjectInProgress && s.Message == noStatusYet {
		return true
	}
	return s.Ref.Kind == "Pod" && s.Ref.Group() == "" && s.Status == release.ObjectInProgress
}
