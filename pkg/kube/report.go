package kube

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/seed-0d4f92cc/pack/pkg/manifest"
	"github.com/seed-0d4f92cc/pack/pkg/release"
)

var _ release.Diagnoser = (*Client)(nil)

// The bounds of a Report: of objects, of pods of each, of events and of lines of
// logs.
const (
	maxReported   = 5
	maxReportPods = 3
	maxEvents     = 5
	maxLogLines   = 10
	maxLogBytes   = 16 << 10
)

// Report gathers warnings of the first objects, of their first pods that are not
// ready, and the ends of those pods' logs.
func (c *Client) Report(ctx context.Context, pending []release.State) ([]release.Report, error) {
	pending = pending[:min(len(pending), maxReported)]
	reports := make([][]release.Report, len(pending))
	err := c.each(ctx, len(pending), func(ctx context.Context, i int) error {
		var err error
		reports[i], err = c.reportOn(ctx, pending[i])
		return err
	})
	return slices.Concat(reports...), err
}

// reportOn reports on an object, on what makes its pods where that is another,
// and on its pods.
func (c *Client) reportOn(ctx context.Context, s release.State) ([]release.Report, error) {
	w, err := c.findWorkload(ctx, s)
	if w == nil {
		w = &workload{State: s}
	}
	errs := []error{err}
	var out []release.Report
	add := func(r release.Report, err error) {
		errs = append(errs, err)
		if len(r.Events) > 0 || len(r.Logs) > 0 {
			out = append(out, r)
		}
	}
	if s.Ref.Kind != "Pod" {
		add(c.warnings(ctx, s.Ref, s.Object))
	}
	if w.maker != nil && metaString(w.maker, "uid") != metaString(s.Object, "uid") {
		ref := manifest.Ref{APIVersion: "apps/v1", Kind: "ReplicaSet", Namespace: s.Ref.Namespace, Name: metaString(w.maker, "name")}
		add(c.warnings(ctx, ref, w.maker))
	}
	for _, pod := range concerned(w.pods) {
		ref := manifest.Ref{APIVersion: "v1", Kind: "Pod", Namespace: s.Ref.Namespace, Name: metaString(pod, "name")}
		r, err := c.warnings(ctx, ref, pod)
		errs = append(errs, err)
		r.Logs, err = c.logEnds(ctx, ref, pod)
		add(r, err)
	}
	return out, errors.Join(errs...)
}

// concerned are the first pods that are not ready: those in trouble, then those
// that have failed, then the others.
func concerned(pods []map[string]any) []map[string]any {
	rank := func(pod map[string]any) int {
		switch {
		case len(podTroubles(pod, false)) > 0:
			return 0
		case stringAt(mapAt(pod, "status"), "phase") == "Failed":
			return 1
		default:
			return 2
		}
	}
	var out []map[string]any
	for _, pod := range pods {
		if stringAt(mapAt(pod, "status"), "phase") != "Succeeded" && !hasCondition(pod, "Ready") {
			out = append(out, pod)
		}
	}
	slices.SortStableFunc(out, func(a, b map[string]any) int {
		return cmp.Or(cmp.Compare(rank(a), rank(b)), cmp.Compare(metaString(a, "name"), metaString(b, "name")))
	})
	return out[:min(len(out), maxReportPods)]
}

// warnings are the newest warnings about an object, each text once.
func (c *Client) warnings(ctx context.Context, ref manifest.Ref, object map[string]any) (release.Report, error) {
	out := release.Report{Ref: ref}
	events, err := c.eventsOf(ctx, object, "Warning")
	seen := map[string]bool{}
	for _, e := range slices.Backward(events) {
		if text := e.Reason + " " + e.Message; !seen[text] && len(out.Events) < maxEvents {
			seen[text] = true
			out.Events = append(out.Events, e)
		}
	}
	slices.Reverse(out.Events)
	return out, err
}

// logEnds are the last lines of the containers of a pod that have run and are
// not ready.
func (c *Client) logEnds(ctx context.Context, ref manifest.Ref, pod map[string]any) ([]release.ContainerLog, error) {
	var out []release.ContainerLog
	var errs []error
	for _, container := range containerStatuses(pod) {
		if !hasLog(container) {
			continue
		}
		name := stringAt(container, "name")
		lines, err := c.logEnd(ctx, ref, name)
		errs = append(errs, err)
		if len(lines) > 0 {
			out = append(out, release.ContainerLog{Container: name, Lines: lines})
		}
	}
	return out, errors.Join(errs...)
}

// hasLog says whether a container has run, and not as it should.
func hasLog(container map[string]any) bool {
	state := mapAt(container, "state")
	ended := mapAt(state, "terminated")
	if ready, _ := container["ready"].(bool); ready || ended != nil && intAt(ended, "exitCode", 0) == 0 {
		return false
	}
	return ended != nil || mapAt(state, "running") != nil || mapAt(mapAt(container, "lastState"), "terminated") != nil
}

// logEnd reads the last lines of a container's log.
func (c *Client) logEnd(ctx context.Context, ref manifest.Ref, container string) ([]string, error) {
	var text []byte
	err := c.readLog(ctx, ref, url.Values{
		"container": {container}, "tailLines": {strconv.Itoa(maxLogLines)}, "limitBytes": {strconv.Itoa(maxLogBytes)},
	}, func(log io.Reader) (err error) {
		text, err = io.ReadAll(io.LimitReader(log, maxLogBytes))
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("log of container %q in pod %q: %w", container, ref.Name, err)
	}
	lines := strings.Split(strings.TrimRight(string(text), "\n"), "\n")
	if lines[0] == "" && len(lines) == 1 {
		return nil, nil
	}
	return lines[max(len(lines)-maxLogLines, 0):], nil
}
