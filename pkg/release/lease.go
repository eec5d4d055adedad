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
	"sync/atomic"
	"time"
)

// ErrLockLost is the cause of the end of an operation whose record somebody else
// has taken over: it was not heard of for too long.
var ErrLockLost = errors.New("the release was taken over by another operation")

// holding is what a run knows of its hold on the release. The run's recording guards
// what is not atomic.
type holding struct {
	// id is that of the Holder; empty where the store can keep no lock.
	id string
	// renewed is when the record was about to be written last, by a write that
	// succeeded.
	renewed atomic.Pointer[time.Time]
	// renewals counts them.
	renewals int
	// lose ends the run's context; nil before that can be lost.
	lose context.CancelCauseFunc
}

// hold writes the run's holder on its record, which is to be written next.
func (r *run) hold() {
	if _, ok := r.cfg.Store.(Leaser); !ok {
		return
	}
	h := Holder{ID: rand.Text(), Who: r.cfg.Identity.Who, Process: r.cfg.Identity.Process}
	text, err := json.Marshal(h)
	if err != nil {
		return // strings can be marshalled
	}
	r.holding.id = h.ID
	r.annotate(annotationHolder, string(text))
}

// annotate puts an annotation on the record, which is to be written next.
func (r *run) annotate(key, value string) {
	r.rel.Annotations = withAnnotation(r.rel.Annotations, key, value)
}

// withAnnotation is a copy of annotations with one more.
func withAnnotation(annotations map[string]string, key, value string) map[string]string {
	out := maps.Clone(annotations)
	if out == nil {
		out = map[string]string{}
	}
	out[key] = value
	return out
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
	r.recording.Lock()
	r.holding.lose = cancel
	r.recording.Unlock()
	ended := make(chan struct{})
	var once sync.Once
	var renewing sync.WaitGroup
	renewing.Go(func() {
		tick := time.NewTicker(renewEvery)
		defer tick.Stop()
		for {
			select {
			case <-ended:
				return
			case <-tick.C:
			}
			r.recording.Lock()
			err := r.renewOnce(ctx, leaser, renewEvery)
			r.recording.Unlock()
			if isTaken(err) {
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
// that: what an operation has yet to record is still to be held. If the record has
// been taken over that ends the run's context. The caller holds r.recording.
func (r *run) renewOnce(ctx context.Context, leaser Leaser, limit time.Duration) error {
	if !r.rel.Info.Status.isBusy() {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), limit)
	defer cancel()
	r.holding.renewals++
	// Nobody else writes the same, so that it tells whether a write was carried out.
	note := map[string]string{annotationRenewed: r.holding.id + "/" + strconv.Itoa(r.holding.renewals)}
	err := r.asHolder(ctx, func() error { return leaser.Renew(ctx, r.rel, note) })
	if err != nil {
		r.cfg.Logger.Debug("the hold on a release could not be renewed", "release", r.rel.Name, "error", err)
	}
	if isTaken(err) && r.holding.lose != nil {
		r.holding.lose(fmt.Errorf("%w: %w", ErrLockLost, err))
	}
	return err
}

// maxTouches bounds how often a write to the run's record is made anew because
// somebody has written it who has not taken it over.
const maxTouches = 5

// asHolder makes a write to the run's record, which the version of the record goes
// with. Where that has changed although the holder is still this run, such as by a
// label that a controller has put on it, the write is made anew. The caller holds
// r.recording.
func (r *run) asHolder(ctx context.Context, write func() error) error {
	for tries := 1; ; tries++ {
		began := time.Now()
		err := write()
		if err == nil {
			r.holding.renewed.Store(&began)
			return nil
		}
		if _, conflict := errors.AsType[*ConflictError](err); !conflict || tries == maxTouches {
			return err
		}
		mine, readErr := r.isMine(ctx)
		if readErr != nil {
			// What the conflict means is not known, so that the lock is not lost yet.
			return fmt.Errorf("reading who holds revision %d of %s: %w", r.rel.Version, r.rel.Name, readErr)
		}
		if !mine {
			return err
		}
	}
}

// isMine reads whether the record is still this run's, and its version.
func (r *run) isMine(ctx context.Context) (bool, error) {
	leaser, ok := r.cfg.Store.(Leaser)
	if !ok || r.holding.id == "" {
		return false, nil
	}
	lease, err := leaser.Lease(ctx, r.rel.Key(), r.rel.Version)
	if errors.Is(err, ErrNotFound) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	h := holderOf(lease.Annotations)
	if h == nil || h.ID != r.holding.id {
		return false, nil
	}
	r.rel.ResourceVersion = lease.ResourceVersion
	return true, nil
}

// stillHeld makes sure that a write that is about to be sent is not sent after
// somebody else has taken the release over: who was stopped for a while, or could not
// reach the server, renews first. It costs no request as long as renewals go through.
// ErrLockLost.
func (r *run) stillHeld(ctx context.Context) error {
	if cause := context.Cause(ctx); errors.Is(cause, ErrLockLost) {
		return cause
	}
	leaser, ok := r.cfg.Store.(Leaser)
	if !ok {
		return nil
	}
	if !r.isStale() {
		return nil
	}
	r.recording.Lock()
	defer r.recording.Unlock()
	if !r.isStale() {
		return nil // another write has asked
	}
	err := r.renewOnce(ctx, leaser, recordTimeout)
	switch {
	case isTaken(err):
		return fmt.Errorf("%w: %w", ErrLockLost, err)
	case err != nil:
		return fmt.Errorf("nothing is written before the hold on release %s is renewed: %w", r.rel.Name, err)
	}
	return nil
}

// isStale says whether the record was renewed so long ago that somebody may have taken
// it over, by whichever clock says more: the one that time is measured by runs on while
// a process is stopped, but not while the machine sleeps.
func (r *run) isStale() bool {
	at := r.holding.renewed.Load()
	return at != nil && max(time.Since(*at), time.Since(at.Round(0))) >= staleAfter
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
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), r.recordTime())
	defer cancel()
	if delErr := r.cfg.Store.Delete(ctx, r.plan.Key, r.rel.Version); delErr != nil && !errors.Is(delErr, ErrNotFound) {
		err = errors.Join(err, delErr)
	}
	return err
}

func (r *run) checkAlone(ctx context.Context) error {
	heads, err := r.heads(ctx)
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
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), r.recordTime())
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
		if alive, known := r.alive(holderOf(rel.Annotations)); alive || !known {
			rel.Annotations = withAnnotation(rel.Annotations, annotationOvertaken, "true")
		}
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
