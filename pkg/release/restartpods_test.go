package release_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/seed-0d4f92cc/pack/pkg/manifest"
	"github.com/seed-0d4f92cc/pack/pkg/release"
	"github.com/seed-0d4f92cc/pack/pkg/release/releasetest"
)

// podDeleter notes the objects whose pods are deleted; each has one.
type podDeleter struct {
	*releasetest.Cluster
	fail error

	mu   sync.Mutex
	seen []string
}

func (d *podDeleter) DeletePods(_ context.Context, obj release.Object) ([]manifest.Ref, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.seen = append(d.seen, obj.Ref.Name)
	if obj.Content["data"] == nil {
		return nil, errors.New("the object came without its content")
	}
	return []manifest.Ref{{APIVersion: "v1", Kind: "Pod", Namespace: obj.Ref.Namespace, Name: obj.Ref.Name + "-pod"}}, d.fail
}

// TestRestartPods: of all objects that were there before, and of those alone, on the
// upgrade and on the rollback that a failure leads to.
func TestRestartPods(t *testing.T) {
	t.Parallel()
	denied := errors.New("denied")
	for name, tt := range map[string]struct {
		opts     release.ApplyOptions
		fail     error
		want     []string
		wantPods int
		wantErr  string
	}{
		"off":     {},
		"on":      {opts: release.ApplyOptions{RestartPods: true}, want: []string{"a", "b"}, wantPods: 2},
		"failure": {opts: release.ApplyOptions{RestartPods: true}, fail: denied, want: []string{"a", "b"}, wantPods: 2, wantErr: "restarting the pods of ConfigMap/prod/"},
		"undone": {
			opts: release.ApplyOptions{RestartPods: true, OnFailure: release.RollBack}, fail: denied,
			want: []string{"a", "a", "b", "b"}, wantPods: 4, wantErr: "an error occurred while rolling back the release",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBed(t, bedConfig{})
			b.deploy(configMaps(t, "a=1", "b"))
			d := &podDeleter{Cluster: b.cluster, fail: tt.fail}
			b.Engine = b.engineOn(d)
			var pods []string
			tt.opts.Observe = func(e release.Event) {
				if e.Kind == release.EventApplied && e.Ref.Kind == "Pod" && e.Action == release.ActionDeleted {
					pods = append(pods, e.Ref.Name)
				}
			}
			_, err := b.try(t.Context(), release.DeployRequest{Mode: release.Upgrade, Chart: configMaps(t, "a=2", "b", "c")}, tt.opts)
			if (err == nil) != (tt.wantErr == "") || err != nil && !strings.Contains(err.Error(), tt.wantErr) {
				t.Errorf("error %v, want %q", err, tt.wantErr)
			}
			slices.Sort(d.seen)
			if !slices.Equal(d.seen, tt.want) || len(pods) != tt.wantPods {
				t.Errorf("the pods of %v were deleted, %v were told of", d.seen, pods)
			}
		})
	}
}

// TestRestartPodsOfNoCluster: a cluster that cannot do it says so, and the revision has
// failed.
func TestRestartPodsOfNoCluster(t *testing.T) {
	t.Parallel()
	b := newBed(t, bedConfig{})
	b.deploy(configMaps(t, "a"))
	rel, err := b.try(t.Context(), release.DeployRequest{Mode: release.Upgrade, Chart: configMaps(t, "a")}, release.ApplyOptions{RestartPods: true})
	if !errors.Is(err, release.ErrNoPods) || rel == nil || rel.Info.Status != release.StatusFailed {
		t.Errorf("error %v, revision %+v", err, rel)
	}
}
