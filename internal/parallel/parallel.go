// Package parallel spreads calls over goroutines that have ended when it
// returns.
package parallel

import (
	"context"
	"sync"
	"sync/atomic"
)

// Do calls do for 0 up to n, in that order but several at once. When a
// call returns false no greater number is begun. It returns the smallest number
// for which do returned false, or n: all below it are done.
func Do(workers, n int, do func(int) bool) int {
	var next, stop atomic.Int64
	stop.Store(int64(n))
	work := func() {
		for {
			i := next.Add(1) - 1
			if i >= stop.Load() {
				return
			}
			if do(int(i)) {
				continue
			}
			for old := stop.Load(); i < old && !stop.CompareAndSwap(old, i); old = stop.Load() {
			}
		}
	}
	var group sync.WaitGroup
	for range min(workers, n) - 1 {
		group.Go(work)
	}
	work()
	group.Wait()
	return int(stop.Load())
}

// Each calls fn for 0 up to n, in that order but several at once, and returns the
// errors by their numbers. When ctx ends no further call begins; all says whether all
// have been made.
func Each(ctx context.Context, workers, n int, fn func(ctx context.Context, i int) error) (errs []error, all bool) {
	errs = make([]error, n)
	done := Do(workers, n, func(i int) bool {
		if ctx.Err() != nil {
			return false
		}
		errs[i] = fn(ctx, i)
		return true
	})
	return errs, done == n
}
