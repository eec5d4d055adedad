package release_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/seed-0d4f92cc/pack/pkg/chart"
	"github.com/seed-0d4f92cc/pack/pkg/release"
	"github.com/seed-0d4f92cc/pack/pkg/release/releasetest"
)

const widgetCRD = `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata:
  name: widgets.example.com
spec:
  group: example.com
  scope: Namespaced
  names: {plural: widgets, kind: Widget}
  versions:
    - {name: v1, served: true, storage: true}
`

// owned is an object as an install of a release leaves it.
func owned(content map[string]any, key release.Key) map[string]any {
	meta := content["metadata"].(map[string]any)
	meta["labels"] = map[string]any{"app.kubernetes.io/managed-by": "Helm"}
	meta["annotations"] = map[string]any{
		"meta.helm.sh/release-name": key.Name, "meta.helm.sh/release-namespace": key.Namespace,
	}
	return content
}

func liveConfigMap(name string) map[string]any {
	return map[string]any{
		"apiVersion": "v1", "kind": "ConfigMap",
		"metadata": map[string]any{"name": name, "namespace": "prod"},
	}
}

func TestPlanInstall(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name  string
		files map[string]string
		live  func(*bed)
		req   release.DeployRequest
		want  string
	}{
		{"nothing at all", nil, nil, release.DeployRequest{}, "install web in prod, revision 1"},
		{
			"the order of kinds", map[string]string{
				"a.yaml": object("apps/v1", "Deployment", "w"),
				"b.yaml": configMap("a", "1"),
				"c.yaml": configMap("b", "1"),
				"d.yaml": object("v1", "Service", "s"),
				"e.yaml": object("rbac.authorization.k8s.io/v1", "ClusterRole", "r"),
			}, nil, release.DeployRequest{}, `install web in prod, revision 1
			  create ConfigMap/prod/a
			  create ConfigMap/prod/b
			  create ClusterRole/r
			  create Service/prod/s
			  create Deployment/prod/w`,
		},
		{
			"definitions, hooks and a namespace", map[string]string{
				"crds/w.yaml": widgetCRD,
				"w.yaml":      object("example.com/v1", "Widget", "w"),
				"b.yaml":      object("batch/v1", "Job", "b", "helm.sh/hook: pre-install,post-upgrade", `helm.sh/hook-weight: "5"`),
				"a.yaml":      object("batch/v1", "Job", "a", "helm.sh/hook: pre-install", `helm.sh/hook-weight: "5"`),
				"z.yaml":      object("v1", "Pod", "z", "helm.sh/hook: pre-install", `helm.sh/hook-weight: "-1"`),
				"p.yaml":      object("v1", "Pod", "p", "helm.sh/hook: post-install"),
				"t.yaml":      object("v1", "Pod", "t", "helm.sh/hook: test"),
			}, nil,
			release.DeployRequest{Key: release.Key{Namespace: "fresh", Name: "web"}, CreateNamespace: true},
			`install web in fresh, revision 1
			  create namespace fresh
			  create CustomResourceDefinition/widgets.example.com
			  pre-install hook Pod/z
			  pre-install hook Job/a
			  pre-install hook Job/b
			  create Widget/fresh/w
			  post-install hook Pod/p`,
		},
		{
			"a namespace that is there, no hooks", map[string]string{
				"a.yaml": object("batch/v1", "Job", "a", "helm.sh/hook: pre-install"),
			}, nil,
			release.DeployRequest{CreateNamespace: true, Objects: release.ObjectOptions{SkipHooks: true}},
			"install web in prod, revision 1",
		},
		{
			"definitions that are left alone", map[string]string{"crds/w.yaml": widgetCRD}, nil,
			release.DeployRequest{Objects: release.ObjectOptions{SkipCRDs: true}}, "install web in prod, revision 1",
		},
		{
			"an object of the release that is there", map[string]string{"a.yaml": configMap("a", "1"), "b.yaml": configMap("b", "1")},
			func(b *bed) { b.cluster.Create("helm", owned(liveConfigMap("b"), webKey())) },
			release.DeployRequest{}, `install web in prod, revision 1
			  create ConfigMap/prod/a
			  adopt ConfigMap/prod/b`,
		},
		{
			"objects of others that are taken", map[string]string{"a.yaml": configMap("a", "1")},
			func(b *bed) { b.cluster.Create("kubectl", liveConfigMap("a")) },
			release.DeployRequest{Objects: release.ObjectOptions{TakeOwnership: true}}, `install web in prod, revision 1
			  adopt ConfigMap/prod/a`,
		},
		{
			"an object twice, a list, another namespace", map[string]string{
				"a.yaml": configMap("a", "1") + "---\n" + configMap("a", "2"),
				"b.yaml": "apiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: Secret, metadata: {name: s, namespace: default}}\n",
			}, nil, release.DeployRequest{}, `install web in prod, revision 1
			  create ConfigMap/prod/a
			  create ConfigMap/prod/a
			  create Secret/default/s`,
		},
		{
			"offline", map[string]string{"a.yaml": configMap("a", "1"), "h.yaml": object("v1", "Pod", "h", "helm.sh/hook: pre-install")}, nil,
			release.DeployRequest{Offline: true}, `install web in prod, revision 1
			  pre-install hook Pod/h`,
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			b := newBed(t, bedConfig{})
			if tt.live != nil {
				tt.live(b)
			}
			tt.req.Chart = chartOf(t, tt.files)
			if tt.req.Key == (release.Key{}) {
				tt.req.Key = webKey()
			}
			plan, err := b.PlanDeploy(t.Context(), tt.req)
			if err != nil {
				t.Fatal(err)
			}
			wantPlan(t, plan, tt.want)
			if writes := b.cluster.Writes(); len(writes) > 0 {
				t.Errorf("planning wrote %v", writes)
			}
			b.wantRecords()
		})
	}
}

func TestPlanUpgrade(t *testing.T) {
	t.Parallel()
	keep := `helm.sh/resource-policy: keep`
	for _, tt := range []struct {
		name        string
		before, now map[string]string
		live        func(*bed)
		max         int
		want        string
	}{
		{
			"create, update, delete",
			map[string]string{"a.yaml": configMap("a", "1"), "b.yaml": configMap("b", "1"), "c.yaml": object("v1", "Service", "c")},
			map[string]string{"b.yaml": configMap("b", "2"), "d.yaml": configMap("d", "1")}, nil, 0,
			`upgrade web in prod, revision 2
			  update ConfigMap/prod/b
			  create ConfigMap/prod/d
			  delete ConfigMap/prod/a
			  delete Service/prod/c`,
		},
		{
			"what was deleted by hand",
			map[string]string{"a.yaml": configMap("a", "1"), "b.yaml": configMap("b", "1")},
			map[string]string{"a.yaml": configMap("a", "1")},
			func(b *bed) { b.cluster.Remove(cmRef("a")); b.cluster.Remove(cmRef("b")) }, 0,
			`upgrade web in prod, revision 2
			  create ConfigMap/prod/a (it was deleted outside of the release)`,
		},
		{
			"an object that stays", map[string]string{"a.yaml": configMap("a", "1", keep)}, nil, nil, 0,
			`upgrade web in prod, revision 2
			  keep ConfigMap/prod/a (its resource policy is keep)`,
		},
		{
			"the live object has the policy", map[string]string{"a.yaml": configMap("a", "1", keep)}, nil,
			func(b *bed) {
				b.cluster.Edit("kubectl", cmRef("a"), func(o map[string]any) {
					delete(o["metadata"].(map[string]any)["annotations"].(map[string]any), "helm.sh/resource-policy")
				})
			}, 0,
			`upgrade web in prod, revision 2
			  delete ConfigMap/prod/a`,
		},
		{
			"an object of the release from elsewhere", nil, map[string]string{"a.yaml": configMap("a", "1")},
			func(b *bed) { b.cluster.Create("helm", owned(liveConfigMap("a"), webKey())) }, 0,
			`upgrade web in prod, revision 2
			  adopt ConfigMap/prod/a`,
		},
		{
			"hooks, and no definitions", nil, map[string]string{
				"crds/w.yaml": widgetCRD,
				"a.yaml":      configMap("a", "1"),
				"h.yaml":      object("v1", "Pod", "h", "helm.sh/hook: pre-upgrade,post-upgrade,pre-install"),
			}, nil, 0,
			`upgrade web in prod, revision 2
			  pre-upgrade hook Pod/h
			  create ConfigMap/prod/a
			  post-upgrade hook Pod/h`,
		},
		{
			"a newer version of a kind", map[string]string{"a.yaml": object("example.com/v1", "Gadget", "g")},
			map[string]string{"a.yaml": object("example.com/v2", "Gadget", "g")}, nil, 0,
			`upgrade web in prod, revision 2
			  update Gadget/prod/g`,
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			b := newBed(t, bedConfig{cluster: releasetest.ClusterConfig{Kinds: []releasetest.Kind{
				{APIVersion: "example.com/v1", Kind: "Gadget"}, {APIVersion: "example.com/v2", Kind: "Gadget"},
			}}})
			b.deploy(chartOf(t, tt.before))
			if tt.live != nil {
				tt.live(b)
			}
			plan, err := b.PlanDeploy(t.Context(), release.DeployRequest{
				Key: webKey(), Mode: release.Upgrade, Chart: chartOf(t, tt.now), HistoryMax: tt.max,
			})
			if err != nil {
				t.Fatal(err)
			}
			wantPlan(t, plan, tt.want)
		})
	}
}

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
