package release_test

import (
	"errors"
	"strconv"
	"testing"

	"github.com/seed-0d4f92cc/pack/pkg/chart"
	"github.com/seed-0d4f92cc/pack/pkg/release"
	"github.com/seed-0d4f92cc/pack/pkg/release/releasetest"
)

// TestTracesOfFailedRollback: a rollback that failed in its steps has superseded the
// revision that it left, whose objects are not lost for that: whatever comes next
// removes those that it does not have.
func TestTracesOfFailedRollback(t *testing.T) {
	t.Parallel()
	for name, do := range map[string]func(b *bed) error{
		"rollback": func(b *bed) error {
			_, err := b.rollback(b.Context(), release.RollbackRequest{Revision: 1}, release.ApplyOptions{})
			return err
		},
		"upgrade": func(b *bed) error {
			_, err := b.try(b.Context(), release.DeployRequest{Mode: release.Upgrade, Chart: configMaps(b, "a=3")}, release.ApplyOptions{})
			return err
		},
		"uninstall": func(b *bed) error {
			return b.uninstall(b.Context(), release.UninstallRequest{}, release.ApplyOptions{})
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			failing := false
			b := newBed(t, bedConfig{cluster: releasetest.ClusterConfig{Fail: func(c releasetest.Call) error {
				if failing && c.Op == releasetest.OpApply {
					return errDenied
				}
				return nil
			}}})
			b.deploy(configMaps(t, "a"))
			b.deploy(configMaps(t, "a=2", "second"))
			failing = true
			if _, err := b.rollback(t.Context(), release.RollbackRequest{}, release.ApplyOptions{}); !errors.Is(err, errDenied) {
				t.Fatal(err)
			}
			failing = false
			if err := do(b); err != nil {
				t.Fatal(err)
			}
			if b.cluster.Object(cmRef("second")) != nil {
				t.Error("what the second revision made is left")
			}
		})
	}
}

// TestTracesOfReplaced: an install over one that failed has its objects removed too.
func TestTracesOfReplaced(t *testing.T) {
	t.Parallel()
	b := newBed(t, bedConfig{})
	b.cluster.SetStatus(cmRef("b"), release.ObjectFailed, "no")
	if _, err := b.try(t.Context(), release.DeployRequest{Chart: configMaps(t, "a", "b")}, release.ApplyOptions{Wait: release.WaitReady}); err == nil {
		t.Fatal("no error")
	}
	b.mustDeploy(release.DeployRequest{Chart: configMaps(t, "a"), Replace: true})
	if b.cluster.Object(cmRef("b")) != nil {
		t.Error("what the failed install made is left")
	}
}

// TestTracesOutliveTheHistory: what several revisions have left that failed is removed,
// however few the history may have; whoever knows of it goes after that.
func TestTracesOutliveTheHistory(t *testing.T) {
	t.Parallel()
	for _, limit := range []int{1, 2, 3} {
		t.Run(strconv.Itoa(limit), func(t *testing.T) {
			t.Parallel()
			b := newBed(t, bedConfig{cluster: releasetest.ClusterConfig{Fail: func(c releasetest.Call) error {
				if c.Op == releasetest.OpApply && c.Refs[0].Name == "zz" {
					return errDenied
				}
				return nil
			}}})
			upgrade := func(c *chart.Chart) error {
				_, err := b.try(t.Context(), release.DeployRequest{Mode: release.Upgrade, Chart: c, HistoryMax: limit}, release.ApplyOptions{})
				return err
			}
			b.deploy(configMaps(t, "a"))
			for range 2 { // the second time nothing new is left
				for _, name := range []string{"k0", "k1", "k2"} {
					if err := upgrade(configMaps(t, "a", name, "zz")); !errors.Is(err, errDenied) {
						t.Fatal(err)
					}
				}
			}
			if n := len(b.records()); n > 1+max(limit, 3)+1 {
				t.Errorf("%d records, %v", n, b.records())
			}
			if err := upgrade(configMaps(t, "a")); err != nil {
				t.Fatal(err)
			}
			for _, name := range []string{"k0", "k1", "k2"} {
				if b.cluster.Object(cmRef(name)) != nil {
					t.Errorf("%s is left", name)
				}
			}
			if n := len(b.records()); n > max(limit, 2) {
				t.Errorf("%d records are left, %v", n, b.records())
			}
		})
	}
}
