package release_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/seed-0d4f92cc/pack/pkg/release"
	"github.com/seed-0d4f92cc/pack/pkg/release/releasetest"
)

const holderKey = release.AnnotationPrefix + "holder"

// leave writes a record in a busy status, by somebody who says who it is or not.
func leave(b *bed, revision int, status release.Status, holder string) *release.Release {
	b.Helper()
	rel := releasetest.NewRelease(webKey(), revision, status)
	if holder != "" {
		rel.Annotations = map[string]string{holderKey: holder}
	}
	if err := b.store.Create(b.Context(), rel); err != nil {
		b.Fatal(err)
	}
	return rel
}

// slow has the object "slow" not become ready until ready is called.
func slow(b *bed) (ready func()) {
	b.cluster.SetStatus(cmRef("slow"), release.ObjectInProgress, "not yet")
	return func() { b.cluster.SetStatus(cmRef("slow"), release.ObjectCurrent, "") }
}

// upgradeSlow starts an upgrade that waits for "slow". The channel has its error.
func upgradeSlow(ctx context.Context, b *bed) <-chan error {
	done := make(chan error, 1)
	go func() {
		_, err := b.try(ctx, release.DeployRequest{Mode: release.Upgrade, Chart: configMaps(b, "a", "slow")}, release.ApplyOptions{Wait: release.WaitReady, Timeout: time.Hour})
		done <- err
	}()
	synctest.Wait()
	return done
}

// TestHeld: a holder that renews its record keeps others out, however long it works,
// and is waited for if that is asked.
func TestHeld(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBed(t, bedConfig{})
		b.deploy(configMaps(t, "a"))
		ready := slow(b)
		done := upgradeSlow(t.Context(), b)
		time.Sleep(10 * time.Minute)
		began := time.Now()
		for name, try := range map[string]func(release.LockOptions) error{
			"upgrade": func(lock release.LockOptions) error {
				_, err := b.try(t.Context(), release.DeployRequest{Mode: release.UpgradeOrInstall, Chart: configMaps(t, "a"), Lock: lock}, release.ApplyOptions{})
				return err
			},
			"rollback": func(lock release.LockOptions) error {
				_, err := b.rollback(t.Context(), release.RollbackRequest{Lock: lock}, release.ApplyOptions{})
				return err
			},
			"uninstall": func(lock release.LockOptions) error {
				return b.uninstall(t.Context(), release.UninstallRequest{Lock: lock}, release.ApplyOptions{})
			},
		} {
			locked, ok := errors.AsType[*release.LockedError](try(release.LockOptions{}))
			if !ok || locked.Revision != 2 || locked.Holder == nil || locked.Holder.ID == "" {
				t.Errorf("%s: %+v", name, locked)
			}
		}
		if d := time.Since(began); d > 15*time.Second {
			t.Errorf("three refusals took %v", d)
		}
		go func() {
			time.Sleep(time.Minute)
			ready()
		}()
		_, err := b.try(t.Context(), release.DeployRequest{Mode: release.Upgrade, Chart: configMaps(t, "a=2"), Lock: release.LockOptions{Wait: 5 * time.Minute}}, release.ApplyOptions{})
		if err := errors.Join(err, <-done); err != nil {
			t.Error(err)
		}
		b.wantRecords("1 superseded: Install complete", "2 superseded: Upgrade complete", "3 deployed: Upgrade complete")
		rel, err := b.Get(t.Context(), webKey(), 3)
		if err != nil {
			t.Fatal(err)
		}
		if rel.Annotations[holderKey] != "" || len(rel.Annotations) != 1 {
			t.Errorf("a record that nobody works on has annotations %v", rel.Annotations)
		}
	})
}

// TestLeft: when a record that is left is taken over.
func TestLeft(t *testing.T) {
	t.Parallel()
	const somebody = `{"id":"x","who":"alice@ci","process":"p"}`
	gone := release.Identity{Alive: func(p string) (alive, known bool) { return false, p == "p" }}
	for name, tt := range map[string]struct {
		holder   string
		lock     release.LockOptions
		identity release.Identity
		age      time.Duration // of the record when it is looked at
		min, max time.Duration
		locked   bool
	}{
		"somebody who is not heard of": {holder: somebody, min: 9 * time.Second, max: 11 * time.Second},
		"somebody a moment ago":        {holder: somebody, age: 20 * time.Second, min: 3 * time.Second, max: 5 * time.Second},
		"somebody long ago":            {holder: somebody, age: time.Hour, min: 3 * time.Second, max: 5 * time.Second},
		"a process that is dead":       {holder: somebody, identity: gone, max: time.Second},
		"Helm":                         {min: 59 * time.Second, max: 61 * time.Second},
		"Helm, for a while":            {lock: release.LockOptions{Silent: 5 * time.Minute}, min: 299 * time.Second, max: 301 * time.Second},
		"Helm, for ever":               {lock: release.LockOptions{Silent: -1}, max: time.Second, locked: true},
		"a holder that is no JSON":     {holder: "{", min: 59 * time.Second, max: 61 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				b := newBed(t, bedConfig{})
				b.deploy(configMaps(t, "a"))
				leave(b, 2, stPendingUpgrade, tt.holder)
				e, err := release.New(release.Config{Store: b.store, Cluster: b.cluster, Identity: tt.identity})
				if err != nil {
					t.Fatal(err)
				}
				time.Sleep(tt.age)
				began := time.Now()
				plan, err := e.PlanDeploy(t.Context(), release.DeployRequest{Key: webKey(), Mode: release.Upgrade, Chart: configMaps(t, "a=2"), Lock: tt.lock})
				if d := time.Since(began); d < tt.min || d > tt.max {
					t.Errorf("it took %v", d)
				}
				if tt.locked {
					if !errors.Is(err, release.ErrLocked) {
						t.Errorf("error %v", err)
					}
					return
				}
				if err != nil {
					t.Fatal(err)
				}
				if _, err := e.Apply(t.Context(), plan, release.ApplyOptions{}); err != nil {
					t.Fatal(err)
				}
				b.wantRecords("1 superseded: Install complete", "2 failed: Interrupted while pending-upgrade; revision 3 went on", "3 deployed: Upgrade complete")
			})
		})
	}
}

// TestAfterAnOutage: who could not renew his record while the server was away has the
// time to do so when it is back, before he is taken for dead.
func TestAfterAnOutage(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBed(t, bedConfig{})
		b.deploy(configMaps(t, "a"))
		rel := leave(b, 2, stPendingUpgrade, `{"id":"x"}`)
		time.Sleep(20 * time.Second)
		go func() {
			time.Sleep(2900 * time.Millisecond)
			if err := b.store.Renew(t.Context(), rel, map[string]string{"renewed": "7"}); err != nil {
				t.Error(err)
			}
		}()
		_, err := b.PlanDeploy(t.Context(), release.DeployRequest{Key: webKey(), Mode: release.Upgrade, Chart: configMaps(t, "a=2")})
		if !errors.Is(err, release.ErrLocked) {
			t.Errorf("error %v", err)
		}
	})
}

// TestPreviewDoesNotWait: a dry run says at once that somebody works on the release.
func TestPreviewDoesNotWait(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBed(t, bedConfig{})
		b.deploy(configMaps(t, "a"))
		leave(b, 2, stPendingUpgrade, "")
		began := time.Now()
		_, err := b.PlanDeploy(t.Context(), release.DeployRequest{Key: webKey(), Mode: release.Upgrade, Chart: configMaps(t, "a"), Preview: true})
		if !errors.Is(err, release.ErrLocked) || time.Since(began) > 0 {
			t.Errorf("error %v after %v", err, time.Since(began))
		}
	})
}

// TestBackFromTheDead: a record is heard of again between the plan and its use.
func TestBackFromTheDead(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBed(t, bedConfig{})
		b.deploy(configMaps(t, "a"))
		rel := leave(b, 2, stPendingUpgrade, `{"id":"x"}`)
		deploy, err := b.PlanDeploy(t.Context(), release.DeployRequest{Key: webKey(), Mode: release.Upgrade, Chart: configMaps(t, "a=2")})
		if err != nil {
			t.Fatal(err)
		}
		uninstall, err := b.PlanUninstall(t.Context(), release.UninstallRequest{Key: webKey()})
		if err != nil {
			t.Fatal(err)
		}
		if err := b.store.Renew(t.Context(), rel, map[string]string{"renewed": "1"}); err != nil {
			t.Fatal(err)
		}
		for _, plan := range []*release.Plan{deploy, uninstall} {
			if _, err := b.Apply(t.Context(), plan, release.ApplyOptions{}); !errors.Is(err, release.ErrLocked) {
				t.Errorf("%s: error %v", plan.Operation, err)
			}
			b.wantRecords("1 deployed: Install complete", "2 pending-upgrade: Install complete")
		}
	})
}

// TestLockLost: who was taken over stops, and overwrites nothing.
func TestLockLost(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBed(t, bedConfig{})
		b.deploy(configMaps(t, "a"))
		slow(b)
		done := upgradeSlow(t.Context(), b)
		rel, err := b.store.Get(t.Context(), webKey(), 2)
		if err != nil {
			t.Fatal(err)
		}
		rel.Info.Status, rel.Info.Description = stFailed, "taken over"
		if err := b.store.Update(t.Context(), rel); err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		if err := <-done; !errors.Is(err, release.ErrLockLost) {
			t.Errorf("error %v", err)
		}
		if d := time.Since(began); d > 5*time.Second {
			t.Errorf("it noticed after %v", d)
		}
		b.wantRecords("1 deployed: Install complete", "2 failed: taken over")
	})
}

// TestUninstallAndDeploy: one that begins while the other is under way gives way,
// whichever of them it is.
func TestUninstallAndDeploy(t *testing.T) {
	t.Parallel()
	t.Run("the uninstall was first", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			b := newBed(t, bedConfig{})
			b.deploy(configMaps(t, "a", "slow"))
			plan, err := b.PlanDeploy(t.Context(), release.DeployRequest{Key: webKey(), Mode: release.UpgradeOrInstall, Chart: configMaps(t, "a=2")})
			if err != nil {
				t.Fatal(err)
			}
			rel, err := b.store.Get(t.Context(), webKey(), 1)
			if err != nil {
				t.Fatal(err)
			}
			rel.Info.Status, rel.Annotations = stUninstalling, map[string]string{holderKey: `{"id":"x"}`}
			if err := b.store.Update(t.Context(), rel); err != nil {
				t.Fatal(err)
			}
			locked, ok := errors.AsType[*release.LockedError](func() error {
				_, err := b.Apply(t.Context(), plan, release.ApplyOptions{})
				return err
			}())
			if !ok || locked.Status != stUninstalling || locked.Holder == nil {
				t.Errorf("error %+v", locked)
			}
			b.wantRecords("1 uninstalling: Install complete")
		})
	})
	t.Run("the deployment was first", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			var b *bed
			armed := false
			b = newBed(t, bedConfig{store: releasetest.StoreConfig{Fail: func(call releasetest.StoreCall) error {
				if armed && call.Op == releasetest.StoreUpdate && call.Status == stUninstalling {
					armed = false
					leave(b, 2, stPendingUpgrade, `{"id":"x"}`)
				}
				return nil
			}}})
			b.deploy(configMaps(t, "a"))
			armed = true
			if err := b.uninstall(t.Context(), release.UninstallRequest{}, release.ApplyOptions{}); !errors.Is(err, release.ErrLocked) {
				t.Errorf("error %v", err)
			}
			b.wantRecords("1 deployed: Install complete", "2 pending-upgrade: Install complete")
			if b.cluster.Object(cmRef("a")) == nil {
				t.Error("an object is gone")
			}
		})
	})
}

// storeWithoutLease is a Store that can keep no lock.
type storeWithoutLease struct{ release.Store }

// TestWithoutLeaser: a pending record keeps deployments out, and what frees a release
// frees it.
func TestWithoutLeaser(t *testing.T) {
	t.Parallel()
	b := newBed(t, bedConfig{})
	b.deploy(configMaps(t, "a"))
	e, err := release.New(release.Config{Store: storeWithoutLease{b.store}, Cluster: b.cluster})
	if err != nil {
		t.Fatal(err)
	}
	leave(b, 2, stPendingUpgrade, "")
	if _, err := e.PlanDeploy(t.Context(), release.DeployRequest{Key: webKey(), Mode: release.Upgrade, Chart: configMaps(t, "a")}); !errors.Is(err, release.ErrLocked) {
		t.Errorf("upgrade: %v", err)
	}
	plan, err := e.PlanRollback(t.Context(), release.RollbackRequest{Key: webKey()})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := e.Apply(t.Context(), plan, release.ApplyOptions{}); err != nil {
		t.Fatal(err)
	}
	b.wantRecords("1 superseded: Install complete", "2 failed: Interrupted while pending-upgrade; revision 3 went on", "3 deployed: Rollback to 1")
}

// TestCarryOut plans anew when somebody was faster, for as long as that is allowed.
func TestCarryOut(t *testing.T) {
	t.Parallel()
	for _, wait := range []time.Duration{0, time.Minute} {
		synctest.Test(t, func(t *testing.T) {
			b := newBed(t, bedConfig{})
			b.deploy(configMaps(t, "a"))
			plans := 0
			_, err := b.CarryOut(t.Context(), release.LockOptions{Wait: wait}, func(ctx context.Context, lock release.LockOptions) (*release.Plan, error) {
				plans++
				plan, err := b.PlanDeploy(ctx, release.DeployRequest{Key: webKey(), Mode: release.Upgrade, Chart: configMaps(t, "a=2"), Lock: lock})
				if plans == 1 {
					b.deploy(configMaps(t, "a=3"))
				}
				return plan, err
			}, release.ApplyOptions{})
			switch {
			case wait == 0 && (!errors.Is(err, release.ErrLocked) || plans != 1):
				t.Errorf("%d plans, error %v", plans, err)
			case wait > 0 && (err != nil || plans != 2):
				t.Errorf("%d plans, error %v", plans, err)
			}
		})
	}
}

// TestTraces: what revisions that failed or were cut off have made is not lost, and
// what others own is not touched.
func TestTraces(t *testing.T) {
	t.Parallel()
	setup := func(t *testing.T) *bed {
		b := newBed(t, bedConfig{})
		b.deploy(configMaps(t, "a", "old"))
		b.cluster.SetStatus(cmRef("new"), release.ObjectFailed, "no")
		if _, err := b.try(t.Context(), release.DeployRequest{Mode: release.Upgrade, Chart: configMaps(t, "a=2", "new", "foreign")}, release.ApplyOptions{Wait: release.WaitReady}); err == nil {
			t.Fatal("no error")
		}
		b.cluster.Remove(cmRef("foreign"))
		b.cluster.Create("kubectl", liveConfigMap("foreign"))
		return b
	}
	for name, do := range map[string]func(b *bed) error{
		"upgrade": func(b *bed) error {
			_, err := b.try(b.Context(), release.DeployRequest{Mode: release.Upgrade, Chart: configMaps(b, "a=3")}, release.ApplyOptions{})
			return err
		},
		"rollback": func(b *bed) error {
			_, err := b.rollback(b.Context(), release.RollbackRequest{}, release.ApplyOptions{})
			return err
		},
		"uninstall": func(b *bed) error {
			return b.uninstall(b.Context(), release.UninstallRequest{}, release.ApplyOptions{})
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			if err := do(b); err != nil {
				t.Fatal(err)
			}
			if b.cluster.Object(cmRef("new")) != nil {
				t.Error("what the failed revision made is left")
			}
			// A rollback does not ask who owns what the last revision has, as in Helm.
			if name != "rollback" && b.cluster.Object(cmRef("foreign")) == nil {
				t.Error("what somebody else made is gone")
			}
		})
	}
}

// TestInterruptedNames: the warnings name what is waited for.
func TestInterruptedNames(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBed(t, bedConfig{})
		b.deploy(configMaps(t, "a"))
		leave(b, 2, stPendingUpgrade, `{"id":"x","who":"alice@ci"}`)
		b.deploy(configMaps(t, "a=2"))
		for _, want := range []string{"alice@ci", "an operation that was cut off is closed as failed"} {
			if !strings.Contains(b.log.String(), want) {
				t.Errorf("the log lacks %q: %s", want, b.log)
			}
		}
	})
}
