package release_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/seed-0d4f92cc/pack/pkg/chart"
	"github.com/seed-0d4f92cc/pack/pkg/release"
	"github.com/seed-0d4f92cc/pack/pkg/release/releasetest"
)

func TestPlanHistoryMax(t *testing.T) {
	t.Parallel()
	b := newBed(t, bedConfig{})
	c := configMaps(t, "a")
	for range 4 {
		b.deploy(c)
	}
	plan, err := b.PlanDeploy(t.Context(), release.DeployRequest{Key: webKey(), Mode: release.Upgrade, Chart: c, HistoryMax: 3})
	if err != nil {
		t.Fatal(err)
	}
	wantPlan(t, plan, `upgrade web in prod, revision 5
		  forget revision 1
		  forget revision 2
		  update ConfigMap/prod/a`)
	if _, err := b.Apply(t.Context(), plan, release.ApplyOptions{}); err != nil {
		t.Fatal(err)
	}
	b.wantRecords("3 superseded: Upgrade complete", "4 superseded: Upgrade complete", "5 deployed: Upgrade complete")
	if _, err := b.rollback(t.Context(), release.RollbackRequest{Revision: 3, HistoryMax: 2}, release.ApplyOptions{}); err != nil {
		t.Fatal(err)
	}
	b.wantRecords("5 superseded: Upgrade complete", "6 deployed: Rollback to 3")
}

// TestRollbackSparesItsTarget: what a rollback goes back to is kept until it has come to its
// end, so that the same rollback again finds it.
func TestRollbackSparesItsTarget(t *testing.T) {
	t.Parallel()
	for _, revision := range []int{0, 1} {
		down := false
		b := newBed(t, bedConfig{cluster: releasetest.ClusterConfig{Fail: func(call releasetest.Call) error {
			if down && call.Op == releasetest.OpApply {
				return context.Canceled
			}
			return nil
		}}})
		b.deploy(configMaps(t, "a"))
		b.deploy(configMaps(t, "b"))
		down = true
		req := release.RollbackRequest{Revision: revision, HistoryMax: 1}
		if _, err := b.rollback(t.Context(), req, release.ApplyOptions{}); err == nil {
			t.Fatal("no error")
		}
		down = false
		if _, err := b.rollback(t.Context(), req, release.ApplyOptions{}); err != nil {
			t.Fatal(err)
		}
		b.wantRecords("4 deployed: Rollback to 1")
	}
}

// TestPlanOldManifest is about objects of the last revision that can no longer
// be built: they are passed over, but only where the documents are the reason.
func TestPlanOldManifest(t *testing.T) {
	t.Parallel()
	down := false
	builds := 0
	b := newBed(t, bedConfig{cluster: releasetest.ClusterConfig{
		Kinds: []releasetest.Kind{{APIVersion: "example.com/v1", Kind: "Gadget"}},
		Fail: func(call releasetest.Call) error {
			if call.Op == releasetest.OpBuild {
				builds++
			}
			if down && builds > 1 {
				return errDenied
			}
			return nil
		},
	}})
	b.deploy(chartOf(t, map[string]string{"a.yaml": configMap("a", "1"), "b.yaml": object("example.com/v1", "Gadget", "g")}))
	// A cluster that no longer knows the kind, with the same records.
	next := newBed(t, bedConfig{})
	next.store.Put(webKey(), 1, map[string]string{"status": "deployed", "version": "1"}, b.store.Payload(webKey(), 1))
	next.cluster.Create("helm", owned(liveConfigMap("a"), webKey()))
	plan, err := next.PlanDeploy(t.Context(), release.DeployRequest{Key: webKey(), Mode: release.Upgrade, Chart: configMaps(t, "b")})
	if err != nil {
		t.Fatal(err)
	}
	wantPlan(t, plan, `upgrade web in prod, revision 2
		  create ConfigMap/prod/b
		  delete ConfigMap/prod/a`)
	if len(plan.Warnings) != 1 || !strings.Contains(plan.Warnings[0], `Gadget "g" of the last revision is passed over: resource mapping not found`) {
		t.Errorf("warnings %q", plan.Warnings)
	}
	if plan, err = next.PlanUninstall(t.Context(), release.UninstallRequest{Key: webKey()}); err != nil || len(plan.Warnings) != 1 {
		t.Fatal(plan, err)
	}
	wantPlan(t, plan, "uninstall web in prod\n  delete ConfigMap/prod/a")

	down, builds = true, 1
	if plan, err := b.PlanUninstall(t.Context(), release.UninstallRequest{Key: webKey()}); !errors.Is(err, errDenied) || plan != nil {
		t.Errorf("a server that cannot be asked: %v, %v", plan, err)
	}
}

func TestPreview(t *testing.T) {
	t.Parallel()
	b := newBed(t, bedConfig{})
	c := configMaps(t, "a")
	b.deploy(c)
	for _, req := range []release.DeployRequest{
		{Key: webKey(), Chart: c, Preview: true},
		{Key: webKey(), Chart: c, Preview: true, Mode: release.Upgrade},
		{Key: webKey(), Chart: c, Offline: true},
	} {
		plan, err := b.PlanDeploy(t.Context(), req)
		if err != nil {
			t.Fatal(err)
		}
		shown := plan.Preview()
		if shown.Info.Description != "Dry run complete" || !shown.Info.Status.IsPending() || plan.Release.Info.Description == "Dry run complete" {
			t.Errorf("preview %+v of %+v", shown.Info, plan.Release.Info)
		}
		if rel, err := b.Apply(t.Context(), plan, release.ApplyOptions{}); rel != nil || err == nil || !strings.Contains(err.Error(), "cannot be applied") {
			t.Errorf("Apply: %v, %v", rel, err)
		}
	}
	b.wantRecords("1 deployed: Install complete")
}

// TestOffline has an engine that can reach nothing.
func TestOffline(t *testing.T) {
	t.Parallel()
	e, err := release.New(release.Config{})
	if err != nil {
		t.Fatal(err)
	}
	c := chartOf(t, map[string]string{"a.yaml": configMap("{{ .Release.Name }}-{{ .Release.Revision }}", "1"), "NOTES.txt": "hi"})
	plan, err := e.PlanDeploy(t.Context(), release.DeployRequest{Key: webKey(), Chart: c, Offline: true})
	if err != nil {
		t.Fatal(err)
	}
	if rel := plan.Release; !strings.Contains(rel.Manifest, "name: web-1\n") || rel.Info.Notes != "hi" {
		t.Errorf("record %+v", rel)
	}
	ctx, key := t.Context(), webKey()
	for name, try := range map[string]func() error{
		"install":   func() error { _, err := e.PlanDeploy(ctx, release.DeployRequest{Key: key, Chart: c}); return err },
		"rollback":  func() error { _, err := e.PlanRollback(ctx, release.RollbackRequest{Key: key}); return err },
		"uninstall": func() error { _, err := e.PlanUninstall(ctx, release.UninstallRequest{Key: key}); return err },
		"apply":     func() error { _, err := e.Apply(ctx, plan, release.ApplyOptions{}); return err },
		"get":       func() error { _, err := e.Get(ctx, key, 0); return err },
		"history":   func() error { _, err := e.History(ctx, key, 0); return err },
		"list":      func() error { _, err := e.List(ctx, release.ListFilter{}); return err },
		"refs":      func() error { _, err := e.Refs(ctx, plan.Release); return err },
		"upgrade": func() error {
			_, err := e.PlanDeploy(ctx, release.DeployRequest{Key: key, Chart: c, Offline: true, Mode: release.Upgrade})
			return err
		},
	} {
		if err := try(); err == nil || !strings.Contains(err.Error(), "the engine was made without one") {
			t.Errorf("%s: error %v", name, err)
		}
	}
	if _, err := release.New(release.Config{Cluster: releasetest.NewCluster(releasetest.ClusterConfig{})}); err == nil {
		t.Error("an engine with a cluster and no store")
	}
	if _, err := e.PlanDeploy(ctx, release.DeployRequest{Key: key, Chart: (*chart.Chart)(nil), Offline: true}); err == nil {
		t.Error("a deployment without a chart")
	}
}
