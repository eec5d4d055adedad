package release_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/seed-0d4f92cc/pack/pkg/release"
)

func TestPlanRollback(t *testing.T) {
	t.Parallel()
	b := newBed(t, bedConfig{})
	b.deploy(chartOf(t, map[string]string{
		"a.yaml": configMap("a", "1"), "b.yaml": configMap("b", "1"),
		"h.yaml": object("v1", "Pod", "h", "helm.sh/hook: pre-rollback,post-rollback,pre-upgrade"),
	}))
	b.deploy(configMaps(t, "b=2", "c"))
	for _, tt := range []struct {
		name string
		req  release.RollbackRequest
		live func()
		want string
	}{
		{
			"the one before", release.RollbackRequest{}, nil, `rollback web in prod, revision 3
			  pre-rollback hook Pod/h
			  create ConfigMap/prod/a
			  update ConfigMap/prod/b
			  delete ConfigMap/prod/c
			  post-rollback hook Pod/h`,
		},
		{
			"a chosen one, no hooks", release.RollbackRequest{Revision: 2, SkipHooks: true}, nil, `rollback web in prod, revision 3
			  update ConfigMap/prod/b
			  update ConfigMap/prod/c`,
		},
		{
			"an object of nobody is taken", release.RollbackRequest{SkipHooks: true, HistoryMax: 1},
			func() { b.cluster.Create("kubectl", liveConfigMap("a")) }, `rollback web in prod, revision 3
			  adopt ConfigMap/prod/a
			  update ConfigMap/prod/b
			  delete ConfigMap/prod/c
			  forget revision 1`,
		},
	} {
		if tt.live != nil {
			tt.live()
		}
		tt.req.Key = webKey()
		plan, err := b.PlanRollback(t.Context(), tt.req)
		if err != nil {
			t.Fatal(tt.name, err)
		}
		wantPlan(t, plan, tt.want)
	}
}

func TestPlanRollbackErrors(t *testing.T) {
	t.Parallel()
	b := newBed(t, bedConfig{})
	b.deploy(configMaps(t, "a"))
	for _, tt := range []struct {
		req  release.RollbackRequest
		is   error
		want string
	}{
		{release.RollbackRequest{Key: webKey()}, release.ErrNotFound, "release has no 0 version"},
		{release.RollbackRequest{Key: webKey(), Revision: 99}, release.ErrNotFound, "release has no 99 version"},
		{release.RollbackRequest{Key: webKey(), Revision: -1}, release.ErrInvalidRevision, "invalid release revision"},
		{release.RollbackRequest{Key: release.Key{Namespace: "prod", Name: "none"}}, release.ErrNotFound, "release: not found"},
		{release.RollbackRequest{Key: release.Key{Namespace: "prod", Name: "-"}}, release.ErrInvalidName, `release name "-"`},
		{
			release.RollbackRequest{Key: webKey(), Revision: 1, Description: strings.Repeat("é", 257)}, nil,
			"description must be 256 characters or less, got 257",
		},
	} {
		plan, err := b.PlanRollback(t.Context(), tt.req)
		if plan != nil || err == nil || !strings.Contains(err.Error(), tt.want) || tt.is != nil && !errors.Is(err, tt.is) {
			t.Errorf("%+v: %v, %v; want %q", tt.req, plan, err, tt.want)
		}
	}
}

func TestPlanUninstall(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name  string
		files map[string]string
		live  func(*bed)
		req   release.UninstallRequest
		want  string
	}{
		{
			"the reverse order, hooks of the last revision", map[string]string{
				"a.yaml": configMap("a", "1"), "b.yaml": object("apps/v1", "Deployment", "w"),
				"c.yaml": object("v1", "Service", "s"),
				"h.yaml": object("v1", "Pod", "h", "helm.sh/hook: pre-delete,post-delete"),
			}, nil, release.UninstallRequest{},
			`uninstall web in prod
			  pre-delete hook Pod/h
			  delete Service/prod/s
			  delete Deployment/prod/w
			  delete ConfigMap/prod/a
			  post-delete hook Pod/h`,
		},
		{
			"what stays", map[string]string{
				"a.yaml": configMap("a", "1", "helm.sh/resource-policy: \" Keep \""),
				"b.yaml": configMap("b", "1", "helm.sh/resource-policy: delete"),
				"c.yaml": configMap("c", "1"), "d.yaml": configMap("d", "1"),
				"h.yaml": object("v1", "Pod", "h", "helm.sh/hook: pre-delete"),
			}, func(b *bed) {
				b.cluster.Remove(cmRef("c"))
				b.cluster.Edit("kubectl", cmRef("d"), func(o map[string]any) {
					o["metadata"].(map[string]any)["labels"] = map[string]any{}
				})
			}, release.UninstallRequest{SkipHooks: true},
			`uninstall web in prod
			  keep ConfigMap/prod/a (its resource policy is keep)
			  delete ConfigMap/prod/b
			  keep ConfigMap/prod/d (it is not owned by this release)`,
		},
		{
			"an object twice", map[string]string{"a.yaml": configMap("a", "1") + "---\n" + configMap("a", "2")}, nil,
			release.UninstallRequest{}, `uninstall web in prod
			  delete ConfigMap/prod/a`,
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			b := newBed(t, bedConfig{})
			b.deploy(chartOf(t, tt.files))
			if tt.live != nil {
				tt.live(b)
			}
			tt.req.Key = webKey()
			plan, err := b.PlanUninstall(t.Context(), tt.req)
			if err != nil {
				t.Fatal(err)
			}
			wantPlan(t, plan, tt.want)
		})
	}
}

func TestPlanUninstallErrors(t *testing.T) {
	t.Parallel()
	b := newBed(t, bedConfig{})
	for _, tt := range []struct {
		req  release.UninstallRequest
		is   error
		want string
	}{
		{release.UninstallRequest{Key: webKey()}, release.ErrNotFound, "release: not found"},
		{release.UninstallRequest{Key: release.Key{Name: "B"}}, release.ErrInvalidName, `release name "B"`},
		{release.UninstallRequest{Key: webKey(), Propagation: "zz"}, nil, `invalid cascade value (zz). Must be "background", "foreground", or "orphan"`},
	} {
		plan, err := b.PlanUninstall(t.Context(), tt.req)
		if plan != nil || err == nil || !strings.Contains(err.Error(), tt.want) || tt.is != nil && !errors.Is(err, tt.is) {
			t.Errorf("%+v: %v, %v; want %q", tt.req, plan, err, tt.want)
		}
	}
}
