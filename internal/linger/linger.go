// Package linger gives writes that are under way the time to come to their end.
package linger

import (
	"context"
	"errors"
	"sync"
	"time"
)

// limit is how long a write that is under way may go on when its operation ends.
const limit = 5 * time.Second

// Context returns a context that outlives ctx by five seconds: a write that is cut off
// may have been carried out or not, or be carried out after the outcome was recorded.
// Where ctx ends because of final it ends at once. The caller calls done when the write
// has ended.
func Context(ctx context.Context, final error) (_ context.Context, done func()) {
	out, cancel := context.WithCancelCause(context.WithoutCancel(ctx))
	var mu sync.Mutex
	var timer *time.Timer
	ended := false
	stop := context.AfterFunc(ctx, func() {
		cause := context.Cause(ctx)
		if errors.Is(cause, final) {
			cancel(cause)
			return
		}
		mu.Lock()
		defer mu.Unlock()
		if !ended {
			timer = time.AfterFunc(limit, func() { cancel(cause) })
		}
	})
	return out, func() {
		stop()
		mu.Lock()
		defer mu.Unlock()
		if ended = true; timer != nil {
			timer.Stop()
		}
		cancel(nil)
	}
}
