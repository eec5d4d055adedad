package cli

import (
	"fmt"
	"log/slog"
	"strings"
	"unicode"

	"github.com/seed-0d4f92cc/pack/pkg/manifest"
	"github.com/seed-0d4f92cc/pack/pkg/release"
)

// maxMessage bounds what is shown of a message of the cluster, in characters.
const maxMessage = 300

// progress shows on the standard error what an operation waits for: on a terminal
// a table that is kept current, elsewhere a line for each change of an object.
// With --debug it is lines among all else that is logged.
type progress struct {
	*session
	table *liveTable // nil for lines
	// last is what was shown of each object.
	last map[manifest.Ref]string
	// left says what was left to others; it is shown at the end.
	left []string
}

func (s *session) newProgress() *progress {
	p := &progress{session: s, last: map[manifest.Ref]string{}}
	if name, _ := s.Env("TERM"); s.screen != nil && !s.Debug && name != "dumb" {
		p.table = s.newLiveTable()
	}
	return p
}

// close ends the showing.
func (p *progress) close() {
	if p.table != nil {
		p.table.close()
	}
	for _, line := range p.left {
		fmt.Fprintln(p.Err, line)
	}
}

func (p *progress) observe(ev release.Event) {
	ref := slog.String("object", objectName(ev.Ref))
	switch ev.Kind {
	case release.EventApplied:
		p.Log.Debug("applied", ref, "action", string(ev.Action))
	case release.EventKept:
		p.Log.Debug("kept", ref, "reason", ev.Message)
	case release.EventLeft:
		for _, f := range ev.Fields {
			p.left = append(p.left, fmt.Sprintf("kept: %s of %s as %s has set it; --force-conflicts takes it back",
				shownText(f.Path), objectName(ev.Ref), shownText(f.Manager)))
		}
	case release.EventFailed:
		p.Log.Debug("failed", ref, "error", ev.Message)
	case release.EventHook:
		p.Log.Debug("hook", ref, "phase", ev.Message)
	case release.EventWaiting:
		p.waiting(ev)
	case release.EventRecorded:
		p.Log.Debug("recorded", "status", string(ev.Status))
	}
}

// waiting shows a change. Nothing is said of what needs no waiting: it is ready,
// or gone, as soon as it is looked at.
func (p *progress) waiting(ev release.Event) {
	if p.table != nil {
		p.table.show(ev)
		return
	}
	status, message := waitingText(ev)
	text := status
	if message != "" {
		text += ": " + message
	}
	last, shown := p.last[ev.Ref]
	if last == text || !shown && reached(ev) {
		return
	}
	p.last[ev.Ref] = text
	fmt.Fprintf(p.Err, "waiting: %s %s\n", objectName(ev.Ref), text)
}

// reached says whether an object is as it was waited for.
func reached(ev release.Event) bool {
	if ev.Gone {
		return ev.State.Status == release.ObjectNotFound
	}
	return ev.State.Status == release.ObjectCurrent
}

// waitingText is the status of an object and why. That an object is gone which
// was to go needs no reason.
func waitingText(ev release.Event) (status, message string) {
	if ev.Gone && reached(ev) {
		return "Deleted", ""
	}
	return string(ev.State.Status), shownText(ev.State.Message)
}

func objectName(ref manifest.Ref) string { return ref.Kind + "/" + ref.Name }

// shownText makes a message of the cluster fit to be shown: on one line, of some
// length, and without what a terminal would act on.
func shownText(text string) string {
	return clipped(strings.Join(strings.Fields(strings.Map(printable, text)), " "))
}

// clipped bounds a text.
func clipped(text string) string {
	if runes := []rune(text); len(runes) > maxMessage {
		text = string(runes[:maxMessage-1]) + "…"
	}
	return text
}

// printable turns what is no text into blanks.
func printable(r rune) rune {
	if unicode.IsPrint(r) {
		return r
	}
	return ' '
}
