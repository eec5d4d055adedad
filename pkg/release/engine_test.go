package release_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-0d4f92cc/pack/pkg/manifest"
	"github.com/seed-0d4f92cc/pack/pkg/release"
	"github.com/seed-0d4f92cc/pack/pkg/release/releasetest"
)

func TestEngineReads(t *testing.T) {
	t.Parallel()
	b := newBed(t, bedConfig{})
	for range 3 {
		b.deploy(configMaps(t, "a", "b"))
	}
	for revision, want := range map[int]int{0: 3, 1: 1, 3: 3} {
		if rel, err := b.Get(t.Context(), webKey(), revision); err != nil || rel.Version != want {
			t.Errorf("Get %d: %v, %v", revision, rel, err)
		}
	}
	history, err := b.History(t.Context(), webKey(), 2)
	if diff := cmp.Diff([]int{2, 3}, revisions(history)); diff != "" || err != nil {
		t.Error(diff, err)
	}
	for key, want := range map[release.Key]error{
		{Namespace: "prod", Name: "none"}:  release.ErrNotFound,
		{Namespace: "other", Name: "web"}:  release.ErrNotFound,
		{Namespace: "prod", Name: "Web"}:   release.ErrInvalidName,
		{Namespace: "prod", Name: ""}:      release.ErrInvalidName,
		{Namespace: "prod", Name: "a/../"}: release.ErrInvalidName,
	} {
		if _, err := b.Get(t.Context(), key, 0); !errors.Is(err, want) {
			t.Errorf("Get %v: %v", key, err)
		}
		if _, err := b.History(t.Context(), key, 0); !errors.Is(err, want) {
			t.Errorf("History %v: %v", key, err)
		}
	}
	if _, err := b.Get(t.Context(), webKey(), 4); !errors.Is(err, release.ErrNotFound) {
		t.Errorf("Get 4: %v", err)
	}
}

func TestEngineRefs(t *testing.T) {
	t.Parallel()
	b := newBed(t, bedConfig{})
	rel := &release.Release{Name: "web", Namespace: "prod", Manifest: "---\n" + object("v1", "Service", "s") +
		"---\n" + object("example.com/v1", "Widget", "w") + "---\n" + object("v1", "Namespace", "space")}
	refs, err := b.Refs(t.Context(), rel)
	want := []manifest.Ref{
		{APIVersion: "v1", Kind: "Service", Namespace: "prod", Name: "s"},
		{APIVersion: "v1", Kind: "Namespace", Name: "space"},
	}
	if diff := cmp.Diff(want, refs); diff != "" || err != nil {
		t.Error(diff, err)
	}
	if !strings.Contains(b.log.String(), "Widget") {
		t.Errorf("log %q", b.log)
	}
}

// plainCluster is a Cluster with none of the optional powers.
type plainCluster struct{ release.Cluster }

// powerful is a Cluster that reads many objects at once.
type powerful struct {
	release.Cluster
	batches *int
}

func (c powerful) GetAll(_ context.Context, refs []manifest.Ref) ([]*release.Object, error) {
	*c.batches++
	return make([]*release.Object, len(refs)), nil
}

// TestOptionalPowers: an engine works with a Cluster that has none, and uses
// those that there are.
func TestOptionalPowers(t *testing.T) {
	t.Parallel()
	c := chartOf(t, map[string]string{
		"a.yaml": configMap("a", `{{ (lookup "v1" "Namespace" "" "prod").kind }}`), "b.yaml": configMap("b", "1"),
		"h.yaml": hookJob("h", "0", "helm.sh/hook-output-log-policy: hook-succeeded"),
	})
	batches := 0
	full := releasetest.NewCluster(releasetest.ClusterConfig{Namespaces: []string{"prod"}})
	for name, tt := range map[string]struct {
		cluster release.Cluster
		skip    bool
		want    string
	}{
		"none":      {plainCluster{releasetest.NewCluster(releasetest.ClusterConfig{Namespaces: []string{"prod"}})}, false, `x: ""`},
		"lookup":    {full, false, `x: "Namespace"`},
		"no lookup": {full, true, `x: ""`},
		"batches":   {powerful{full, &batches}, false, `x: ""`},
	} {
		e, err := release.New(release.Config{Cluster: tt.cluster, Store: releasetest.NewStore(releasetest.StoreConfig{})})
		if err != nil {
			t.Fatal(err)
		}
		var logs strings.Builder
		plan, err := e.PlanDeploy(t.Context(), release.DeployRequest{Key: webKey(), Chart: c, Rendering: release.RenderOptions{SkipLookup: tt.skip}})
		if err != nil {
			t.Fatal(name, err)
		}
		if !strings.Contains(plan.Release.Manifest, tt.want) {
			t.Errorf("%s: %s", name, plan.Release.Manifest)
		}
		if name == "batches" {
			continue
		}
		if _, err := e.Apply(t.Context(), plan, release.ApplyOptions{HookLogs: &logs}); err != nil {
			t.Error(name, err)
		}
		if err := undeploy(t, e); err != nil {
			t.Error(name, err)
		}
	}
	if batches != 1 {
		t.Errorf("%d batches", batches)
	}
}

func undeploy(t *testing.T, e *release.Engine) error {
	plan, err := e.PlanUninstall(t.Context(), release.UninstallRequest{Key: webKey()})
	if err != nil {
		return err
	}
	_, err = e.Apply(t.Context(), plan, release.ApplyOptions{})
	return err
}
