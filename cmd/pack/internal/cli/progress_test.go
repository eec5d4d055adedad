package cli

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-0d4f92cc/pack/pkg/manifest"
	"github.com/seed-0d4f92cc/pack/pkg/release"
)

func waitingEvent(kind, name string, status release.ObjectStatus, message string) release.Event {
	ref := manifest.Ref{Kind: kind, Namespace: "ns", Name: name}
	return release.Event{Kind: release.EventWaiting, Ref: ref, State: release.State{Ref: ref, Status: status, Message: message}}
}

func TestProgressLines(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	s := newSession(App{Err: &out, Env: func(string) (string, bool) { return "", false }})
	p := s.newProgress()
	gone := func(status release.ObjectStatus, message string) release.Event {
		ev := waitingEvent("Job", "old", status, message)
		ev.Gone = true
		return ev
	}
	never := gone(release.ObjectNotFound, "Resource not found")
	never.Ref.Name = "never"
	for _, ev := range []release.Event{
		{Kind: release.EventRecorded, Status: release.StatusPendingInstall},
		{Kind: release.EventHook, Ref: manifest.Ref{Kind: "Job", Name: "old"}, Message: "Running"},
		{Kind: release.EventApplied, Ref: manifest.Ref{Kind: "Deployment", Name: "web"}, Action: release.ActionCreated},
		never,
		gone(release.ObjectTerminating, "Resource scheduled for deletion"),
		gone(release.ObjectNotFound, "Resource not found"),
		waitingEvent("ConfigMap", "c", release.ObjectCurrent, "Resource is always ready"),
		waitingEvent("Deployment", "web", release.ObjectInProgress, "Available: 0/2"),
		waitingEvent("Deployment", "web", release.ObjectInProgress, "Available: 0/2"),
		waitingEvent("Deployment", "web", release.ObjectInProgress, "Available: 1/2"),
		waitingEvent("Widget", "w", release.ObjectFailed, "first\n\x1b[31msecond\tthird "+strings.Repeat("é", 400)),
		waitingEvent("Deployment", "web", release.ObjectCurrent, ""),
	} {
		p.observe(ev)
	}
	want := "waiting: Job/old Terminating: Resource scheduled for deletion\n" +
		"waiting: Job/old Deleted\n" +
		"waiting: Deployment/web InProgress: Available: 0/2\n" +
		"waiting: Deployment/web InProgress: Available: 1/2\n" +
		"waiting: Widget/w Failed: first [31msecond third " + strings.Repeat("é", 300-len("first [31msecond third …")+2) + "…\n" +
		"waiting: Deployment/web Current\n"
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Errorf("lines (-want +got):\n%s", diff)
	}
}
