package release

import (
	"context"
	"errors"
)

// planObjects decides what happens to each object.
func (d *deployment) planObjects(ctx context.Context) error {
	if d.req.Offline {
		return nil
	}
	opts := BuildOptions{
		Namespace: d.req.Key.Namespace,
		Validate:  !d.req.Objects.SkipValidation,
		CRDs:      d.crds,
	}
	var old string
	if !d.install {
		old = d.plan.Current.Manifest
	}
	p := &objectPlanner{Engine: d.Engine, plan: d.plan, opts: opts, adopt: adoptOwned}
	if d.req.Objects.TakeOwnership {
		p.adopt = adoptAny
	}
	if err := p.run(ctx, old, d.plan.Release.Manifest); err != nil {
		return err
	}
	d.plan.apply.migrateFields = p.adopted || !d.install && d.plan.Current.ApplyMethod != ServerSide ||
		!d.install && d.plan.Last.ApplyMethod != ServerSide
	return d.planInstallExtras(ctx)
}

// planInstallExtras adds the namespace and the definitions of an install. Who
// may not read namespaces is taken to have one.
func (d *deployment) planInstallExtras(ctx context.Context) error {
	for _, crd := range d.crds {
		d.plan.CRDs = append(d.plan.CRDs, Step{Action: StepCreate, Ref: crd.Ref, Object: crd.Content})
	}
	if !d.install || !d.req.CreateNamespace {
		return nil
	}
	_, err := d.cfg.Cluster.Get(ctx, namespaceRef(d.req.Key.Namespace))
	d.plan.CreateNamespace = errors.Is(err, ErrObjectNotFound)
	return ctx.Err()
}
