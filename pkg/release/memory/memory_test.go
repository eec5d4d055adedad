package memory_test

import (
	"context"
	"errors"
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
