package release_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"iter"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-0d4f92cc/pack/pkg/manifest"
	"github.com/seed-0d4f92cc/pack/pkg/release"
	"github.com/seed-0d4f92cc/pack/pkg/release/releasetest"
)

// trouble is what befalls a Deployment called a after some time.
type trouble struct {
	after    time.Duration
	troubles []release.Trouble
}

func pull(pod, reason string) release.Trouble {
	return release.Trouble{Pod: pod, Container: "c", Reason: reason, Message: "no such\nimage"}
}

func TestFailFast(t *testing.T) {
	t.Parallel()
	a := deploymentRef("a")
	const busy, failed = release.ObjectInProgress, release.ObjectFailed
	const late, early = "\ncontext deadline exceeded", "\nthe wait was ended early: this does not pass by itself"
	const notReady = "resource Deployment/prod/a not ready. status: InProgress, message: 0/1"
	const image = "\npod a-1 of Deployment/prod/a: container c: ErrImagePull: no such image"
	off := release.ApplyOptions{}
	on := release.ApplyOptions{FailFast: true}
	node := release.Trouble{Pod: "a-1", Reason: "Unschedulable", Message: "0/3 nodes", Slow: true}
	for _, tt := range []struct {
		name     string
		opts     release.ApplyOptions
		changes  []change
		troubles []trouble
		took     time.Duration
		want     string
	}{
		{"nobody asked for it", off, nil, []trouble{{0, []release.Trouble{pull("a-1", "ErrImagePull")}}}, 5 * time.Minute, notReady + image + late},
		{"it lasts too long", on, nil, []trouble{{0, []release.Trouble{pull("a-1", "ErrImagePull")}}}, 32 * time.Second, notReady + image + early},
		{"it began later", on, nil, []trouble{{9 * time.Second, []release.Trouble{pull("a-1", "ErrImagePull")}}}, 40 * time.Second, notReady + image + early},
		{
			"its words change", on, nil,
			[]trouble{{0, []release.Trouble{pull("a-1", "ImagePullBackOff")}}, {20 * time.Second, []release.Trouble{pull("a-1", "ErrImagePull")}}},
			32 * time.Second, notReady + image + early,
		},
		{
			"it passes and comes again", on, nil,
			[]trouble{{0, []release.Trouble{pull("a-1", "ErrImagePull")}}, {19 * time.Second, nil}, {29 * time.Second, []release.Trouble{pull("a-1", "ErrImagePull")}}},
			60 * time.Second, notReady + image + early,
		},
		{
			"it is that of another pod", on, nil,
			[]trouble{{0, []release.Trouble{pull("a-0", "ErrImagePull")}}, {19 * time.Second, []release.Trouble{pull("a-1", "ErrImagePull")}}},
			50 * time.Second, notReady + image + early,
		},
		{
			"several pods are one line", on, nil, []trouble{{0, []release.Trouble{pull("a-1", "ErrImagePull"), pull("a-2", "ErrImagePull"), pull("a-3", "ErrImagePull")}}},
			32 * time.Second, notReady + image + " (and 2 more)" + early,
		},
		{
			"a node may come", on, nil, []trouble{{0, []release.Trouble{node}}}, 122 * time.Second,
			notReady + "\npod a-1 of Deployment/prod/a: Unschedulable: 0/3 nodes" + early,
		},
		{"a grace", release.ApplyOptions{FailFast: true, FailFastGrace: 4 * time.Second}, nil, []trouble{{0, []release.Trouble{pull("a-1", "ErrImagePull")}}}, 6 * time.Second, notReady + image + early},
		{"no grace", release.ApplyOptions{FailFast: true, FailFastGrace: -1}, nil, []trouble{{0, []release.Trouble{pull("a-1", "ErrImagePull")}}}, 2 * time.Second, notReady + image + early},
		{"ready in spite of it", on, []change{{20 * time.Second, a, release.ObjectCurrent, ""}}, []trouble{{0, []release.Trouble{pull("a-1", "ErrImagePull")}}}, 20 * time.Second, ""},
		{
			"a Job that has failed", on, []change{{9 * time.Second, jobRef("j"), failed, "Job Failed"}}, nil, 10 * time.Second,
			notReady + "\nresource Job/prod/j not ready. status: Failed, message: Job Failed" + early,
		},
		{
			"what has failed and may recover", on, []change{{9 * time.Second, a, failed, "deadline"}, {0, jobRef("j"), busy, ""}}, nil, 40 * time.Second,
			"resource Deployment/prod/a not ready. status: Failed, message: deadline\nresource Job/prod/j not ready. status: InProgress, message: " + early,
		},
		{
			"it is deleted", on, []change{{9 * time.Second, a, release.ObjectNotFound, "Resource not found"}, {0, jobRef("j"), busy, ""}}, nil, 40 * time.Second,
			"resource Deployment/prod/a not ready. status: NotFound, message: Resource not found\nresource Job/prod/j not ready. status: InProgress, message: " +
				"\nDeployment/prod/a: Deleted: it was made, and somebody has deleted it since" + early,
		},
		{
			"a Job is done and deleted", on,
			[]change{{time.Second, jobRef("j"), release.ObjectCurrent, ""}, {8 * time.Second, jobRef("j"), release.ObjectTerminating, ""}, {9 * time.Second, jobRef("j"), release.ObjectNotFound, ""}, {time.Minute, a, release.ObjectCurrent, ""}}, nil,
			time.Minute, "",
		},
		{
			"it is deleted and made anew", on,
			[]change{{9 * time.Second, a, release.ObjectNotFound, ""}, {30 * time.Second, a, busy, ""}, {time.Minute, a, release.ObjectCurrent, ""}, {0, jobRef("j"), release.ObjectCurrent, ""}}, nil,
			time.Minute, "",
		},
		{
			"what has failed and recovers", on, []change{{9 * time.Second, a, failed, "deadline"}, {30 * time.Second, a, release.ObjectCurrent, ""}, {0, jobRef("j"), busy, ""}, {time.Minute, jobRef("j"), release.ObjectCurrent, ""}}, nil,
			time.Minute, "",
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				b := newBed(t, bedConfig{})
				become(b, append([]change{{0, a, busy, "0/1"}}, tt.changes...))
				for _, c := range tt.troubles {
					if c.after == 0 {
						b.cluster.SetTroubles(a, c.troubles...)
						continue
					}
					time.AfterFunc(c.after, func() { b.cluster.SetTroubles(a, c.troubles...) })
				}
				tt.opts.Wait = release.WaitReady
				start := time.Now()
				_, err := b.try(t.Context(), release.DeployRequest{Chart: chartOf(t, map[string]string{
					"a.yaml": object("apps/v1", "Deployment", "a"), "j.yaml": object("batch/v1", "Job", "j"),
				})}, tt.opts)
				if took := time.Since(start); took != tt.took {
					t.Errorf("took %v, want %v", took, tt.took)
				}
				if tt.want == "" && err != nil || tt.want != "" && (err == nil || err.Error() != tt.want) {
					t.Errorf("error %v\nwant  %v", err, tt.want)
				}
				if errors.Is(err, release.ErrHopeless) != strings.HasSuffix(tt.want, early) {
					t.Errorf("error %#v", err)
				}
			})
		})
	}
}

// TestFailFastOfOthers: hooks too, and what is to go and cannot; not the legacy rules.
func TestFailFastOfOthers(t *testing.T) {
	t.Parallel()
	on := release.ApplyOptions{FailFast: true, FailFastGrace: time.Second, Timeout: time.Minute}
	for _, tt := range []struct {
		name  string
		files map[string]string
		wait  release.WaitPolicy
		early bool
	}{
		{"a hook", map[string]string{"h.yaml": hookJob("a", "0")}, release.WaitHooks, true},
		{"legacy rules", map[string]string{"a.yaml": object("batch/v1", "Job", "a")}, release.WaitLegacy, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				b := newBed(t, bedConfig{})
				b.cluster.SetStatus(jobRef("a"), release.ObjectInProgress, "")
				b.cluster.SetTroubles(jobRef("a"), pull("a-1", "ErrImagePull"))
				opts := on
				opts.Wait = tt.wait
				_, err := b.try(t.Context(), release.DeployRequest{Chart: chartOf(t, tt.files)}, opts)
				if err == nil || errors.Is(err, release.ErrHopeless) != tt.early || errors.Is(err, context.DeadlineExceeded) == tt.early {
					t.Errorf("error %v", err)
				}
			})
		})
	}
	synctest.Test(t, func(t *testing.T) {
		b := newBed(t, bedConfig{})
		b.deploy(configMaps(t, "a"))
		b.cluster.Edit("operator", cmRef("a"), func(o map[string]any) {
			o["metadata"].(map[string]any)["finalizers"] = []any{"x/y"}
		})
		b.cluster.SetTroubles(cmRef("a"), pull("a-1", "ErrImagePull"))
		opts := on
		opts.Wait = release.WaitReady
		b.cluster.SetStatus(cmRef("a"), release.ObjectFailed, "which is nothing to wait for")
		err := b.uninstall(t.Context(), release.UninstallRequest{}, opts)
		if !errors.Is(err, release.ErrHopeless) || !strings.Contains(err.Error(), "ErrImagePull") {
			t.Errorf("error %v", err)
		}
	})
}

// TestFailFastBlind: pods that may not be looked at are no reason to end a wait,
// and trouble that was seen before does not begin anew.
func TestFailFastBlind(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		looks := 0
		b := newBed(t, bedConfig{cluster: releasetest.ClusterConfig{Fail: func(call releasetest.Call) error {
			if call.Op == releasetest.OpTroubles {
				if looks++; looks > 1 && looks < 10 {
					return errDenied
				}
			}
			return nil
		}}})
		b.cluster.SetStatus(cmRef("a"), release.ObjectInProgress, "")
		b.cluster.SetTroubles(cmRef("a"), pull("a-1", "ErrImagePull"))
		start := time.Now()
		_, err := b.try(t.Context(), release.DeployRequest{Chart: configMaps(t, "a")}, release.ApplyOptions{
			Wait: release.WaitReady, FailFast: true, FailFastGrace: 10 * time.Second,
		})
		if took := time.Since(start); took != 20*time.Second || !errors.Is(err, release.ErrHopeless) {
			t.Errorf("after %v: %v", took, err)
		}
	})
}

// TestWaitReports: an error has what is known of the pods, without what the
// release's Secrets hold, and without logs that are shown anyway.
func TestWaitReports(t *testing.T) {
	t.Parallel()
	const secret = `kind: Secret
apiVersion: v1
metadata: {name: s}
data: {password: aHVudGVyMjI=, short: eHk=, lines: Zmlyc3QgbGluZQpzZWNvbmQgbGluZQ==}
stringData: {token: hunter22-and-more}
`
	pod := manifest.Ref{APIVersion: "v1", Kind: "Pod", Namespace: "prod", Name: "a-1"}
	report := func(word string) release.Report {
		return release.Report{
			Ref:    pod,
			Events: []release.ObjectEvent{{Reason: "Failed", Message: "with " + word, Count: 2}},
			Logs:   []release.ContainerLog{{Container: "c", Lines: []string{"xy", "login " + word + " failed"}}},
		}
	}
	for _, word := range []string{
		"hunter22", "hunter22-and-more", "first line", "second line", base64.StdEncoding.EncodeToString([]byte("hunter22")), "list-item", "in-a-hook",
	} {
		synctest.Test(t, func(t *testing.T) {
			b := newBed(t, bedConfig{})
			b.cluster.SetStatus(cmRef("a"), release.ObjectInProgress, "")
			found := pull("a-1", "ErrImagePull")
			found.Message = "with " + word
			b.cluster.SetTroubles(cmRef("a"), found)
			b.cluster.SetReports(cmRef("a"), report(word))
			_, err := b.try(t.Context(), release.DeployRequest{Chart: chartOf(t, map[string]string{
				"a.yaml": configMap("a", "1"), "s.yaml": secret,
				"l.yaml": "apiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: Secret, metadata: {name: l}, stringData: {a: list-item}}\n",
				"h.yaml": object("v1", "Secret", "h", "helm.sh/hook: pre-install") + "stringData: {a: in-a-hook}\n",
			})}, release.ApplyOptions{Wait: release.WaitReady})
			w, ok := errors.AsType[*release.WaitError](err)
			if !ok {
				t.Fatalf("error %v", err)
			}
			if diff := cmp.Diff([]release.Report{report("*****")}, w.Reports); diff != "" {
				t.Errorf("%s (-want +got):\n%s", word, diff)
			}
			if !strings.Contains(err.Error(), "ErrImagePull: with *****\n") {
				t.Errorf("error %v", err)
			}
		})
	}
	for policy, want := range map[string]int{"hook-failed": 0, "hook-succeeded": 1} {
		synctest.Test(t, func(t *testing.T) {
			b := newBed(t, bedConfig{})
			b.cluster.SetStatus(jobRef("h"), release.ObjectFailed, "")
			b.cluster.SetReports(jobRef("h"), report("word"))
			_, err := b.try(t.Context(), release.DeployRequest{Chart: chartOf(t, map[string]string{
				"h.yaml": hookJob("h", "0", "helm.sh/hook-output-log-policy: "+policy),
			})}, release.ApplyOptions{HookLogs: new(bytes.Buffer)})
			w, ok := errors.AsType[*release.WaitError](err)
			if !ok || len(w.Reports) != 1 || len(w.Reports[0].Logs) != want || len(w.Reports[0].Events) != 1 {
				t.Errorf("policy %s: error %v, %+v", policy, err, w)
			}
		})
	}
	// Who interrupts a wait is not kept waiting.
	synctest.Test(t, func(t *testing.T) {
		b := newBed(t, bedConfig{})
		b.cluster.SetStatus(cmRef("a"), release.ObjectInProgress, "")
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, cancel)
		_, err := b.try(ctx, release.DeployRequest{Chart: configMaps(t, "a")}, release.ApplyOptions{Wait: release.WaitReady})
		for _, call := range b.cluster.Calls() {
			if call.Op == releasetest.OpReport || call.Op == releasetest.OpTroubles || err == nil {
				t.Errorf("call %s, error %v", call, err)
			}
		}
	})
}

// TestMaskedEverywhere: what objects that do not go away, and those that are given up,
// say of themselves is without Secrets, too.
func TestMaskedEverywhere(t *testing.T) {
	t.Parallel()
	files := map[string]string{
		"a.yaml": object("apps/v1", "Deployment", "a"),
		"s.yaml": object("v1", "Secret", "s") + "stringData: {a: hunter22}\n",
	}
	found := pull("a-1", "ErrImagePull")
	found.Message = "with hunter22"
	for name, fail := range map[string]func(t *testing.T, b *bed) error{
		"uninstall": func(t *testing.T, b *bed) error {
			b.deploy(chartOf(t, files))
			b.cluster.Edit("other", deploymentRef("a"), func(o map[string]any) {
				o["metadata"].(map[string]any)["finalizers"] = []any{"example.com/held"}
			})
			b.cluster.SetTroubles(deploymentRef("a"), found)
			return b.uninstall(t.Context(), release.UninstallRequest{}, release.ApplyOptions{Wait: release.WaitReady, Timeout: time.Minute})
		},
		"fail fast": func(t *testing.T, b *bed) error {
			b.cluster.SetStatus(deploymentRef("a"), release.ObjectInProgress, "password hunter22 is bad")
			b.cluster.SetTroubles(deploymentRef("a"), found)
			_, err := b.try(t.Context(), release.DeployRequest{Chart: chartOf(t, files)}, release.ApplyOptions{Wait: release.WaitReady, FailFast: true})
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				err := fail(t, newBed(t, bedConfig{}))
				if err == nil || strings.Contains(err.Error(), "hunter22") || !strings.Contains(err.Error(), "with *****") {
					t.Errorf("error %v", err)
				}
			})
		})
	}
}

// sureOfFailures is a cluster whose objects have failed for good if they have failed.
type sureOfFailures struct{ *releasetest.Cluster }

func (c sureOfFailures) Watch(ctx context.Context, refs []manifest.Ref, opts release.WatchOptions) iter.Seq2[release.State, error] {
	return func(yield func(release.State, error) bool) {
		for s, err := range c.Cluster.Watch(ctx, refs, opts) {
			s.Final = s.Status == release.ObjectFailed
			if !yield(s, err) {
				return
			}
		}
	}
}

// TestFailFastFinal: what says itself that it has failed needs no grace, though
// others may become ready.
func TestFailFastFinal(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBed(t, bedConfig{})
		var err error
		if b.Engine, err = release.New(release.Config{Store: b.store, Cluster: sureOfFailures{b.cluster}}); err != nil {
			t.Fatal(err)
		}
		become(b, []change{{0, deploymentRef("a"), release.ObjectFailed, "broken"}, {0, deploymentRef("b"), release.ObjectInProgress, "0/1"}})
		start := time.Now()
		_, err = b.try(t.Context(), release.DeployRequest{Chart: chartOf(t, map[string]string{"a.yaml": dep("a"), "b.yaml": dep("b")})},
			release.ApplyOptions{Wait: release.WaitReady, FailFast: true})
		if took := time.Since(start); took != 2*time.Second || !errors.Is(err, release.ErrHopeless) {
			t.Errorf("after %v: %v", took, err)
		}
	})
}
