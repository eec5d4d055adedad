package release

import (
	"context"
	"errors"
)

// planObjects decides what happens to each object.
func (d *deployment) planObjects(ctx context.Context) error {
	d.warnOfHooks()
	if d.req.Offline {
		return d.checkOrderOffline()
	}
	opts := BuildOptions{
		Namespace: d.req.Key.Namespace,
		Validate:  !d.req.Objects.SkipValidation,
		CRDs:      d.crds,
	}
	p := &objectPlanner{Engine: d.Engine, plan: d.plan, opts: opts, adopt: adoptOwned}
	old, err := d.planFrom(ctx, p)
	if err != nil {
		return err
	}
	if d.req.Objects.TakeOwnership {
		p.adopt, d.plan.apply.anyOwner = adoptAny, true
	}
	if err := p.run(ctx, old, d.plan.Release.Manifest); err != nil {
		return err
	}
	if err := d.plan.markRecreate(d.plan.apply.recreate); err != nil {
		return err
	}
	if !d.install || p.adopted {
		if err := d.plan.checkApply(); err != nil {
			return err
		}
	}
	d.plan.apply.migrateFields = d.plan.Release.ApplyMethod == ServerSide && (p.adopted ||
		!d.install && (d.plan.Current.ApplyMethod != ServerSide || d.plan.Last.ApplyMethod != ServerSide))
	return d.planNamespace(ctx)
}

// planFrom finds the manifest that the deployment starts from: that of the current
// revision, or for an install none. What revisions have left that failed or were cut
// off is given to p.
func (d *deployment) planFrom(ctx context.Context, p *objectPlanner) (string, error) {
	from, old := 0, ""
	if !d.install {
		from, old = d.plan.Current.Version, d.plan.Current.Manifest
		status := d.plan.Current.status()
		p.unsure = status != StatusDeployed && status != StatusSuperseded
	}
	var err error
	p.from = from
	p.traces, err = d.traces(ctx, d.heads, from)
	return old, err
}

// planNamespace adds the namespace of an install. Who may not read namespaces is
// taken to have one.
func (d *deployment) planNamespace(ctx context.Context) error {
	if !d.install || !d.req.CreateNamespace {
		return nil
	}
	_, err := d.cfg.Cluster.Get(ctx, namespaceRef(d.req.Key.Namespace))
	d.plan.CreateNamespace = errors.Is(err, ErrObjectNotFound)
	return ctx.Err()
}
