package release

import (
	"github.com/seed-0d4f92cc/pack/pkg/manifest"
)

// EventKind tells the kinds of Event apart.
type EventKind int

// The kinds of events.
const (
	// EventRecorded: the revision's record was written with Status.
	EventRecorded EventKind = iota
	// EventApplied: an object was created, updated, deleted or found to be
	// right already, as Action says.
	EventApplied
	// EventKept: an object that the release no longer has was left.
	EventKept
	// EventLeft: Fields of an object were left to others, who have changed them
	// since the last revision; the release did not.
	EventLeft
	// EventFailed: a step failed with Message.
	EventFailed
	// EventHook: a hook is at the state that Message says.
	EventHook
	// EventWaiting: an object that is waited for is at State; with Gone, until
	// it no longer exists.
	EventWaiting
)

// Event is one piece of progress.
type Event struct {
	Kind    EventKind
	Ref     manifest.Ref
	Action  Action
	Status  Status
	State   State
	Message string
	Gone    bool
	Fields  []LeftField
}

// observe passes an event on, one at a time.
func (r *run) observe(ev Event) {
	if r.opts.Observe == nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.opts.Observe(ev)
}
