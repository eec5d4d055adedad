package release

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/seed-0d4f92cc/pack/internal/selector"
)

// listed returns the heads that are to be listed, in no order, and what there was
// to list. The selector is not for the store: an older revision must not stand in
// for a newest one that does not match.
func (r Records) listed(ctx context.Context, f ListFilter) ([]Head, []*census, error) {
	sel, err := selector.Parse(f.Selector)
	if err != nil {
		return nil, nil, err
	}
	c := &collector{
		filter: f, newest: map[Key]Head{},
		history: len(f.States) == 1 && f.States[0] == StatusSuperseded,
	}
	err = r.collect(ctx, c, f.Namespace)
	if f.Namespace == "" && errors.Is(err, ErrForbidden) {
		err = r.collectEach(ctx, c, err)
	}
	if err != nil {
		return nil, nil, err
	}
	heads := slices.DeleteFunc(c.heads(), func(h Head) bool {
		return len(f.States) > 0 && !slices.Contains(f.States, h.Status) || !sel.Matches(h.Labels)
	})
	return heads, c.pools, nil
}

// collect lists one namespace, or all.
func (r Records) collect(ctx context.Context, c *collector, namespace string) error {
	pool := newCensus(ListOptions{Namespace: namespace})
	for h, err := range r.Store.List(ctx, pool.opts) {
		if err != nil {
			return err
		}
		pool.count(h)
		c.add(h)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.pools = append(c.pools, pool)
	return nil
}

// collectEach lists the namespaces that may be listed, several at once. If there
// are none it returns why not all may be.
func (r Records) collectEach(ctx context.Context, c *collector, forbidden error) error {
	store, ok := r.Store.(NamespaceLister)
	if !ok {
		return forbidden
	}
	namespaces, err := store.Namespaces(ctx)
	switch {
	case errors.Is(err, ErrForbidden):
		return fmt.Errorf("%w; nor may the namespaces be listed, so name one", forbidden)
	case err != nil:
		return fmt.Errorf("%w; and the namespaces cannot be listed: %w", forbidden, err)
	}
	left := make([]bool, len(namespaces))
	group, groupCtx := errgroup.WithContext(ctx)
	group.SetLimit(r.parallel())
	for i, namespace := range namespaces {
		group.Go(func() error {
			err := r.collect(groupCtx, c, namespace)
			if left[i] = errors.Is(err, ErrForbidden); left[i] {
				return nil
			}
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return err
	}
	var names []string
	for i, namespace := range namespaces {
		if left[i] {
			names = append(names, namespace)
		}
	}
	if len(names) == len(namespaces) {
		return forbidden
	}
	if r.Forbidden != nil && len(names) > 0 {
		slices.Sort(names)
		r.Forbidden(names)
	}
	return nil
}

// collector keeps of the heads of a list those that may have to be listed, so that
// a list of many revisions takes no more memory than what it shows.
type collector struct {
	filter ListFilter
	// history: all superseded revisions are listed, not the newest of each release.
	history bool

	mu         sync.Mutex
	newest     map[Key]Head
	superseded []Head
	pools      []*census
}

func (c *collector) add(h Head) {
	if c.filter.Name != nil && !c.filter.Name.MatchString(h.Key.Name) {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.history {
		if h.Status == StatusSuperseded {
			c.superseded = append(c.superseded, h)
		}
		return
	}
	if newest, ok := c.newest[h.Key]; !ok || h.Revision > newest.Revision {
		c.newest[h.Key] = h
	}
}

func (c *collector) heads() []Head {
	if c.history {
		return c.superseded
	}
	heads := make([]Head, 0, len(c.newest))
	for _, h := range c.newest {
		heads = append(heads, h)
	}
	return heads
}
