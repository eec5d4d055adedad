package release

import (
	"context"
	"runtime"
	"slices"
	"strings"
	"sync"
)

// Summaries returns what a history shows of the newest n records of a release,
// oldest first; 0 means all. It reads the payload of a record only where its
// annotations do not tell. Errors are those of History.
func (r Records) Summaries(ctx context.Context, key Key, n int) ([]Summary, error) {
	heads, err := r.newestHeads(ctx, key, n)
	if err != nil {
		return nil, err
	}
	c := newCensus(ListOptions{Namespace: key.Namespace, Name: key.Name})
	for _, h := range heads {
		c.count(h)
	}
	all, damaged, err := r.summaries(ctx, heads, knownToHistories, c)
	if err != nil {
		return nil, err
	}
	if len(all) == 0 {
		return nil, noneReadable(damaged)
	}
	return all, nil
}

// summaries returns the summaries of heads, in their order, without those of
// records that are damaged or have gone meanwhile; and what is wrong with the
// damaged ones. Payloads are read where the annotations tell less than need.
func (r Records) summaries(ctx context.Context, heads []Head, need known, pools ...*census) ([]Summary, []error, error) {
	all := make([]*Summary, len(heads))
	var unread []Head
	for i, h := range heads {
		if s, tells := h.summary(); tells >= need {
			all[i] = &s
			continue
		}
		unread = append(unread, h)
	}
	read, damaged, err := r.summarize(ctx, unread, pools)
	if err != nil {
		return nil, nil, err
	}
	out := make([]Summary, 0, len(heads))
	for i, h := range heads {
		s := all[i]
		if s == nil {
			s, read = read[0], read[1:]
		}
		if s != nil {
			s.Key, s.Status = h.Key, h.Status
			out = append(out, *s)
		}
	}
	return out, damaged, nil
}

// summarize reads the payloads of heads, all at once where that is worth its while
// and one by one otherwise. Its results are those of read.
func (r Records) summarize(ctx context.Context, heads []Head, pools []*census) ([]*Summary, []error, error) {
	swept := map[recordKey]*Summary{}
	for _, pool := range pools {
		if err := r.sweep(ctx, pool, heads, swept); err != nil {
			return nil, nil, err
		}
	}
	return read(ctx, r, heads, func(ctx context.Context, h Head) (*Summary, error) {
		if s := swept[recordKey{h.Key, h.Revision}]; s != nil {
			return s, nil
		}
		if store, ok := r.Store.(Summarizer); ok {
			s, err := store.Summarize(ctx, h)
			return &s, err
		}
		rel, err := r.Store.Get(ctx, h.Key, h.Revision)
		if err != nil {
			return nil, err
		}
		s := rel.Summary()
		return &s, nil
	})
}

// A sweep reads records that nobody asked for, and saves requests. It is worth its
// while from sweepFrom records on, and if no more than sweepWaste times as many are
// read as are needed.
const (
	sweepFrom  = 8
	sweepWaste = 4
)

// census counts the records of a listing, to tell what a sweep of them would read.
type census struct {
	opts     ListOptions
	byStatus map[string]int
}

func newCensus(opts ListOptions) *census { return &census{opts: opts, byStatus: map[string]int{}} }

func (c *census) count(h Head) { c.byStatus[h.Labels[labelStatus]]++ }

// sweep reads those of heads that are of pool, if it is worth its while, by the
// statuses that they have. What it has not read, or cannot, is left to be read one
// by one.
func (r Records) sweep(ctx context.Context, pool *census, heads []Head, into map[recordKey]*Summary) error {
	store, ok := r.Store.(Sweeper)
	if !ok {
		return nil
	}
	wanted := map[recordKey]bool{}
	var statuses []string
	for _, h := range heads {
		status := h.Labels[labelStatus]
		if status == "" || pool.opts.Namespace != "" && h.Key.Namespace != pool.opts.Namespace {
			continue
		}
		wanted[recordKey{h.Key, h.Revision}] = true
		if !slices.Contains(statuses, status) {
			statuses = append(statuses, status)
		}
	}
	total := 0
	for _, status := range statuses {
		total += pool.byStatus[status]
	}
	if len(wanted) < sweepFrom || total > sweepWaste*len(wanted) {
		return nil
	}
	slices.Sort(statuses)
	opts := pool.opts
	opts.Selector = labelStatus + " in (" + strings.Join(statuses, ",") + ")"
	return r.sweepInto(ctx, store, opts, wanted, into)
}

// sweepInto reads what opts select and keeps the summaries of what is wanted.
func (r Records) sweepInto(ctx context.Context, store Sweeper, opts ListOptions, wanted map[recordKey]bool, into map[recordKey]*Summary) error {
	found := make(chan Stored)
	var mu sync.Mutex
	var readers sync.WaitGroup
	for range min(r.parallel(), runtime.GOMAXPROCS(0)) {
		readers.Go(func() {
			var o outliner
			for s := range found {
				sum, err := o.summarize(s.Head, s.Payload)
				if err != nil {
					continue // it is read again by itself, and fails there
				}
				mu.Lock()
				into[recordKey{s.Key, s.Revision}] = &sum
				mu.Unlock()
			}
		})
	}
	for s, err := range store.Sweep(ctx, opts) {
		if err != nil {
			break // what is missing is read one by one, and fails there
		}
		if wanted[recordKey{s.Key, s.Revision}] {
			found <- s
		}
	}
	close(found)
	readers.Wait()
	return ctx.Err()
}

// recordKey identifies a record.
type recordKey struct {
	key      Key
	revision int
}
