package release_test

import (
	"errors"
	"testing"

	"github.com/seed-0d4f92cc/pack/pkg/release"
	"github.com/seed-0d4f92cc/pack/pkg/release/releasetest"
)

// TestUninstallHooks are the flows of an uninstall that goes wrong.
func TestUninstallHooks(t *testing.T) {
	t.Parallel()
	files := func(event string) map[string]string {
		return map[string]string{"a.yaml": configMap("a", "1"), "h.yaml": object("batch/v1", "Job", "h", "helm.sh/hook: "+event)}
	}
	const text = "hook h of web/templates/h.yaml failed: resource Job/prod/h not ready. status: Failed, message: no"
	t.Run("before", func(t *testing.T) {
		t.Parallel()
		b := newBed(t, bedConfig{})
		b.deploy(chartOf(t, nil))
		b.deploy(chartOf(t, files("pre-delete")))
		b.cluster.SetStatus(jobRef("h"), release.ObjectFailed, "no")
		err := b.uninstall(t.Context(), release.UninstallRequest{}, release.ApplyOptions{})
		if err == nil || err.Error() != text {
			t.Errorf("error %v", err)
		}
		b.wantRecords("1 superseded: Install complete", "2 deployed: Uninstallation failed: "+text)
		if b.cluster.Object(cmRef("a")) == nil {
			t.Error("what the hook was to protect is deleted")
		}
		if _, err := b.PlanDeploy(t.Context(), release.DeployRequest{Key: webKey(), Mode: release.UpgradeOrInstall, Chart: chartOf(t, nil)}); err != nil {
			t.Errorf("upgrade: %v", err)
		}
		if err := b.uninstall(t.Context(), release.UninstallRequest{SkipHooks: true}, release.ApplyOptions{}); err != nil {
			t.Error(err)
		}
		b.wantRecords()
	})
	t.Run("after", func(t *testing.T) {
		t.Parallel()
		for _, keep := range []bool{false, true} {
			b := newBed(t, bedConfig{})
			b.deploy(chartOf(t, files("post-delete")))
			b.cluster.SetStatus(jobRef("h"), release.ObjectFailed, "no")
			err := b.uninstall(t.Context(), release.UninstallRequest{KeepHistory: keep}, release.ApplyOptions{})
			if _, ok := errors.AsType[*release.HookError](err); !ok || err.Error() != "uninstallation completed with 1 error(s): "+text {
				t.Errorf("error %v", err)
			}
			if keep {
				b.wantRecords("1 uninstalled: Uninstallation complete")
			} else {
				b.wantRecords()
			}
		}
	})
}

// TestUninstallDeleteFails: the same uninstall can be run again.
func TestUninstallDeleteFails(t *testing.T) {
	t.Parallel()
	fail := errDenied
	b := newBed(t, bedConfig{cluster: releasetest.ClusterConfig{Fail: func(call releasetest.Call) error {
		if call.Op == releasetest.OpDelete && call.Refs[0].Name == "b" {
			return fail
		}
		return nil
	}}})
	b.deploy(configMaps(t, "a", "b", "c"))
	const text = "failed to delete release: web: failed to delete resource namespace=prod, name=b, kind=ConfigMap: denied"
	err := b.uninstall(t.Context(), release.UninstallRequest{}, release.ApplyOptions{})
	if !errors.Is(err, errDenied) || err.Error() != text {
		t.Errorf("error %v", err)
	}
	b.wantRecords("1 failed: Uninstallation failed: " + text)
	fail = nil
	if err := b.uninstall(t.Context(), release.UninstallRequest{KeepHistory: true}, release.ApplyOptions{}); err != nil {
		t.Error(err)
	}
	b.wantRecords("1 uninstalled: Uninstallation complete")
	err = b.uninstall(t.Context(), release.UninstallRequest{KeepHistory: true}, release.ApplyOptions{})
	if !errors.Is(err, release.ErrAlreadyUninstalled) || err.Error() != `the release named "web" is already deleted` {
		t.Errorf("error %v", err)
	}
	if err := b.uninstall(t.Context(), release.UninstallRequest{}, release.ApplyOptions{}); err != nil {
		t.Error(err)
	}
	b.wantRecords()
}
