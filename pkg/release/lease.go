package release

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"sync"
	"time"
)

// ErrLockLost is the cause of the end of an operation whose record somebody else
// has taken over: it was not heard of for too long.
var ErrLockLost = errors.New("the release was taken over by another operation")

// hold writes the run's holder on its record, which is to be written next.
func (r *run) hold() {
	if _, ok := r.cfg.Store.(Leaser); !ok {
		return
	}
	text, err := json.Marshal(Holder{ID: rand.Text(), Who: r.cfg.Identity.Who, Process: r.cfg.Identity.Process})
	if err != nil {
		return // strings can be marshalled
	}
	r.annotate(annotationHolder, string(text))
}

// annotate puts an annotation on the record, which is to be written next.
func (r *run) annotate(key, value string) {
	r.rel.Annotations = maps.Clone(r.rel.Annotations)
	if r.rel.Annotations == nil {
		r.rel.Annotations = map[string]string{}
	}
	r.rel.Annotations[key] = value
}

// renew keeps the record of the run, which has been written, from being taken
// over. The context that it returns ends with ErrLockLost when that has happened
// all the same. The caller calls stop, after which nothing is written.
func (r *run) renew(ctx context.Context) (_ context.Context, stop func()) {
	leaser, ok := r.cfg.Store.(Leaser)
	if !ok {
		return ctx, func() {}
	}
	ctx, cancel := context.WithCancelCause(ctx)
	ended := make(chan struct{})
	var once sync.Once
	var renewing sync.WaitGroup
	renewing.Go(func() {
		tick := time.NewTicker(renewEvery)
		defer tick.Stop()
		for n := 1; ; n++ {
			select {
			case <-ended:
				return
			case <-tick.C:
			}
			if err := r.renewOnce(ctx, leaser, n); isTaken(err) {
				cancel(fmt.Errorf("%w: %w", ErrLockLost, err))
				return
			}
		}
	})
	stop = func() {
		once.Do(func() { close(ended) })
		renewing.Wait()
		cancel(nil)
	}
	return ctx, stop
}

// renewOnce writes the record's annotation. The end of ctx does not keep it from
// that: what an operation has yet to record is still to be held.
func (r *run) renewOnce(ctx context.Context, leaser Leaser, n int) error {
	r.recording.Lock()
	defer r.recording.Unlock()
	if !r.rel.Info.Status.isBusy() {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), renewEvery)
	defer cancel()
	err := leaser.Renew(ctx, r.rel, map[string]string{annotationRenewed: strconv.Itoa(n)})
	if err != nil {
		r.cfg.Logger.Debug("the hold on a release could not be renewed", "release", r.rel.Name, "error", err)
	}
	return err
}

// isTaken says whether a write to a record failed because somebody else had
// written or removed it.
func isTaken(err error) bool {
	_, conflict := errors.AsType[*ConflictError](err)
	return conflict || errors.Is(err, ErrNotFound)
}

// alone makes sure, after the run's record was created, that nobody else has begun
// meanwhile, and closes the records that others left. If that fails the run's
// record is removed again: the error is a *LockedError or the store's.
func (r *run) alone(ctx context.Context) error {
	err := r.checkAlone(ctx)
	if err == nil {
		err = r.closeLeft(ctx)
	}
	if err == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), recordTimeout)
	defer cancel()
	if delErr := r.cfg.Store.Delete(ctx, r.plan.Key, r.rel.Version); delErr != nil && !errors.Is(delErr, ErrNotFound) {
		err = errors.Join(err, delErr)
	}
	return err
}

func (r *run) checkAlone(ctx context.Context) error {
	heads, err := r.heads(ctx, r.plan.Key)
	if err != nil {
		return err
	}
	for _, h := range heads {
		if h.Status.isBusy() && h.Revision != r.rel.Version && !isLeft(r.plan.left, h.Revision) {
			return r.lockedError(ctx, h)
		}
	}
	return nil
}

// isLeft says whether a revision is among those that were left in a busy status.
func isLeft(over []left, revision int) bool {
	return slices.ContainsFunc(over, func(l left) bool { return l.Revision == revision })
}

// closeLeft records that the operations that were cut off have failed. One that
// has been heard of since it was judged is not over.
func (r *run) closeLeft(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), recordTimeout)
	defer cancel()
	for _, l := range r.plan.left {
		if l.Revision == r.rel.Version {
			continue
		}
		rel, err := r.cfg.Store.Get(ctx, l.Key, l.Revision)
		if err != nil && isGone(err) {
			continue
		}
		if err != nil {
			return err
		}
		if l.version != "" && rel.ResourceVersion != l.version {
			return r.lockedError(ctx, l.Head)
		}
		r.cfg.Logger.Warn("an operation that was cut off is closed as failed", "release", rel.Name, "revision", rel.Version, "status", string(rel.status()))
		rel.Info.Description = fmt.Sprintf("Interrupted while %s; revision %d went on", rel.status(), r.rel.Version)
		rel.Info.Status = StatusFailed
		switch err := r.cfg.Store.Update(ctx, rel); {
		case err == nil || errors.Is(err, ErrNotFound):
		case isTaken(err):
			return r.lockedError(ctx, l.Head)
		default:
			return err
		}
	}
	return nil
}
