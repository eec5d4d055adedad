package release

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/seed-0d4f92cc/pack/pkg/manifest"
)

// WaitPolicy says for what an operation waits.
type WaitPolicy int

// The policies.
const (
	// WaitHooks waits for hooks alone.
	WaitHooks WaitPolicy = iota
	// WaitReady waits until the objects are ready, by kstatus, and until those
	// that were deleted by an uninstall are gone.
	WaitReady
)

// FailurePolicy says what follows a failure.
type FailurePolicy int

// The policies.
const (
	// KeepFailed records the failure and leaves the objects as they are.
	KeepFailed FailurePolicy = iota
	// RollBack uninstalls what was installed, or rolls back to the last
	// revision that was deployed.
	RollBack
)

// DefaultTimeout bounds each wait and each hook where ApplyOptions say nothing.
// It is Helm's.
const DefaultTimeout = 5 * time.Minute

// recordTimeout is the time that recording the outcome may take when the
// caller's context has ended.
const recordTimeout = 15 * time.Second

// ApplyOptions say how a plan is carried out.
type ApplyOptions struct {
	Wait WaitPolicy
	// WaitForJobs: with WaitReady, jobs must complete.
	WaitForJobs bool
	// Timeout bounds each hook and each wait; 0 means DefaultTimeout.
	Timeout   time.Duration
	OnFailure FailurePolicy
	// Observe is called with the progress, in order and never concurrently;
	// nil means nobody looks.
	Observe func(Event)
	// HookLogs takes the logs of hooks whose output-log policy asks for it;
	// nil discards them.
	HookLogs io.Writer
}

// LogReader is a Cluster that can read the logs of pods. Ref is a Pod or a Job.
type LogReader interface {
	Logs(ctx context.Context, ref manifest.Ref, w io.Writer) error
}

// run is one plan being carried out.
type run struct {
	mu sync.Mutex // serialises Observe
	*Engine
	plan *Plan
	opts ApplyOptions
	rel  *Release
}

// Apply carries out a plan and returns the record of the outcome, which is also
// returned beside an error once it has been written. When ctx ends no further
// step starts, the outcome is recorded all the same, and Apply returns the
// context's cause.
//
// Errors: *StepError, *HookError, *WaitError, ErrLocked and what the store and
// the cluster return.
func (e *Engine) Apply(ctx context.Context, plan *Plan, opts ApplyOptions) (*Release, error) {
	if err := e.needCluster(); err != nil {
		return nil, err
	}
	if opts.Timeout <= 0 {
		opts.Timeout = DefaultTimeout
	}
	r := &run{Engine: e, plan: plan, opts: opts, rel: plan.Release}
	switch plan.Operation {
	case OpInstall, OpUpgrade:
		return r.deploy(ctx)
	case OpRollback:
		return r.rollback(ctx)
	case OpUninstall:
		return r.uninstall(ctx)
	default:
		return nil, fmt.Errorf("release: a plan for %q cannot be applied", plan.Operation)
	}
}

// create writes the new revision's record: from here on it keeps others out.
func (r *run) create(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	for _, revision := range r.plan.Prune {
		if err := r.cfg.Store.Delete(ctx, r.plan.Key, revision); err != nil && !errors.Is(err, ErrNotFound) {
			return fmt.Errorf("forgetting revision %d: %w", revision, err)
		}
	}
	if r.plan.CreateNamespace {
		if err := r.createNamespace(ctx); err != nil {
			return err
		}
	}
	err := r.cfg.Store.Create(ctx, r.rel)
	if errors.Is(err, ErrExists) {
		return fmt.Errorf("%w: revision %d of %s was recorded by someone else: %w",
			ErrLocked, r.rel.Version, r.rel.Name, err)
	}
	if err == nil {
		r.observe(Event{Kind: EventRecorded, Status: r.rel.Info.Status})
	}
	return err
}

// createNamespace makes the release's namespace, with the label that Helm
// gives it.
func (r *run) createNamespace(ctx context.Context) error {
	name := r.plan.Key.Namespace
	ref := namespaceRef(name)
	_, _, err := r.cfg.Cluster.Apply(ctx, Object{Ref: ref, Content: map[string]any{
		"apiVersion": ref.APIVersion, "kind": ref.Kind,
		"metadata": map[string]any{"name": name, "labels": map[string]any{"name": name}},
	}}, ApplyObjectOptions{})
	if err != nil {
		return fmt.Errorf("creating namespace %q: %w", name, err)
	}
	return nil
}

// finish records how the operation ended. It has a deadline of its own, so that
// a cancelled operation does not stay pending.
func (r *run) finish(ctx context.Context, status Status, description string) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), recordTimeout)
	defer cancel()
	r.rel.Info.Status = status
	r.rel.Info.Description = description
	if err := r.cfg.Store.Update(ctx, r.rel); err != nil {
		return fmt.Errorf("recording that revision %d of %s is %s: %w", r.rel.Version, r.rel.Name, status, err)
	}
	r.observe(Event{Kind: EventRecorded, Status: status})
	return nil
}

// supersede marks every older revision that is deployed.
func (r *run) supersede(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), recordTimeout)
	defer cancel()
	heads, err := r.heads(ctx, r.plan.Key)
	if err != nil {
		return err
	}
	for _, h := range heads {
		if h.Status != StatusDeployed || h.Revision == r.rel.Version {
			continue
		}
		if err := r.restate(ctx, h.Revision, StatusSuperseded, ""); err != nil {
			return err
		}
	}
	return nil
}

// restate changes the status of another revision; an empty description leaves
// the one that is there.
func (r *run) restate(ctx context.Context, revision int, status Status, description string) error {
	old, err := r.cfg.Store.Get(ctx, r.plan.Key, revision)
	if err != nil {
		return err
	}
	old.Info.Status = status
	if description != "" {
		old.Info.Description = description
	}
	return r.cfg.Store.Update(ctx, old)
}
