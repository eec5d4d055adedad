package release

import (
	"context"
	"fmt"

	"github.com/seed-0d4f92cc/pack/pkg/chart"
	"github.com/seed-0d4f92cc/pack/pkg/manifest"
	"github.com/seed-0d4f92cc/pack/pkg/render"
	"github.com/seed-0d4f92cc/pack/pkg/values"
)

// render makes the new revision's record out of the chart and the values.
func (d *deployment) render(ctx context.Context) error {
	c, user := d.withReuse()
	configured, err := c.Configure(user, chart.ConfigureOptions{
		SkipSchema: d.req.Rendering.SkipSchema, FetchSchema: d.req.Rendering.FetchSchema,
	})
	if err != nil {
		return err
	}
	d.plan.Warnings = append(d.plan.Warnings, configured.Warnings...)
	if err := d.planCRDs(ctx, configured.Chart); err != nil {
		return err
	}
	r, err := render.New(d.renderConfig())
	if err != nil {
		return err
	}
	res, err := r.Render(ctx, configured, render.Input{
		Release: render.Release{
			Name: d.req.Key.Name, Namespace: d.req.Key.Namespace, Revision: d.renderRevision(),
			IsInstall: d.install, IsUpgrade: !d.install,
		},
		Capabilities:  d.caps,
		SubchartNotes: d.req.Rendering.SubchartNotes,
		PostRender:    d.req.Rendering.PostRender,
	})
	if err != nil {
		return err
	}
	d.plan.Warnings = append(d.plan.Warnings, res.Warnings...)
	manifests := res.Manifests
	if d.req.Rendering.Transform != nil {
		if manifests, err = d.req.Rendering.Transform(ctx, manifests); err != nil {
			return fmt.Errorf("error while running post render on files: %w", err)
		}
	}
	d.plan.Release = &Release{
		Name:        d.req.Key.Name,
		Namespace:   d.req.Key.Namespace,
		Info:        &Info{Notes: res.Notes},
		Chart:       NewRecordChart(configured.Chart),
		Config:      user,
		Manifest:    manifest.Text(manifests),
		Hooks:       recordHooks(res.Hooks),
		Version:     d.revision(),
		ApplyMethod: d.applyMethod(),
	}
	return nil
}

// renderRevision is .Release.Revision: Helm renders every install with 1, an
// install over an uninstalled release too.
func (d *deployment) renderRevision() int {
	if d.install {
		return 1
	}
	return d.revision()
}

// renderConfig lets lookup reach the cluster, unless the plan is made offline.
func (d *deployment) renderConfig() render.Config {
	cfg := d.cfg.Render
	if l, ok := d.cfg.Cluster.(Looker); ok && cfg.Lookup == nil && !d.req.Offline && !d.req.Rendering.SkipLookup {
		cfg.Lookup = l.Lookup
	}
	return cfg
}

// withReuse applies what the request says of the last revision's values. The
// rules are Helm's: see Reuse.
func (d *deployment) withReuse() (*chart.Chart, values.Map) {
	c, user := d.req.Chart, values.Clone(d.req.Values)
	if user == nil {
		user = values.Map{}
	}
	if d.install {
		return c, user
	}
	old := d.plan.Current
	switch d.req.Reuse {
	case ReuseReset:
	case ReuseValues:
		return c.WithValues(ComputedValues(old)), overOld(user, old)
	case ReuseResetThen:
		user = overOld(user, old)
	case ReuseAuto:
		if len(user) == 0 && len(old.Config) > 0 {
			user = values.Clone(old.Config)
		}
	}
	return c, user
}

// overOld lays new values over those of the last revision; a null takes away
// what was there.
func overOld(user values.Map, old *Release) values.Map {
	return values.MergeTables(values.Clone(user), old.Config, values.TableOptions{})
}

// recordHooks are hooks as records keep them.
func recordHooks(hooks []manifest.Hook) []*Hook {
	out := make([]*Hook, 0, len(hooks))
	for _, h := range hooks {
		out = append(out, &Hook{
			Name: h.Ref.Name, Kind: h.Ref.Kind, Path: h.Path, Manifest: h.Content,
			Events: h.Events, Weight: h.Weight,
			DeletePolicies: h.DeletePolicies, OutputLogPolicies: h.OutputLogPolicies,
		})
	}
	return out
}

// ComputedValues are the values with which a revision was rendered: its user
// values over its chart's defaults.
func ComputedValues(rel *Release) values.Map {
	if rel.Chart == nil {
		return values.Clone(rel.Config)
	}
	return chart.CoalesceValues(rel.Chart.Values, rel.Config)
}
