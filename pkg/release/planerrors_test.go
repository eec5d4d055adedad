package release_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-0d4f92cc/pack/pkg/manifest"
	"github.com/seed-0d4f92cc/pack/pkg/release"
)

func TestPlanDeployErrors(t *testing.T) {
	t.Parallel()
	stranger := release.Key{Namespace: "prod", Name: "other"}
	for _, tt := range []struct {
		name  string
		live  func(*bed)
		req   release.DeployRequest
		files map[string]string
		is    error
		want  string
	}{
		{
			"no name", nil, release.DeployRequest{Key: release.Key{Namespace: "prod"}}, nil, release.ErrInvalidName,
			`release name check failed: release name "": no name provided`,
		},
		{
			"a bad name for an upgrade", nil, release.DeployRequest{Key: release.Key{Namespace: "prod", Name: "A"}, Mode: release.Upgrade}, nil,
			release.ErrInvalidName, `release name is invalid: A: release name "A": invalid release name, must match regex`,
		},
		{"an upgrade of nothing", nil, release.DeployRequest{Mode: release.Upgrade}, nil, release.ErrNoDeployed, `"web" has no deployed releases`},
		{
			"a name in use", func(b *bed) { b.deploy(configMaps(b, "a")) }, release.DeployRequest{}, nil, release.ErrNameInUse,
			"release name check failed: cannot reuse a name that is still in use",
		},
		{
			"system labels", nil, release.DeployRequest{Labels: map[string]string{"owner": "me"}}, nil, release.ErrSystemLabel,
			"user supplied labels contains system reserved label name. System labels: [name owner status version createdAt modifiedAt]",
		},
		{
			"a library", nil, release.DeployRequest{}, map[string]string{"Chart.yaml": "apiVersion: v2\nname: lib\nversion: 1.0.0\ntype: library\n"},
			nil, "library charts are not installable",
		},
		{
			"a library instead of an upgrade", nil, release.DeployRequest{Mode: release.UpgradeOrInstall},
			map[string]string{"Chart.yaml": "apiVersion: v2\nname: lib\nversion: 1.0.0\ntype: library\n"}, nil, "library charts are not installable",
		},
		{
			"a missing dependency", nil, release.DeployRequest{}, map[string]string{
				"Chart.yaml": "apiVersion: v2\nname: web\nversion: 1.0.0\ndependencies: [{name: db, version: 1.0.0, repository: \"https://example.com\"}]\n",
			}, nil, "found in Chart.yaml, but missing in charts/ directory: db",
		},
		{
			"a template", nil, release.DeployRequest{}, map[string]string{"a.yaml": "{{ fail \"no\" }}"}, nil, "no",
		},
		{
			"a kind that nobody knows", nil, release.DeployRequest{}, map[string]string{"a.yaml": object("example.com/v1", "Widget", "w")}, release.ErrBuild,
			`unable to build kubernetes objects from release manifest: resource mapping not found for name: "w" namespace: "" from "": no matches for kind "Widget" in version "example.com/v1"`,
		},
		{
			"an unknown field", nil, release.DeployRequest{}, map[string]string{"a.yaml": configMap("a", "1") + "specc: {}\n"}, release.ErrBuild, `unknown field "specc"`,
		},
		{
			"an object of nobody", func(b *bed) { b.cluster.Create("kubectl", liveConfigMap("a")) }, release.DeployRequest{},
			map[string]string{"a.yaml": configMap("a", "1")}, release.ErrNotOwned,
			`unable to continue with install: ConfigMap "a" in namespace "prod" exists and cannot be imported into the current release: ` +
				`invalid ownership metadata; label validation error: missing key "app.kubernetes.io/managed-by": must be set to "Helm"; ` +
				`annotation validation error: missing key "meta.helm.sh/release-name": must be set to "web"; ` +
				`annotation validation error: missing key "meta.helm.sh/release-namespace": must be set to "prod"`,
		},
		{
			"an object of another release", func(b *bed) {
				b.deploy(configMaps(b, "b"))
				b.cluster.Create("helm", owned(liveConfigMap("a"), stranger))
			}, release.DeployRequest{Mode: release.Upgrade},
			map[string]string{"a.yaml": configMap("a", "1")}, release.ErrNotOwned,
			`unable to continue with update: ConfigMap "a" in namespace "prod" exists and cannot be imported into the current release: ` +
				`invalid ownership metadata; annotation validation error: key "meta.helm.sh/release-name" must equal "web": current value is "other"`,
		},
		{
			"what follows rendering", nil, release.DeployRequest{Rendering: release.RenderOptions{
				Transform: func(context.Context, []manifest.Manifest) ([]manifest.Manifest, error) { return nil, errDenied },
			}}, nil, errDenied, "error while running post render on files: denied",
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			b := newBed(t, bedConfig{})
			if tt.live != nil {
				tt.live(b)
			}
			before, writes := b.records(), b.cluster.Writes()
			tt.req.Chart = chartOf(t, tt.files)
			if tt.req.Key == (release.Key{}) {
				tt.req.Key = webKey()
			}
			plan, err := b.PlanDeploy(t.Context(), tt.req)
			if err == nil || plan != nil || !strings.Contains(err.Error(), tt.want) {
				t.Fatalf("plan %v, error %v, want %q", plan, err, tt.want)
			}
			if tt.is != nil && !errors.Is(err, tt.is) {
				t.Errorf("error %v is not %v", err, tt.is)
			}
			if _, ok := errors.AsType[*release.PlanError](err); !ok {
				t.Errorf("error %T", err)
			}
			if diff := cmp.Diff(writes, b.cluster.Writes()); diff != "" {
				t.Error(diff)
			}
			b.wantRecords(before...)
		})
	}
}

// TestPlanAllOwners: the error names every object that somebody else owns.
func TestPlanAllOwners(t *testing.T) {
	t.Parallel()
	b := newBed(t, bedConfig{})
	b.cluster.Create("kubectl", liveConfigMap("a"))
	b.cluster.Create("kubectl", liveConfigMap("c"))
	_, err := b.PlanDeploy(t.Context(), release.DeployRequest{Key: webKey(), Chart: configMaps(t, "a", "b", "c")})
	first, ok := errors.AsType[*release.OwnershipError](err)
	if !ok || first.Ref != cmRef("a") || len(first.Problems) != 3 || !strings.Contains(err.Error(), `ConfigMap "c"`) {
		t.Errorf("error %v", err)
	}
}

// TestCheckOwners: objects that do not exist, or are the release's, are no error.
func TestCheckOwners(t *testing.T) {
	t.Parallel()
	b := newBed(t, bedConfig{})
	b.cluster.Create("kubectl", liveConfigMap("a"))
	b.cluster.Create("kubectl", liveConfigMap("c"))
	objects := []release.Object{{Ref: cmRef("a")}, {Ref: cmRef("b")}, {Ref: cmRef("c")}}
	err := b.CheckOwners(t.Context(), webKey(), objects)
	if !errors.Is(err, release.ErrNotOwned) || !strings.HasPrefix(err.Error(), `unable to continue with install: ConfigMap "a" in namespace`) ||
		!strings.Contains(err.Error(), `ConfigMap "c"`) {
		t.Errorf("error %v", err)
	}
	if err := b.CheckOwners(t.Context(), webKey(), objects[1:2]); err != nil {
		t.Error(err)
	}
	alone, err := release.New(release.Config{})
	if err != nil {
		t.Fatal(err)
	}
	if alone.CheckOwners(t.Context(), webKey(), objects) == nil {
		t.Error("no error without a cluster")
	}
}
