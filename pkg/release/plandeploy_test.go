package release_test

import (
	"testing"

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
			release.DeployRequest{Objects: release.ObjectOptions{CRDs: release.CRDsSkip}}, "install web in prod, revision 1",
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
