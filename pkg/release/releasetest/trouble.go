package releasetest

import (
	"context"

	"github.com/seed-0d4f92cc/pack/pkg/manifest"
	"github.com/seed-0d4f92cc/pack/pkg/release"
)

// SetTroubles says which troubles an object is in from now on, for as long as it
// is not ready; without any it is in none.
func (c *Cluster) SetTroubles(ref manifest.Ref, troubles ...release.Trouble) {
	for i := range troubles {
		troubles[i].Workload = ref
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.troubles[idOf(ref)] = troubles
}

// SetReports says what is known of an object that is not ready.
func (c *Cluster) SetReports(ref manifest.Ref, reports ...release.Report) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.reports[idOf(ref)] = reports
}

// Troubles implements release.Diagnoser.
func (c *Cluster) Troubles(ctx context.Context, pending []release.State) ([]release.Trouble, error) {
	n, err := c.begin(ctx, Call{Op: OpTroubles, Refs: refsOf(pending)})
	if err != nil {
		return nil, c.end(n, "", err)
	}
	return collect(c, c.troubles, pending), nil
}

// Report implements release.Diagnoser.
func (c *Cluster) Report(ctx context.Context, pending []release.State) ([]release.Report, error) {
	n, err := c.begin(ctx, Call{Op: OpReport, Refs: refsOf(pending)})
	if err != nil {
		return nil, c.end(n, "", err)
	}
	return collect(c, c.reports, pending), nil
}

func refsOf(states []release.State) []manifest.Ref {
	refs := make([]manifest.Ref, len(states))
	for i, s := range states {
		refs[i] = s.Ref
	}
	return refs
}

// collect is what was set for objects.
func collect[T any](c *Cluster, set map[objectID][]T, states []release.State) []T {
	c.mu.Lock()
	defer c.mu.Unlock()
	var out []T
	for _, s := range states {
		out = append(out, set[idOf(s.Ref)]...)
	}
	return out
}
