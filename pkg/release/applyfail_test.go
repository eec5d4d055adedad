package release_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-0d4f92cc/pack/pkg/chart"
	"github.com/seed-0d4f92cc/pack/pkg/manifest"
	"github.com/seed-0d4f92cc/pack/pkg/release"
	"github.com/seed-0d4f92cc/pack/pkg/release/releasetest"
)

// TestFailures: what each kind of failure says, and what the records say.
func TestFailures(t *testing.T) {
	t.Parallel()
	hook := func(events string) map[string]string {
		return map[string]string{"a.yaml": configMap("a", "1"), "h.yaml": object("batch/v1", "Job", "h", "helm.sh/hook: "+events)}
	}
	hookFails := func(b *bed) { b.cluster.SetStatus(jobRef("h"), release.ObjectFailed, "BackoffLimitExceeded") }
	notReady := func(b *bed) {
		b.cluster.SetStatus(deploymentRef("w"), release.ObjectInProgress, "Available: 0/1")
	}
	refused := func(name string) func(*bed) {
		return func(b *bed) {
			b.cluster.Edit("kubectl", cmRef(name), func(o map[string]any) { o["data"] = map[string]any{"x": "theirs"} })
		}
	}
	workload := map[string]string{"w.yaml": object("apps/v1", "Deployment", "w")}
	const hookText = "hook h of web/templates/h.yaml failed: resource Job/prod/h not ready. status: Failed, message: BackoffLimitExceeded"
	const waitText = "resource Deployment/prod/w not ready. status: InProgress, message: Available: 0/1\ncontext deadline exceeded"
	const conflict = `conflict occurred while applying object prod/a /v1, Kind=ConfigMap: Apply failed with 1 conflict: conflict with "kubectl" using v1: .data.x`
	const startText = "warning: Hook pre-upgrade web/templates/a.yaml failed: " + conflict
	theirs := func(b *bed) {
		b.cluster.Create("kubectl", map[string]any{
			"apiVersion": "v1", "kind": "ConfigMap", "metadata": map[string]any{"name": "a", "namespace": "prod"},
			"data": map[string]any{"x": "theirs"},
		})
	}
	for _, tt := range []struct {
		name    string
		files   []map[string]string // of one revision after the other; the last one fails
		before  func(*bed)          // what happens before the last
		back    int                 // roll back to that revision instead
		err     string
		records []string
	}{
		{
			"pre-install hook", []map[string]string{hook("pre-install")}, hookFails, 0, "failed pre-install: " + hookText,
			[]string{`1 failed: Release "web" failed: failed pre-install: ` + hookText},
		},
		{
			"post-install hook", []map[string]string{hook("post-install")}, hookFails, 0, "failed post-install: " + hookText,
			[]string{`1 failed: Release "web" failed: failed post-install: ` + hookText},
		},
		{
			"pre-upgrade hook that is refused", []map[string]string{nil, {"a.yaml": configMap("a", "1", "helm.sh/hook: pre-upgrade", "helm.sh/hook-delete-policy: hook-succeeded")}},
			theirs, 0, "pre-upgrade hooks failed: " + startText,
			[]string{"1 deployed: Install complete", `2 failed: Upgrade "web" failed: pre-upgrade hooks failed: ` + startText},
		},
		{
			"pre-upgrade hook", []map[string]string{nil, hook("pre-upgrade")}, hookFails, 0, "pre-upgrade hooks failed: " + hookText,
			[]string{"1 deployed: Install complete", `2 failed: Upgrade "web" failed: pre-upgrade hooks failed: ` + hookText},
		},
		{
			"post-upgrade hook", []map[string]string{nil, hook("post-upgrade")}, hookFails, 0, "post-upgrade hooks failed: " + hookText,
			[]string{"1 deployed: Install complete", `2 failed: Upgrade "web" failed: post-upgrade hooks failed: ` + hookText},
		},
		{
			"pre-rollback hook", []map[string]string{hook("pre-rollback"), nil}, hookFails, 1, "pre-rollback hooks failed: " + hookText,
			[]string{"1 superseded: Install complete", "2 deployed: Upgrade complete", `3 failed: Rollback "web" failed: pre-rollback hooks failed: ` + hookText},
		},
		{
			"wait of an install", []map[string]string{workload}, notReady, 0, waitText,
			[]string{`1 failed: Release "web" failed: ` + waitText},
		},
		{
			"wait of an upgrade", []map[string]string{nil, workload}, notReady, 0, waitText,
			[]string{"1 deployed: Install complete", `2 failed: Upgrade "web" failed: ` + waitText},
		},
		{
			"wait of a rollback", []map[string]string{workload, nil}, notReady, 1, waitText,
			[]string{"1 superseded: Install complete", "2 deployed: Upgrade complete", `3 failed: Release "web" failed: ` + waitText},
		},
		{
			"step of an upgrade", []map[string]string{{"a.yaml": configMap("a", "1")}, {"a.yaml": configMap("a", "2")}}, refused("a"), 0, conflict,
			[]string{"1 deployed: Install complete", `2 failed: Upgrade "web" failed: ` + conflict},
		},
		{
			"step of a rollback", []map[string]string{{"a.yaml": configMap("a", "1")}, {"a.yaml": configMap("a", "2")}}, refused("a"), 1, conflict,
			[]string{"1 superseded: Install complete", "2 superseded: Upgrade complete", `3 failed: Rollback "web" failed: ` + conflict},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				b := newBed(t, bedConfig{})
				last := len(tt.files)
				if tt.back == 0 {
					last--
				}
				for _, files := range tt.files[:last] {
					b.deploy(chartOf(t, files))
				}
				tt.before(b)
				opts := release.ApplyOptions{Wait: release.WaitReady, Timeout: time.Minute}
				var rel *release.Release
				var err error
				if tt.back > 0 {
					rel, err = b.rollback(t.Context(), release.RollbackRequest{Revision: tt.back}, opts)
				} else {
					rel, err = b.try(t.Context(), release.DeployRequest{Mode: release.UpgradeOrInstall, Chart: chartOf(t, tt.files[last])}, opts)
				}
				if err == nil || err.Error() != tt.err {
					t.Errorf("error %v, want %q", err, tt.err)
				}
				if rel == nil || rel.Info.Status != release.StatusFailed {
					t.Errorf("record %+v", rel)
				}
				b.wantRecords(tt.records...)
			})
		})
	}
}

// TestSteps: a refused object does not keep others from being applied, but nothing is
// deleted then. One that an upgrade or a rollback cannot create does keep those from it
// that come after it and are no more of its kind.
func TestSteps(t *testing.T) {
	t.Parallel()
	const next = "ConfigMap/prod/a=2 ConfigMap/prod/b=2 Deployment/prod/w=2"
	files := func(value string, more ...string) map[string]string {
		files := map[string]string{"w.yaml": object("apps/v1", "Deployment", "w", "x: v"+value)}
		for _, name := range append(more, "a", "b") {
			files[name+".yaml"] = configMap(name, value)
		}
		return files
	}
	tied := files("2", "bad1")
	tied["b.yaml"] = configMap("b", "2", release.AnnotationDependsOn+": ConfigMap/bad1")
	for _, tt := range []struct {
		name    string
		first   map[string]string // of a revision before; nil: the operation is an install
		files   map[string]string
		back    bool   // roll back to files, with first as what is there
		refused string // how the names begin that the cluster refuses
		err     string
		want    string
	}{
		{"install", nil, files("2", "bad1", "bad2"), false, "bad", "bad1 is refused\nbad2 is refused", next},
		{
			"install, over what is there", nil, files("2", "bad1", "owned"), false, "bad",
			"failed to create resource: bad1 is refused\n1 more were not applied after that", "ConfigMap/prod/a=2 ConfigMap/prod/b=2",
		},
		{"upgrade, of what is there", files("1"), files("2"), false, "a", "a is refused", "ConfigMap/prod/a=1 ConfigMap/prod/b=2 Deployment/prod/w=2"},
		{
			"upgrade, created", files("1"), files("2", "bad1", "bad2"), false, "bad",
			"failed to create resource: bad1 is refused\nfailed to create resource: bad2 is refused\n1 more were not applied after that",
			"ConfigMap/prod/a=2 ConfigMap/prod/b=2 Deployment/prod/w=1",
		},
		{
			"upgrade, created last", files("1"), map[string]string{"a.yaml": configMap("a", "2"), "bad.yaml": object("apps/v1", "Deployment", "bad")}, false, "bad",
			"failed to create resource: bad is refused", "ConfigMap/prod/a=2 ConfigMap/prod/b=1 Deployment/prod/w=1",
		},
		{
			"upgrade, with dependents", files("1"), tied, false, "bad",
			"failed to create resource: bad1 is refused\n2 more were not applied after that", "ConfigMap/prod/a=2 ConfigMap/prod/b=1 Deployment/prod/w=1",
		},
		{
			"rollback", files("1"), files("2", "bad1"), true, "bad",
			"failed to create resource: bad1 is refused\n1 more were not applied after that",
			"ConfigMap/prod/a=2 ConfigMap/prod/b=2 Deployment/prod/w=1",
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var refused string
			b := newBed(t, bedConfig{cluster: releasetest.ClusterConfig{Fail: func(call releasetest.Call) error {
				if call.Op == releasetest.OpApply && refused != "" && strings.HasPrefix(call.Refs[0].Name, refused) {
					return fmt.Errorf("%s is refused", call.Refs[0].Name)
				}
				return nil
			}}})
			if tt.files["owned.yaml"] != "" {
				b.cluster.Create("helm", map[string]any{"apiVersion": "v1", "kind": "ConfigMap", "metadata": map[string]any{
					"name": "owned", "namespace": "prod", "labels": map[string]any{"app.kubernetes.io/managed-by": "Helm"},
					"annotations": map[string]any{"meta.helm.sh/release-name": "web", "meta.helm.sh/release-namespace": "prod"},
				}})
			}
			if tt.back {
				b.deploy(chartOf(t, tt.files))
			}
			if tt.first != nil {
				b.deploy(chartOf(t, tt.first))
			}
			refused = tt.refused
			var err error
			if tt.back {
				_, err = b.rollback(t.Context(), release.RollbackRequest{Revision: 1}, release.ApplyOptions{})
			} else {
				_, err = b.try(t.Context(), release.DeployRequest{Mode: release.UpgradeOrInstall, Chart: chartOf(t, tt.files)}, release.ApplyOptions{})
			}
			if _, ok := errors.AsType[*release.StepError](err); !ok || err.Error() != tt.err {
				t.Errorf("error %v, want %q", err, tt.err)
			}
			if diff := cmp.Diff(tt.want, valuesIn(b)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// valuesIn are the objects of a cluster with what distinguishes the versions of them.
func valuesIn(b *bed) string {
	var out []string
	for _, ref := range []manifest.Ref{cmRef("a"), cmRef("b"), deploymentRef("w")} {
		if o := b.cluster.Object(ref); o != nil {
			data, _ := o["data"].(map[string]any)
			annotations, _ := o["metadata"].(map[string]any)["annotations"].(map[string]any)
			value := fmt.Sprint(data["x"])
			if data == nil {
				value = strings.TrimPrefix(fmt.Sprint(annotations["x"]), "v")
			}
			out = append(out, fmt.Sprintf("%s=%s", ref, value))
		}
	}
	return strings.Join(out, " ")
}

// TestDeleteFails: the upgrade has failed, and can be done again.
func TestDeleteFails(t *testing.T) {
	t.Parallel()
	var err error
	b := newBed(t, bedConfig{cluster: releasetest.ClusterConfig{Fail: func(call releasetest.Call) error {
		if call.Op == releasetest.OpDelete {
			return err
		}
		return nil
	}}})
	b.deploy(configMaps(t, "a", "b"))
	err = errDenied
	const text = "failed to delete resource namespace=prod, name=b, kind=ConfigMap: denied"
	_, failed := b.try(t.Context(), release.DeployRequest{Mode: release.Upgrade, Chart: configMaps(t, "a")}, release.ApplyOptions{})
	if failed == nil || failed.Error() != text {
		t.Errorf("error %v", failed)
	}
	b.wantRecords("1 deployed: Install complete", `2 failed: Upgrade "web" failed: `+text)
	err = release.ErrObjectNotFound // somebody else was faster
	b.deploy(configMaps(t, "a"))
	b.wantRecords("1 superseded: Install complete", `2 failed: Upgrade "web" failed: `+text, "3 deployed: Upgrade complete")
}

// TestRollBackOnFailure is ApplyOptions.OnFailure.
func TestRollBackOnFailure(t *testing.T) {
	t.Parallel()
	opts := release.ApplyOptions{Wait: release.WaitReady, Timeout: time.Minute, OnFailure: release.RollBack}
	try := func(t *testing.T, b *bed, c *chart.Chart) error {
		b.cluster.SetStatus(cmRef("bad"), release.ObjectFailed, "no")
		_, err := b.try(t.Context(), release.DeployRequest{Mode: release.UpgradeOrInstall, Chart: c}, opts)
		if w, ok := errors.AsType[*release.WaitError](err); !ok || len(w.Pending) != 1 || w.Pending[0].Ref != cmRef("bad") {
			t.Errorf("error %v", err)
		}
		return err
	}
	const cause = "resource ConfigMap/prod/bad not ready. status: Failed, message: no"
	want := func(t *testing.T, err error, text string) {
		t.Helper()
		if err == nil || err.Error() != text {
			t.Errorf("error %v\nwant %s", err, text)
		}
	}
	t.Run("install", func(t *testing.T) {
		t.Parallel()
		b := newBed(t, bedConfig{})
		err := try(t, b, configMaps(t, "a", "bad"))
		want(t, err, "release web failed, and has been uninstalled due to rollback-on-failure being set: "+cause)
		b.wantRecords()
		if objects := b.cluster.Objects(); len(objects) > 0 {
			t.Errorf("left %v", objects)
		}
	})
	t.Run("upgrade", func(t *testing.T) {
		t.Parallel()
		b := newBed(t, bedConfig{})
		b.deploy(configMaps(t, "a"))
		err := try(t, b, configMaps(t, "a=2", "bad"))
		want(t, err, "release web failed, and has been rolled back due to rollback-on-failure being set: "+cause)
		b.wantRecords("1 superseded: Install complete", `2 failed: Upgrade "web" failed: `+cause, "3 deployed: Rollback to 1")
		if diff := cmp.Diff([]string{"ConfigMap/prod/a"}, b.cluster.Objects()); diff != "" {
			t.Error(diff)
		}
	})
	t.Run("upgrade of what never worked", func(t *testing.T) {
		t.Parallel()
		b := newBed(t, bedConfig{})
		b.cluster.SetStatus(cmRef("bad"), release.ObjectFailed, "no")
		if _, err := b.try(t.Context(), release.DeployRequest{Chart: configMaps(t, "bad")}, release.ApplyOptions{Wait: release.WaitReady}); err == nil {
			t.Fatal("no error")
		}
		err := try(t, b, configMaps(t, "bad"))
		want(t, err, "unable to find a previously successful release when attempting to rollback. original upgrade error: "+cause)
		b.wantRecords(`1 failed: Release "web" failed: `+cause, `2 failed: Upgrade "web" failed: `+cause)
	})
	t.Run("the way back fails too", func(t *testing.T) {
		t.Parallel()
		for _, first := range []bool{true, false} {
			var failed bool
			b := newBed(t, bedConfig{cluster: releasetest.ClusterConfig{Fail: func(call releasetest.Call) error {
				failed = failed || call.Op == releasetest.OpWatch
				if failed && call.Op == releasetest.OpDelete {
					return errDenied
				}
				return nil
			}}})
			text := "an error occurred while uninstalling the release. original install error: " + cause +
				": failed to delete release: web: failed to delete resource namespace=prod, name=bad, kind=ConfigMap: denied"
			records := []string{"1 failed: Uninstallation failed: failed to delete release: web: " +
				"failed to delete resource namespace=prod, name=bad, kind=ConfigMap: denied"}
			if !first {
				b.deploy(configMaps(t, "a"))
				text = "an error occurred while rolling back the release. original upgrade error: " + cause +
					": failed to delete resource namespace=prod, name=bad, kind=ConfigMap: denied"
				records = []string{
					"1 deployed: Install complete", `2 failed: Upgrade "web" failed: ` + cause,
					`3 failed: Rollback "web" failed: failed to delete resource namespace=prod, name=bad, kind=ConfigMap: denied`,
				}
			}
			err := try(t, b, configMaps(t, "bad"))
			want(t, err, text)
			if !errors.Is(err, errDenied) {
				t.Errorf("error %v is not what the cluster said", err)
			}
			b.wantRecords(records...)
		}
	})
}

// TestTakenOver: somebody else has changed the record of a running operation.
// Nothing is undone then.
func TestTakenOver(t *testing.T) {
	t.Parallel()
	var b *bed
	b = newBed(t, bedConfig{cluster: releasetest.ClusterConfig{Fail: func(call releasetest.Call) error {
		if call.Op != releasetest.OpApply {
			return nil
		}
		rel, err := b.store.Get(t.Context(), webKey(), 1)
		if err != nil {
			return err
		}
		rel.Info.Status = release.StatusFailed
		rel.Info.Description = "given up"
		return b.store.Update(t.Context(), rel)
	}}})
	_, err := b.try(t.Context(), release.DeployRequest{Chart: configMaps(t, "a")}, release.ApplyOptions{OnFailure: release.RollBack})
	conflict, ok := errors.AsType[*release.ConflictError](err)
	if !ok || conflict.Revision != 1 || conflict.Key != webKey() {
		t.Errorf("error %v", err)
	}
	b.wantRecords("1 failed: given up")
	if diff := cmp.Diff([]string{"ConfigMap/prod/a"}, b.cluster.Objects()); diff != "" {
		t.Error(diff)
	}
}
