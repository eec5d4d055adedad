package release_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-0d4f92cc/pack/pkg/release"
	"github.com/seed-0d4f92cc/pack/pkg/release/releasetest"
)

// rigid is a bed in which a ConfigMap of the given name cannot be changed.
func rigid(t *testing.T, name string) *bed {
	t.Helper()
	var b *bed
	fail := func(c releasetest.Call) error {
		if c.Op != releasetest.OpApply || c.Refs[0].Name != name || b.cluster.Object(c.Refs[0]) == nil {
			return nil
		}
		return &release.ImmutableError{Ref: c.Refs[0], Fields: []string{"data"}, Err: errors.New("data: field is immutable")}
	}
	b = newBed(t, bedConfig{cluster: releasetest.ClusterConfig{Fail: fail}})
	return b
}

// TestRecreate: an object that cannot be changed is deleted and created where that was
// allowed, and only there.
func TestRecreate(t *testing.T) {
	t.Parallel()
	marked := chartOf(t, map[string]string{"a.yaml": configMap("a", "2", release.AnnotationRecreate+`: "true"`)})
	for name, tt := range map[string]struct {
		req      release.ObjectOptions
		annotate bool
		wantErr  string
	}{
		"not allowed":          {wantErr: "data: field is immutable"},
		"named":                {req: release.ObjectOptions{Recreate: []string{"configmap/a"}}},
		"annotated":            {annotate: true},
		"another is named":     {req: release.ObjectOptions{Recreate: []string{"ConfigMap/b"}}, wantErr: "cannot recreate ConfigMap/b: the release has no such object; give it as KIND/NAME"},
		"named without a kind": {req: release.ObjectOptions{Recreate: []string{"a"}}, wantErr: "cannot recreate a: the release has no such object"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := rigid(t, "a")
			b.deploy(configMaps(t, "a"))
			c := configMaps(t, "a=2")
			if tt.annotate {
				c = marked
			}
			var events []string
			_, err := b.try(t.Context(), release.DeployRequest{Mode: release.Upgrade, Chart: c, Objects: tt.req}, release.ApplyOptions{
				CleanupOnFail: true,
				Observe: func(ev release.Event) {
					if ev.Kind == release.EventApplied {
						events = append(events, string(ev.Action))
					}
				},
			})
			if tt.wantErr != "" {
				if err == nil || !strings.Contains(err.Error(), tt.wantErr) {
					t.Errorf("error %v, want %q", err, tt.wantErr)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff([]string{"deleted", "created"}, events); diff != "" {
				t.Errorf("events (-want +got):\n%s", diff)
			}
			if x := b.cluster.Object(cmRef("a"))["data"].(map[string]any)["x"]; x != "2" {
				t.Errorf("x is %v", x)
			}
		})
	}
}

// TestRecreateUndone: what was recreated is not taken for something new when the
// upgrade fails, and going back may recreate it too.
func TestRecreateUndone(t *testing.T) {
	t.Parallel()
	b := rigid(t, "a")
	b.deploy(configMaps(t, "a"))
	b.cluster.SetStatus(cmRef("new"), release.ObjectFailed, "no")
	_, err := b.try(t.Context(), release.DeployRequest{
		Mode: release.Upgrade, Chart: configMaps(t, "a=2", "new"),
		Objects: release.ObjectOptions{Recreate: []string{"ConfigMap/a", "ConfigMap/new"}},
	}, release.ApplyOptions{Wait: release.WaitReady, CleanupOnFail: true, OnFailure: release.RollBack})
	if err == nil || !strings.Contains(err.Error(), "has been rolled back") {
		t.Fatalf("error %v", err)
	}
	if x := b.cluster.Object(cmRef("a"))["data"].(map[string]any)["x"]; x != "1" {
		t.Errorf("x is %v", x)
	}
}

// TestRecreateRefused: what holds data is never deleted for an upgrade.
func TestRecreateRefused(t *testing.T) {
	t.Parallel()
	for kind, annotations := range map[string][]string{
		"PersistentVolumeClaim": nil, "Namespace": {release.AnnotationRecreate + `: "true"`},
	} {
		b := newBed(t, bedConfig{})
		req := release.DeployRequest{Mode: release.UpgradeOrInstall, Chart: chartOf(t, map[string]string{"o.yaml": object("v1", kind, "o", annotations...)})}
		if annotations == nil {
			req.Objects.Recreate = []string{kind + "/o"}
		}
		_, err := b.try(t.Context(), req, release.ApplyOptions{})
		if !errors.Is(err, release.ErrRecreate) || !strings.Contains(err.Error(), "is never deleted") {
			t.Errorf("%s: error %v", kind, err)
		}
		b.wantRecords()
	}
}
