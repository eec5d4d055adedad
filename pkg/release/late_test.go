package release_test

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/seed-0d4f92cc/pack/pkg/release"
	"github.com/seed-0d4f92cc/pack/pkg/release/releasetest"
)

// lateStore is a Store whose records cannot be renewed while it is away, and the clock of
// which may be wrong.
type lateStore struct {
	*releasetest.Store
	away  atomic.Bool
	blind atomic.Bool // leases cannot be read
	wrong time.Duration
}

func (s *lateStore) Renew(ctx context.Context, rel *release.Release, annotations map[string]string) error {
	if s.away.Load() {
		return errors.New("the server is away")
	}
	return s.Store.Renew(ctx, rel, annotations)
}

func (s *lateStore) Lease(ctx context.Context, key release.Key, revision int) (release.Lease, error) {
	if s.blind.Load() {
		return release.Lease{}, errors.New("the server is too slow")
	}
	lease, err := s.Store.Lease(ctx, key, revision)
	lease.Age += s.wrong
	return lease, err
}

// lateBed is a bed on a lateStore. Whenever the object "late" is about to be written or
// deleted, at is called.
func lateBed(t *testing.T, at func(b *bed, op string)) (*bed, *lateStore) {
	t.Helper()
	var b *bed
	b = newBed(t, bedConfig{cluster: releasetest.ClusterConfig{Fail: func(call releasetest.Call) error {
		writes := call.Op == releasetest.OpApply || call.Op == releasetest.OpDelete
		if at != nil && writes && call.Refs[0].Name == "late" {
			at(b, call.Op)
		}
		return nil
	}}})
	store := &lateStore{Store: b.store}
	var err error
	if b.Engine, err = release.New(release.Config{Store: store, Cluster: b.cluster}); err != nil {
		t.Fatal(err)
	}
	return b, store
}

// takeOver closes the newest record as another operation does that goes on.
func takeOver(b *bed, revision int) {
	b.Helper()
	rel, err := b.store.Get(b.Context(), webKey(), revision)
	if err != nil {
		b.Fatal(err)
	}
	rel.Info.Status, rel.Info.Description = stFailed, "taken over"
	if err := b.store.Update(b.Context(), rel); err != nil {
		b.Fatal(err)
	}
}

// TestLateWrite: who was stopped, or cut off, for so long that he may have been taken for
// dead asks before he writes anything else, and writes nothing if he was.
func TestLateWrite(t *testing.T) {
	t.Parallel()
	for name, objects := range map[string][]string{"apply": {"late=2"}, "delete": {"a"}} {
		for _, taken := range []bool{true, false} {
			t.Run(fmt.Sprintf("%s/taken %t", name, taken), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					var store *lateStore
					armed := false
					b, store := lateBed(t, func(b *bed, _ string) {
						if !armed {
							return
						}
						armed = false
						store.away.Store(true)
						time.Sleep(20 * time.Second)
						if taken {
							takeOver(b, 2)
						}
						store.away.Store(false)
					})
					b.deploy(configMaps(t, "late=1"))
					armed = true
					_, err := b.try(t.Context(), release.DeployRequest{Mode: release.Upgrade, Chart: configMaps(t, objects...)}, release.ApplyOptions{})
					data, _ := b.cluster.Object(cmRef("late"))["data"].(map[string]any)
					switch {
					case !taken && (err != nil || data["x"] == "1"):
						t.Errorf("it was not written: %v, %v", data, err)
					case taken && (!errors.Is(err, release.ErrLockLost) || data["x"] != "1"):
						t.Errorf("it was written: %v, %v", data, err)
					}
				})
			})
		}
	}
}

// TestTouched: somebody who writes the record of an operation under way, and does not take
// it over, does not end the operation; nor does it while it cannot be read who holds it.
func TestTouched(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var store *lateStore
		var b *bed
		b, store = lateBed(t, func(b *bed, _ string) {
			for revision := range 3 {
				rel, err := b.store.Get(b.Context(), webKey(), revision)
				if err != nil || !rel.Info.Status.IsPending() {
					continue
				}
				if err := b.store.Renew(b.Context(), rel, map[string]string{"backup": "yes"}); err != nil {
					b.Error(err)
				}
			}
			store.blind.Store(true)
			time.Sleep(10 * time.Second) // it cannot be renewed
			store.blind.Store(false)
			time.Sleep(20 * time.Second) // it is renewed
		})
		b.deploy(configMaps(t, "late=1"))
		b.deploy(configMaps(t, "late=2"))
		b.wantRecords("1 superseded: Install complete", "2 deployed: Upgrade complete")
	})
}

// TestWrongClock: a clock of the server that is wrong, or that of what stands before it,
// neither has a live holder taken for dead nor keeps others out for ever.
func TestWrongClock(t *testing.T) {
	t.Parallel()
	for _, wrong := range []time.Duration{3 * time.Hour, -3 * time.Hour} {
		t.Run(wrong.String(), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				b, store := lateBed(t, nil)
				store.wrong = wrong
				b.deploy(configMaps(t, "a"))
				ready := slow(b)
				done := upgradeSlow(t.Context(), b)
				upgrade := release.DeployRequest{Mode: release.Upgrade, Chart: configMaps(t, "a=2")}
				if _, err := b.try(t.Context(), upgrade, release.ApplyOptions{}); !errors.Is(err, release.ErrLocked) {
					t.Errorf("a live holder: %v", err)
				}
				store.away.Store(true) // as if the holder were dead
				if _, err := b.try(t.Context(), upgrade, release.ApplyOptions{}); err != nil {
					t.Errorf("a dead holder: %v", err)
				}
				ready()
				if err := <-done; err == nil {
					t.Error("who was taken over succeeded")
				}
			})
		})
	}
}

// TestCleanUpIsHeld: what a failed operation has made is deleted while it still holds the
// release.
func TestCleanUpIsHeld(t *testing.T) {
	t.Parallel()
	deleted := false
	b, _ := lateBed(t, func(b *bed, op string) {
		if op != releasetest.OpDelete {
			return
		}
		deleted = true
		if rel, err := b.store.Get(b.Context(), webKey(), 2); err != nil || !rel.Info.Status.IsPending() {
			b.Errorf("record %v, %v", rel, err)
		}
	})
	b.deploy(configMaps(t, "a"))
	b.cluster.SetStatus(cmRef("late"), release.ObjectFailed, "no")
	_, err := b.try(t.Context(), release.DeployRequest{Mode: release.Upgrade, Chart: configMaps(t, "a", "late")},
		release.ApplyOptions{Wait: release.WaitReady, CleanupOnFail: true, FailFast: true, FailFastGrace: -1, Timeout: time.Second})
	if err == nil || !deleted {
		t.Errorf("deleted %t, error %v", deleted, err)
	}
	if rel, err := b.Get(t.Context(), webKey(), 2); err != nil || rel.Info.Status != stFailed {
		t.Errorf("record %v, %v", rel, err)
	}
}

// TestLateCreate: an object that appears after its operation was taken over, and is of no
// revision since, goes with the next operation.
func TestLateCreate(t *testing.T) {
	t.Parallel()
	for name, do := range map[string]func(b *bed) error{
		"upgrade": func(b *bed) error {
			_, err := b.try(b.Context(), release.DeployRequest{Mode: release.Upgrade, Chart: configMaps(b, "a=4")}, release.ApplyOptions{})
			return err
		},
		"uninstall": func(b *bed) error {
			return b.uninstall(b.Context(), release.UninstallRequest{}, release.ApplyOptions{})
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				b, store := lateBed(t, nil)
				b.deploy(configMaps(t, "a"))
				slow(b)
				done := upgradeSlow(t.Context(), b) // makes "slow"
				store.away.Store(true)
				b.deploy(configMaps(t, "a=2")) // takes over, and removes it
				store.away.Store(false)
				if err := <-done; !errors.Is(err, release.ErrLockLost) {
					t.Errorf("error %v", err)
				}
				late := liveConfigMap("slow")
				meta, _ := late["metadata"].(map[string]any)
				meta["labels"] = map[string]any{"app.kubernetes.io/managed-by": "Helm"}
				meta["annotations"] = map[string]any{"meta.helm.sh/release-name": "web", "meta.helm.sh/release-namespace": "prod"}
				b.cluster.Create(release.FieldManager, late)
				if err := do(b); err != nil {
					t.Fatal(err)
				}
				if b.cluster.Object(cmRef("slow")) != nil {
					t.Error("it is left")
				}
			})
		})
	}
}
