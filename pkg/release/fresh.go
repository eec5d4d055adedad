package release

import (
	"context"
	"slices"
	"time"

	"github.com/seed-0d4f92cc/pack/pkg/manifest"
)

// freshFor is how old what a plan has seen of the cluster may be when it is applied.
const freshFor = 2 * time.Second

// fresh are steps with the live objects as they are now, where those of the plan are
// old or hooks have run meanwhile, which may have changed any: objects that seem right
// already are not written. What cannot be read now counts as not known.
//
// Of an object that stands in the manifest twice, what is live is not known the second
// time.
func (r *run) fresh(ctx context.Context, steps []Step) []Step {
	r.seen = r.plan.made
	return onlyFirst(r.reread(ctx, steps))
}

// reread are steps with what is live now, if that is worth a request.
func (r *run) reread(ctx context.Context, steps []Step) []Step {
	pre, _ := r.plan.Operation.events()
	hooked := r.plan.RunHooks && len(hooksFor(r.rel.Hooks, pre)) > 0
	if !hooked && time.Since(r.plan.made) < freshFor {
		return steps
	}
	var refs []manifest.Ref
	var at []int
	for i, s := range steps {
		if s.Live != nil && s.Action != StepKeep && s.Action != StepDelete {
			refs, at = append(refs, s.Ref), append(at, i)
		}
	}
	if len(refs) == 0 {
		return steps
	}
	r.seen = time.Now()
	live, err := r.getRefs(ctx, refs)
	if err != nil {
		r.cfg.Logger.Info("objects could not be read again, so all are written, whether they changed or not", "error", err)
		live = make([]*Object, len(refs))
	}
	steps = slices.Clone(steps)
	for i, o := range live {
		steps[at[i]].Live = nil
		if o != nil {
			steps[at[i]].Live = o.Content
		}
	}
	return steps
}

// onlyFirst are steps without what is live of objects that an earlier step is for.
func onlyFirst(steps []Step) []Step {
	seen := make(map[identity]bool, len(steps))
	cloned := false
	for i, s := range steps {
		id := identify(s.Ref)
		if seen[id] && s.Live != nil && s.Action != StepDelete && s.Action != StepKeep {
			if !cloned {
				steps, cloned = slices.Clone(steps), true
			}
			steps[i].Live = nil
		}
		seen[id] = true
	}
	return steps
}
