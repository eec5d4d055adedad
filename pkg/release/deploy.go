package release

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/seed-0d4f92cc/pack/pkg/chart"
	"github.com/seed-0d4f92cc/pack/pkg/manifest"
	"github.com/seed-0d4f92cc/pack/pkg/render"
	"github.com/seed-0d4f92cc/pack/pkg/values"
)

// Mode tells the kinds of deployment apart.
type Mode int

// The modes.
const (
	// Install makes a new release.
	Install Mode = iota
	// Upgrade makes a new revision of a release.
	Upgrade
	// UpgradeOrInstall upgrades the release if it exists and installs it
	// otherwise.
	UpgradeOrInstall
)

// Reuse says what an upgrade does with the values of the last revision.
type Reuse int

// The ways, named as Helm's flags.
const (
	// ReuseAuto takes the new values, or the old ones if there are none.
	ReuseAuto Reuse = iota
	// ReuseReset takes the new values.
	ReuseReset
	// ReuseValues merges the new values over the old ones, and replaces the
	// chart's defaults by what the last revision was rendered with.
	ReuseValues
	// ReuseResetThen merges the new values over the old ones, with the
	// defaults of the new chart.
	ReuseResetThen
)

// DeployRequest says what is to be deployed.
type DeployRequest struct {
	Key    Key
	Mode   Mode
	Chart  *chart.Chart
	Values values.Map
	Reuse  Reuse
	// Labels are kept on the record; on an upgrade the value "null" removes
	// one of the last revision.
	Labels map[string]string
	// Description of the revision; empty means Helm's.
	Description string
	// Replace allows an install over a release that is uninstalled or failed.
	Replace bool
	// CreateNamespace makes the namespace if it does not exist (install).
	CreateNamespace bool
	// Preview is for a plan that will not be applied: the name of an install
	// may be in use.
	Preview bool
	// Offline plans without asking the cluster; the plan has no steps and
	// cannot be applied.
	Offline bool
	// HistoryMax is how many records an upgrade leaves; 0 means all.
	HistoryMax int
	// Objects says how objects are taken over and checked.
	Objects ObjectOptions
	// Rendering says how the chart is rendered.
	Rendering RenderOptions
	// Lock says what happens when somebody else works on the release.
	Lock LockOptions
}

// ObjectOptions say how objects are taken over, checked and written.
type ObjectOptions struct {
	// CRDs says what becomes of the definitions in crds/.
	CRDs CRDPolicy
	// SkipHooks runs no hooks.
	SkipHooks bool
	// SkipValidation does not check objects against the server's schema.
	SkipValidation bool
	// TakeOwnership adopts objects that exist, whoever owns them.
	TakeOwnership bool
	// Method is how objects are written; empty means ServerSide for an install,
	// and for an upgrade as in the last revision.
	Method ApplyMethod
	// ForceConflicts takes fields that other managers own (ServerSide).
	ForceConflicts bool
	// ForceReplace replaces objects as a whole instead of changing them
	// (ClientSide).
	ForceReplace bool
	// Recreate names objects, as KIND/NAME, that may be deleted and created where
	// fields cannot be changed; ErrRecreate.
	Recreate []string
}

// RenderOptions say how a chart is rendered.
type RenderOptions struct {
	// SkipSchema does not check values against the charts' schemas.
	SkipSchema bool
	// FetchSchema is as in chart.ConfigureOptions.
	FetchSchema func(url string) ([]byte, error)
	// SubchartNotes joins the notes of all charts.
	SubchartNotes bool
	// SkipLookup has the template function lookup find nothing.
	SkipLookup bool
	// Capabilities replaces what the cluster says of itself; for Offline.
	Capabilities render.Capabilities
	// PostRender changes the rendered files, those of hooks too, before they are
	// split into manifests; nil leaves them as they are.
	PostRender func(ctx context.Context, in []manifest.File) ([]manifest.File, error)
	// Transform changes the rendered manifests before they are split into
	// objects; nil leaves them.
	Transform func(ctx context.Context, in []manifest.Manifest) ([]manifest.Manifest, error)
}

// deployment is a DeployRequest while its plan is made.
type deployment struct {
	*Engine
	req     DeployRequest
	plan    *Plan
	install bool
	heads   []Head // of the release, oldest first
	caps    render.Capabilities
	crds    []Object // definitions that will be written
}

// PlanDeploy decides what an install or an upgrade does. It reads the records
// and the live objects and writes nothing.
//
// The error is a *PlanError around ErrInvalidName, ErrNameInUse, ErrLocked,
// ErrNoDeployed, ErrNotOwned (one for each object, joined), or what packages
// chart and render return.
func (e *Engine) PlanDeploy(ctx context.Context, req DeployRequest) (*Plan, error) {
	d := &deployment{Engine: e, req: req, plan: &Plan{Key: req.Key, RunHooks: !req.Objects.SkipHooks}}
	d.plan.previewOnly = req.Preview || req.Offline
	d.plan.doneDescription = req.Description
	d.plan.apply = applySettings{
		recreate: req.Objects.Recreate, asked: req.Objects.Method, forceConflicts: req.Objects.ForceConflicts, replace: req.Objects.ForceReplace,
	}
	for _, step := range []func(context.Context) error{
		d.check, d.connect, d.findLast, d.decide, d.render, d.planObjects, d.planRecords,
	} {
		if err := step(ctx); err != nil {
			return nil, &PlanError{Operation: d.plan.Operation, Err: err}
		}
	}
	return d.plan, nil
}

// check looks at what can be judged without a cluster.
func (d *deployment) check(context.Context) error {
	if err := d.checkName(); err != nil {
		return err
	}
	if d.req.Chart == nil {
		return errors.New("release: a deployment needs a chart")
	}
	if err := ValidateLabels(d.req.Labels); err != nil {
		return err
	}
	if err := d.req.Objects.Method.check(); err != nil {
		return err
	}
	if err := d.req.Chart.CheckDependencies(); err != nil {
		return fmt.Errorf("an error occurred while checking for chart dependencies. You may need to run 'helm dependency build' to fetch missing dependencies: %w", err)
	}
	return nil
}

// checkName judges the name, in Helm's words.
func (d *deployment) checkName() error {
	err := ValidateName(d.req.Key.Name)
	switch {
	case err == nil:
		return nil
	case d.req.Mode == Install:
		return fmt.Errorf("release name check failed: %w", err)
	default:
		return fmt.Errorf("release name is invalid: %s: %w", d.req.Key.Name, err)
	}
}

// connect asks the cluster what it is.
func (d *deployment) connect(ctx context.Context) error {
	d.caps = d.req.Rendering.Capabilities
	if d.req.Offline {
		return nil
	}
	if err := d.needCluster(); err != nil {
		return err
	}
	caps, err := d.cfg.Cluster.Capabilities(ctx)
	if err != nil && d.req.Mode == Install {
		return fmt.Errorf("cluster reachability check failed: %w", err)
	}
	d.caps = caps
	return err
}

// findLast reads the newest record and the one that is deployed.
func (d *deployment) findLast(ctx context.Context) error {
	if d.req.Offline && d.req.Mode == Install {
		return nil
	}
	err := d.findHeads(ctx)
	if err != nil || len(d.heads) == 0 {
		return err
	}
	d.plan.newest = d.heads[len(d.heads)-1]
	if d.plan.Last, err = d.records().newestOf(ctx, d.heads); err != nil {
		return err
	}
	d.plan.Current, err = d.current(ctx, d.heads, d.plan.Last, d.plan.left)
	if err == nil && d.plan.newest.Status == StatusUninstalling && d.req.Mode == UpgradeOrInstall {
		// What an uninstall that was cut off has left is a beginning.
		d.plan.Current = d.plan.Last
	}
	return err
}

// findHeads reads the heads of the records when nobody works on the release, for as
// long as that matters: an install is told at once that its name is in use, unless
// it may be one that was cut off.
func (d *deployment) findHeads(ctx context.Context) error {
	var err error
	if d.req.Mode == Install {
		if d.heads, err = d.Engine.heads(ctx, d.req.Key); err != nil || len(d.heads) == 0 {
			return err
		}
		if d.req.Preview || d.heads[len(d.heads)-1].Status != StatusPendingInstall {
			return nil
		}
	}
	opts := d.req.Lock
	opts.now = d.req.Preview
	d.heads, d.plan.left, err = d.settle(ctx, d.req.Key, opts)
	if locked, ok := errors.AsType[*LockedError](err); ok && locked.Holder == nil && d.req.Mode == Install {
		return fmt.Errorf("release name check failed: %w", ErrNameInUse)
	}
	return err
}

// decide settles whether this is an install or an upgrade and whether it may be
// done at all. What counts is the label of the newest record, which even a
// record that cannot be read has.
func (d *deployment) decide(context.Context) error {
	newest := d.plan.newest
	exists := len(d.heads) > 0
	d.install = d.req.Mode == Install ||
		d.req.Mode == UpgradeOrInstall && (!exists || newest.Status == StatusUninstalled)
	if d.install {
		d.plan.Operation = OpInstall
		return d.mayInstall(exists, newest.Status)
	}
	d.plan.Operation = OpUpgrade
	if d.plan.Current == nil {
		return &NoDeployedError{Key: d.req.Key}
	}
	return nil
}

func (d *deployment) mayInstall(exists bool, status Status) error {
	if err := d.req.Chart.CheckInstallable(); err != nil {
		return err
	}
	if !exists || d.req.Preview {
		return nil
	}
	if status == StatusPendingInstall && isLeft(d.plan.left, d.plan.newest.Revision) {
		return nil // the same install again, which was cut off
	}
	if status == StatusFailed && d.neverDeployed() {
		return nil // the same install again, which failed
	}
	replace := d.req.Replace || d.req.Mode == UpgradeOrInstall
	if replace && (status == StatusUninstalled || status == StatusFailed) {
		return nil
	}
	return fmt.Errorf("release name check failed: %w", ErrNameInUse)
}

// neverDeployed says whether no revision has come to its end.
func (d *deployment) neverDeployed() bool {
	return !slices.ContainsFunc(d.heads, func(h Head) bool {
		return h.Status == StatusDeployed || h.Status == StatusSuperseded || h.Status == StatusUninstalled
	})
}

// revision is the number of the revision that the plan makes.
func (d *deployment) revision() int {
	return NextRevision(d.heads)
}

// planRecords decides which old records go and how the new one begins.
func (d *deployment) planRecords(context.Context) error {
	rel := d.plan.Release
	now := d.now()
	rel.Info.LastDeployed = now
	if d.install {
		rel.Info.FirstDeployed = now
		rel.Info.Status = StatusPendingInstall
		rel.Info.Description = "Initial install underway"
		rel.Labels = maps.Clone(d.req.Labels)
		return nil
	}
	rel.Info.FirstDeployed = d.plan.Current.Info.FirstDeployed
	rel.Info.Status = StatusPendingUpgrade
	rel.Info.Description = "Preparing upgrade"
	rel.Labels = MergeLabels(d.plan.Last.Labels, d.req.Labels)
	d.plan.Prune = prunable(d.heads, d.req.HistoryMax)
	d.plan.spareTraces()
	return nil
}
