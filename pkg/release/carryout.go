package release

import (
	"context"
	"errors"
	"time"
)

// CarryOut plans a change and applies it. When somebody else was faster between the
// two, which is ErrLocked and has done nothing, it plans anew, for as long as
// lock.Wait allows. plan makes the plan with the lock options that it is given; it
// returns nil for a plan that is not to be applied. The errors are those of plan and
// of Apply.
func (e *Engine) CarryOut(ctx context.Context, lock LockOptions, plan func(context.Context, LockOptions) (*Plan, error), opts ApplyOptions) (*Release, error) {
	end := time.Now().Add(lock.Wait)
	for {
		p, err := plan(ctx, lock)
		if p == nil || err != nil {
			return nil, err
		}
		rel, err := e.Apply(ctx, p, opts)
		lock.Wait = time.Until(end)
		if rel != nil || !errors.Is(err, ErrLocked) || lock.Wait <= 0 {
			return rel, err
		}
		if err := sleep(ctx, lockPoll); err != nil {
			return nil, err
		}
	}
}
