package release

import (
	"context"
	"errors"
	"fmt"

	"github.com/seed-0d4f92cc/pack/pkg/manifest"
)

// ErrNoPods is returned where pods are to be restarted by a Cluster that cannot.
var ErrNoPods = errors.New("this cluster cannot restart pods")

// PodDeleter is a Cluster that can delete the pods of workloads, which make new ones
// then.
type PodDeleter interface {
	// DeletePods deletes the pods that an object selects, and returns them; none for an
	// object that makes no pods. What was deleted is returned beside an error, too.
	DeletePods(ctx context.Context, obj Object) ([]manifest.Ref, error)
}

// restartPods deletes the pods of the workloads that were there before, changed or not,
// if the options say so. The rule is Helm 3's (rollback --recreate-pods).
func (r *run) restartPods(ctx context.Context) error {
	if !r.opts.RestartPods {
		return nil
	}
	deleter, ok := r.cfg.Cluster.(PodDeleter)
	if !ok {
		return ErrNoPods
	}
	var there []Step
	for _, s := range r.plan.Steps {
		if s.Action == StepUpdate || s.Action == StepAdopt {
			there = append(there, s)
		}
	}
	return r.each(ctx, len(there), func(ctx context.Context, i int) error {
		ref := there[i].Ref
		pods, err := deleter.DeletePods(ctx, Object{Ref: ref, Content: there[i].Object})
		for _, pod := range pods {
			r.observe(Event{Kind: EventApplied, Ref: pod, Action: ActionDeleted})
		}
		if err != nil {
			return &StepError{Ref: ref, Action: there[i].Action, Err: fmt.Errorf("restarting the pods of %s: %w", ref, err)}
		}
		return nil
	})
}
