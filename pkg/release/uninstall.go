package release

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/seed-0d4f92cc/pack/pkg/manifest"
)

// UninstallRequest says what is to be removed, and how.
type UninstallRequest struct {
	Key Key
	// KeepHistory leaves the records, marked uninstalled.
	KeepHistory bool
	// SkipHooks runs no hooks.
	SkipHooks bool
	// Propagation is how deletes cascade: "background", "foreground" or
	// "orphan"; empty means background.
	Propagation string
	// Description of the kept record; empty means Helm's.
	Description string
	// Lock says what happens when somebody else works on the release.
	Lock LockOptions
}

// uninstallSettings are how a plan for an uninstall is carried out.
type uninstallSettings struct {
	keepHistory bool
	propagation string
}

// PlanUninstall decides what an uninstall removes. It writes nothing. Objects
// with the resource policy keep, and objects that are not the release's any
// more, are StepKeep with the reason.
//
// Errors: ErrNotFound, ErrAlreadyUninstalled, ErrLocked.
func (e *Engine) PlanUninstall(ctx context.Context, req UninstallRequest) (*Plan, error) {
	if err := e.needCluster(); err != nil {
		return nil, err
	}
	switch req.Propagation {
	case "", "background", "foreground", "orphan":
	default:
		return nil, fmt.Errorf("invalid cascade value (%s). Must be \"background\", \"foreground\", or \"orphan\"", req.Propagation)
	}
	if err := ValidateName(req.Key.Name); err != nil {
		return nil, err
	}
	heads, over, last, err := e.begin(ctx, req.Key, req.Lock)
	if err != nil {
		return nil, err
	}
	plan := &Plan{
		Operation: OpUninstall, Key: req.Key, Release: last, Last: last, RunHooks: !req.SkipHooks,
		newest: heads[len(heads)-1], left: over, doneDescription: req.Description,
		uninstall: uninstallSettings{keepHistory: req.KeepHistory, propagation: req.Propagation},
	}
	if plan.newest.Status == StatusUninstalled {
		plan.RunHooks = false
		if req.KeepHistory {
			return nil, fmt.Errorf("the release named %q %w", req.Key.Name, ErrAlreadyUninstalled)
		}
		return plan, nil
	}
	p := &objectPlanner{Engine: e, plan: plan, opts: BuildOptions{Namespace: req.Key.Namespace}}
	if plan.Current, err = e.current(ctx, heads, last, over); err != nil {
		return nil, err
	}
	if p.traces, err = e.traces(ctx, heads, last.Version); err != nil {
		return nil, err
	}
	if err := p.planRemoval(ctx, last.Manifest); err != nil {
		return nil, err
	}
	return plan, nil
}

// planRemoval fills in the plan's Deletes from the manifest, in the order of
// uninstalls.
func (p *objectPlanner) planRemoval(ctx context.Context, text string) error {
	objects, err := p.buildOld(ctx, text)
	if err != nil {
		return err
	}
	extra, err := p.buildTraces(ctx)
	if err != nil {
		return err
	}
	known := map[identity]bool{}
	newOnes(known, objects)
	objects = uninstallOrder(append(objects, extra...))
	live, err := p.getMetadata(ctx, objects)
	if err != nil {
		return err
	}
	steps := make([]Step, len(objects))
	for i, o := range objects {
		if live[i] == nil {
			continue
		}
		step := Step{Action: StepDelete, Ref: o.Ref, Live: live[i].Content}
		if keepPolicy(o.Content) || keepPolicy(live[i].Content) {
			step.Action, step.Reason = StepKeep, KeptByPolicy
		}
		if checkOwned(*live[i], p.plan.Key) != nil {
			if !known[identify(o.Ref)] {
				continue // a trace that came to nothing
			}
			if step.Action == StepDelete {
				step.Action, step.Reason = StepKeep, KeptNotOwned
			}
		}
		steps[i] = step
	}
	p.plan.Deletes = p.orderDeletes(objects, steps)
	return nil
}

// The reasons of StepKeep in an uninstall.
const (
	KeptByPolicy = "its resource policy is keep"
	KeptNotOwned = "it is not owned by this release"
)

// keepPolicy reads the resource policy. Helm's uninstall leaves objects behind,
// unlisted, when the policy is any other word; here only "keep" keeps.
func keepPolicy(obj map[string]any) bool {
	policy, _ := metaString(obj, "annotations", manifest.AnnotationResourcePolicy)
	return manifest.Keep(map[string]string{manifest.AnnotationResourcePolicy: policy})
}

// uninstallOrder sorts objects by kind, in the reverse of the install order.
// Documents stand in for them, for the order is package manifest's.
func uninstallOrder(objects []Object) []Object {
	docs := make([]manifest.Manifest, len(objects))
	byRef := make(map[manifest.Ref]Object, len(objects))
	for i, o := range objects {
		docs[i] = manifest.Manifest{Ref: o.Ref}
		byRef[o.Ref] = o
	}
	manifest.SortUninstall(docs)
	out := make([]Object, 0, len(objects))
	for _, d := range docs {
		if o, ok := byRef[d.Ref]; ok {
			out = append(out, o)
			delete(byRef, d.Ref) // an object that stands twice is deleted once
		}
	}
	return out
}

// uninstall carries out an uninstall. While it runs the record is marked as
// uninstalling, so that others keep out, and a retry goes on from there.
func (r *run) uninstall(ctx context.Context) (*Release, error) {
	if err := r.checkNewest(ctx); err != nil {
		return nil, err
	}
	if r.plan.newest.Status == StatusUninstalled {
		return r.rel, r.purge(ctx)
	}
	before := *r.rel.Info
	if before.Status.isBusy() {
		before.Status = StatusFailed // what was cut off has come to an end
	}
	ctx, stop, err := r.beginUninstall(ctx, before)
	if err != nil {
		return nil, err
	}
	defer stop()
	pre, post := r.plan.Operation.events()
	if err := r.hooks(ctx, pre); err != nil {
		return r.uninstallFailed(ctx, before, err)
	}
	if err := r.steps(ctx, r.plan.Deletes); err != nil {
		before.Status = StatusFailed
		return r.uninstallFailed(ctx, before, fmt.Errorf("failed to delete release: %s: %w", r.rel.Name, err))
	}
	var late []error
	if err := r.waitGone(ctx); err != nil {
		late = append(late, err)
	}
	if err := r.hooks(ctx, post); err != nil {
		late = append(late, err)
	}
	if err := context.Cause(ctx); errors.Is(err, ErrLockLost) {
		return r.rel, errors.Join(append(late, err)...) // the records are another's
	}
	if ctx.Err() != nil && len(late) > 0 {
		// It was interrupted: the same uninstall again waits and runs what is left.
		before.Status = StatusFailed
		return r.uninstallFailed(ctx, before, errors.Join(late...))
	}
	if err := r.closeUninstalled(ctx); err != nil {
		late = append(late, err)
	}
	return r.rel, uninstallErrors(late)
}

// beginUninstall marks the record, which keeps others out, and holds it from there
// on: the context that it returns ends when it is lost. ErrLocked says that somebody
// else works on the release. After an error the record is as it was before.
func (r *run) beginUninstall(ctx context.Context, before Info) (_ context.Context, stop func(), err error) {
	for _, l := range r.plan.left {
		if l.Revision == r.rel.Version && l.version != "" && l.version != r.rel.ResourceVersion {
			return nil, nil, r.lockedError(ctx, l.Head)
		}
	}
	r.rel.Info.Deleted = r.now()
	r.hold()
	if err := r.finish(ctx, StatusUninstalling, "Deletion in progress (or silently failed)"); err != nil {
		if isTaken(err) {
			return nil, nil, fmt.Errorf("%w: %w", ErrLocked, err)
		}
		return nil, nil, err
	}
	held, stop := r.renew(ctx)
	if err := r.yield(held); err != nil {
		r.change(func() { r.rel.Info.Deleted = before.Deleted })
		err = errors.Join(err, r.finish(held, before.Status, before.Description))
		stop()
		return nil, nil, err
	}
	return held, stop, nil
}

// yieldFor is how long an uninstall waits for a deployment that began at the same
// moment, which gives way when it sees the mark.
const yieldFor = 3 * time.Second

// yield gives way to a revision that was begun before the record was marked.
func (r *run) yield(ctx context.Context) error {
	for began := time.Now(); ; {
		heads, err := r.heads(ctx)
		if err != nil {
			return err
		}
		newest := heads[max(len(heads)-1, 0):]
		if len(newest) == 0 || newest[0].Revision <= r.plan.newest.Revision {
			return nil
		}
		if time.Since(began) >= yieldFor {
			return r.lockedError(ctx, newest[0])
		}
		if err := sleep(ctx, lockPoll); err != nil {
			return err
		}
	}
}

// checkNewest refuses to remove a release that has another revision than the
// plan knows of.
func (r *run) checkNewest(ctx context.Context) error {
	heads, err := r.heads(ctx)
	if err != nil {
		return err
	}
	if len(heads) == 0 {
		return ErrNotFound
	}
	if newest := heads[len(heads)-1].Revision; newest != r.plan.newest.Revision {
		return fmt.Errorf("%w: revision %d of %s was recorded after the plan was made", ErrLocked, newest, r.rel.Name)
	}
	return nil
}

func uninstallErrors(errs []error) error {
	if len(errs) == 0 {
		return nil
	}
	texts := make([]string, len(errs))
	for i, err := range errs {
		texts[i] = err.Error()
	}
	return &joinedError{
		text: fmt.Sprintf("uninstallation completed with %d error(s): %s", len(errs), strings.Join(texts, "; ")),
		errs: errs,
	}
}

// joinedError is several errors under one text.
type joinedError struct {
	text string
	errs []error
}

func (e *joinedError) Error() string   { return e.text }
func (e *joinedError) Unwrap() []error { return e.errs }

// uninstallFailed records what went wrong: on the release as it was before where
// nothing was deleted, and otherwise as failed. Helm leaves it as uninstalling,
// which can be neither upgraded nor told from an uninstall that goes on.
func (r *run) uninstallFailed(ctx context.Context, as Info, cause error) (*Release, error) {
	if cause = becauseOf(ctx, cause); errors.Is(cause, ErrLockLost) {
		return r.rel, cause
	}
	r.change(func() { r.rel.Info.Deleted = as.Deleted })
	description := fmt.Sprintf("Uninstallation failed: %v", cause)
	if err := r.finish(ctx, as.Status, description); err != nil {
		cause = errors.Join(cause, err)
	}
	return r.rel, cause
}

// waitGone waits until what was deleted is gone, if the options say so.
func (r *run) waitGone(ctx context.Context) error {
	if r.opts.Wait == WaitHooks {
		return nil
	}
	var deleted []Step
	for _, s := range r.plan.Deletes {
		if s.Action == StepDelete {
			deleted = append(deleted, s)
		}
	}
	return r.waitFor(ctx, refsOf(deleted), waitGoal{gone: true}, r.opts.Timeout)
}

// closeUninstalled removes the records, or marks them.
func (r *run) closeUninstalled(ctx context.Context) error {
	if !r.plan.uninstall.keepHistory {
		return r.purge(ctx)
	}
	description := r.plan.doneDescription
	if description == "" {
		description = "Uninstallation complete"
	}
	if err := r.finish(ctx, StatusUninstalled, description); err != nil {
		return err
	}
	if err := r.closeLeft(ctx); err != nil {
		return err
	}
	return r.supersede(ctx)
}

// purge removes all records, oldest first: as long as one is left the release
// can be found. Revisions that were recorded meanwhile are somebody else's.
func (r *run) purge(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), r.recordTime())
	defer cancel()
	heads, err := r.heads(ctx)
	if err != nil {
		return err
	}
	for _, h := range heads {
		if h.Revision > r.plan.newest.Revision {
			break
		}
		if err := r.stillHeld(ctx); err != nil {
			return err
		}
		if err := r.cfg.Store.Delete(ctx, r.plan.Key, h.Revision); err != nil && !errors.Is(err, ErrNotFound) {
			return fmt.Errorf("uninstall: Failed to purge the release: %w", err)
		}
	}
	r.observe(Event{Kind: EventRecorded, Status: StatusUninstalled})
	return nil
}
