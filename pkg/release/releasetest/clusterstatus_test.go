package releasetest_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-0d4f92cc/pack/pkg/manifest"
	"github.com/seed-0d4f92cc/pack/pkg/release"
)

func TestClusterStatus(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		o      release.Object
		status release.ObjectStatus
		want   map[string]any
	}{
		{object("Pod", "p", nil), "", map[string]any{"phase": "Running"}},
		{object("Pod", "p", map[string]any{"spec": map[string]any{"restartPolicy": "Never"}}), "", map[string]any{"phase": "Succeeded"}},
		{object("Pod", "p", nil), release.ObjectFailed, map[string]any{"phase": "Failed"}},
		{object("Pod", "p", nil), release.ObjectInProgress, map[string]any{"phase": "Pending"}},
		{object("Job", "j", nil), "", map[string]any{"succeeded": int64(1)}},
		{object("Deployment", "d", nil), "", nil},
		{object("Deployment", "d", map[string]any{"status": map[string]any{"replicas": 9}}), "", nil},
	} {
		for _, early := range []bool{true, false} {
			c := newCluster()
			if tt.status != "" && early {
				c.SetStatus(tt.o.Ref, tt.status, "because")
			}
			apply(t, c, tt.o)
			if tt.status != "" && !early {
				c.SetStatus(tt.o.Ref, tt.status, "because")
			}
			status, _ := c.Object(tt.o.Ref)["status"].(map[string]any)
			if diff := cmp.Diff(tt.want, status); diff != "" {
				t.Errorf("%s %s: %s", tt.o.Ref, tt.status, diff)
			}
			for s := range c.Watch(t.Context(), []manifest.Ref{tt.o.Ref}, release.WatchOptions{}) {
				if tt.status != "" && (s.Status != tt.status || s.Message != "because") || tt.status == "" && s.Status != release.ObjectCurrent {
					t.Errorf("%s is %s (%s), want %q", s.Ref, s.Status, s.Message, tt.status)
				}
				break
			}
		}
	}
}

// TestClusterWatchWaits: a watch sleeps until something happens.
func TestClusterWatchWaits(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newCluster()
		o := object("Deployment", "web", nil)
		c.SetStatus(o.Ref, release.ObjectInProgress, "0 of 1")
		apply(t, c, o)
		start := time.Now()
		go func() {
			time.Sleep(time.Minute)
			c.SetStatus(o.Ref, release.ObjectCurrent, "1 of 1")
			time.Sleep(time.Minute)
			c.Remove(o.Ref)
		}()
		ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
		defer cancel()
		var seen []string
		for s, err := range c.Watch(ctx, []manifest.Ref{o.Ref}, release.WatchOptions{}) {
			seen = append(seen, fmt.Sprint(time.Since(start), " ", s.Status, " ", s.Message, err))
		}
		want := []string{"0s InProgress 0 of 1<nil>", "1m0s Current 1 of 1<nil>", "2m0s NotFound Resource not found<nil>"}
		if diff := cmp.Diff(want, seen); diff != "" {
			t.Error(diff)
		}
		if got := time.Since(start); got != time.Hour {
			t.Errorf("the watch ended after %v", got)
		}
	})
}

func TestClusterLogs(t *testing.T) {
	t.Parallel()
	c := newCluster()
	pod := object("Pod", "p", nil)
	c.SetLogs(pod.Ref, "hello\n")
	var b strings.Builder
	if err := c.Logs(t.Context(), pod.Ref, &b); !errors.Is(err, release.ErrObjectNotFound) {
		t.Errorf("error %v, want ErrObjectNotFound", err)
	}
	apply(t, c, pod)
	if err := c.Logs(t.Context(), pod.Ref, &b); err != nil || b.String() != "hello\n" {
		t.Errorf("logs %q, error %v", &b, err)
	}
}
