package release

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/seed-0d4f92cc/pack/internal/linger"
	"github.com/seed-0d4f92cc/pack/pkg/manifest"
)

// steps carries out steps in order: those of one kind that follow each other
// at once, the groups one after the other. A failed step does not keep the
// others from being tried, as in Helm, but those that depend on it; the end of the
// context does, and an object that could not be created where there are others, again as
// in Helm: what comes after it may need it.
func (r *run) steps(ctx context.Context, steps []Step) error {
	o := newOrderly(r, steps)
	for len(steps) > 0 && o.goesOn(ctx) {
		if n := dependents(steps); n > 0 {
			o.dependents(ctx, steps[:n])
			steps = steps[n:]
			continue
		}
		group := firstGroup(steps)
		steps = steps[len(group):]
		o.group(ctx, group)
	}
	switch {
	case (len(steps) > 0 || o.cut) && ctx.Err() != nil:
		o.failed = append(o.failed, ctx.Err())
	case o.halted && o.left+len(steps) > 0:
		o.failed = append(o.failed, fmt.Errorf("%d more were not applied after that", o.left+len(steps)))
	case len(steps) > 0:
		o.failed = append(o.failed, fmt.Errorf("%d more, of another weight, were not %s either", len(steps), steps[0].Action.done()))
	}
	return errors.Join(o.failed...)
}

// firstGroup are the steps at the beginning that are for objects of one kind and of
// one stage, with or without something to wait for. An object that stands in a manifest twice is not written twice at once.
func firstGroup(steps []Step) []Step {
	seen := map[identity]bool{}
	for i, s := range steps {
		id := identify(s.Ref)
		alike := s.Ref.Kind == steps[0].Ref.Kind && s.place.stage == steps[0].place.stage &&
			(len(s.After) > 0) == (len(steps[0].After) > 0)
		if !alike || seen[id] {
			return steps[:i]
		}
		seen[id] = true
	}
	return steps
}

// step carries out one step.
func (r *run) step(ctx context.Context, s Step) error {
	var action Action
	var err error
	switch s.Action {
	case StepKeep:
		r.observe(Event{Kind: EventKept, Ref: s.Ref, Message: s.Reason})
		return nil
	case StepDelete:
		action, err = ActionDeleted, r.remove(ctx, s)
	default:
		action, err = r.write(ctx, s)
		if err != nil && r.halts(s) {
			err = fmt.Errorf("failed to create resource: %w", err)
		}
	}
	if err != nil {
		r.observe(Event{Kind: EventFailed, Ref: s.Ref, Message: err.Error()})
		return &StepError{Ref: s.Ref, Action: s.Action, Err: err}
	}
	r.observe(Event{Kind: EventApplied, Ref: s.Ref, Action: action})
	return nil
}

// halts says whether nothing is done after a step that failed. An install goes on, if
// there was nothing before it: what comes after has nothing to lose.
func (r *run) halts(s Step) bool {
	exists := func(s Step) bool { return s.Action == StepUpdate || s.Action == StepAdopt }
	return s.Action == StepCreate && (r.plan.Operation != OpInstall || slices.ContainsFunc(r.plan.Steps, exists))
}

// remove deletes the object of a step.
func (r *run) remove(ctx context.Context, s Step) error {
	ctx, done := linger.Context(ctx, ErrLockLost)
	defer done()
	err := r.cfg.Cluster.Delete(ctx, s.Ref, DeleteObjectOptions{
		Propagation: r.plan.uninstall.propagation, Live: mapOf(s.Live["metadata"]), Before: r.stillHeld,
	})
	if err == nil || errors.Is(err, ErrObjectNotFound) {
		return nil
	}
	return fmt.Errorf("failed to delete resource namespace=%s, name=%s, kind=%s: %w", s.Ref.Namespace, s.Ref.Name, s.Ref.Kind, err)
}

// write applies the object of a step.
func (r *run) write(ctx context.Context, s Step) (Action, error) {
	writing, done := linger.Context(ctx, ErrLockLost)
	defer done()
	applied, action, err := r.cfg.Cluster.Apply(writing, Object{Ref: s.Ref, Content: s.Object}, ApplyObjectOptions{
		Previous:             s.Previous,
		Method:               r.rel.ApplyMethod,
		ForceConflicts:       r.plan.apply.forceConflicts,
		Replace:              r.plan.apply.replace && s.Action != StepCreate,
		MigrateManagedFields: r.plan.apply.migrateFields && s.Action != StepCreate,
		Left:                 func(fields []LeftField) { r.observe(Event{Kind: EventLeft, Ref: s.Ref, Fields: fields}) },
		Live:                 s.Live,
		Brief:                true,
		Seen:                 r.seen,
		Found:                r.found(s),
		Before:               r.stillHeld,
	})
	if immutable := (*ImmutableError)(nil); s.recreate && errors.As(err, &immutable) {
		return r.recreate(ctx, s, err)
	}
	if err == nil && action == ActionCreated {
		r.mu.Lock()
		r.created = append(r.created, applied.Ref)
		r.mu.Unlock()
	}
	return action, err
}

// found says what becomes of an object that is not the one that a step was planned for:
// another release may have been faster. What the plan may take is taken.
func (r *run) found(s Step) func(Object) error {
	if r.plan.apply.anyOwner || s.Live == nil && s.Action != StepCreate {
		return nil
	}
	return func(live Object) error { return checkOwned(live, r.plan.Key) }
}

// refsOf are the objects of steps that have names, each once.
func refsOf(steps []Step) []manifest.Ref {
	refs := make([]manifest.Ref, 0, len(steps))
	seen := make(map[manifest.Ref]bool, len(steps))
	for _, s := range steps {
		if s.Ref.Name != "" && !seen[s.Ref] {
			seen[s.Ref] = true
			refs = append(refs, s.Ref)
		}
	}
	return refs
}
