package release

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/seed-0d4f92cc/pack/pkg/manifest"
)

// The annotations by which an object says itself when it is ready, and when it has
// failed, which ends a wait for it.
const (
	// AnnotationReady is a JSONPath expression and the value that it must yield, such
	// as "{.status.phase}=Running"; a JSONPath expression alone, which must yield
	// something; a CEL expression that must be true, "status.phase == 'Running'"; or
	// "none" for an object that is not waited for.
	AnnotationReady = AnnotationPrefix + "ready"
	// AnnotationFailed is an expression of either form.
	AnnotationFailed = AnnotationPrefix + "failed"
)

// waitGoal is until when objects are waited for. The zero goal is that all are
// ready.
type waitGoal struct {
	// gone: they no longer exist.
	gone bool
	// jobs: jobs have completed, not just started.
	jobs bool
	// ended: pods and jobs have ended, as hooks must.
	ended bool
	// legacy: ready by the rules of WaitLegacy, and one failure ends the wait.
	legacy bool
}

// waitReady waits for the objects of the release, if the options say so.
func (r *run) waitReady(ctx context.Context) error {
	if r.opts.Wait == WaitHooks {
		return nil
	}
	goal := waitGoal{jobs: r.opts.WaitForJobs, legacy: r.opts.Wait == WaitLegacy}
	return r.waitFor(ctx, refsOf(r.plan.Steps), goal, r.opts.Timeout)
}

// waitFor watches the objects until each has reached the goal or failed. It
// returns a *WaitError for those that did not get there.
func (r *run) waitFor(ctx context.Context, refs []manifest.Ref, goal waitGoal, timeout time.Duration) error {
	if len(refs) == 0 {
		return nil
	}
	return r.await(ctx, newWaiting(refs, goal), timeout)
}

// await is waitFor for a wait that may also have enough of it before all are there.
func (r *run) await(ctx context.Context, w *waiting, timeout time.Duration) error {
	watch, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	watched, stop := r.lookOut(watch, w)
	broken := r.follow(watched, w)
	seen := stop()
	failure := w.failure(nil)
	switch {
	case w.hasEnough():
		return nil
	case w.settled():
	case seen.hopeless:
		failure = w.failure(ErrHopeless)
		failure.Troubles = seen.found
	case watch.Err() != nil:
		failure = w.failure(watch.Err())
	case broken != nil:
		failure = w.failure(broken)
	default:
		failure = w.failure(errors.New("the watch ended early"))
	}
	if failure == nil {
		return nil
	}
	r.explain(ctx, failure)
	return failure
}

// follow notes the states of the objects until there is no more to wait for. The
// error is that of the watch.
func (r *run) follow(ctx context.Context, w *waiting) error {
	for state, err := range r.cfg.Cluster.Watch(ctx, w.refs, w.goal.watchOptions()) {
		if err != nil {
			return err
		}
		if s, changed := w.see(state); changed {
			r.observe(Event{Kind: EventWaiting, Ref: s.Ref, State: s, Gone: w.goal.gone})
		}
		if w.hasEnough() || w.settled() {
			break
		}
	}
	return nil
}

func newWaiting(refs []manifest.Ref, goal waitGoal) *waiting {
	return &waiting{goal: goal, refs: refs, states: make(map[manifest.Ref]State, len(refs))}
}

func (g waitGoal) watchOptions() WatchOptions {
	return WatchOptions{JobsComplete: g.jobs || g.ended, Legacy: g.legacy, Hooks: g.ended}
}

// waiting is what a wait has seen so far.
type waiting struct {
	goal waitGoal
	refs []manifest.Ref
	// enough says whether those that are there, which has tells, will do; nil means
	// that all must be.
	enough func(has func(manifest.Ref) bool) bool

	mu     sync.Mutex // guards states
	states map[manifest.Ref]State
}

// see notes a state, as it is to be judged, and says whether it differs from the
// one before.
func (w *waiting) see(s State) (State, bool) {
	s.Status = w.judge(s)
	w.mu.Lock()
	defer w.mu.Unlock()
	old, known := w.states[s.Ref]
	goes := s.Status == ObjectTerminating || s.Status == ObjectNotFound
	if goes && w.reached(old) && isJob(s.Ref) && !w.goal.gone {
		return old, false // ttlSecondsAfterFinished: what a Job has done it has done
	}
	w.states[s.Ref] = s
	return s, !known || old.Status != s.Status || old.Message != s.Message
}

// judge is the status of an object in the light of the goal.
func (w *waiting) judge(s State) ObjectStatus {
	if !w.goal.ended || s.Ref.Kind != "Pod" || s.Status == ObjectNotFound {
		return s.Status
	}
	status, _ := s.Object["status"].(map[string]any)
	switch status["phase"] {
	case "Succeeded":
		return ObjectCurrent
	case "Failed":
		return ObjectFailed
	default:
		return ObjectInProgress
	}
}

// settled says whether no object can be waited for any longer.
func (w *waiting) settled() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.goal.legacy && w.anyFailed() {
		return true
	}
	for _, ref := range w.refs {
		s, seen := w.states[ref]
		if !seen || !w.reached(s) && (w.goal.gone || s.Status != ObjectFailed) {
			return false
		}
	}
	return true
}

// hasEnough says whether the wait can end although some are not there.
func (w *waiting) hasEnough() bool { return w.enough != nil && w.enough(w.has) }

// has says whether an object has reached the goal.
func (w *waiting) has(ref manifest.Ref) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	s, seen := w.states[ref]
	return seen && w.reached(s)
}

// anyFailed says whether an object has failed. The lock is held.
func (w *waiting) anyFailed() bool {
	for _, s := range w.states {
		if s.Status == ObjectFailed {
			return true
		}
	}
	return false
}

// pending are the objects that were seen and have not reached the goal, in
// order.
func (w *waiting) pending() []State {
	w.mu.Lock()
	defer w.mu.Unlock()
	var out []State
	for _, ref := range w.refs {
		if s, seen := w.states[ref]; seen && !w.reached(s) {
			out = append(out, s)
		}
	}
	return out
}

func (w *waiting) reached(s State) bool {
	if w.goal.gone {
		return s.Status == ObjectNotFound
	}
	return s.Status == ObjectCurrent
}

// failure is nil when every object reached the goal.
func (w *waiting) failure(cause error) *WaitError {
	w.mu.Lock()
	defer w.mu.Unlock()
	out := &WaitError{Deleted: w.goal.gone, Err: cause}
	for _, ref := range w.refs {
		s, seen := w.states[ref]
		if !seen {
			s = State{Ref: ref, Status: ObjectUnknown, Message: "no state was seen"}
		}
		if !w.reached(s) {
			out.Pending = append(out.Pending, s)
		}
	}
	if len(out.Pending) == 0 && cause == nil {
		return nil
	}
	return out
}
