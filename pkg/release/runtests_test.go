package release_test

import (
	"errors"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-0d4f92cc/pack/pkg/chart"
	"github.com/seed-0d4f92cc/pack/pkg/manifest"
	"github.com/seed-0d4f92cc/pack/pkg/release"
	"github.com/seed-0d4f92cc/pack/pkg/release/releasetest"
)

// testJob is a test hook.
func testJob(name string) *fstest.MapFile {
	return &fstest.MapFile{Data: []byte("apiVersion: batch/v1\nkind: Job\nmetadata:\n  name: " + name +
		"\n  annotations:\n    helm.sh/hook: test\n    helm.sh/hook-delete-policy: hook-succeeded\n")}
}

func TestRunTests(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		req     release.TestRequest
		fails   string
		want    []string
		started []string
	}{
		"all":                      {want: []string{"a Succeeded", "b Succeeded"}, started: []string{"a", "b"}},
		"only":                     {req: release.TestRequest{Only: []string{"b"}}, want: []string{"a ", "b Succeeded"}, started: []string{"b"}},
		"except":                   {req: release.TestRequest{Except: []string{"b"}}, want: []string{"a Succeeded", "b "}, started: []string{"a"}},
		"none":                     {req: release.TestRequest{Only: []string{"c"}}, want: []string{"a ", "b "}},
		"a failure ends the tests": {fails: "a", want: []string{"a Failed", "b "}, started: []string{"a"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, err := chart.Load(fstest.MapFS{
				"Chart.yaml":       {Data: []byte("apiVersion: v2\nname: web\nversion: 1.0.0\n")},
				"templates/a.yaml": testJob("a"), "templates/b.yaml": testJob("b"),
			}, chart.LoadOptions{})
			if err != nil {
				t.Fatal(err)
			}
			cluster := releasetest.NewCluster(releasetest.ClusterConfig{})
			engine, err := release.New(release.Config{Store: releasetest.NewStore(releasetest.StoreConfig{}), Cluster: cluster})
			if err != nil {
				t.Fatal(err)
			}
			key := release.Key{Namespace: "default", Name: "web"}
			plan, err := engine.PlanDeploy(t.Context(), release.DeployRequest{Key: key, Chart: c})
			if err != nil {
				t.Fatal(err)
			}
			if _, err := engine.Apply(t.Context(), plan, release.ApplyOptions{}); err != nil {
				t.Fatal(err)
			}
			if tc.fails != "" {
				ref := manifest.Ref{APIVersion: "batch/v1", Kind: "Job", Namespace: "default", Name: tc.fails}
				cluster.SetStatus(ref, release.ObjectFailed, "it failed")
			}
			var started []string
			tc.req.Key = key
			tc.req.Ended = func(_ *release.Release, refs []manifest.Ref) {
				for _, ref := range refs {
					started = append(started, ref.Name)
				}
			}
			_, err = engine.Test(t.Context(), tc.req, release.ApplyOptions{})
			var failed *release.HookError
			if errors.As(err, &failed) != (tc.fails != "") || failed == nil && err != nil {
				t.Errorf("error %v", err)
			}
			rel, err := engine.Get(t.Context(), key, 0)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, h := range rel.Hooks {
				got = append(got, h.Name+" "+string(h.LastRun.Phase))
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("recorded phases (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tc.started, started); diff != "" {
				t.Errorf("started (-want +got):\n%s", diff)
			}
			if left := strings.Join(cluster.Objects(), " "); strings.Contains(left, "Job/") != (tc.fails != "") {
				t.Errorf("objects left: %s", left)
			}
		})
	}
}
