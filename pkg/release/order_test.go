package release_test

import (
	"context"
	"errors"
	"fmt"
	"path"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-0d4f92cc/pack/pkg/manifest"
	"github.com/seed-0d4f92cc/pack/pkg/release"
	"github.com/seed-0d4f92cc/pack/pkg/release/releasetest"
)

func weight(text string) string    { return release.AnnotationWeight + `: "` + text + `"` }
func dependsOn(text string) string { return release.AnnotationDependsOn + `: "` + text + `"` }

func dep(name string, annotations ...string) string {
	return object("apps/v1", "Deployment", name, annotations...)
}

// timeline notes when which object was written.
type timeline struct {
	mu    sync.Mutex
	start time.Time
	lines []string
}

func (l *timeline) note(c releasetest.Call) error {
	if c.Op != releasetest.OpApply && c.Op != releasetest.OpDelete {
		return nil
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.lines = append(l.lines, fmt.Sprintf("%v %s %s", time.Since(l.start), c.Op, c.Refs[0]))
	return nil
}

func (l *timeline) reset() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.start, l.lines = time.Now(), nil
}

func (l *timeline) want(t *testing.T, want ...string) {
	t.Helper()
	l.mu.Lock()
	defer l.mu.Unlock()
	// Those of one kind are written at once, in whatever order.
	for end := range l.lines {
		for i := end; i > 0 && path.Dir(l.lines[i]) == path.Dir(l.lines[i-1]) && l.lines[i] < l.lines[i-1]; i-- {
			l.lines[i], l.lines[i-1] = l.lines[i-1], l.lines[i]
		}
	}
	if diff := cmp.Diff(want, l.lines); diff != "" {
		t.Errorf("writes (-want +got):\n%s", diff)
	}
}

func orderedBed(t *testing.T) (*bed, *timeline) {
	l := &timeline{start: time.Now()}
	return newBed(t, bedConfig{cluster: releasetest.ClusterConfig{Fail: l.note}}), l
}

func statefulSetRef(name string) manifest.Ref {
	return manifest.Ref{APIVersion: "apps/v1", Kind: "StatefulSet", Namespace: "prod", Name: name}
}

// shop is a chart whose kinds would be applied in another order than its objects
// say.
func shop() map[string]string {
	return map[string]string{
		"web.yaml":   dep("web", dependsOn("Deployment/api, StatefulSet/prod/cache")),
		"api.yaml":   dep("api", dependsOn("StatefulSet.apps/db,job/migrate")),
		"db.yaml":    object("apps/v1", "StatefulSet", "db"),
		"cache.yaml": object("apps/v1", "StatefulSet", "cache"),
		"job.yaml":   object("batch/v1", "Job", "migrate", dependsOn("StatefulSet/db")),
		"cm.yaml":    configMap("last", "1", weight("10")),
		"first.yaml": dep("first", weight("-1")),
	}
}

func TestOrderPlan(t *testing.T) {
	t.Parallel()
	b := newBed(t, bedConfig{})
	plan, err := b.PlanDeploy(t.Context(), release.DeployRequest{Key: webKey(), Chart: chartOf(t, shop())})
	if err != nil {
		t.Fatal(err)
	}
	wantPlan(t, plan, `install web in prod, revision 1
		  create Deployment/prod/first (weight -1)
		  create StatefulSet/prod/cache
		  create StatefulSet/prod/db
		  create Job/prod/migrate (after StatefulSet/prod/db)
		  create Deployment/prod/api (after StatefulSet/prod/db, Job/prod/migrate)
		  create Deployment/prod/web (after Deployment/prod/api, StatefulSet/prod/cache)
		  create ConfigMap/prod/last (weight 10)`)
	if !strings.HasPrefix(plan.Release.Manifest, "---\n# Source: web/templates/cm.yaml\n") {
		t.Errorf("what is recorded has an order of its own:\n%s", plan.Release.Manifest)
	}
	b.deploy(chartOf(t, shop()))
	plan, err = b.PlanUninstall(t.Context(), release.UninstallRequest{Key: webKey()})
	if err != nil {
		t.Fatal(err)
	}
	wantPlan(t, plan, `uninstall web in prod
		  delete ConfigMap/prod/last (weight 10)
		  delete Deployment/prod/web
		  delete Deployment/prod/api (after Deployment/prod/web)
		  delete Job/prod/migrate (after Deployment/prod/api)
		  delete StatefulSet/prod/cache (after Deployment/prod/web)
		  delete StatefulSet/prod/db (after Job/prod/migrate, Deployment/prod/api)
		  delete Deployment/prod/first (weight -1)`)
}

// TestOrderOfWeights: a dependency goes before a weight.
func TestOrderOfWeights(t *testing.T) {
	t.Parallel()
	plan, err := newBed(t, bedConfig{}).PlanDeploy(t.Context(), release.DeployRequest{Key: webKey(), Chart: chartOf(t, map[string]string{
		"a.yaml": configMap("a", "1", weight("-5"), dependsOn("ConfigMap/b")),
		"b.yaml": configMap("b", "1", weight(" 5 ")),
		"c.yaml": configMap("c", "1", weight("6")),
		"d.yaml": configMap("d", "1", dependsOn("ConfigMap/e")),
		"e.yaml": configMap("e", "1", weight("-9")),
		"f.yaml": configMap("f", "1", dependsOn("")),
		"g.yaml": dep("g") + "---\n" + dep("h", weight("5")),
	})})
	if err != nil {
		t.Fatal(err)
	}
	wantPlan(t, plan, `install web in prod, revision 1
		  create ConfigMap/prod/e (weight -9)
		  create ConfigMap/prod/f
		  create Deployment/prod/g
		  create ConfigMap/prod/d (after ConfigMap/prod/e)
		  create ConfigMap/prod/b (weight 5)
		  create Deployment/prod/h (weight 5)
		  create ConfigMap/prod/a (weight -5; after ConfigMap/prod/b)
		  create ConfigMap/prod/c (weight 6)`)
}

// TestOrderApply: what depends on others is applied as soon as they are ready, and
// nothing else waits for that.
func TestOrderApply(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b, l := orderedBed(t)
		busy, ready := release.ObjectInProgress, release.ObjectCurrent
		become(b, []change{
			{0, statefulSetRef("db"), busy, "0/1"}, {10 * time.Second, statefulSetRef("db"), ready, ""},
			{0, jobRef("migrate"), busy, ""}, {15 * time.Second, jobRef("migrate"), ready, ""},
			{0, statefulSetRef("cache"), busy, ""}, {5 * time.Second, statefulSetRef("cache"), ready, ""},
			{0, deploymentRef("api"), busy, ""}, {20 * time.Second, deploymentRef("api"), ready, ""},
		})
		files := shop()
		files["tool.yaml"] = object("batch/v1", "CronJob", "tool", dependsOn("StatefulSet/cache"))
		var waited []string
		l.reset()
		_, err := b.try(t.Context(), release.DeployRequest{Chart: chartOf(t, files)}, release.ApplyOptions{
			Timeout: 12 * time.Second,
			Observe: func(ev release.Event) {
				if ev.Kind == release.EventWaiting {
					waited = append(waited, fmt.Sprintf("%v %s %s", time.Since(l.start), ev.Ref, ev.State.Status))
				}
			},
		})
		if err != nil {
			t.Fatal(err)
		}
		l.want(
			t,
			"0s apply Deployment/prod/first", "0s apply StatefulSet/prod/cache", "0s apply StatefulSet/prod/db",
			"5s apply CronJob/prod/tool", "10s apply Job/prod/migrate", "15s apply Deployment/prod/api",
			"20s apply Deployment/prod/web", "20s apply ConfigMap/prod/last",
		)
		if got := strings.Join(waited, "\n"); !strings.Contains(got, "5s StatefulSet/prod/cache Current") || !strings.Contains(got, "0s StatefulSet/prod/db InProgress") {
			t.Errorf("progress:\n%s", got)
		}
	})
}

// TestOrderOneKind: objects of one kind are not applied at once where one depends on
// the other, and duplicates count twice.
func TestOrderOneKind(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b, l := orderedBed(t)
		become(b, []change{
			{0, deploymentRef("a"), release.ObjectInProgress, ""}, {3 * time.Second, deploymentRef("a"), release.ObjectCurrent, ""},
			{0, deploymentRef("b"), release.ObjectInProgress, ""}, {6 * time.Second, deploymentRef("b"), release.ObjectCurrent, ""},
		})
		b.deploy(chartOf(t, map[string]string{
			"x.yaml": dep("a") + "---\n" + dep("a"), "y.yaml": dep("b", dependsOn("Deployment/a")), "z.yaml": dep("c", dependsOn("Deployment/b")),
		}))
		l.want(t, "0s apply Deployment/prod/a", "0s apply Deployment/prod/a", "3s apply Deployment/prod/b", "6s apply Deployment/prod/c")
	})
}

// TestOrderFails: what depends on what is not ready, or has failed, is not applied.
func TestOrderFails(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		status release.ObjectStatus
		took   time.Duration
		want   string
	}{
		{
			"late", release.ObjectInProgress, time.Minute,
			"Job/prod/migrate (and 2 more) was not applied: what it depends on is not ready: " +
				"resource StatefulSet/prod/db not ready. status: InProgress, message: 0/1\ncontext deadline exceeded\n1 more, of another weight, were not applied either",
		},
		{
			"failed", release.ObjectFailed, 0,
			"Job/prod/migrate (and 2 more) was not applied: what it depends on is not ready: " +
				"resource StatefulSet/prod/db not ready. status: Failed, message: 0/1\n1 more, of another weight, were not applied either",
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				b, l := orderedBed(t)
				become(b, []change{{0, statefulSetRef("db"), tt.status, "0/1"}})
				l.reset()
				_, err := b.try(t.Context(), release.DeployRequest{Chart: chartOf(t, shop())}, release.ApplyOptions{Timeout: time.Minute})
				wait, waited := errors.AsType[*release.WaitError](err)
				step, stepped := errors.AsType[*release.StepError](err)
				if err == nil || err.Error() != tt.want || !waited || !stepped || len(wait.Pending) != 1 || step.Ref != jobRef("migrate") {
					t.Errorf("error %v", err)
				}
				if took := time.Since(l.start); took != tt.took {
					t.Errorf("took %v", took)
				}
				l.want(t, "0s apply Deployment/prod/first", "0s apply StatefulSet/prod/cache", "0s apply StatefulSet/prod/db")
				b.wantRecords(`1 failed: Release "web" failed: ` + tt.want)
			})
		})
	}
}

// TestOrderStepFails: the others go on, as without order.
func TestOrderStepFails(t *testing.T) {
	t.Parallel()
	b := newBed(t, bedConfig{cluster: releasetest.ClusterConfig{Fail: func(c releasetest.Call) error {
		if c.Op == releasetest.OpApply && c.Refs[0].Name == "db" {
			return errDenied
		}
		return nil
	}}})
	_, err := b.try(t.Context(), release.DeployRequest{Chart: chartOf(t, shop())}, release.ApplyOptions{})
	const want = "denied\nJob/prod/migrate was not applied, because of StatefulSet/prod/db\n" +
		"Deployment/prod/api was not applied, because of StatefulSet/prod/db\n" +
		"Deployment/prod/web was not applied, because of Deployment/prod/api"
	if !errors.Is(err, errDenied) || err.Error() != want {
		t.Errorf("error %v", err)
	}
	if b.cluster.Object(cmRef("last")) == nil || b.cluster.Object(statefulSetRef("cache")) == nil {
		t.Error("what does not depend on it was not applied")
	}
}

// TestOrderCancelled: the end of the context ends the wait, and nothing more is
// applied.
func TestOrderCancelled(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b, l := orderedBed(t)
		become(b, []change{{0, statefulSetRef("db"), release.ObjectInProgress, "0/1"}})
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
		defer cancel()
		l.reset()
		_, err := b.try(ctx, release.DeployRequest{Chart: chartOf(t, shop())}, release.ApplyOptions{})
		if !errors.Is(err, context.DeadlineExceeded) || time.Since(l.start) != 3*time.Second {
			t.Errorf("after %v: %v", time.Since(l.start), err)
		}
		l.want(t, "0s apply Deployment/prod/first", "0s apply StatefulSet/prod/cache", "0s apply StatefulSet/prod/db")
	})
}

// TestOrderUninstall: what others depend on goes when they are gone.
func TestOrderUninstall(t *testing.T) {
	t.Parallel()
	files := map[string]string{
		"op.yaml": dep("operator"),
		"c.yaml":  configMap("claim", "1", dependsOn("Deployment/operator"), "x: y"),
	}
	held := func(b *bed) {
		b.deploy(chartOf(t, files))
		b.cluster.Edit("other", cmRef("claim"), func(o map[string]any) {
			o["metadata"].(map[string]any)["finalizers"] = []any{"example.com/held"}
		})
	}
	t.Run("in time", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			b, l := orderedBed(t)
			held(b)
			l.reset()
			time.AfterFunc(8*time.Second, func() { b.cluster.Remove(cmRef("claim")) })
			if err := b.uninstall(t.Context(), release.UninstallRequest{}, release.ApplyOptions{}); err != nil {
				t.Fatal(err)
			}
			l.want(t, "0s delete ConfigMap/prod/claim", "8s delete Deployment/prod/operator")
			b.wantRecords()
		})
	})
	t.Run("never", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			b, l := orderedBed(t)
			held(b)
			l.reset()
			err := b.uninstall(t.Context(), release.UninstallRequest{}, release.ApplyOptions{Timeout: time.Minute})
			const text = "failed to delete release: web: Deployment/prod/operator was not deleted: what depends on it is still there: " +
				"resource ConfigMap/prod/claim still exists. status: Terminating, message: Resource scheduled for deletion\ncontext deadline exceeded"
			if err == nil || err.Error() != text {
				t.Errorf("error %v", err)
			}
			l.want(t, "0s delete ConfigMap/prod/claim")
			b.wantRecords("1 failed: Uninstallation failed: " + text)
			b.cluster.Remove(cmRef("claim"))
			if err := b.uninstall(t.Context(), release.UninstallRequest{}, release.ApplyOptions{}); err != nil {
				t.Fatal(err)
			}
			b.wantRecords()
		})
	})
}

// TestOrderUpgradeDeletes: what an upgrade drops goes in reverse, with what is
// gone already or is kept between two others passed over.
func TestOrderUpgradeDeletes(t *testing.T) {
	t.Parallel()
	b := newBed(t, bedConfig{})
	b.deploy(chartOf(t, map[string]string{
		"a.yaml": configMap("a", "1"),
		"b.yaml": configMap("b", "1", dependsOn("ConfigMap/a"), "helm.sh/resource-policy: keep"),
		"c.yaml": configMap("c", "1", dependsOn("ConfigMap/b")),
		"d.yaml": configMap("d", "1", dependsOn("ConfigMap/c")),
		"e.yaml": configMap("e", "1", weight("3")),
	}))
	b.cluster.Remove(cmRef("c"))
	plan, err := b.PlanDeploy(t.Context(), release.DeployRequest{Key: webKey(), Mode: release.Upgrade, Chart: chartOf(t, nil)})
	if err != nil {
		t.Fatal(err)
	}
	wantPlan(t, plan, `upgrade web in prod, revision 2
		  delete ConfigMap/prod/e (weight 3)
		  delete ConfigMap/prod/d
		  keep ConfigMap/prod/b (its resource policy is keep; after ConfigMap/prod/d)
		  delete ConfigMap/prod/a (after ConfigMap/prod/d)`)
}

func TestOrderRefused(t *testing.T) {
	t.Parallel()
	const needs, where = release.AnnotationDependsOn, "web/templates/a.yaml: ConfigMap/prod/a: annotation "
	for _, tt := range []struct {
		name  string
		files map[string]string
		want  string
	}{
		{
			"no such object", map[string]string{"a.yaml": configMap("a", "1", dependsOn("Job/x"))},
			where + needs + `: "Job/x": Job/x is not an object of this release (hooks and crds/ do not count)`,
		},
		{
			"of another namespace", map[string]string{"a.yaml": configMap("a", "1", dependsOn("ConfigMap/other/b")), "b.yaml": configMap("b", "1")},
			where + needs + `: "ConfigMap/other/b": ConfigMap/other/b is not an object of this release (hooks and crds/ do not count)`,
		},
		{
			"no list", map[string]string{"a.yaml": configMap("a", "1", dependsOn("b"))},
			where + needs + `: "b": "b" is not of the form Kind/name or Kind/namespace/name`,
		},
		{
			"no number", map[string]string{"a.yaml": configMap("a", "1", weight("first"))},
			where + release.AnnotationWeight + `: "first": it must be a whole number`,
		},
		{
			"itself", map[string]string{"a.yaml": configMap("a", "1", dependsOn("ConfigMap/a"))},
			where + needs + `: "ConfigMap/a": it depends on itself`,
		},
		{
			"a cycle and another fault", map[string]string{
				"a.yaml": configMap("a", "1", dependsOn("Deployment/b")),
				"b.yaml": dep("b", dependsOn("ConfigMap/c")),
				"c.yaml": configMap("c", "1", dependsOn("ConfigMap/a,ConfigMap/d")),
				"d.yaml": configMap("d", "1", weight("1.5")),
			},
			`web/templates/d.yaml: ConfigMap/prod/d: annotation ` + release.AnnotationWeight + `: "1.5": it must be a whole number` + "\n" +
				where + needs + `: "Deployment/b": these depend on each other: ConfigMap/prod/a -> ` +
				`Deployment/prod/b (web/templates/b.yaml) -> ConfigMap/prod/c (web/templates/c.yaml) -> ConfigMap/prod/a`,
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			b := newBed(t, bedConfig{})
			for _, offline := range []bool{false, true} {
				_, err := b.PlanDeploy(t.Context(), release.DeployRequest{Key: webKey(), Chart: chartOf(t, tt.files), Offline: offline})
				if _, ok := errors.AsType[*release.OrderError](err); !ok || err.Error() != tt.want {
					t.Errorf("offline %t: error %v", offline, err)
				}
			}
		})
	}
}

// TestOrderRollback: what was recorded is gone back to, whatever it says.
func TestOrderRollback(t *testing.T) {
	t.Parallel()
	b := newBed(t, bedConfig{})
	b.deploy(chartOf(t, map[string]string{"a.yaml": configMap("a", "1", dependsOn("Deployment/b")), "b.yaml": dep("b")}))
	faulty := b.deploy(chartOf(t, map[string]string{"a.yaml": configMap("a", "1"), "b.yaml": dep("b")}))
	faulty.Manifest = strings.Replace(faulty.Manifest, "  name: a\n", "  name: a\n  annotations:\n    "+dependsOn("ConfigMap/a,Deployment/b")+"\n", 1)
	if err := b.store.Update(t.Context(), faulty); err != nil {
		t.Fatal(err)
	}
	b.deploy(chartOf(t, nil))
	for revision, want := range map[int]string{
		1: `rollback web in prod, revision 4
			  create Deployment/prod/b
			  create ConfigMap/prod/a (after Deployment/prod/b)`,
		2: `rollback web in prod, revision 4
			  create Deployment/prod/b
			  create ConfigMap/prod/a (after Deployment/prod/b)`,
	} {
		plan, err := b.PlanRollback(t.Context(), release.RollbackRequest{Key: webKey(), Revision: revision})
		if err != nil {
			t.Fatal(err)
		}
		wantPlan(t, plan, want)
		if len(plan.Warnings) != revision-1 {
			t.Errorf("revision %d: warnings %q", revision, plan.Warnings)
		}
	}
}

// TestOrderOffline: what is right is so without a cluster too, and what cannot be
// known is not refused.
func TestOrderOffline(t *testing.T) {
	t.Parallel()
	for _, files := range []map[string]string{
		shop(),
		{"a.yaml": configMap("a", "1", dependsOn("ClusterRole/r, ConfigMap/prod/b")), "b.yaml": object("rbac.authorization.k8s.io/v1", "ClusterRole", "r"), "c.yaml": configMap("b", "1")},
		{"a.yaml": configMap("a", "1", dependsOn("ConfigMap/b")), "b.yaml": "apiVersion: v1\nkind: List\nmetadata: {}\nitems:\n- {apiVersion: v1, kind: ConfigMap, metadata: {name: b}}\n"},
	} {
		for _, offline := range []bool{false, true} {
			req := release.DeployRequest{Key: webKey(), Chart: chartOf(t, files), Offline: offline}
			if _, err := newBed(t, bedConfig{}).PlanDeploy(t.Context(), req); err != nil {
				t.Errorf("offline %t: %v", offline, err)
			}
		}
	}
}

func TestOrderOfHooks(t *testing.T) {
	t.Parallel()
	plan, err := newBed(t, bedConfig{}).PlanDeploy(t.Context(), release.DeployRequest{Key: webKey(), Chart: chartOf(t, map[string]string{
		"h.yaml": object("batch/v1", "Job", "h", "helm.sh/hook: pre-install", dependsOn("ConfigMap/a")), "a.yaml": configMap("a", "1"),
	})})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{`web/templates/h.yaml: Job "h" is a hook: pack.seed-0d4f92cc.github.io/depends-on is not for hooks, which have helm.sh/hook-weight`}
	if diff := cmp.Diff(want, plan.Warnings); diff != "" {
		t.Error(diff)
	}
}

// TestOrderOneTimeout: each object that is waited for has the timeout for itself, and
// the error tells what was seen of it, however often others came in between.
func TestOrderOneTimeout(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b, l := orderedBed(t)
		files := map[string]string{"never.yaml": dep("never"), "z.yaml": configMap("z", "1", dependsOn("Deployment/never"))}
		become(b, []change{{0, deploymentRef("never"), release.ObjectInProgress, "0/1"}})
		for i := range 4 {
			name := fmt.Sprint("d", i)
			files[name+".yaml"] = dep(name) + "---\n" + configMap(name, "1", dependsOn("Deployment/"+name))
			become(b, []change{
				{0, deploymentRef(name), release.ObjectInProgress, ""},
				{time.Duration(i+1)*2*time.Second + 2*time.Second, deploymentRef(name), release.ObjectCurrent, ""},
			})
		}
		var seen []string
		l.reset()
		_, err := b.try(t.Context(), release.DeployRequest{Chart: chartOf(t, files)}, release.ApplyOptions{
			Timeout: 10*time.Second + time.Millisecond,
			Observe: func(ev release.Event) {
				if ev.Kind == release.EventWaiting && ev.Ref == deploymentRef("never") {
					seen = append(seen, ev.State.Message)
				}
			},
		})
		const want = "ConfigMap/prod/z was not applied: what it depends on is not ready: " +
			"resource Deployment/prod/never not ready. status: InProgress, message: 0/1\ncontext deadline exceeded"
		if err == nil || err.Error() != want || time.Since(l.start) != 10*time.Second+time.Millisecond {
			t.Errorf("after %v: %v", time.Since(l.start), err)
		}
		if diff := cmp.Diff([]string{"0/1"}, seen); diff != "" {
			t.Errorf("progress: %s", diff)
		}
		if b.cluster.Object(cmRef("d3")) == nil {
			t.Error("what came at the last moment is not applied")
		}
	})
}
