package memory_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/seed-0d4f92cc/pack/pkg/chart"
	"github.com/seed-0d4f92cc/pack/pkg/manifest"
	"github.com/seed-0d4f92cc/pack/pkg/release"
	"github.com/seed-0d4f92cc/pack/pkg/release/memory"
	"github.com/seed-0d4f92cc/pack/pkg/release/releasetest"
	"github.com/seed-0d4f92cc/pack/pkg/render"
)

func TestStore(t *testing.T) {
	t.Parallel()
	releasetest.TestStore(t, func(*testing.T) release.Store { return memory.NewStore(memory.Config{}) })
}

// TestLifecycle takes a release through its life, with a hook, waiting and a kind
// that no cluster knows.
func TestLifecycle(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	cluster := memory.NewCluster(render.DefaultCapabilities())
	engine, err := release.New(release.Config{Store: memory.NewStore(memory.Config{}), Cluster: cluster})
	if err != nil {
		t.Fatal(err)
	}
	web, err := chart.Load(fstest.MapFS{
		"Chart.yaml":          {Data: []byte("apiVersion: v2\nname: web\nversion: 1.0.0\n")},
		"templates/a.yaml":    {Data: []byte("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n---\napiVersion: x.example/v1\nkind: Widget\nmetadata: {name: w}\n")},
		"templates/list.yaml": {Data: []byte("apiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: Secret, metadata: {name: s, namespace: other}}\n")},
		"templates/hook.yaml": {Data: []byte("apiVersion: batch/v1\nkind: Job\nmetadata: {name: j, annotations: {helm.sh/hook: pre-upgrade}}\n")},
	}, chart.LoadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	key := release.Key{Namespace: "prod", Name: "web"}
	apply := func(plan *release.Plan, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := engine.Apply(ctx, plan, release.ApplyOptions{Wait: release.WaitReady, Timeout: time.Minute}); err != nil {
			t.Fatal(err)
		}
	}
	apply(engine.PlanDeploy(ctx, release.DeployRequest{Key: key, Mode: release.Install, Chart: web}))
	apply(engine.PlanDeploy(ctx, release.DeployRequest{Key: key, Mode: release.Upgrade, Chart: web}))
	for _, ref := range []manifest.Ref{
		{APIVersion: "v1", Kind: "ConfigMap", Namespace: "prod", Name: "a"},
		{APIVersion: "x.example/v1", Kind: "Widget", Namespace: "prod", Name: "w"},
		{APIVersion: "v1", Kind: "Secret", Namespace: "other", Name: "s"},
		{APIVersion: "batch/v1", Kind: "Job", Namespace: "prod", Name: "j"},
	} {
		if _, err := cluster.Get(ctx, ref); err != nil {
			t.Errorf("%s: %v", ref, err)
		}
	}
	apply(engine.PlanRollback(ctx, release.RollbackRequest{Key: key, Revision: 1}))
	apply(engine.PlanUninstall(ctx, release.UninstallRequest{Key: key}))
	if _, err := engine.Get(ctx, key, 0); !errors.Is(err, release.ErrNotFound) {
		t.Errorf("after all: %v", err)
	}
	if _, err := cluster.Get(ctx, manifest.Ref{APIVersion: "v1", Kind: "ConfigMap", Namespace: "prod", Name: "a"}); !errors.Is(err, release.ErrObjectNotFound) {
		t.Errorf("after all there is an object: %v", err)
	}
}

// TestRevisionZero: a record that somebody has put in without a number is there,
// and an upgrade counts on from it.
func TestRevisionZero(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	key := release.Key{Namespace: "prod", Name: "web"}
	store := memory.NewStore(memory.Config{})
	old := &release.Release{
		Name: key.Name, Namespace: key.Namespace, Info: &release.Info{Status: release.StatusDeployed},
		Chart: &release.Chart{Metadata: &chart.Metadata{Name: "web", Version: "1.0.0"}},
	}
	if err := store.Create(ctx, old); err != nil {
		t.Fatal(err)
	}
	if err := store.Create(ctx, &release.Release{Name: key.Name, Namespace: key.Namespace, Version: -1}); err == nil {
		t.Error("revision -1 was recorded")
	}
	engine, err := release.New(release.Config{Store: store, Cluster: memory.NewCluster(render.DefaultCapabilities())})
	if err != nil {
		t.Fatal(err)
	}
	rel, err := engine.Get(ctx, key, 0)
	if err != nil || rel.Version != 0 {
		t.Fatalf("revision %v, error %v", rel, err)
	}
	list, err := engine.List(ctx, release.ListFilter{})
	if err != nil || len(list) != 1 || list[0].Revision != 0 {
		t.Errorf("list %v, error %v", list, err)
	}
	web, err := chart.Load(fstest.MapFS{"Chart.yaml": {Data: []byte("apiVersion: v2\nname: web\nversion: 1.0.0\n")}}, chart.LoadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	plan, err := engine.PlanDeploy(ctx, release.DeployRequest{Key: key, Mode: release.UpgradeOrInstall, Chart: web})
	if err != nil {
		t.Fatal(err)
	}
	if plan.Operation != release.OpUpgrade || plan.Release.Version != 1 {
		t.Errorf("%s of revision %d, want an upgrade to revision 1", plan.Operation, plan.Release.Version)
	}
	for payload, want := range map[string]string{
		`{"name":"web","version":-1}`: "it has no revision of 0 or more: -1",
		`{"name":"web","version":1}`:  `it holds revision 1 of release "web"`,
	} {
		store.Put(key, 0, nil, []byte(payload))
		if _, err := store.Get(ctx, key, 0); err == nil || !strings.HasSuffix(err.Error(), want) {
			t.Errorf("%s: error %v, want %s", payload, err, want)
		}
	}
}

func TestBuildRefuses(t *testing.T) {
	t.Parallel()
	cluster := memory.NewCluster(render.DefaultCapabilities())
	for _, text := range []string{"kind: A\nmetadata: {name: a}", "apiVersion: v1\nkind: A", "a: [", "apiVersion: v1\nkind: List\nitems: [{kind: A}]"} {
		_, err := cluster.Build(t.Context(), []manifest.Manifest{{Path: "a.yaml", Content: text}}, release.BuildOptions{})
		if !errors.Is(err, release.ErrBuild) {
			t.Errorf("%q: %v", text, err)
		}
	}
}
