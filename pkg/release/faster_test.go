package release_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-0d4f92cc/pack/pkg/release"
	"github.com/seed-0d4f92cc/pack/pkg/release/releasetest"
)

// otherMap is the ConfigMap "shared" of release other, in what version its chart has it.
func otherMap(x string) map[string]any {
	return map[string]any{
		"apiVersion": "v1", "kind": "ConfigMap",
		"metadata": map[string]any{
			"name": "shared", "namespace": "prod",
			"labels":      map[string]any{"app.kubernetes.io/managed-by": "Helm"},
			"annotations": map[string]any{"meta.helm.sh/release-name": "other", "meta.helm.sh/release-namespace": "prod"},
		},
		"data": map[string]any{"x": x},
	}
}

// fasterBed is a bed on which release other creates the object "shared" just before it is
// written here for the first time.
func fasterBed(t *testing.T) *bed {
	t.Helper()
	var b *bed
	done := false
	b = newBed(t, bedConfig{cluster: releasetest.ClusterConfig{Fail: func(call releasetest.Call) error {
		if call.Op == releasetest.OpApply && call.Refs[0].Name == "shared" && !done {
			done = true
			b.cluster.Create("helm", otherMap("theirs"))
		}
		return nil
	}}})
	return b
}

// TestFaster: an object that another release has created since the plan was made stays
// its, whatever is done next: the deployment fails and says whose it is, so does another
// one, and neither an upgrade without it nor an uninstall deletes it.
func TestFaster(t *testing.T) {
	t.Parallel()
	for name, deployed := range map[string]bool{"install": false, "upgrade": true} {
		for _, method := range []release.ApplyMethod{release.ServerSide, release.ClientSide} {
			t.Run(name+"/"+string(method), func(t *testing.T) {
				t.Parallel()
				b := fasterBed(t)
				if deployed {
					b.deploy(configMaps(t, "a"))
				}
				req := release.DeployRequest{Mode: release.UpgradeOrInstall, Chart: configMaps(t, "a", "shared=mine")}
				req.Objects.Method = method
				for _, when := range []string{"at once", "again"} {
					_, err := b.try(t.Context(), req, release.ApplyOptions{})
					owner, ok := errors.AsType[*release.OwnershipError](err)
					if !ok || owner.Ref.Name != "shared" {
						t.Errorf("%s: error %v", when, err)
					}
					b.wantTheirs(when)
				}
				b.deploy(configMaps(t, "a"))
				b.wantTheirs("after an upgrade without it")
				if err := b.uninstall(t.Context(), release.UninstallRequest{}, release.ApplyOptions{}); err != nil {
					t.Error(err)
				}
				b.wantTheirs("after the uninstall")
				if b.cluster.Object(cmRef("a")) != nil {
					t.Error("the release's own object was not deleted")
				}
			})
		}
	}
}

// wantTheirs fails if "shared" is not as release other has it.
func (b *bed) wantTheirs(when string) {
	b.Helper()
	live := b.cluster.Object(cmRef("shared"))
	if live == nil {
		b.Fatalf("%s: it was deleted", when)
	}
	want := otherMap("theirs")
	if diff := cmp.Diff(want["data"], live["data"]); diff != "" {
		b.Errorf("%s: it was written (-want +got):\n%s", when, diff)
	}
}

// TestFasterIsTaken: who takes whatever there is takes it then too.
func TestFasterIsTaken(t *testing.T) {
	t.Parallel()
	b := fasterBed(t)
	b.mustDeploy(release.DeployRequest{
		Mode: release.Install, Chart: configMaps(t, "shared=mine"), Objects: release.ObjectOptions{TakeOwnership: true, ForceConflicts: true},
	})
	data, _ := b.cluster.Object(cmRef("shared"))["data"].(map[string]any)
	if data["x"] != "mine" {
		t.Errorf("data is %v", data)
	}
}

// TestGivenAway: an object that another release has taken is left to it when the chart
// drops it.
func TestGivenAway(t *testing.T) {
	t.Parallel()
	b := newBed(t, bedConfig{})
	b.deploy(configMaps(t, "a", "shared"))
	b.cluster.Edit("helm", cmRef("shared"), func(o map[string]any) {
		o["metadata"].(map[string]any)["annotations"].(map[string]any)["meta.helm.sh/release-name"] = "other"
		o["data"].(map[string]any)["x"] = "theirs"
	})
	b.deploy(configMaps(t, "a"))
	b.wantTheirs("after an upgrade without it")
}
