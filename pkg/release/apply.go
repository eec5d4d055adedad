package release

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
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
	// WaitLegacy is WaitReady by the rules of Helm 3: of Deployments, of
	// DaemonSets and of what is not a workload it asks for less. A Job that has
	// failed ends the wait at once.
	WaitLegacy
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

// recordTimeout is the time that recording something small may take when the
// caller's context has ended.
const recordTimeout = 15 * time.Second

// recordRate is how many bytes of a manifest a second are written or read at the least,
// so that a large record has more time than recordTimeout.
const recordRate = 256 << 10

// recordTime is the time for recording something of the run's release.
func (r *run) recordTime() time.Duration {
	size := len(r.rel.Manifest)
	if r.plan.Last != nil {
		size = max(size, len(r.plan.Last.Manifest))
	}
	return recordTimeout + time.Duration(size/recordRate)*time.Second
}

// ApplyOptions say how a plan is carried out.
type ApplyOptions struct {
	Wait WaitPolicy
	// WaitForJobs: with WaitReady or WaitLegacy, jobs must complete.
	WaitForJobs bool
	// Timeout bounds each hook and each wait; 0 means DefaultTimeout.
	Timeout time.Duration
	// FailFast ends the wait for WaitReady and for hooks early, with ErrHopeless,
	// when a Job has failed, or when something else has failed or a pod is in a
	// hopeless state (Trouble) for longer than FailFastGrace.
	FailFast bool
	// FailFastGrace is how long a hopeless state may last; 0 means
	// DefaultFailFastGrace, less than 0 means not at all.
	FailFastGrace time.Duration
	OnFailure     FailurePolicy
	// CleanupOnFail deletes what a failed upgrade or rollback has created.
	CleanupOnFail bool
	// RestartPods deletes the pods of the workloads that are there already, so that
	// they are made anew, whether anything of them changed or not. It takes a Cluster
	// that is a PodDeleter; ErrNoPods.
	RestartPods bool
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
	mu        sync.Mutex // serialises Observe
	recording sync.Mutex // serialises writes of rel, and guards what changes of it
	holding   holding
	*Engine
	plan *Plan
	opts ApplyOptions
	rel  *Release
	// seen is when what is live of steps was read.
	seen time.Time
	// created are the objects that steps have created; mu guards it.
	created []manifest.Ref
}

// Apply carries out a plan and returns the record of the outcome, which is also
// returned beside an error once it has been written. When ctx ends no further
// step starts, the outcome is recorded all the same, and the error is the
// context's too.
//
// Errors: *StepError, *HookError, *WaitError, what the store and the cluster
// return, and ErrLocked for a plan that has been applied or that another
// revision has overtaken: nothing is done then.
func (e *Engine) Apply(ctx context.Context, plan *Plan, opts ApplyOptions) (*Release, error) {
	if err := e.needCluster(); err != nil {
		return nil, err
	}
	if plan == nil || plan.Release == nil || plan.Release.Info == nil {
		return nil, errors.New("release: a plan of no release cannot be applied")
	}
	if plan.previewOnly {
		return nil, errors.New("release: a plan that was made for a preview or offline cannot be applied")
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if opts.Timeout <= 0 {
		opts.Timeout = DefaultTimeout
	}
	r := &run{Engine: e, plan: plan, opts: opts, rel: plan.Release.again()}
	switch plan.Operation {
	case OpInstall, OpUpgrade, OpRollback:
		return r.deploy(ctx)
	case OpUninstall:
		return r.uninstall(ctx)
	default:
		return nil, fmt.Errorf("release: a plan for %q cannot be applied", plan.Operation)
	}
}

// create writes the new revision's record: from here on it keeps others out.
// ErrLocked says that somebody else was faster, or works on the release.
func (r *run) create(ctx context.Context) error {
	if err := r.records().Forget(ctx, r.plan.Key, r.plan.Prune); err != nil {
		return fmt.Errorf("making room in the history: %w", err)
	}
	if r.plan.CreateNamespace {
		if err := r.createNamespace(ctx); err != nil {
			return err
		}
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	r.hold()
	err := r.record(ctx, r.cfg.Store.Create)
	if errors.Is(err, ErrExists) {
		return r.overtaken(ctx, err)
	}
	return err
}

// overtaken says who recorded the revision that was to be.
func (r *run) overtaken(ctx context.Context, err error) error {
	heads, listErr := r.Engine.heads(ctx, r.plan.Key)
	i := slices.IndexFunc(heads, func(h Head) bool { return h.Revision == r.rel.Version })
	switch {
	case listErr != nil:
	case i < 0:
		return fmt.Errorf("%w: %s in namespace %s has that name, but is not labelled as a record of release %s: mend its labels or remove it",
			err, RecordName(r.rel.Name, r.rel.Version), r.rel.Namespace, r.rel.Name)
	case heads[i].Status.isBusy():
		return fmt.Errorf("%w: %w", r.lockedError(ctx, heads[i]), err)
	}
	return fmt.Errorf("%w: revision %d of %s was recorded by someone else: %w",
		ErrLocked, r.rel.Version, r.rel.Name, err)
}

// record writes the run's record. It has a deadline of its own: a write that the
// end of ctx cuts off could have been made or not, and the next one would
// conflict with it.
func (r *run) record(ctx context.Context, write func(context.Context, *Release) error) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), r.recordTime())
	defer cancel()
	r.recording.Lock()
	err := r.asHolder(ctx, func() error { return write(ctx, r.rel) })
	r.recording.Unlock()
	if err != nil {
		return err
	}
	r.observe(Event{Kind: EventRecorded, Status: r.rel.Info.Status})
	return nil
}

// createNamespace makes the release's namespace as its objects are made, with the label
// and the empty spec that Helm gives it.
func (r *run) createNamespace(ctx context.Context) error {
	name := r.plan.Key.Namespace
	ref := namespaceRef(name)
	_, _, err := r.cfg.Cluster.Apply(ctx, Object{Ref: ref, Content: map[string]any{
		"apiVersion": ref.APIVersion, "kind": ref.Kind,
		"metadata": map[string]any{"name": name, "labels": map[string]any{"name": name}},
		"spec":     map[string]any{},
	}}, ApplyObjectOptions{Method: r.rel.ApplyMethod})
	if err != nil {
		return fmt.Errorf("creating namespace %q: %w", name, err)
	}
	return nil
}

// change changes the record, which a renewal may be writing at the same moment.
func (r *run) change(fn func()) {
	r.recording.Lock()
	defer r.recording.Unlock()
	fn()
}

// finish records how the operation stands.
func (r *run) finish(ctx context.Context, status Status, description string) error {
	r.change(func() { r.rel.Info.Status, r.rel.Info.Description = status, description })
	if err := r.record(ctx, r.cfg.Store.Update); err != nil {
		return fmt.Errorf("recording that revision %d of %s is %s: %w", r.rel.Version, r.rel.Name, status, err)
	}
	return nil
}

// heads are the heads of the release's records as they are once this operation's is
// written as it is: what others wrote before is among them. To ask for that and no more
// spares the server to make sure that there is nothing newer, which takes it up to a tenth
// of a second.
func (r *run) heads(ctx context.Context) ([]Head, error) {
	var since string
	r.change(func() { since = r.rel.ResourceVersion }) // which renewals change
	return r.records().headsSince(ctx, r.plan.Key, since)
}

// supersede marks every other revision that is deployed.
func (r *run) supersede(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), r.recordTime())
	defer cancel()
	heads, err := r.heads(ctx)
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

// maxRestates is how often a record is read anew that somebody else writes too: whoever
// comes next may be marking the same one.
const maxRestates = 5

// restate changes the status of another revision; an empty description leaves
// the one that is there. A record that is damaged or gone is left as it is.
func (r *run) restate(ctx context.Context, revision int, status Status, description string) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), r.recordTime())
	defer cancel()
	for tries := 1; ; tries++ {
		old, err := r.cfg.Store.Get(ctx, r.plan.Key, revision)
		if err != nil && isGone(err) {
			r.cfg.Logger.Warn("a release record cannot be marked", "revision", revision, "status", status, "error", err)
			return nil
		}
		if err != nil || old.Info.Status == status && description == "" {
			return err
		}
		old.Info.Status = status
		if description != "" {
			old.Info.Description = description
		}
		err = r.cfg.Store.Update(ctx, old)
		if errors.Is(err, ErrNotFound) {
			return nil
		}
		if _, conflict := errors.AsType[*ConflictError](err); !conflict || tries == maxRestates {
			return err
		}
	}
}
