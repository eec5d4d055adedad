package release_test

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-0d4f92cc/pack/pkg/manifest"
	"github.com/seed-0d4f92cc/pack/pkg/release"
)

// hookJob is a Job that is a hook before installs.
func hookJob(name, weight string, more ...string) string {
	return object("batch/v1", "Job", name, append([]string{"helm.sh/hook: pre-install", `helm.sh/hook-weight: "` + weight + `"`}, more...)...)
}

func hookWrites(b *bed) []string {
	var out []string
	for _, line := range b.cluster.Writes() {
		if !strings.Contains(line, "ConfigMap") {
			out = append(out, line)
		}
	}
	return out
}

// TestHookPolicies: the order in which hooks run, and what their policies do
// when all succeed and when the one called "bad" fails.
func TestHookPolicies(t *testing.T) {
	t.Parallel()
	const deletes, logs = "helm.sh/hook-delete-policy: ", "helm.sh/hook-output-log-policy: "
	for _, tt := range []struct {
		name  string
		files map[string]string
		want  []string
		logs  string
	}{
		{
			"by weight, then by name", map[string]string{
				"a.yaml": hookJob("r", "1"), "b.yaml": hookJob("q", "1"), "c.yaml": hookJob("p", "-1"), "d.yaml": hookJob("o", "10"),
			},
			[]string{
				"delete Job/prod/p background failed", "apply Job/prod/p ssa created",
				"delete Job/prod/q background failed", "apply Job/prod/q ssa created",
				"delete Job/prod/r background failed", "apply Job/prod/r ssa created",
				"delete Job/prod/o background failed", "apply Job/prod/o ssa created",
			},
			"",
		},
		{
			"after success, the last first", map[string]string{
				"a.yaml": hookJob("a", "1", deletes+"hook-succeeded", logs+"hook-succeeded"),
				"b.yaml": hookJob("b", "2", deletes+"hook-failed", logs+"hook-failed"),
				"c.yaml": hookJob("c", "3", deletes+"hook-succeeded,hook-failed", logs+"hook-succeeded,hook-failed"),
			},
			[]string{
				"apply Job/prod/a ssa created", "apply Job/prod/b ssa created", "apply Job/prod/c ssa created",
				"delete Job/prod/c background", "delete Job/prod/a background",
			},
			"log of c\nlog of a\n",
		},
		{
			"after a failure", map[string]string{
				"a.yaml": hookJob("a", "1", deletes+"hook-succeeded", logs+"hook-succeeded"),
				"b.yaml": hookJob("b", "2", deletes+"hook-failed"),
				"c.yaml": hookJob("bad", "3", deletes+"hook-failed", logs+"hook-failed"),
				"d.yaml": hookJob("d", "4", deletes+"hook-succeeded"),
			},
			[]string{
				"apply Job/prod/a ssa created", "apply Job/prod/b ssa created", "apply Job/prod/bad ssa created",
				"delete Job/prod/bad background", "delete Job/prod/a background",
			},
			"log of bad\n",
		},
		{
			"a failure that stays", map[string]string{"c.yaml": hookJob("bad", "3", deletes+"hook-succeeded", logs+"hook-succeeded")},
			[]string{"apply Job/prod/bad ssa created"}, "",
		},
		{
			"definitions are never deleted", map[string]string{
				"a.yaml": strings.Replace(widgetCRD, "metadata:", "metadata:\n  annotations:\n    helm.sh/hook: pre-install\n    "+
					deletes+"before-hook-creation,hook-succeeded,hook-failed", 1),
			},
			[]string{"apply CustomResourceDefinition/widgets.example.com ssa created"}, "",
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			b := newBed(t, bedConfig{})
			for _, name := range []string{"a", "b", "c", "bad"} {
				b.cluster.SetLogs(jobRef(name), "log of "+name+"\n")
			}
			b.cluster.SetStatus(jobRef("bad"), release.ObjectFailed, "no")
			var logs bytes.Buffer
			_, err := b.try(t.Context(), release.DeployRequest{Chart: chartOf(t, tt.files)}, release.ApplyOptions{HookLogs: &logs})
			failed, ok := errors.AsType[*release.HookError](err)
			if fails := strings.Contains(strings.Join(tt.want, ""), "bad"); ok != fails {
				t.Errorf("error %v", err)
			}
			if ok && (failed.Hook.Name != "bad" || failed.Event != "pre-install") {
				t.Errorf("error %+v", failed)
			}
			if diff := cmp.Diff(tt.want, hookWrites(b)); diff != "" {
				t.Error(diff)
			}
			if diff := cmp.Diff(tt.logs, logs.String()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestHookRuns: when a hook ran is recorded as it starts, and in the end.
func TestHookRuns(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBed(t, bedConfig{})
		start := time.Now()
		b.cluster.SetStatus(jobRef("b"), release.ObjectInProgress, "Job in progress")
		var running *release.Release
		go func() {
			time.Sleep(20 * time.Second)
			running, _ = b.store.Get(t.Context(), webKey(), 1)
			time.Sleep(20 * time.Second)
			b.cluster.SetStatus(jobRef("b"), release.ObjectFailed, "no")
		}()
		rel, err := b.try(t.Context(), release.DeployRequest{Chart: chartOf(t, map[string]string{
			"a.yaml": hookJob("a", "1"), "b.yaml": hookJob("b", "2"), "c.yaml": hookJob("c", "3"),
		})}, release.ApplyOptions{})
		if err == nil {
			t.Fatal("no error")
		}
		phases := func(rel *release.Release) []release.HookPhase {
			var out []release.HookPhase
			for _, h := range rel.Hooks {
				out = append(out, h.LastRun.Phase)
			}
			return out
		}
		stored, err := b.Get(t.Context(), webKey(), 1)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]release.HookPhase{release.HookSucceeded, release.HookRunning, ""}, phases(running)); diff != "" {
			t.Error(diff)
		}
		for _, rel := range []*release.Release{rel, stored} {
			if diff := cmp.Diff([]release.HookPhase{release.HookSucceeded, release.HookFailed, ""}, phases(rel)); diff != "" {
				t.Error(diff)
			}
			run := rel.Hooks[1].LastRun
			if !run.StartedAt.Equal(start) || !run.CompletedAt.Equal(start.Add(40*time.Second)) {
				t.Errorf("run %+v, start %v", run, start)
			}
		}
		if diff := cmp.Diff([]manifest.DeletePolicy{manifest.DeleteBeforeCreation}, stored.Hooks[0].DeletePolicies); diff != "" {
			t.Error(diff)
		}
	})
}

// TestHookBeforeCreation: a hook of the last run must be gone before the new
// one is made.
func TestHookBeforeCreation(t *testing.T) {
	t.Parallel()
	for _, goes := range []bool{true, false} {
		synctest.Test(t, func(t *testing.T) {
			b := newBed(t, bedConfig{})
			b.cluster.Create("helm", map[string]any{
				"apiVersion": "batch/v1", "kind": "Job",
				"metadata": map[string]any{"name": "a", "namespace": "prod", "finalizers": []any{"x/y"}},
			})
			if goes {
				time.AfterFunc(30*time.Second, func() { b.cluster.Remove(jobRef("a")) })
			}
			start := time.Now()
			_, err := b.try(t.Context(), release.DeployRequest{Chart: chartOf(t, map[string]string{"a.yaml": hookJob("a", "0")})},
				release.ApplyOptions{Timeout: time.Minute})
			if took := time.Since(start); goes && (err != nil || took != 30*time.Second) {
				t.Errorf("took %v: %v", took, err)
			}
			const want = "failed pre-install: hook a of web/templates/a.yaml failed: " +
				"resource Job/prod/a still exists. status: Terminating, message: Resource scheduled for deletion\ncontext deadline exceeded"
			if !goes && (err == nil || err.Error() != want || !errors.Is(err, context.DeadlineExceeded)) {
				t.Errorf("error %v", err)
			}
		})
	}
}

// TestHookKinds: Jobs and Pods must end, anything else need only be there.
func TestHookKinds(t *testing.T) {
	t.Parallel()
	const once = "spec:\n  restartPolicy: Never\n"
	for _, tt := range []struct {
		name, text string
		status     release.ObjectStatus
		want       string
	}{
		{"a pod that succeeds", object("v1", "Pod", "h", "helm.sh/hook: pre-install") + once, release.ObjectCurrent, ""},
		{
			"a pod that runs on", object("v1", "Pod", "h", "helm.sh/hook: pre-install"), release.ObjectCurrent,
			"resource Pod/prod/h not ready. status: InProgress, message: m\ncontext deadline exceeded",
		},
		{
			"a pod that fails", object("v1", "Pod", "h", "helm.sh/hook: pre-install") + once, release.ObjectFailed,
			"resource Pod/prod/h not ready. status: Failed, message: m",
		},
		{
			"a job that goes on", object("batch/v1", "Job", "h", "helm.sh/hook: pre-install"), release.ObjectInProgress,
			"resource Job/prod/h not ready. status: InProgress, message: m\ncontext deadline exceeded",
		},
		{"a deployment that is not ready", object("apps/v1", "Deployment", "h", "helm.sh/hook: pre-install"), release.ObjectInProgress, ""},
		{
			"an unknown kind", object("example.com/v1", "Widget", "h", "helm.sh/hook: pre-install"), release.ObjectCurrent,
			"unable to build kubernetes object for pre-install hook web/templates/h.yaml: resource mapping not found",
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				b := newBed(t, bedConfig{})
				docs, err := manifest.ParseText("---\n" + tt.text)
				if err != nil {
					t.Fatal(err)
				}
				ref := docs[0].Ref
				ref.Namespace = "prod"
				b.cluster.SetStatus(ref, tt.status, "m")
				_, err = b.try(t.Context(), release.DeployRequest{Chart: chartOf(t, map[string]string{"h.yaml": tt.text})},
					release.ApplyOptions{Timeout: time.Minute})
				if (err == nil) != (tt.want == "") || err != nil && !strings.Contains(err.Error(), tt.want) {
					t.Errorf("error %v", err)
				}
			})
		})
	}
}
