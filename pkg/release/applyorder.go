package release

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/seed-0d4f92cc/pack/pkg/manifest"
)

// orderly carries out steps that wait for what others have done.
type orderly struct {
	*run
	// steps is how many steps an object has before them all are done, and lost which
	// objects had one that failed or was left out.
	steps map[manifest.Ref]int
	lost  map[manifest.Ref]bool
	// settled are the objects that were ready, or gone. Of the others since is from
	// when they are waited for, and seen what was seen of them last.
	settled map[manifest.Ref]bool
	since   map[manifest.Ref]time.Time
	seen    map[manifest.Ref]State
	// stuck: what was waited for did not come; cut: the context ended before all was
	// done.
	stuck, cut bool
	// halted: an object could not be created that keeps what comes after it from being
	// tried; left is how many steps that were.
	halted bool
	left   int

	failed []error
}

func newOrderly(r *run, steps []Step) *orderly {
	o := &orderly{
		run: r, steps: map[manifest.Ref]int{}, lost: map[manifest.Ref]bool{},
		settled: map[manifest.Ref]bool{}, since: map[manifest.Ref]time.Time{}, seen: map[manifest.Ref]State{},
	}
	for _, s := range steps {
		for _, ref := range s.After {
			o.steps[ref] = 0
		}
	}
	for _, s := range steps {
		if _, counts := o.steps[s.Ref]; counts {
			o.steps[s.Ref]++
		}
	}
	return o
}

// dependents is how many steps of one stage stand at the beginning that have to wait
// for others.
func dependents(steps []Step) int {
	for i, s := range steps {
		if len(s.After) == 0 || s.place.stage != steps[0].place.stage {
			return i
		}
	}
	return len(steps)
}

// group carries out steps at once.
func (o *orderly) group(ctx context.Context, group []Step) {
	errs := make([]error, len(group))
	err := o.each(ctx, len(group), func(ctx context.Context, i int) error {
		errs[i] = o.step(ctx, group[i])
		return errs[i]
	})
	if err != nil {
		o.failed = append(o.failed, err)
	}
	for i, s := range group {
		o.ended(s, errs[i] == nil)
		o.halted = o.halted || errs[i] != nil && o.halts(s)
	}
}

// ended notes what became of a step.
func (o *orderly) ended(s Step, ok bool) {
	if left, counts := o.steps[s.Ref]; counts {
		o.steps[s.Ref] = left - 1
		o.lost[s.Ref] = o.lost[s.Ref] || !ok
	}
}

// dependents carries out steps of one stage, each as soon as what it waits for is
// there, in their order where several can be done.
func (o *orderly) dependents(ctx context.Context, steps []Step) {
	for len(steps) > 0 && o.goesOn(ctx) {
		due, later := o.sort(steps)
		dropped := len(steps) > len(due)+len(later)
		steps = later
		switch {
		case len(due) > 0:
			for len(due) > 0 && o.goesOn(ctx) {
				group := firstGroup(due)
				due = due[len(group):]
				o.group(ctx, group)
			}
			steps = append(due, steps...)
		case len(later) > 0 && !dropped:
			if err := o.await(ctx, later); err != nil {
				o.failed, o.stuck = append(o.failed, lateError(later, err)), true
				return
			}
		}
	}
	o.cut = len(steps) > 0
	if o.halted {
		o.left = len(steps)
	}
}

// goesOn says whether another step may be tried.
func (o *orderly) goesOn(ctx context.Context) bool {
	return ctx.Err() == nil && !o.stuck && !o.halted
}

// sort tells which steps can be done and which have to wait; it leaves out those that
// will never be.
func (o *orderly) sort(steps []Step) (due, later []Step) {
	for _, s := range steps {
		switch {
		case o.leaveOut(s):
		case o.isDue(s, nil):
			due = append(due, s)
		default:
			later = append(later, s)
		}
	}
	return due, later
}

// leaveOut leaves a step out that depends on what failed.
func (o *orderly) leaveOut(s Step) bool {
	for _, ref := range s.After {
		if o.lost[ref] {
			err := fmt.Errorf("%s was not %s, because of %s", s.Ref, s.Action.done(), ref)
			o.observe(Event{Kind: EventFailed, Ref: s.Ref, Message: err.Error()})
			o.failed = append(o.failed, &StepError{Ref: s.Ref, Action: s.Action, Err: err})
			o.ended(s, false)
			return true
		}
	}
	return false
}

// isDue says whether all is there that a step waits for; has, which may be nil, knows
// of more than what is known for good.
func (o *orderly) isDue(s Step, has func(manifest.Ref) bool) bool {
	for _, ref := range s.After {
		if !o.settled[ref] && (has == nil || !has(ref)) {
			return false
		}
	}
	return true
}

// await waits until one of the steps can be done. Each object has the timeout for
// itself.
func (o *orderly) await(ctx context.Context, steps []Step) error {
	goal := waitGoal{jobs: true, legacy: o.opts.Wait == WaitLegacy}
	if steps[0].Action == StepDelete {
		goal = waitGoal{gone: true}
	}
	w := newWaiting(nil, goal)
	w.enough = func(has func(manifest.Ref) bool) bool {
		for _, s := range steps {
			if o.isDue(s, has) {
				return true
			}
		}
		return false
	}
	w.refs = o.blocking(steps)
	if len(w.refs) == 0 {
		return errors.New("nothing of that was done") // a plan that was not made here
	}
	first := time.Now()
	for _, ref := range w.refs {
		if since, waited := o.since[ref]; !waited {
			o.since[ref] = time.Now()
		} else if since.Before(first) {
			first = since
		}
		if s, seen := o.seen[ref]; seen {
			w.states[ref] = s
		}
	}
	err := o.run.await(ctx, w, o.opts.Timeout-time.Since(first))
	for _, ref := range w.refs {
		o.settled[ref] = w.has(ref)
	}
	for _, s := range w.pending() {
		o.seen[s.Ref] = s
	}
	return err
}

// blocking are the objects that steps wait for and that have been dealt with.
func (o *orderly) blocking(steps []Step) []manifest.Ref {
	var refs []manifest.Ref
	for _, s := range steps {
		for _, ref := range s.After {
			if !o.settled[ref] && o.steps[ref] == 0 && !slices.Contains(refs, ref) {
				refs = append(refs, ref)
			}
		}
	}
	return refs
}

// lateError says which steps were not taken because others did not come to their
// end.
func lateError(steps []Step, err error) error {
	names := steps[0].Ref.String()
	if n := len(steps) - 1; n > 0 {
		names += fmt.Sprintf(" (and %d more)", n)
	}
	why := "what it depends on is not ready"
	if steps[0].Action == StepDelete {
		why = "what depends on it is still there"
	}
	return &StepError{
		Ref: steps[0].Ref, Action: steps[0].Action,
		Err: fmt.Errorf("%s was not %s: %s: %w", names, steps[0].Action.done(), why, err),
	}
}

// done is the word for what a step has done.
func (a StepAction) done() string {
	if a == StepDelete {
		return "deleted"
	}
	return "applied"
}
