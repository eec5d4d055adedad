package release_test

import (
	"context"
	"errors"
	"iter"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-0d4f92cc/pack/pkg/manifest"
	"github.com/seed-0d4f92cc/pack/pkg/release"
	"github.com/seed-0d4f92cc/pack/pkg/release/releasetest"
)

// change is what becomes of an object after some time.
type change struct {
	after   time.Duration
	ref     manifest.Ref
	status  release.ObjectStatus
	message string
}

// become applies changes in the background; their times count from now.
func become(b *bed, changes []change) {
	for _, c := range changes {
		if c.after == 0 {
			b.cluster.SetStatus(c.ref, c.status, c.message)
			continue
		}
		time.AfterFunc(c.after, func() { b.cluster.SetStatus(c.ref, c.status, c.message) })
	}
}

func TestWaitReady(t *testing.T) {
	t.Parallel()
	a, b2 := deploymentRef("a"), deploymentRef("b")
	const busy, ok, failed = release.ObjectInProgress, release.ObjectCurrent, release.ObjectFailed
	for _, tt := range []struct {
		name    string
		changes []change
		took    time.Duration
		want    string
		pending int
	}{
		{"ready at once", nil, 0, "", 0},
		{"ready in time", []change{{0, a, busy, "0/1"}, {0, b2, busy, "0/2"}, {20 * time.Second, b2, ok, ""}, {50 * time.Second, a, ok, ""}}, 50 * time.Second, "", 0},
		{
			"one is never ready", []change{{0, a, busy, "Available: 0/1"}}, time.Minute,
			"resource Deployment/prod/a not ready. status: InProgress, message: Available: 0/1\ncontext deadline exceeded", 1,
		},
		{
			"in the order of the manifest", []change{{0, b2, busy, "0/2"}, {time.Second, a, busy, "0/1"}, {0, a, busy, "x"}}, time.Minute,
			"resource Deployment/prod/a not ready. status: InProgress, message: 0/1\n" +
				"resource Deployment/prod/b not ready. status: InProgress, message: 0/2\ncontext deadline exceeded", 2,
		},
		{
			"a failed one does not stop the others",
			[]change{{0, a, failed, "stuck"}, {0, b2, busy, "0/2"}, {30 * time.Second, b2, ok, ""}}, 30 * time.Second,
			"resource Deployment/prod/a not ready. status: Failed, message: stuck", 1,
		},
		{
			"a failed one and one that is late",
			[]change{{0, a, failed, "stuck"}, {0, b2, busy, "0/2"}}, time.Minute,
			"resource Deployment/prod/a not ready. status: Failed, message: stuck\n" +
				"resource Deployment/prod/b not ready. status: InProgress, message: 0/2\ncontext deadline exceeded", 2,
		},
		{
			"a failed one that recovers", []change{{0, a, failed, "stuck"}, {0, b2, busy, ""}, {10 * time.Second, a, ok, ""}, {20 * time.Second, b2, ok, ""}},
			20 * time.Second, "", 0,
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				b := newBed(t, bedConfig{})
				become(b, tt.changes)
				start := time.Now()
				_, err := b.try(t.Context(), release.DeployRequest{Chart: chartOf(t, map[string]string{
					"a.yaml": object("apps/v1", "Deployment", "a") + "---\n" + object("apps/v1", "Deployment", "a"),
					"b.yaml": object("apps/v1", "Deployment", "b"),
				})}, release.ApplyOptions{Wait: release.WaitReady, Timeout: time.Minute})
				if took := time.Since(start); took != tt.took {
					t.Errorf("took %v", took)
				}
				if tt.want == "" {
					if err != nil {
						t.Error(err)
					}
					return
				}
				w, ok := errors.AsType[*release.WaitError](err)
				if !ok || len(w.Pending) != tt.pending || w.Deleted || err.Error() != tt.want {
					t.Fatalf("error %v", err)
				}
				if late := tt.took == time.Minute; errors.Is(err, context.DeadlineExceeded) != late {
					t.Errorf("error %#v", w.Err)
				}
			})
		})
	}
}

// TestWaitLegacy: the cluster is asked for the legacy rules, and the first
// failure ends the wait.
func TestWaitLegacy(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBed(t, bedConfig{})
		watched := &optionsOfWatches{Cluster: b.cluster}
		var err error
		if b.Engine, err = release.New(release.Config{Store: b.store, Cluster: watched}); err != nil {
			t.Fatal(err)
		}
		become(b, []change{
			{0, deploymentRef("a"), release.ObjectInProgress, "0/1"}, {0, jobRef("b"), release.ObjectInProgress, ""},
			{10 * time.Second, jobRef("b"), release.ObjectFailed, "Job Failed"},
		})
		start := time.Now()
		_, err = b.try(t.Context(), release.DeployRequest{Chart: chartOf(t, map[string]string{
			"a.yaml": object("apps/v1", "Deployment", "a"), "b.yaml": object("batch/v1", "Job", "b"),
		})}, release.ApplyOptions{Wait: release.WaitLegacy, WaitForJobs: true})
		const text = "resource Deployment/prod/a not ready. status: InProgress, message: 0/1\n" +
			"resource Job/prod/b not ready. status: Failed, message: Job Failed"
		if err == nil || err.Error() != text || time.Since(start) != 10*time.Second {
			t.Errorf("after %v: %v", time.Since(start), err)
		}
		want := []release.WatchOptions{{JobsComplete: true, Legacy: true}}
		if diff := cmp.Diff(want, watched.opts); diff != "" {
			t.Error(diff)
		}
	})
}

// optionsOfWatches notes with which options objects were watched.
type optionsOfWatches struct {
	*releasetest.Cluster
	opts []release.WatchOptions
}

func (c *optionsOfWatches) Watch(ctx context.Context, refs []manifest.Ref, opts release.WatchOptions) iter.Seq2[release.State, error] {
	c.opts = append(c.opts, opts)
	return c.Cluster.Watch(ctx, refs, opts)
}

// TestWaitDefaults: without WaitReady nobody waits, and the timeout is Helm's.
func TestWaitDefaults(t *testing.T) {
	t.Parallel()
	for _, wait := range []release.WaitPolicy{release.WaitHooks, release.WaitReady} {
		synctest.Test(t, func(t *testing.T) {
			b := newBed(t, bedConfig{})
			b.cluster.SetStatus(cmRef("a"), release.ObjectInProgress, "")
			start := time.Now()
			_, err := b.try(t.Context(), release.DeployRequest{Chart: configMaps(t, "a")}, release.ApplyOptions{Wait: wait})
			took := time.Since(start)
			if wait == release.WaitHooks && (err != nil || took != 0) || wait == release.WaitReady && (err == nil || took != release.DefaultTimeout) {
				t.Errorf("policy %d: %v after %v", wait, err, took)
			}
		})
	}
}

func TestWaitInterrupted(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBed(t, bedConfig{})
		b.cluster.SetStatus(cmRef("a"), release.ObjectInProgress, "0/1")
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(10*time.Second, cancel)
		rel, err := b.try(ctx, release.DeployRequest{Chart: configMaps(t, "a")}, release.ApplyOptions{Wait: release.WaitReady})
		const text = "resource ConfigMap/prod/a not ready. status: InProgress, message: 0/1\ncontext canceled"
		if !errors.Is(err, context.Canceled) || err.Error() != text || rel.Info.Status != release.StatusFailed {
			t.Errorf("error %v, record %+v", err, rel)
		}
		b.wantRecords(`1 failed: Release "web" failed: ` + text)
	})
}

// TestWaitBroken: a watch that ends with an error, or by itself.
func TestWaitBroken(t *testing.T) {
	t.Parallel()
	b := newBed(t, bedConfig{cluster: releasetest.ClusterConfig{Fail: func(call releasetest.Call) error {
		if call.Op == releasetest.OpWatch {
			return errDenied
		}
		return nil
	}}})
	_, err := b.try(t.Context(), release.DeployRequest{Chart: configMaps(t, "a")}, release.ApplyOptions{Wait: release.WaitReady})
	if !errors.Is(err, errDenied) || err.Error() != "resource ConfigMap/prod/a not ready. status: Unknown, message: no state was seen\ndenied" {
		t.Errorf("error %v", err)
	}
}

func TestWaitGone(t *testing.T) {
	t.Parallel()
	const stuck = "uninstallation completed with 1 error(s): resource ConfigMap/prod/a still exists. " +
		"status: Terminating, message: Resource scheduled for deletion\ncontext deadline exceeded"
	for _, tt := range []struct {
		name  string
		wait  release.WaitPolicy
		after time.Duration // until the finalizer is removed
		took  time.Duration
		want  string
	}{
		{"nobody waits", release.WaitHooks, time.Hour, 0, ""},
		{"it goes", release.WaitReady, 20 * time.Second, 20 * time.Second, ""},
		{"it stays", release.WaitReady, time.Hour, time.Minute, stuck},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				b := newBed(t, bedConfig{})
				b.deploy(configMaps(t, "a", "b"))
				b.cluster.Edit("operator", cmRef("a"), func(o map[string]any) {
					o["metadata"].(map[string]any)["finalizers"] = []any{"x/y"}
				})
				// Whatever its status, only an object that is gone is gone.
				b.cluster.SetStatus(cmRef("a"), release.ObjectFailed, "no")
				time.AfterFunc(tt.after, func() { b.cluster.Remove(cmRef("a")) })
				start := time.Now()
				err := b.uninstall(t.Context(), release.UninstallRequest{}, release.ApplyOptions{Wait: tt.wait, Timeout: time.Minute})
				if took := time.Since(start); took != tt.took {
					t.Errorf("took %v", took)
				}
				if (err == nil) != (tt.want == "") || err != nil && err.Error() != tt.want {
					t.Errorf("error %v", err)
				}
				b.wantRecords()
			})
		})
	}
}

// TestWaitForDefinitions: they have a minute, whatever the options say.
func TestWaitForDefinitions(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBed(t, bedConfig{})
		crd := manifest.Ref{APIVersion: "apiextensions.k8s.io/v1", Kind: "CustomResourceDefinition", Name: "widgets.example.com"}
		b.cluster.SetStatus(crd, release.ObjectInProgress, "not established")
		start := time.Now()
		c := chartOf(t, map[string]string{"crds/w.yaml": widgetCRD, "a.yaml": configMap("a", "1"), "w.yaml": object("example.com/v1", "Widget", "w")})
		_, err := b.try(t.Context(), release.DeployRequest{Chart: c}, release.ApplyOptions{})
		const text = "resource CustomResourceDefinition//widgets.example.com not ready. status: InProgress, message: not established\ncontext deadline exceeded"
		if err == nil || err.Error() != text || time.Since(start) != time.Minute {
			t.Errorf("after %v: %v", time.Since(start), err)
		}
		if diff := cmp.Diff([]string{"CustomResourceDefinition/widgets.example.com"}, b.cluster.Objects()); diff != "" {
			t.Error(diff)
		}
		// A release that was never deployed gets its definitions from an upgrade.
		b.cluster.Remove(crd)
		b.cluster.SetStatus(crd, release.ObjectCurrent, "")
		b.deploy(c)
		if diff := cmp.Diff([]string{"ConfigMap/prod/a", "CustomResourceDefinition/widgets.example.com", "Widget/prod/w"}, b.cluster.Objects()); diff != "" {
			t.Error(diff)
		}
	})
}

// TestWaitEvents: who looks on sees each change once.
func TestWaitEvents(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBed(t, bedConfig{})
		become(b, []change{
			{0, deploymentRef("a"), release.ObjectInProgress, "0/1"},
			{time.Second, deploymentRef("a"), release.ObjectInProgress, "0/1"},
			{2 * time.Second, deploymentRef("a"), release.ObjectCurrent, "1/1"},
		})
		var got []string
		_, err := b.try(t.Context(), release.DeployRequest{Chart: chartOf(t, map[string]string{
			"a.yaml": object("apps/v1", "Deployment", "a"), "h.yaml": hookJob("h", "0"),
		})}, release.ApplyOptions{Wait: release.WaitReady, Observe: func(ev release.Event) { got = append(got, eventLine(ev)) }})
		if err != nil {
			t.Fatal(err)
		}
		want := []string{
			"recorded pending-install", "recorded pending-install", "hook Job/prod/h Running", "waiting Job/prod/h Current Resource is current",
			"hook Job/prod/h Succeeded", "applied Deployment/prod/a created", "waiting Deployment/prod/a InProgress 0/1",
			"waiting Deployment/prod/a Current 1/1", "recorded deployed",
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
	})
}

func eventLine(ev release.Event) string {
	switch ev.Kind {
	case release.EventRecorded:
		return "recorded " + string(ev.Status)
	case release.EventApplied:
		return "applied " + ev.Ref.String() + " " + string(ev.Action)
	case release.EventKept:
		return "kept " + ev.Ref.String() + " " + ev.Message
	case release.EventFailed:
		return "failed " + ev.Ref.String() + " " + ev.Message
	case release.EventHook:
		return "hook " + ev.Ref.String() + " " + ev.Message
	default:
		return "waiting " + ev.Ref.String() + " " + string(ev.State.Status) + " " + ev.State.Message
	}
}
