// Package parallel spreads calls over goroutines that have ended when it
// returns.
package parallel

import (
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
	if workers = min(workers, n); workers <= 1 {
		work()
		return int(stop.Load())
	}
	var group sync.WaitGroup
	for range workers {
		group.Go(work)
	}
	group.Wait()
	return int(stop.Load())
}
