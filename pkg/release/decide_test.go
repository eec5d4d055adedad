package release_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-0d4f92cc/pack/pkg/release"
	"github.com/seed-0d4f92cc/pack/pkg/release/releasetest"
)

const (
	stDeployed        = release.StatusDeployed
	stSuperseded      = release.StatusSuperseded
	stFailed          = release.StatusFailed
	stUninstalled     = release.StatusUninstalled
	stUninstalling    = release.StatusUninstalling
	stPendingInstall  = release.StatusPendingInstall
	stPendingUpgrade  = release.StatusPendingUpgrade
	stPendingRollback = release.StatusPendingRollback
)

// TestDecide: what may be done to a release depends on the statuses of its
// records. An outcome is "install 3", "upgrade 3 from 2" or the error.
func TestDecide(t *testing.T) {
	t.Parallel()
	const inUse, locked, none = "name in use", "locked", "none deployed"
	many := append(superseded(9), stDeployed, stFailed) // v10 and v11 sort before v2
	for _, tt := range []struct {
		statuses                            []release.Status
		install, replace, upgrade, upgradeI string
	}{
		{nil, "install 1", "install 1", none, "install 1"},
		{[]release.Status{stDeployed}, inUse, inUse, "upgrade 2 from 1", "upgrade 2 from 1"},
		{[]release.Status{stFailed}, "install 2", "install 2", "upgrade 2 from 1", "upgrade 2 from 1"},
		{[]release.Status{stSuperseded}, inUse, inUse, "upgrade 2 from 1", "upgrade 2 from 1"},
		{[]release.Status{stDeployed, stFailed}, inUse, "install 3", "upgrade 3 from 1", "upgrade 3 from 1"},
		{[]release.Status{stDeployed, stDeployed, stFailed}, inUse, "install 4", "upgrade 4 from 2", "upgrade 4 from 2"},
		{[]release.Status{stUninstalled}, inUse, "install 2", none, "install 2"},
		{[]release.Status{stSuperseded, stUninstalled}, inUse, "install 3", none, "install 3"},
		{[]release.Status{stUninstalling}, inUse, inUse, locked, locked},
		{[]release.Status{stPendingInstall}, inUse, inUse, locked, locked},
		{[]release.Status{stDeployed, stPendingUpgrade}, inUse, inUse, locked, locked},
		{[]release.Status{stDeployed, stPendingRollback}, inUse, inUse, locked, locked},
		{[]release.Status{stPendingUpgrade, stDeployed}, inUse, inUse, "upgrade 3 from 2", "upgrade 3 from 2"},
		{many, inUse, "install 12", "upgrade 12 from 10", "upgrade 12 from 10"},
		{append(superseded(11), stUninstalled), inUse, "install 13", none, "install 13"},
		{append(superseded(10), stUninstalled, stDeployed), inUse, inUse, "upgrade 13 from 12", "upgrade 13 from 12"},
	} {
		t.Run(fmt.Sprint(tt.statuses), func(t *testing.T) {
			t.Parallel()
			b := newBed(t, bedConfig{})
			fill(t, b.store, tt.statuses...)
			for i, want := range []string{tt.install, tt.replace, tt.upgrade, tt.upgradeI} {
				req := []release.DeployRequest{
					{Mode: release.Install}, {Mode: release.Install, Replace: true}, {Mode: release.Upgrade}, {Mode: release.UpgradeOrInstall},
				}[i]
				if got := outcome(b, req); got != want {
					t.Errorf("request %d: %s, want %s", i, got, want)
				}
			}
		})
	}
}

func outcome(b *bed, req release.DeployRequest) string {
	b.Helper()
	req.Key, req.Chart = webKey(), configMaps(b, "a")
	req.Lock.Silent = -1
	plan, err := b.PlanDeploy(b.Context(), req)
	switch {
	case errors.Is(err, release.ErrNameInUse):
		return "name in use"
	case errors.Is(err, release.ErrLocked):
		return "locked"
	case errors.Is(err, release.ErrNoDeployed):
		return "none deployed"
	case err != nil:
		return err.Error()
	}
	out := fmt.Sprint(plan.Operation, " ", plan.Release.Version)
	if plan.Operation == release.OpUpgrade {
		out += fmt.Sprint(" from ", plan.Current.Version)
	}
	return out
}

// TestDecideDamaged: a record that cannot be read still counts with its number
// and its label; the rest is that of the newest one that can be read.
func TestDecideDamaged(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		statuses []release.Status
		damaged  []int
		want     string // of an upgrade --install
	}{
		{[]release.Status{stSuperseded, stDeployed}, []int{2}, "upgrade 3 from 1"},
		{[]release.Status{stDeployed, stFailed}, []int{2}, "upgrade 3 from 1"},
		{[]release.Status{stDeployed, stFailed}, []int{1}, "upgrade 3 from 2"},
		{[]release.Status{stDeployed, stDeployed, stFailed}, []int{2}, "upgrade 4 from 1"},
		{[]release.Status{stDeployed, stPendingUpgrade}, []int{2}, "locked"},
		{[]release.Status{stPendingUpgrade, stDeployed}, []int{1}, "upgrade 3 from 2"},
		{[]release.Status{stSuperseded, stUninstalled}, []int{2}, "install 3"},
		{[]release.Status{stSuperseded, stUninstalling}, []int{2}, "locked"},
	} {
		t.Run(fmt.Sprint(tt.statuses, tt.damaged), func(t *testing.T) {
			t.Parallel()
			b := newBed(t, bedConfig{})
			fill(t, b.store, tt.statuses...)
			for _, revision := range tt.damaged {
				damage(b.store, webKey(), revision, tt.statuses[revision-1])
			}
			if got := outcome(b, release.DeployRequest{Mode: release.UpgradeOrInstall}); got != tt.want {
				t.Errorf("%s, want %s", got, tt.want)
			}
			newest := len(tt.statuses)
			if tt.want != "locked" && slices.Contains(tt.damaged, newest) != strings.Contains(b.log.String(), fmt.Sprintf("revision %d ", newest)) {
				t.Errorf("log %q", b.log)
			}
		})
	}
	t.Run("all", func(t *testing.T) {
		t.Parallel()
		b := newBed(t, bedConfig{})
		damage(b.store, webKey(), 1, stDeployed)
		_, err := b.PlanDeploy(t.Context(), release.DeployRequest{Key: webKey(), Mode: release.UpgradeOrInstall, Chart: configMaps(t, "a")})
		if rec, ok := errors.AsType[*release.RecordError](err); !ok || rec.Revision != 1 {
			t.Errorf("error %v", err)
		}
	})
}

// TestDamagedThrough: operations go on over a damaged record, and say so.
func TestDamagedThrough(t *testing.T) {
	t.Parallel()
	setup := func(t *testing.T) *bed {
		b := newBed(t, bedConfig{})
		b.deploy(configMaps(t, "a=1"))
		b.deploy(configMaps(t, "a=2"))
		b.deploy(configMaps(t, "a=3"))
		damage(b.store, webKey(), 3, stDeployed)
		return b
	}
	want := []string{"1 superseded: Install complete", "2 superseded: Upgrade complete", "damaged deployed"}
	t.Run("upgrade", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		b.deploy(configMaps(t, "a=4"))
		b.wantRecords(append(want, "4 deployed: Upgrade complete")...)
		if !strings.Contains(b.log.String(), "cannot be marked") {
			t.Errorf("log %q", b.log)
		}
	})
	t.Run("rollback", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		if _, err := b.rollback(t.Context(), release.RollbackRequest{}, release.ApplyOptions{}); err != nil {
			t.Fatal(err)
		}
		b.wantRecords(append(want, "4 deployed: Rollback to 2")...)
		if _, err := b.PlanRollback(t.Context(), release.RollbackRequest{Key: webKey(), Revision: 3}); err == nil {
			t.Error("a rollback to a damaged record")
		}
	})
	t.Run("uninstall", func(t *testing.T) {
		t.Parallel()
		for _, keep := range []bool{false, true} {
			b := setup(t)
			if err := b.uninstall(t.Context(), release.UninstallRequest{KeepHistory: keep}, release.ApplyOptions{}); err != nil {
				t.Fatal(err)
			}
			if keep {
				b.wantRecords(want[0], "2 uninstalled: Uninstallation complete", want[2])
			} else {
				b.wantRecords()
			}
			if objects := b.cluster.Objects(); len(objects) > 0 {
				t.Errorf("left %v", objects)
			}
		}
	})
}

func TestLockedError(t *testing.T) {
	t.Parallel()
	b := newBed(t, bedConfig{})
	fill(t, b.store, stDeployed, stPendingUpgrade)
	req := release.DeployRequest{Key: webKey(), Mode: release.Upgrade, Chart: configMaps(t, "a"), Lock: release.LockOptions{Silent: -1}}
	_, err := b.PlanDeploy(t.Context(), req)
	locked, ok := errors.AsType[*release.LockedError](err)
	if !ok || err.Error() != "another operation (install/upgrade/rollback) is in progress" {
		t.Fatalf("error %v", err)
	}
	since := releasetest.NewRelease(webKey(), 2, stPendingUpgrade).Info.LastDeployed
	if locked.Key != webKey() || locked.Revision != 2 || locked.Status != stPendingUpgrade || !locked.Since.Equal(since.Time) {
		t.Errorf("error %+v", locked)
	}
	damage(b.store, webKey(), 2, stPendingUpgrade)
	_, err = b.PlanDeploy(t.Context(), req)
	if locked, ok := errors.AsType[*release.LockedError](err); !ok || locked.Revision != 2 || !locked.Since.IsZero() {
		t.Errorf("error %+v", locked)
	}
}

// TestPendingIsClosed: a rollback goes over a record that Helm left, and closes it.
func TestPendingIsClosed(t *testing.T) {
	t.Parallel()
	b := newBed(t, bedConfig{})
	b.deploy(configMaps(t, "a=1"))
	stuck := releasetest.NewRelease(webKey(), 2, stPendingUpgrade)
	if err := b.store.Create(t.Context(), stuck); err != nil {
		t.Fatal(err)
	}
	if _, err := b.rollback(t.Context(), release.RollbackRequest{}, release.ApplyOptions{}); err != nil {
		t.Fatal(err)
	}
	b.wantRecords("1 superseded: Install complete", "2 failed: Interrupted while pending-upgrade; revision 3 went on", "3 deployed: Rollback to 1")
	b.deploy(configMaps(t, "a=2"))
}

// TestReinstall: over what was uninstalled, the history goes on.
func TestReinstall(t *testing.T) {
	t.Parallel()
	for _, req := range []release.DeployRequest{{Replace: true}, {Mode: release.UpgradeOrInstall}} {
		b := newBed(t, bedConfig{})
		for range 11 {
			b.deploy(configMaps(t, "a"))
		}
		if err := b.uninstall(t.Context(), release.UninstallRequest{KeepHistory: true}, release.ApplyOptions{}); err != nil {
			t.Fatal(err)
		}
		req.Chart = chartOf(t, map[string]string{"a.yaml": configMap("a", "{{ .Release.Revision }} {{ .Release.IsInstall }}")})
		rel := b.mustDeploy(req)
		if rel.Version != 12 || !strings.Contains(rel.Manifest, `x: "1 true"`) {
			t.Errorf("revision %d: %s", rel.Version, rel.Manifest)
		}
		got := b.records()
		if diff := cmp.Diff([]string{"11 superseded: superseded by new release", "12 deployed: Install complete"}, got[10:]); diff != "" {
			t.Error(diff)
		}
	}
}

// TestReplaceFailed: the failed revision stays what it is.
func TestReplaceFailed(t *testing.T) {
	t.Parallel()
	b := newBed(t, bedConfig{})
	b.cluster.SetStatus(cmRef("a"), release.ObjectFailed, "no")
	if _, err := b.try(t.Context(), release.DeployRequest{Chart: configMaps(t, "a")}, release.ApplyOptions{Wait: release.WaitReady}); err == nil {
		t.Fatal("no error")
	}
	b.mustDeploy(release.DeployRequest{Chart: configMaps(t, "a"), Replace: true})
	b.wantRecords(`1 failed: Release "web" failed: resource ConfigMap/prod/a not ready. status: Failed, message: no`, "2 deployed: Install complete")
}
