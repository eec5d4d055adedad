package release_test

import (
	"strings"
	"testing"

	"github.com/seed-0d4f92cc/pack/pkg/release"
	"github.com/seed-0d4f92cc/pack/pkg/release/releasetest"
)

// TestCleanupOnFail: what a failed upgrade has created goes, and nothing else;
// without the option it stays.
func TestCleanupOnFail(t *testing.T) {
	t.Parallel()
	for _, cleanup := range []bool{true, false} {
		b := newBed(t, bedConfig{})
		b.deploy(configMaps(t, "a=1"))
		b.cluster.SetStatus(cmRef("c"), release.ObjectFailed, "no")
		_, err := b.try(t.Context(), release.DeployRequest{Mode: release.Upgrade, Chart: configMaps(t, "a=2", "b", "c")},
			release.ApplyOptions{Wait: release.WaitReady, CleanupOnFail: cleanup})
		if err == nil || strings.Contains(err.Error(), "cleaning up") {
			t.Errorf("error %v", err)
		}
		if b.cluster.Object(cmRef("a")) == nil {
			t.Error("what was there before is gone")
		}
		for _, name := range []string{"b", "c"} {
			if gone := b.cluster.Object(cmRef(name)) == nil; gone != cleanup {
				t.Errorf("cleanup %v: %s is gone: %v", cleanup, name, gone)
			}
		}
	}
}

// TestCleanupFails: the error has both causes.
func TestCleanupFails(t *testing.T) {
	t.Parallel()
	b := newBed(t, bedConfig{cluster: releasetest.ClusterConfig{Fail: func(call releasetest.Call) error {
		if call.Op == releasetest.OpDelete {
			return errDenied
		}
		return nil
	}}})
	b.deploy(configMaps(t, "a=1"))
	b.cluster.SetStatus(cmRef("b"), release.ObjectFailed, "no")
	_, err := b.try(t.Context(), release.DeployRequest{Mode: release.Upgrade, Chart: configMaps(t, "a=2", "b")},
		release.ApplyOptions{Wait: release.WaitReady, CleanupOnFail: true})
	const want = "an error occurred while cleaning up resources. original upgrade error: "
	if err == nil || !strings.HasPrefix(err.Error(), want) || !strings.Contains(err.Error(), "denied") || !strings.Contains(err.Error(), "not ready") {
		t.Errorf("error %v", err)
	}
}
