package release

import (
	"context"
	"encoding/json"
	"errors"
	"time"
)

// The newest record in a busy status is the lock of its release: creating the next
// revision is atomic, and an uninstall marks the newest one. Who works on it writes
// himself on the record and renews that; who finds a record that nobody renews
// takes the release over. Time is that of the server of the records, as it notes
// when an object was written: clocks of those who work are never compared.
const (
	// leaseFor is how long a record counts as held after its holder wrote it last.
	leaseFor = 10 * time.Second
	// renewEvery is how often a holder writes it.
	renewEvery = 3 * time.Second
	// DefaultSilent is how long a record without a holder counts as held: Helm
	// writes none, and nothing while it waits.
	DefaultSilent = time.Minute
	// staleAfter is how long ago a holder may have renewed his record to write on
	// without asking whether it is still his.
	staleAfter = leaseFor - renewEvery
	// watchFor is how long a record is looked at before its holder counts as dead,
	// however long ago it was written: the server may have been away, so that it
	// could not be renewed, or what stands before the server has another clock.
	watchFor = renewEvery + time.Second
	// maxGap is how long a look may take; one that took longer says that the server
	// was away.
	maxGap = 2 * time.Second
	// lockPoll is how often a held record is looked at.
	lockPoll = 250 * time.Millisecond
)

// annotationHolder says who works on a revision, annotationRenewed changes with
// every renewal.
const (
	annotationHolder  = AnnotationPrefix + "holder"
	annotationRenewed = AnnotationPrefix + "renewed"
	// annotationOvertaken marks a record that was taken over from somebody who may
	// not have been dead: what he had sent may arrive later.
	annotationOvertaken = AnnotationPrefix + "overtaken"
)

// Holder is who works on a revision.
type Holder struct {
	// ID is another one for every operation.
	ID string `json:"id"`
	// Who is for people: "alice@ci-7".
	Who string `json:"who,omitempty"`
	// Process identifies the process to Identity.Alive.
	Process string `json:"process,omitempty"`
}

// Identity is what an engine writes on the records that it works on.
type Identity struct {
	// Who is for people: "alice@ci-7"; empty is fine.
	Who string
	// Process identifies this process, to Alive of another; empty is fine.
	Process string
	// Alive says whether a process still runs, where that can be known: then a
	// release that was left by a killed process need not be waited for. Nil knows
	// of none.
	Alive func(process string) (alive, known bool)
}

// LockOptions say what happens when somebody else works on the release.
type LockOptions struct {
	// Wait is how long a holder that is alive is waited for; 0 means not at all.
	// Whether it is alive takes up to 10 seconds to know.
	Wait time.Duration
	// Silent is how long a record counts as held whose holder is not known, after
	// it was written last: 0 means DefaultSilent for a deployment, and not at all
	// for a rollback and an uninstall, by which people free a release that Helm
	// left; a negative one is never taken over.
	Silent time.Duration

	// now: what is not known at once counts as held.
	now bool
	// free: what is not known counts as left, unless Silent says otherwise.
	free bool
}

// Lease is what a store knows of the object that holds a record.
type Lease struct {
	// Age is how long ago it was written, by the clock of the server.
	Age time.Duration
	// ResourceVersion is as in Release, Annotations as in Head.
	ResourceVersion string
	Annotations     map[string]string
}

// Leaser is a Store by which a lock can be kept and judged. Without that power a
// record that is pending keeps deployments out until a rollback or an uninstall
// frees the release.
type Leaser interface {
	// Renew writes the object that holds a record, and no more of it than
	// annotations, and refreshes the ResourceVersion. Errors are those of Update.
	Renew(ctx context.Context, rel *Release, annotations map[string]string) error
	// Lease reads what is known of the object. ErrNotFound.
	Lease(ctx context.Context, key Key, revision int) (Lease, error)
}

// isBusy says whether an operation is under way, or was cut off.
func (s Status) isBusy() bool { return s.IsPending() || s == StatusUninstalling }

// holderOf reads who works on a record; nil for nobody that says so.
func holderOf(annotations map[string]string) *Holder {
	var h Holder
	if text := annotations[annotationHolder]; len(text) > maxSummary || json.Unmarshal([]byte(text), &h) != nil || h.ID == "" {
		return nil
	}
	return &h
}

// Holder is who works on the revision, as far as its annotations tell; nil for
// nobody, and for Helm.
func (h Head) Holder() *Holder {
	if !h.Status.isBusy() {
		return nil
	}
	return holderOf(h.Annotations)
}

// left is a record that somebody left in a busy status.
type left struct {
	Head
	// version is the one at which it was judged; empty for a record that another
	// one has overtaken, which needs no judgement.
	version string
}

// settle waits until nobody works on a release. It returns the heads of its
// records, and those that were left in a busy status, oldest first. *LockedError.
func (e *Engine) settle(ctx context.Context, key Key, opts LockOptions) ([]Head, []left, error) {
	j := &lockJudge{Engine: e, opts: opts, began: time.Now()}
	for {
		heads, err := e.heads(ctx, key)
		if err != nil || len(heads) == 0 {
			return nil, nil, err
		}
		older, newest := heads[:len(heads)-1], heads[len(heads)-1]
		var over []left
		for _, h := range older {
			if h.Status.isBusy() {
				over = append(over, left{Head: h})
			}
		}
		if !newest.Status.isBusy() {
			return heads, over, nil
		}
		verdict, version, err := j.judge(ctx, newest)
		switch {
		case err != nil:
			return nil, nil, err
		case verdict == lockLeft:
			return heads, append(over, left{newest, version}), nil
		case verdict == lockHeld:
			return nil, nil, j.lockedError(ctx, newest)
		}
		if err := sleep(ctx, lockPoll); err != nil {
			return nil, nil, err
		}
	}
}

func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

// lockVerdict is what is known of a record in a busy status.
type lockVerdict int

const (
	lockUnsure lockVerdict = iota
	// lockHeld: somebody works on it.
	lockHeld
	// lockLeft: nobody does.
	lockLeft
)

// lockJudge judges a lock over several looks at it.
type lockJudge struct {
	*Engine
	opts  LockOptions
	began time.Time
	// revision and version are those of the first look.
	revision int
	version  string
	// last is the version of the last look, which was at looked, and since when it was
	// seen to be that without a gap in which the server was away.
	last   string
	looked time.Time
	since  time.Time
	// asked says that the user knows what is waited for.
	asked bool
}

// judge looks at a record once. version is the one that was looked at.
func (j *lockJudge) judge(ctx context.Context, head Head) (verdict lockVerdict, version string, err error) {
	leaser, ok := j.cfg.Store.(Leaser)
	if !ok {
		// It cannot be known. An uninstall can be run again, as in Helm.
		if j.opts.free || head.Status == StatusUninstalling {
			return lockLeft, "", nil
		}
		return lockHeld, "", nil
	}
	lease, err := leaser.Lease(ctx, head.Key, head.Revision)
	if errors.Is(err, ErrNotFound) {
		return lockUnsure, "", nil
	}
	if err != nil {
		return lockUnsure, "", err
	}
	if j.revision != head.Revision {
		j.revision, j.version = head.Revision, lease.ResourceVersion
	}
	now := time.Now()
	if j.last != lease.ResourceVersion || now.Sub(j.looked) > maxGap {
		j.last, j.since = lease.ResourceVersion, now
	}
	j.looked = now
	holder := holderOf(lease.Annotations)
	alive, known := j.alive(holder)
	switch {
	case known && !alive, j.expired(holder, lease):
		return lockLeft, lease.ResourceVersion, nil
	case j.opts.now:
		return lockHeld, "", nil
	case j.silent(holder) < 0, known, lease.ResourceVersion != j.version:
		if time.Since(j.began) >= j.opts.Wait {
			return lockHeld, "", nil
		}
	}
	j.tell(head, holder, lease.Age)
	return lockUnsure, "", nil
}

// expired says whether a record has not been written for so long that nobody works on
// it any more: as the server tells, or as was seen here, whatever the server's clock is.
func (j *lockJudge) expired(holder *Holder, lease Lease) bool {
	silent, watched := j.silent(holder), time.Since(j.since)
	switch {
	case silent < 0:
		return false
	case watched >= silent:
		return true
	}
	return lease.Age >= silent && (holder == nil || watched >= watchFor)
}

// alive asks whether the holder's process runs, where that can be known.
func (e *Engine) alive(holder *Holder) (alive, known bool) {
	if holder == nil || holder.Process == "" || e.cfg.Identity.Alive == nil {
		return false, false
	}
	return e.cfg.Identity.Alive(holder.Process)
}

// silent is how long a record counts as held after it was written; negative means
// for ever.
func (j *lockJudge) silent(holder *Holder) time.Duration {
	switch {
	case holder != nil:
		return leaseFor
	case j.opts.Silent == 0 && j.opts.free:
		return 0
	case j.opts.Silent == 0:
		return DefaultSilent
	}
	return j.opts.Silent
}

// tell says once what is waited for.
func (j *lockJudge) tell(head Head, holder *Holder, age time.Duration) {
	if j.asked {
		return
	}
	j.asked = true
	who := "somebody who does not say whether it still works on it, such as Helm"
	if holder != nil {
		who = holder.String()
	}
	j.cfg.Logger.Warn("waiting to see whether somebody works on the release",
		"release", head.Key.Name, "revision", head.Revision, "status", string(head.Status), "holder", who,
		"written", age.Round(time.Second).String()+" ago", "until", j.silent(holder).String()+" after it was written last")
}

// String names the holder for people.
func (h *Holder) String() string {
	if h.Who != "" {
		return h.Who
	}
	return h.ID
}

// lockedError tells of a record that keeps others out, and since when it is there
// if it can be read.
func (e *Engine) lockedError(ctx context.Context, head Head) *LockedError {
	err := &LockedError{Key: head.Key, Revision: head.Revision, Status: head.Status, Holder: holderOf(head.Annotations)}
	if s, ok := head.Summary(); ok {
		err.Since = Time{s.Updated}
		return err
	}
	if rel, getErr := e.cfg.Store.Get(ctx, head.Key, head.Revision); getErr == nil {
		err.Since = rel.Info.LastDeployed
	}
	return err
}
