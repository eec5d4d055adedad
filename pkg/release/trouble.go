package release

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/seed-0d4f92cc/pack/pkg/manifest"
)

// ErrHopeless is in the error of a wait that ended early, because what it waited
// for is in a state that hardly ever passes by itself.
var ErrHopeless = errors.New("the wait was ended early: this does not pass by itself")

// DefaultFailFastGrace is how long a hopeless state may last where ApplyOptions
// say nothing: long enough for what is right again at the next attempt, such as
// a registry that was busy or a Secret that an operator makes.
const DefaultFailFastGrace = 30 * time.Second

const (
	// troubleInterval is how often the pods of what is waited for are looked at.
	troubleInterval = 2 * time.Second
	// slowFactor is how many times the grace a Trouble that is Slow has.
	slowFactor = 4
	// reportTimeout bounds how long facts are gathered after a wait has failed.
	reportTimeout = 10 * time.Second
	// maxTroubleText bounds a Trouble's message in an error, in bytes.
	maxTroubleText = 500
)

// Trouble is a state in which a workload does not become ready: of one of its
// pods, or its own where it cannot make any.
type Trouble struct {
	// Workload is the object that is waited for.
	Workload manifest.Ref
	// Pod is the name of the pod, Container that of its container; empty where
	// it is the state of what holds it.
	Pod, Container string
	// Reason is Kubernetes' word for it: ImagePullBackOff, Unschedulable.
	Reason string
	// Message is what the cluster says of it.
	Message string
	// Slow: it passes sometimes, but takes its time, such as until a node is
	// added. It has four times the grace.
	Slow bool
}

// String is a line: "pod web-x of Deployment/shop/web: container c: Reason: Message".
func (t Trouble) String() string {
	var b strings.Builder
	if t.Pod != "" && t.Pod != t.Workload.Name {
		fmt.Fprintf(&b, "pod %s of ", t.Pod)
	}
	b.WriteString(objectPath(t.Workload))
	if t.Container != "" {
		fmt.Fprintf(&b, ": container %s", t.Container)
	}
	fmt.Fprintf(&b, ": %s", t.Reason)
	if message := strings.Join(strings.Fields(t.Message), " "); message != "" {
		fmt.Fprintf(&b, ": %s", strings.ToValidUTF8(message[:min(len(message), maxTroubleText)], ""))
	}
	return b.String()
}

// Report is what helps to understand why a workload did not become ready: facts
// of the workload itself or of one of its pods.
type Report struct {
	// Ref is the object or the pod.
	Ref manifest.Ref
	// Events are its newest warnings, oldest first.
	Events []ObjectEvent
	// Logs are the last lines of its containers that have run and are not ready.
	Logs []ContainerLog
}

// ObjectEvent is a warning of Kubernetes about an object.
type ObjectEvent struct {
	Reason, Message string
	// Count is how often it was seen.
	Count int64
	// Last is when it was seen last.
	Last time.Time
}

// ContainerLog is the end of a container's log.
type ContainerLog struct {
	Container string
	Lines     []string
}

// Diagnoser is a Cluster that can look into the pods of workloads. An engine
// asks one that is for what the fields of a WaitError hold, and for FailFast.
type Diagnoser interface {
	// Troubles returns the troubles of objects that are not ready, or that are being
	// deleted. Objects that have no pods have none of the first.
	Troubles(ctx context.Context, pending []State) ([]Trouble, error)
	// Report gathers facts on objects that are not ready and on their pods, some
	// of them where they are many. What can be had is returned beside an error.
	Report(ctx context.Context, pending []State) ([]Report, error)
}

// lookout looks for hopeless states beside a wait.
type lookout struct {
	*run
	w     *waiting
	grace time.Duration
	// since is when a trouble was first seen.
	since map[Trouble]time.Time
	// blind: pods may not be looked at.
	blind bool

	hopeless bool
	found    []Trouble
}

// lookOut looks for hopeless states until stop is called. The context that it
// returns ends when there is one. Stop says whether that was so; all has ended
// when it returns.
func (r *run) lookOut(ctx context.Context, w *waiting) (watched context.Context, stop func() *lookout) {
	l := &lookout{run: r, w: w, grace: r.opts.FailFastGrace, since: map[Trouble]time.Time{}}
	if !r.opts.FailFast || w.goal.legacy {
		return ctx, func() *lookout { return l }
	}
	if l.grace == 0 {
		l.grace = DefaultFailFastGrace
	}
	watched, cancel := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer cancel()
		l.look(watched)
	}()
	return watched, func() *lookout {
		cancel()
		<-done
		return l
	}
}

// look goes on until ctx ends or something is hopeless.
func (l *lookout) look(ctx context.Context) {
	ticker := time.NewTicker(troubleInterval)
	defer ticker.Stop()
	for !l.hopeless {
		select {
		case <-ticker.C:
			l.round(ctx)
		case <-ctx.Done():
			return
		}
	}
}

// round looks once.
func (l *lookout) round(ctx context.Context) {
	pending := l.w.pending()
	now := time.Now()
	current := map[Trouble]time.Time{}
	for _, s := range pending {
		switch {
		case l.w.goal.gone:
		case s.Status == ObjectFailed:
			l.note(current, Trouble{Workload: s.Ref, Reason: string(ObjectFailed)}, now, final(s))
		case s.Status == ObjectNotFound: // it was written before it was waited for
			deleted := Trouble{Workload: s.Ref, Reason: "Deleted", Message: "it was made, and somebody has deleted it since"}
			if l.note(current, deleted, now, false) {
				l.found = append(l.found, deleted)
			}
		}
	}
	found, complete := l.troubles(ctx, pending)
	for _, t := range found {
		if l.note(current, t, now, false) {
			l.found = append(l.found, t)
		}
	}
	if !complete {
		for t, first := range l.since {
			if _, seen := current[t]; !seen {
				current[t] = first
			}
		}
	}
	l.since = current
}

// note says whether a trouble has lasted too long. Pods are told apart, and not
// reasons or messages: those of one trouble take turns.
func (l *lookout) note(current map[Trouble]time.Time, t Trouble, now time.Time, final bool) bool {
	grace := l.grace
	if t.Slow {
		grace *= slowFactor
	}
	t.Message = ""
	if t.Container != "" {
		t.Reason = ""
	}
	first, known := l.since[t]
	if !known {
		first = now
	}
	current[t] = first
	over := final || now.Sub(first) >= grace
	l.hopeless = l.hopeless || over
	return over
}

func isJob(ref manifest.Ref) bool { return ref.Kind == "Job" && ref.Group() == "batch" }

// final says whether an object that has failed can never become ready. Others
// get the grace: a Deployment goes on after its deadline.
func final(s State) bool {
	switch {
	case s.Final:
		return true
	case isJob(s.Ref):
		return true
	case s.Ref.Kind == "Pod" && s.Ref.Group() == "":
		status, _ := s.Object["status"].(map[string]any)
		return status["phase"] == "Failed"
	}
	return false
}

// troubles asks the cluster, and says whether it could be asked. A failure says
// nothing of the workloads, and is logged once.
func (l *lookout) troubles(ctx context.Context, pending []State) ([]Trouble, bool) {
	d, ok := l.cfg.Cluster.(Diagnoser)
	if l.w.goal.gone { // what has not begun to go may be in whatever state
		pending = slices.DeleteFunc(pending, func(s State) bool { return s.Status != ObjectTerminating })
	}
	if !ok || len(pending) == 0 {
		return nil, true
	}
	found, err := d.Troubles(ctx, pending)
	if err != nil && ctx.Err() == nil && !l.blind {
		l.blind = true
		l.cfg.Logger.Debug("pods cannot be looked at for hopeless states", "error", err)
	}
	return found, err == nil
}

// explain adds to a wait's error what the cluster knows of the reasons. A wait
// that was interrupted needs no explanation, and what is deleted no report.
func (r *run) explain(ctx context.Context, e *WaitError) {
	defer r.mask(e)
	d, ok := r.cfg.Cluster.(Diagnoser)
	if !ok || errors.Is(e.Err, context.Canceled) {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), reportTimeout)
	defer cancel()
	if e.Troubles == nil {
		found, err := d.Troubles(ctx, e.Pending)
		if err != nil {
			r.cfg.Logger.Debug("pods cannot be looked at", "error", err)
		}
		e.Troubles = found
	}
	if e.Deleted {
		return
	}
	reports, err := d.Report(ctx, e.Pending)
	if err != nil {
		r.cfg.Logger.Debug("not all facts on pods can be had", "error", err)
	}
	e.Reports = reports
}

// troubleLines are the lines of an error on troubles: one for each workload,
// container and reason, whose first pod stands for the others.
func troubleLines(troubles []Trouble) []string {
	type key struct {
		workload          manifest.Ref
		container, reason string
	}
	at := map[key]int{}
	var lines []string
	var more []int
	for _, t := range troubles {
		k := key{t.Workload, t.Container, t.Reason}
		if i, known := at[k]; known {
			more[i]++
			continue
		}
		at[k] = len(lines)
		lines, more = append(lines, t.String()), append(more, 0)
	}
	for i, n := range more {
		if n > 0 {
			lines[i] += fmt.Sprintf(" (and %d more)", n)
		}
	}
	return lines
}

// ForgetLogs takes the logs out of the error, for whoever shows them anyway.
func (e *WaitError) ForgetLogs() {
	for i := range e.Reports {
		e.Reports[i].Logs = nil
	}
}
