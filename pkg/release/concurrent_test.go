package release_test

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-0d4f92cc/pack/pkg/manifest"
	"github.com/seed-0d4f92cc/pack/pkg/release"
)

// TestOneInstalls: of several who install one name at once, one does.
func TestOneInstalls(t *testing.T) {
	t.Parallel()
	b := newBed(t, bedConfig{})
	c := configMaps(t, "a", "b", "c")
	errs := make([]error, 10)
	var wg sync.WaitGroup
	for i := range errs {
		wg.Go(func() { _, errs[i] = b.try(t.Context(), release.DeployRequest{Chart: c}, release.ApplyOptions{}) })
	}
	wg.Wait()
	done := 0
	for _, err := range errs {
		switch {
		case err == nil:
			done++
		case !errors.Is(err, release.ErrLocked) && !errors.Is(err, release.ErrNameInUse):
			t.Error(err)
		}
	}
	if done != 1 {
		t.Errorf("%d installs", done)
	}
	b.wantRecords("1 deployed: Install complete")
	if writes := b.cluster.Writes(); len(writes) != 3 {
		t.Errorf("a loser wrote: %v", writes)
	}
}

// TestManyReleases: one engine and one chart, many releases at once.
func TestManyReleases(t *testing.T) {
	t.Parallel()
	b := newBed(t, bedConfig{})
	c := chartOf(t, map[string]string{
		"a.yaml": configMap("{{ .Release.Name }}", "{{ .Values.n }}"),
		"h.yaml": object("batch/v1", "Job", "{{ .Release.Name }}", "helm.sh/hook: pre-install,pre-upgrade"),
	})
	var wg sync.WaitGroup
	for i := range 100 {
		wg.Go(func() {
			key := release.Key{Namespace: "prod", Name: fmt.Sprintf("web-%d", i)}
			for _, n := range []int{i, i + 1000} {
				req := release.DeployRequest{Key: key, Mode: release.UpgradeOrInstall, Chart: c, Values: map[string]any{"n": n}}
				if _, err := b.try(t.Context(), req, release.ApplyOptions{Wait: release.WaitReady}); err != nil {
					t.Error(err)
				}
			}
			data := b.cluster.Object(manifest.Ref{APIVersion: "v1", Kind: "ConfigMap", Namespace: "prod", Name: key.Name})["data"]
			if diff := cmp.Diff(map[string]any{"x": fmt.Sprint(i + 1000)}, data); diff != "" {
				t.Error(diff)
			}
		})
	}
	wg.Wait()
	list, err := b.List(t.Context(), release.ListFilter{Namespace: "prod"})
	if err != nil || len(list) != 100 {
		t.Fatalf("%d releases, error %v", len(list), err)
	}
	for _, s := range list {
		if s.Revision != 2 || s.Status != release.StatusDeployed {
			t.Errorf("%+v", s)
		}
	}
}

// TestObserve: calls never overlap, though objects are written at once.
func TestObserve(t *testing.T) {
	t.Parallel()
	b := newBed(t, bedConfig{})
	var names []string
	for i := range 50 {
		names = append(names, fmt.Sprintf("m%d", i))
	}
	var inside atomic.Int32
	applied := 0
	opts := release.ApplyOptions{Wait: release.WaitReady, Observe: func(ev release.Event) {
		if inside.Add(1) != 1 {
			t.Error("two calls at once")
		}
		if ev.Kind == release.EventApplied {
			applied++
		}
		inside.Add(-1)
	}}
	if _, err := b.try(t.Context(), release.DeployRequest{Chart: configMaps(t, names...)}, opts); err != nil {
		t.Fatal(err)
	}
	if applied != 50 {
		t.Errorf("%d objects applied", applied)
	}
	if err := b.uninstall(t.Context(), release.UninstallRequest{}, opts); err != nil || applied != 100 {
		t.Errorf("%d events, error %v", applied, err)
	}
}

// TestObserveKept: what stays is told, and what fails.
func TestObserveKept(t *testing.T) {
	t.Parallel()
	b := newBed(t, bedConfig{})
	b.deploy(chartOf(t, map[string]string{"a.yaml": configMap("a", "1", "helm.sh/resource-policy: keep"), "b.yaml": configMap("b", "1")}))
	b.cluster.Edit("kubectl", cmRef("b"), func(o map[string]any) { o["data"] = map[string]any{"x": "theirs"} })
	var got []string
	opts := release.ApplyOptions{Observe: func(ev release.Event) { got = append(got, eventLine(ev)) }}
	if _, err := b.try(t.Context(), release.DeployRequest{Mode: release.Upgrade, Chart: configMaps(t, "b=2")}, opts); err == nil {
		t.Fatal("no conflict")
	}
	if err := b.uninstall(t.Context(), release.UninstallRequest{}, opts); err != nil {
		t.Fatal(err)
	}
	slices.Sort(got[max(0, len(got)-3) : len(got)-1]) // which go side by side
	want := []string{
		"recorded pending-upgrade",
		`failed ConfigMap/prod/b conflict occurred while applying object prod/b /v1, Kind=ConfigMap: Apply failed with 1 conflict: conflict with "kubectl" using v1: .data.x`,
		"recorded failed", "recorded uninstalling", "applied ConfigMap/prod/b deleted", "kept ConfigMap/prod/a its resource policy is keep", "recorded uninstalled",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
