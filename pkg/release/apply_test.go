package release_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/seed-0d4f92cc/pack/pkg/manifest"
	"github.com/seed-0d4f92cc/pack/pkg/release"
	"github.com/seed-0d4f92cc/pack/pkg/release/releasetest"
)

// journal is what a bed's doubles were asked to write, in one order.
type journal struct{ lines []string }

func (j *journal) config() bedConfig {
	return bedConfig{
		store: releasetest.StoreConfig{Fail: func(call releasetest.StoreCall) error {
			if call.Op != releasetest.StoreGet && call.Op != releasetest.StoreList {
				j.lines = append(j.lines, call.String())
			}
			return nil
		}},
		cluster: releasetest.ClusterConfig{Fail: func(call releasetest.Call) error {
			switch call.Op {
			case releasetest.OpApply, releasetest.OpDelete, releasetest.OpWatch:
				j.lines = append(j.lines, call.String())
			}
			return nil
		}},
	}
}

func (j *journal) want(t *testing.T, want string) {
	t.Helper()
	if diff := cmp.Diff(trimmedLines(want), j.lines); diff != "" {
		t.Errorf("writes (-want +got):\n%s", diff)
	}
	j.lines = nil
}

// TestApplyOrder: the record comes first and last, definitions before hooks,
// deletes after applies, waits where they are asked for.
func TestApplyOrder(t *testing.T) {
	t.Parallel()
	j := &journal{}
	b := newBed(t, j.config())
	first := chartOf(t, map[string]string{
		"crds/w.yaml": widgetCRD,
		"a.yaml":      configMap("a", "1"), "s.yaml": object("v1", "Service", "s"),
		"h.yaml": object("batch/v1", "Job", "h",
			"helm.sh/hook: pre-install,post-upgrade,pre-delete,pre-rollback", "helm.sh/hook-delete-policy: hook-succeeded"),
	})
	key := release.Key{Namespace: "prod", Name: "web"}
	waited := release.ApplyOptions{Wait: release.WaitReady}
	if _, err := b.try(t.Context(), release.DeployRequest{Key: key, Chart: first, CreateNamespace: true}, waited); err != nil {
		t.Fatal(err)
	}
	j.want(t, `create prod/web 1 pending-install
		apply CustomResourceDefinition/widgets.example.com ssa
		watch CustomResourceDefinition/widgets.example.com
		update prod/web 1 pending-install
		apply Job/prod/h ssa
		watch Job/prod/h
		delete Job/prod/h background
		apply ConfigMap/prod/a ssa
		apply Service/prod/s ssa
		watch ConfigMap/prod/a Service/prod/s
		update prod/web 1 deployed`)

	second := chartOf(t, map[string]string{
		"a.yaml": configMap("a", "2"),
		"h.yaml": object("batch/v1", "Job", "h", "helm.sh/hook: post-upgrade"),
	})
	if _, err := b.try(t.Context(), release.DeployRequest{Mode: release.Upgrade, Chart: second}, release.ApplyOptions{}); err != nil {
		t.Fatal(err)
	}
	j.want(t, `create prod/web 2 pending-upgrade
		apply ConfigMap/prod/a ssa
		delete Service/prod/s background
		delete Job/prod/h background
		update prod/web 2 pending-upgrade
		apply Job/prod/h ssa
		watch Job/prod/h
		update prod/web 2 deployed
		update prod/web 1 superseded`)

	if _, err := b.rollback(t.Context(), release.RollbackRequest{ForceConflicts: true}, release.ApplyOptions{}); err != nil {
		t.Fatal(err)
	}
	j.want(t, `create prod/web 3 pending-rollback
		update prod/web 3 pending-rollback
		apply Job/prod/h ssa
		watch Job/prod/h
		delete Job/prod/h background
		apply ConfigMap/prod/a ssa+force+migrate
		apply Service/prod/s ssa+force
		update prod/web 3 deployed
		update prod/web 2 superseded`)

	if err := b.uninstall(t.Context(), release.UninstallRequest{Propagation: "foreground"}, waited); err != nil {
		t.Fatal(err)
	}
	j.want(t, `update prod/web 3 uninstalling
		update prod/web 3 uninstalling
		apply Job/prod/h ssa
		watch Job/prod/h
		delete Job/prod/h background
		delete Service/prod/s foreground
		delete ConfigMap/prod/a foreground
		watch Service/prod/s ConfigMap/prod/a
		delete prod/web 1
		delete prod/web 2
		delete prod/web 3`)
}

func TestApplyNamespace(t *testing.T) {
	t.Parallel()
	j := &journal{}
	b := newBed(t, j.config())
	key := release.Key{Namespace: "fresh", Name: "web"}
	if _, err := b.try(t.Context(), release.DeployRequest{Key: key, Chart: configMaps(t, "a"), CreateNamespace: true}, release.ApplyOptions{}); err != nil {
		t.Fatal(err)
	}
	j.want(t, `apply Namespace/fresh ssa
		create fresh/web 1 pending-install
		apply ConfigMap/fresh/a ssa
		update fresh/web 1 deployed`)
	namespace := b.cluster.Object(manifest.Ref{APIVersion: "v1", Kind: "Namespace", Name: "fresh"})
	if diff := cmp.Diff(map[string]any{"name": "fresh"}, namespace["metadata"].(map[string]any)["labels"]); diff != "" {
		t.Error(diff)
	}
}

// TestRecordOfRevisions looks at all that a record says through the life of a
// release.
func TestRecordOfRevisions(t *testing.T) {
	t.Parallel()
	var now time.Time
	start := time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)
	store, cluster := releasetest.NewStore(releasetest.StoreConfig{}), releasetest.NewCluster(releasetest.ClusterConfig{Namespaces: []string{"prod"}})
	e, err := release.New(release.Config{Store: store, Cluster: cluster, Now: func() time.Time { now = now.Add(time.Minute); return now }})
	if err != nil {
		t.Fatal(err)
	}
	now = start
	b := &bed{TB: t, Engine: e, store: store, cluster: cluster}
	c := chartOf(t, map[string]string{"a.yaml": configMap("a", "{{ .Values.x }}"), "values.yaml": "x: 0\n", "NOTES.txt": "at {{ .Release.Revision }}"})
	b.mustDeploy(release.DeployRequest{Chart: c, Labels: map[string]string{"team": "edge", "tier": "1"}, Description: "the first"})
	b.mustDeploy(release.DeployRequest{
		Mode: release.Upgrade, Chart: c, Values: map[string]any{"x": 2},
		Labels: map[string]string{"tier": "null", "more": "yes"},
	})
	if _, err := b.rollback(t.Context(), release.RollbackRequest{Description: "back"}, release.ApplyOptions{}); err != nil {
		t.Fatal(err)
	}
	type facts struct {
		First, Last  time.Duration
		Status       release.Status
		Description  string
		Rollback     int
		Notes        string
		Labels       map[string]string
		Config       map[string]any
		Method       release.ApplyMethod
		ManifestHasX string
	}
	var got []facts
	history, err := e.History(t.Context(), webKey(), 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, rel := range history {
		x, _, _ := strings.Cut(rel.Manifest[strings.Index(rel.Manifest, "x: "):], "\n")
		got = append(got, facts{
			rel.Info.FirstDeployed.Sub(start), rel.Info.LastDeployed.Sub(start), rel.Info.Status, rel.Info.Description,
			rel.Info.RollbackRevision, rel.Info.Notes, release.MergeLabels(rel.Labels, nil), rel.Config, rel.ApplyMethod, x,
		})
	}
	want := []facts{
		{time.Minute, time.Minute, release.StatusSuperseded, "the first", 0, "at 1", map[string]string{"team": "edge", "tier": "1"}, nil, release.ServerSide, `x: "0"`},
		{time.Minute, 2 * time.Minute, release.StatusSuperseded, "Upgrade complete", 0, "at 2", map[string]string{"team": "edge", "more": "yes"}, map[string]any{"x": 2.0}, release.ServerSide, `x: "2"`},
		{time.Minute, 3 * time.Minute, release.StatusDeployed, "back", 1, "at 1", map[string]string{"team": "edge", "tier": "1"}, nil, release.ServerSide, `x: "0"`},
	}
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
		t.Error(diff)
	}
	if err := b.uninstall(t.Context(), release.UninstallRequest{KeepHistory: true, Description: "gone"}, release.ApplyOptions{}); err != nil {
		t.Fatal(err)
	}
	last, err := e.Get(t.Context(), webKey(), 0)
	if err != nil || last.Info.Deleted.IsZero() || last.Info.Status != release.StatusUninstalled || last.Info.Description != "gone" {
		t.Errorf("after an uninstall: %+v, %v", last.Info, err)
	}
}

// TestApplyTwice: a plan is for one Apply, and does not change by it.
func TestApplyTwice(t *testing.T) {
	t.Parallel()
	b := newBed(t, bedConfig{})
	ctx := t.Context()
	plan, err := b.PlanDeploy(ctx, release.DeployRequest{Key: webKey(), Chart: chartOf(t, map[string]string{
		"a.yaml": configMap("a", "1"), "h.yaml": object("batch/v1", "Job", "h", "helm.sh/hook: pre-install"),
	})})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.Apply(ctx, plan, release.ApplyOptions{}); err != nil {
		t.Fatal(err)
	}
	if rel := plan.Release; rel.Info.Status != release.StatusPendingInstall || rel.ResourceVersion != "" || rel.Hooks[0].LastRun.Phase != "" {
		t.Errorf("the plan's record has changed: %+v", rel.Info)
	}
	writes := b.cluster.Writes()
	rel, err := b.Apply(ctx, plan, release.ApplyOptions{OnFailure: release.RollBack})
	if rel != nil || !errors.Is(err, release.ErrLocked) || !errors.Is(err, release.ErrExists) {
		t.Errorf("Apply: %v, %v", rel, err)
	}
	if diff := cmp.Diff(writes, b.cluster.Writes()); diff != "" {
		t.Error(diff)
	}
	b.wantRecords("1 deployed: Install complete")
}

// TestPlansOfNothing: plans that nobody has made are errors.
func TestPlansOfNothing(t *testing.T) {
	t.Parallel()
	b := newBed(t, bedConfig{})
	for _, plan := range []*release.Plan{nil, {}, {Operation: release.OpInstall}, {Release: &release.Release{Name: "web", Namespace: "prod"}}} {
		if rel, err := b.Apply(t.Context(), plan, release.ApplyOptions{}); rel != nil || err == nil {
			t.Errorf("%+v: %v, %v", plan, rel, err)
		}
	}
	if w := b.cluster.Writes(); len(w) > 0 {
		t.Errorf("%v", w)
	}
}

// TestStalePlans: another revision has come in between.
func TestStalePlans(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	b := newBed(t, bedConfig{})
	c := configMaps(t, "a")
	b.deploy(c)
	b.deploy(c)
	upgrade, err := b.PlanDeploy(ctx, release.DeployRequest{Key: webKey(), Mode: release.Upgrade, Chart: c, HistoryMax: 5})
	if err != nil {
		t.Fatal(err)
	}
	rollback, err := b.PlanRollback(ctx, release.RollbackRequest{Key: webKey()})
	if err != nil {
		t.Fatal(err)
	}
	uninstall, err := b.PlanUninstall(ctx, release.UninstallRequest{Key: webKey()})
	if err != nil {
		t.Fatal(err)
	}
	b.deploy(configMaps(t, "b"))
	writes := b.cluster.Writes()
	for _, plan := range []*release.Plan{upgrade, rollback, uninstall} {
		if _, err := b.Apply(ctx, plan, release.ApplyOptions{OnFailure: release.RollBack}); !errors.Is(err, release.ErrLocked) {
			t.Errorf("%s: error %v", plan.Operation, err)
		}
	}
	if diff := cmp.Diff(writes, b.cluster.Writes()); diff != "" {
		t.Error(diff)
	}
	b.wantRecords("1 superseded: Install complete", "2 superseded: Upgrade complete", "3 deployed: Upgrade complete")
	if uninstall, err = b.PlanUninstall(ctx, release.UninstallRequest{Key: webKey()}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []error{nil, release.ErrNotFound} {
		if _, err := b.Apply(ctx, uninstall, release.ApplyOptions{}); !errors.Is(err, want) {
			t.Errorf("uninstall: error %v, want %v", err, want)
		}
	}
}
