package release

import (
	"context"
	"errors"
	"sync"
	"time"
)

// lingerFor is how long a write that is under way may go on when its operation ends.
const lingerFor = 5 * time.Second

// linger returns a context that outlives ctx by lingerFor: a write that is cut off may
// have been carried out or not, or be carried out after the outcome was recorded. One
// whose operation has lost its lock ends at once. The caller calls done when the write
// has ended.
func linger(ctx context.Context) (_ context.Context, done func()) {
	out, cancel := context.WithCancelCause(context.WithoutCancel(ctx))
	var mu sync.Mutex
	var timer *time.Timer
	ended := false
	stop := context.AfterFunc(ctx, func() {
		cause := context.Cause(ctx)
		if errors.Is(cause, ErrLockLost) {
			cancel(cause)
			return
		}
		mu.Lock()
		defer mu.Unlock()
		if !ended {
			timer = time.AfterFunc(lingerFor, func() { cancel(cause) })
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
