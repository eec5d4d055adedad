package release

import (
	"context"
	"errors"
	"fmt"
)

// deploy carries out an install, an upgrade or a rollback. Success is recorded
// on the new revision first, so that a crash in between leaves two that say that
// they are deployed, of which the newer counts, and not none.
func (r *run) deploy(ctx context.Context) (*Release, error) {
	if err := r.create(ctx); err != nil {
		return nil, err
	}
	ctx, stop := r.renew(ctx)
	defer stop()
	if err := r.alone(ctx); err != nil {
		return nil, err
	}
	err := r.replaceLast(ctx)
	if err == nil {
		err = r.deploySteps(ctx)
	}
	if err == nil {
		err = r.finish(ctx, StatusDeployed, r.description())
	}
	if err != nil {
		return r.deployFailed(ctx, err)
	}
	if err := r.supersede(ctx); err != nil {
		return r.rel, fmt.Errorf("revision %d of %s is deployed, but older ones could not be marked as superseded: %w",
			r.rel.Version, r.rel.Name, err)
	}
	if err := r.pruneLast(ctx); err != nil {
		return r.rel, fmt.Errorf("revision %d of %s is deployed, but the history could not be cut short: %w", r.rel.Version, r.rel.Name, err)
	}
	return r.rel, nil
}

// pruneLast forgets what was needed up to here.
func (r *run) pruneLast(ctx context.Context) error {
	if len(r.plan.pruneLast) == 0 {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), r.recordTime())
	defer cancel()
	return r.records().Forget(ctx, r.plan.Key, r.plan.pruneLast)
}

// description is what the record says after success.
func (r *run) description() string {
	switch {
	case r.plan.doneDescription != "":
		return r.plan.doneDescription
	case r.plan.Operation == OpInstall:
		return "Install complete"
	default:
		return "Upgrade complete"
	}
}

// replaceLast closes the record that an install goes over.
func (r *run) replaceLast(ctx context.Context) error {
	last := r.plan.newest
	if r.plan.Operation != OpInstall || last.Status != StatusUninstalled {
		return nil
	}
	return r.restate(ctx, last.Revision, StatusSuperseded, "superseded by new release")
}

func (r *run) deploySteps(ctx context.Context) error {
	pre, post := r.plan.Operation.events()
	if err := r.applyCRDs(ctx); err != nil {
		return err
	}
	if err := r.hooks(ctx, pre); err != nil {
		return r.hookFailure(string(pre), err)
	}
	if err := r.steps(ctx, r.fresh(ctx, r.plan.Steps)); err != nil {
		return err
	}
	if err := r.steps(ctx, r.plan.Deletes); err != nil {
		return err
	}
	if err := r.restartPods(ctx); err != nil {
		return err
	}
	if err := r.waitReady(ctx); err != nil {
		return err
	}
	if err := r.hooks(ctx, post); err != nil {
		return r.hookFailure(string(post), err)
	}
	return nil
}

// hookFailure says which event failed, in Helm's words.
func (r *run) hookFailure(event string, err error) error {
	if r.plan.Operation == OpInstall {
		return fmt.Errorf("failed %s: %w", event, err)
	}
	return fmt.Errorf("%s hooks failed: %w", event, err)
}

// deployFailed records the failure, and follows the failure policy. Nothing is
// undone when somebody else has taken the record over.
func (r *run) deployFailed(ctx context.Context, cause error) (*Release, error) {
	cause = becauseOf(ctx, cause)
	if errors.Is(cause, ErrLockLost) {
		return r.rel, cause
	}
	if r.plan.Operation == OpRollback && errors.Is(cause, context.Canceled) {
		r.change(func() { r.annotate(annotationCutOff, "true") })
	}
	failure := r.failure(cause)
	if err := r.cleanUp(ctx); err != nil { // as long as the release is held
		cause = fmt.Errorf("an error occurred while cleaning up resources. original %s error: %w: %w", r.plan.Operation, cause, err)
	}
	if err := r.finish(ctx, StatusFailed, failure); err != nil {
		cause = errors.Join(cause, err)
		if isTaken(err) {
			return r.rel, cause
		}
	}
	if err := r.leaveLast(ctx, cause); err != nil {
		cause = errors.Join(cause, err)
	}
	if r.opts.OnFailure == RollBack && r.plan.Operation != OpRollback {
		return r.rel, r.undo(ctx, cause)
	}
	return r.rel, cause
}

// cleanUp deletes what the steps have created, if the options say so. An install is
// undone by its failure policy alone, as in Helm.
func (r *run) cleanUp(ctx context.Context) error {
	if !r.opts.CleanupOnFail || r.plan.Operation == OpInstall {
		return nil
	}
	ctx = context.WithoutCancel(ctx)
	return r.each(ctx, len(r.created), func(ctx context.Context, i int) error {
		ref := r.created[i]
		err := r.cfg.Cluster.Delete(ctx, ref, DeleteObjectOptions{Before: r.stillHeld})
		if errors.Is(err, ErrObjectNotFound) {
			return nil
		}
		if err == nil {
			r.observe(Event{Kind: EventApplied, Ref: ref, Action: ActionDeleted})
		}
		return err
	})
}

// failure is what the record says of a failure, in Helm's words.
func (r *run) failure(cause error) string {
	noun := "Release"
	_, waited := errors.AsType[*WaitError](cause)
	_, hook := errors.AsType[*HookError](cause)
	switch {
	case r.plan.Operation == OpUpgrade:
		noun = "Upgrade"
	case r.plan.Operation == OpRollback && (hook || !waited):
		noun = "Rollback"
	}
	return fmt.Sprintf("%s %q failed: %v", noun, r.rel.Name, cause)
}

// leaveLast marks the last revision as superseded after a rollback that failed
// in its steps: what is there is not that revision any more. The rule is
// Helm's, which marks it whether it was deployed or not.
func (r *run) leaveLast(ctx context.Context, cause error) error {
	_, stepped := errors.AsType[*StepError](cause)
	if r.plan.Operation != OpRollback || !stepped || r.plan.Last.status() != StatusDeployed {
		return nil
	}
	return r.restate(ctx, r.plan.Last.Version, StatusSuperseded, "")
}

// becauseOf makes sure that an error that came of the end of the context says
// so.
func becauseOf(ctx context.Context, cause error) error {
	if why := context.Cause(ctx); errors.Is(why, ErrLockLost) {
		return why // what came of that says nothing more
	}
	if err := ctx.Err(); err != nil && !errors.Is(cause, err) {
		return fmt.Errorf("%w: %w", err, cause)
	}
	return cause
}

// undo uninstalls a failed install, or rolls a failed upgrade back. It is not
// stopped by the end of ctx, which may be what failed; each of its waits has
// the operation's timeout.
func (r *run) undo(ctx context.Context, cause error) error {
	ctx = context.WithoutCancel(ctx)
	opts := r.opts
	opts.OnFailure = KeepFailed
	if r.plan.Operation == OpInstall {
		plan, err := r.PlanUninstall(ctx, UninstallRequest{Key: r.plan.Key, SkipHooks: !r.plan.RunHooks})
		if err == nil {
			_, err = r.Apply(ctx, plan, opts)
		}
		if err != nil {
			return fmt.Errorf("an error occurred while uninstalling the release. original install error: %w: %w", cause, err)
		}
		return fmt.Errorf("release %s failed, and has been uninstalled due to rollback-on-failure being set: %w", r.rel.Name, cause)
	}
	revision, err := r.lastGood(ctx)
	if err != nil {
		return fmt.Errorf("%w. original upgrade error: %w", err, cause)
	}
	plan, err := r.PlanRollback(ctx, RollbackRequest{
		Key: r.plan.Key, Revision: revision, SkipHooks: !r.plan.RunHooks, Method: r.plan.apply.asked,
		ForceConflicts: r.plan.apply.forceConflicts, ForceReplace: r.plan.apply.replace,
		Recreate: r.plan.apply.recreate, undoing: true,
	})
	if err == nil {
		_, err = r.Apply(ctx, plan, opts)
	}
	if err != nil {
		return fmt.Errorf("an error occurred while rolling back the release. original upgrade error: %w: %w", cause, err)
	}
	return fmt.Errorf("release %s failed, and has been rolled back due to rollback-on-failure being set: %w", r.rel.Name, cause)
}

// lastGood is the newest revision that was deployed once.
func (r *run) lastGood(ctx context.Context) (int, error) {
	heads, err := r.heads(ctx)
	if err != nil {
		return 0, err
	}
	for i := len(heads) - 1; i >= 0; i-- {
		if s := heads[i].Status; s == StatusDeployed || s == StatusSuperseded {
			return heads[i].Revision, nil
		}
	}
	return 0, errors.New("unable to find a previously successful release when attempting to rollback")
}
