package release_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-0d4f92cc/pack/pkg/release"
	"github.com/seed-0d4f92cc/pack/pkg/release/releasetest"
)

// applies are the details of the applies to the cluster of the last operation.
func (b *bed) applies(since int) []string {
	var out []string
	for _, c := range b.cluster.Calls()[since:] {
		if c.Op == releasetest.OpApply {
			out = append(out, c.Detail)
		}
	}
	return slices.Compact(out)
}

// TestApplyMethod: what is asked for counts, then what the last revision, or the one
// to go back to, says of itself; objects that move to the server's apply are migrated.
func TestApplyMethod(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		last, asked release.ApplyMethod
		replace     bool
		want        release.ApplyMethod
		applies     string
	}{
		{release.ServerSide, "", false, release.ServerSide, "ssa"},
		{release.ServerSide, release.ClientSide, false, release.ClientSide, "csa"},
		{release.ServerSide, release.ClientSide, true, release.ClientSide, "csa+replace"},
		{release.ClientSide, "", false, release.ClientSide, "csa"},
		{release.ClientSide, "", true, release.ClientSide, "csa+replace"},
		{release.ClientSide, release.ServerSide, false, release.ServerSide, "ssa+migrate"},
	} {
		t.Run(fmt.Sprintf("%s-%s-%t", tt.last, tt.asked, tt.replace), func(t *testing.T) {
			t.Parallel()
			b := newBed(t, bedConfig{})
			install := release.DeployRequest{Chart: configMaps(t, "a", "b")}
			install.Objects.Method = tt.last
			if rel := b.mustDeploy(install); rel.ApplyMethod != tt.last {
				t.Errorf("installed by %q", rel.ApplyMethod)
			}
			n := len(b.cluster.Calls())
			upgrade := release.DeployRequest{Mode: release.Upgrade, Chart: configMaps(t, "a=2")}
			upgrade.Objects.Method, upgrade.Objects.ForceReplace = tt.asked, tt.replace
			rel := b.mustDeploy(upgrade)
			if diff := cmp.Diff([]string{tt.applies}, b.applies(n)); diff != "" || rel.ApplyMethod != tt.want {
				t.Errorf("upgraded by %q:\n%s", rel.ApplyMethod, diff)
			}
			if b.cluster.Object(cmRef("b")) != nil {
				t.Error("an object that the chart dropped is there")
			}
			// Without a word a rollback is as the revision that it goes back to.
			rel, err := b.rollback(t.Context(), release.RollbackRequest{Revision: 1}, release.ApplyOptions{})
			if err != nil || rel.ApplyMethod != tt.last {
				t.Errorf("rolled back by %q, error %v", rel.ApplyMethod, err)
			}
			rel, err = b.rollback(t.Context(), release.RollbackRequest{Revision: 2, Method: release.ClientSide, ForceReplace: true}, release.ApplyOptions{})
			if err != nil || rel.ApplyMethod != release.ClientSide {
				t.Errorf("rolled back by %q, error %v", rel.ApplyMethod, err)
			}
		})
	}
}

// TestHookMethod: hooks are made as the objects of their release, but those of an
// uninstall by the server's apply, as in Helm.
func TestHookMethod(t *testing.T) {
	t.Parallel()
	b := newBed(t, bedConfig{})
	install := release.DeployRequest{Chart: chartOf(t, map[string]string{
		"a.yaml": configMap("a", "1", "helm.sh/hook: post-install"), "b.yaml": configMap("b", "1", "helm.sh/hook: pre-delete"),
	})}
	install.Objects.Method = release.ClientSide
	b.mustDeploy(install)
	if diff := cmp.Diff([]string{"csa"}, b.applies(0)); diff != "" {
		t.Errorf("install: %s", diff)
	}
	n := len(b.cluster.Calls())
	if err := b.uninstall(t.Context(), release.UninstallRequest{}, release.ApplyOptions{}); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"ssa"}, b.applies(n)); diff != "" {
		t.Errorf("uninstall: %s", diff)
	}
	for method, want := range map[release.ApplyMethod]string{"": "csa", release.ClientSide: "csa", release.ServerSide: "ssa"} {
		rel := b.mustDeploy(release.DeployRequest{Mode: release.UpgradeOrInstall, Chart: chartOf(t, map[string]string{
			"t.yaml": configMap("t", "1", "helm.sh/hook: test"),
		})})
		rel.ApplyMethod = method // Helm 3 writes none
		if err := b.store.Update(t.Context(), rel); err != nil {
			t.Fatal(err)
		}
		n = len(b.cluster.Calls())
		if _, err := b.Test(t.Context(), release.TestRequest{Key: webKey()}, release.ApplyOptions{}); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]string{want}, b.applies(n)); diff != "" {
			t.Errorf("test of %q: %s", method, diff)
		}
	}
}

// TestApplyMethodClashes: what excludes each other is found before anything is
// recorded. An install into nothing replaces nothing, as in Helm.
func TestApplyMethodClashes(t *testing.T) {
	t.Parallel()
	b := newBed(t, bedConfig{})
	install := release.DeployRequest{Chart: configMaps(t, "a")}
	install.Objects.ForceReplace = true
	b.mustDeploy(install)
	for name, objects := range map[string]release.ObjectOptions{
		"invalid operation: cannot use server-side apply and force replace together":            {ForceReplace: true},
		"invalid operation: cannot use force conflicts and force replace together":              {Method: release.ClientSide, ForceReplace: true, ForceConflicts: true},
		"invalid client update option(s): forceConflicts enabled when serverSideApply disabled": {Method: release.ClientSide, ForceConflicts: true},
		"invalid/unknown release server-side apply method: zz":                                  {Method: "zz"},
	} {
		_, err := b.try(t.Context(), release.DeployRequest{Mode: release.Upgrade, Chart: configMaps(t, "a"), Objects: objects}, release.ApplyOptions{})
		if err == nil || err.Error() != name {
			t.Errorf("upgrade: error %v, want %s", err, name)
		}
		_, err = b.rollback(t.Context(), release.RollbackRequest{
			Revision: 1, Method: objects.Method, ForceReplace: objects.ForceReplace, ForceConflicts: objects.ForceConflicts,
		}, release.ApplyOptions{})
		if err == nil || err.Error() != name {
			t.Errorf("rollback: error %v, want %s", err, name)
		}
	}
	b.wantRecords("1 deployed: Install complete")
	b.cluster.Create("other", map[string]any{"apiVersion": "v1", "kind": "ConfigMap", "metadata": map[string]any{"name": "mine", "namespace": "prod"}})
	adopt := release.DeployRequest{Key: release.Key{Namespace: "prod", Name: "two"}, Chart: configMaps(t, "mine")}
	adopt.Objects = release.ObjectOptions{ForceReplace: true, TakeOwnership: true}
	if _, err := b.try(t.Context(), adopt, release.ApplyOptions{}); !errors.Is(err, release.ErrForceReplace) {
		t.Errorf("an install that adopts: error %v", err)
	}
}
