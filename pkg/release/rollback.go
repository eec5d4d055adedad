package release

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/seed-0d4f92cc/pack/pkg/values"
)

// RollbackRequest says what to go back to.
type RollbackRequest struct {
	Key Key
	// Revision to go back to; 0 means the one before the last, of those that can be
	// read.
	Revision int
	// Description of the new revision; empty means "Rollback to N".
	Description string
	// HistoryMax is how many records are left; 0 means all.
	HistoryMax int
	// SkipHooks runs no hooks.
	SkipHooks bool
	// Method is how objects are written; empty means as in the revision to go back
	// to.
	Method ApplyMethod
	// ForceConflicts takes fields that other managers own (ServerSide).
	ForceConflicts bool
	// ForceReplace replaces objects as a whole instead of changing them
	// (ClientSide).
	ForceReplace bool
	// Recreate names objects, as KIND/NAME, that may be deleted and created where
	// fields cannot be changed; ErrRecreate.
	Recreate []string
	// undoing: see Plan.
	undoing bool
	// Lock says what happens when somebody else works on the release.
	Lock LockOptions
}

// ErrInvalidRevision is returned for a negative revision.
var ErrInvalidRevision = errors.New("invalid release revision")

// PlanRollback decides what a rollback does: a new revision with the chart,
// values, manifest and hooks of an old one. It writes nothing.
//
// Without a revision, a rollback that was cut off is done again.
//
// Errors: ErrNotFound, *RevisionError, ErrInvalidRevision, ErrLocked.
func (e *Engine) PlanRollback(ctx context.Context, req RollbackRequest) (*Plan, error) {
	if err := e.checkRollback(req); err != nil {
		return nil, err
	}
	heads, over, last, err := e.begin(ctx, req.Key, req.Lock)
	if err != nil {
		return nil, err
	}
	newest := heads[len(heads)-1]
	if req.Revision == 0 && cutOff(heads, last) {
		req.Revision = last.Info.RollbackRevision
	}
	target, err := e.rollbackTarget(ctx, req, newest.Revision)
	if err != nil {
		return nil, err
	}
	plan := &Plan{
		Operation: OpRollback, Key: req.Key, Last: last, RunHooks: !req.SkipHooks, newest: newest, left: over, undoing: req.undoing,
		Prune:   prunable(heads, req.HistoryMax),
		Release: e.rollbackRecord(NextRevision(heads), last, target, req),
		apply: applySettings{
			asked: req.Method, forceConflicts: req.ForceConflicts, replace: req.ForceReplace, anyOwner: true,
		},
	}
	plan.spare(target.Version) // the same rollback again asks for it
	plan.apply.migrateFields = plan.Release.ApplyMethod == ServerSide
	if err := plan.checkApply(); err != nil {
		return nil, err
	}
	if plan.Current, err = e.current(ctx, heads, last, over); err != nil {
		return nil, err
	}
	plan.doneDescription = plan.Release.Info.Description
	p := &objectPlanner{Engine: e, plan: plan, adopt: adoptAny, opts: BuildOptions{Namespace: req.Key.Namespace}, from: last.Version}
	if p.traces, err = e.traces(ctx, heads, last.Version); err != nil {
		return nil, err
	}
	if err := p.run(ctx, last.Manifest, target.Manifest); err != nil {
		return nil, err
	}
	plan.spareTraces()
	if err := plan.markRecreate(req.Recreate); err != nil {
		return nil, err
	}
	return plan, nil
}

// annotationCutOff is on the record of a rollback that was interrupted.
const annotationCutOff = AnnotationPrefix + "cut-off"

// cutOff says whether the newest revision is a rollback that did not come to its end:
// it is pending, it was interrupted, or the revision before it still says that it is
// deployed too.
func cutOff(heads []Head, last *Release) bool {
	newest := heads[len(heads)-1]
	if last.Version != newest.Revision || last.Info.RollbackRevision == 0 {
		return false
	}
	older := slices.ContainsFunc(heads[:len(heads)-1], func(h Head) bool { return h.Status == StatusDeployed })
	interrupted := newest.Status == StatusFailed && newest.Annotations[annotationCutOff] != ""
	return newest.Status == StatusPendingRollback || interrupted || newest.Status == StatusDeployed && older
}

// begin is what operations on a release that exists begin with: the server can
// be reached, and there are records, of which one can be read.
func (e *Engine) begin(ctx context.Context, key Key, lock LockOptions) ([]Head, []left, *Release, error) {
	if _, err := e.cfg.Cluster.Capabilities(ctx); err != nil {
		return nil, nil, nil, err
	}
	lock.free = true
	heads, over, err := e.settle(ctx, key, lock)
	if err != nil {
		return nil, nil, nil, err
	}
	if len(heads) == 0 {
		return nil, nil, nil, ErrNotFound
	}
	last, err := e.records().newestOf(ctx, heads)
	return heads, over, last, err
}

// rollbackTarget reads the revision to go back to. Where none was named, damaged
// ones are passed over.
func (e *Engine) rollbackTarget(ctx context.Context, req RollbackRequest, newest int) (*Release, error) {
	revision := req.Revision
	if revision == 0 {
		revision = newest - 1
	}
	for ; revision > 0; revision-- {
		target, err := e.cfg.Store.Get(ctx, req.Key, revision)
		if damaged, ok := errors.AsType[*RecordError](err); ok && req.Revision == 0 {
			e.records().Damaged(damaged)
			continue
		}
		if errors.Is(err, ErrNotFound) {
			break
		}
		return target, err
	}
	return nil, &RevisionError{Revision: revision}
}

func (e *Engine) checkRollback(req RollbackRequest) error {
	if err := e.needCluster(); err != nil {
		return err
	}
	if err := ValidateName(req.Key.Name); err != nil {
		return err
	}
	if err := ValidateDescription(req.Description); err != nil {
		return err
	}
	if req.Revision < 0 {
		return ErrInvalidRevision
	}
	return req.Method.check()
}

// rollbackRecord is the new revision: the target again, under a new number.
func (e *Engine) rollbackRecord(revision int, last, target *Release, req RollbackRequest) *Release {
	description := req.Description
	if description == "" {
		description = fmt.Sprintf("Rollback to %d", target.Version)
	}
	return &Release{
		Name: target.Name, Namespace: target.Namespace,
		Version: revision,
		Chart:   target.Chart, Config: values.Clone(target.Config),
		Manifest: target.Manifest, Hooks: target.again().Hooks,
		ApplyMethod: req.Method.or(target.ApplyMethod),
		Labels:      userLabels(target.Labels),
		Info: &Info{
			FirstDeployed: last.Info.FirstDeployed, LastDeployed: e.now(),
			Status: StatusPendingRollback, Description: description,
			Notes: target.Info.Notes, RollbackRevision: target.Version,
		},
	}
}
