package release_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/seed-0d4f92cc/pack/pkg/release"
	"github.com/seed-0d4f92cc/pack/pkg/release/releasetest"
)

// wholeStore is a Store that renews a record by writing all of it, as kube's does where
// patches are not allowed.
type wholeStore struct{ *releasetest.Store }

func (s wholeStore) Renew(ctx context.Context, rel *release.Release, annotations map[string]string) error {
	release.RecordAnnotations(rel)
	if _, err := release.Encode(rel); err != nil {
		return err
	}
	return s.Store.Renew(ctx, rel, annotations)
}

// TestRenewsWhileItChanges: renewals write the record at any moment, that at which the
// operation changes it too. It is for the race detector.
func TestRenewsWhileItChanges(t *testing.T) {
	t.Parallel()
	hook := func(name, event string) string {
		return object("batch/v1", "Job", name, "helm.sh/hook: "+event)
	}
	files := map[string]string{"a.yaml": configMap("a", "1")}
	for _, event := range []string{"pre-install", "post-install", "pre-rollback", "post-rollback", "pre-delete", "post-delete"} {
		files[event+".yaml"] = hook(event, event)
	}
	slow := func(call releasetest.Call) error {
		if call.Op == releasetest.OpApply || call.Op == releasetest.OpDelete {
			time.Sleep(4 * time.Second) // longer than it takes to the next renewal
		}
		return nil
	}
	synctest.Test(t, func(t *testing.T) {
		b := newBed(t, bedConfig{cluster: releasetest.ClusterConfig{Fail: slow}})
		var err error
		if b.Engine, err = release.New(release.Config{Store: wholeStore{b.store}, Cluster: b.cluster}); err != nil {
			t.Fatal(err)
		}
		b.deploy(chartOf(t, files))
		ctx, cancel := context.WithTimeout(t.Context(), 6*time.Second)
		defer cancel()
		if _, err := b.rollback(ctx, release.RollbackRequest{Revision: 1}, release.ApplyOptions{}); err == nil {
			t.Error("the rollback was not cut off")
		}
		ctx, cancel = context.WithTimeout(t.Context(), 6*time.Second)
		defer cancel()
		if err := b.uninstall(ctx, release.UninstallRequest{}, release.ApplyOptions{}); err == nil {
			t.Error("the uninstall was not cut off")
		}
		if err := b.uninstall(t.Context(), release.UninstallRequest{}, release.ApplyOptions{}); err != nil {
			t.Error(err)
		}
	})
}
