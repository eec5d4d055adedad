package release_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-0d4f92cc/pack/pkg/chart"
	"github.com/seed-0d4f92cc/pack/pkg/manifest"
	"github.com/seed-0d4f92cc/pack/pkg/release"
	"github.com/seed-0d4f92cc/pack/pkg/release/releasetest"
)

// bed is an engine on doubles, with the namespace prod.
type bed struct {
	testing.TB
	*release.Engine
	store   *releasetest.Store
	cluster *releasetest.Cluster
	log     *bytes.Buffer
}

type bedConfig struct {
	store   releasetest.StoreConfig
	cluster releasetest.ClusterConfig
}

func newBed(t testing.TB, cfg bedConfig) *bed {
	t.Helper()
	cfg.cluster.Namespaces = append(cfg.cluster.Namespaces, "prod")
	b := &bed{
		TB: t, log: new(bytes.Buffer),
		store:   releasetest.NewStore(cfg.store),
		cluster: releasetest.NewCluster(cfg.cluster),
	}
	b.Engine = b.engineOn(b.cluster)
	return b
}

// engineOn is another engine with the records of the bed.
func (b *bed) engineOn(cluster release.Cluster) *release.Engine {
	b.Helper()
	engine, err := release.New(release.Config{
		Store: b.store, Cluster: cluster, Logger: slog.New(slog.NewTextHandler(b.log, nil)),
	})
	if err != nil {
		b.Fatal(err)
	}
	return engine
}

// chartOf loads a chart called web. Where templates does not name a file of the
// chart itself, it names one below templates/.
func chartOf(t testing.TB, files map[string]string) *chart.Chart {
	t.Helper()
	fsys := fstest.MapFS{"Chart.yaml": {Data: []byte("apiVersion: v2\nname: web\nversion: 1.2.3\n")}}
	for name, text := range files {
		if !strings.Contains(name, "/") && name != "Chart.yaml" && name != "values.yaml" {
			name = "templates/" + name
		}
		fsys[name] = &fstest.MapFile{Data: []byte(text)}
	}
	c, err := chart.Load(fsys, chart.LoadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// configMaps is a chart of ConfigMaps with a field data.x, "name=value"; the
// value is 1 where none is given.
func configMaps(t testing.TB, names ...string) *chart.Chart {
	t.Helper()
	files := map[string]string{}
	for _, name := range names {
		name, value, ok := strings.Cut(name, "=")
		if !ok {
			value = "1"
		}
		files[name+".yaml"] = configMap(name, value)
	}
	return chartOf(t, files)
}

func configMap(name, value string, annotations ...string) string {
	text := "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: " + name + "\n"
	if len(annotations) > 0 {
		text += "  annotations:\n    " + strings.Join(annotations, "\n    ") + "\n"
	}
	return text + "data:\n  x: \"" + value + "\"\n"
}

// object is an object with a name and, for a hook, annotations.
func object(apiVersion, kind, name string, annotations ...string) string {
	text := "apiVersion: " + apiVersion + "\nkind: " + kind + "\nmetadata:\n  name: " + name + "\n"
	if len(annotations) > 0 {
		text += "  annotations:\n    " + strings.Join(annotations, "\n    ") + "\n"
	}
	return text
}

func cmRef(name string) manifest.Ref {
	return manifest.Ref{APIVersion: "v1", Kind: "ConfigMap", Namespace: "prod", Name: name}
}

func jobRef(name string) manifest.Ref {
	return manifest.Ref{APIVersion: "batch/v1", Kind: "Job", Namespace: "prod", Name: name}
}

func deploymentRef(name string) manifest.Ref {
	return manifest.Ref{APIVersion: "apps/v1", Kind: "Deployment", Namespace: "prod", Name: name}
}

// try plans and applies a deployment of web.
func (b *bed) try(ctx context.Context, req release.DeployRequest, opts release.ApplyOptions) (*release.Release, error) {
	if req.Key == (release.Key{}) {
		req.Key = webKey()
	}
	plan, err := b.PlanDeploy(ctx, req)
	if err != nil {
		return nil, err
	}
	return b.Apply(ctx, plan, opts)
}

// deploy does what must succeed: UpgradeOrInstall of a chart.
func (b *bed) deploy(c *chart.Chart) *release.Release {
	b.Helper()
	return b.mustDeploy(release.DeployRequest{Mode: release.UpgradeOrInstall, Chart: c})
}

func (b *bed) mustDeploy(req release.DeployRequest) *release.Release {
	b.Helper()
	rel, err := b.try(b.Context(), req, release.ApplyOptions{})
	if err != nil {
		b.Fatal(err)
	}
	return rel
}

func (b *bed) uninstall(ctx context.Context, req release.UninstallRequest, opts release.ApplyOptions) error {
	req.Key = webKey()
	plan, err := b.PlanUninstall(ctx, req)
	if err != nil {
		return err
	}
	_, err = b.Apply(ctx, plan, opts)
	return err
}

func (b *bed) rollback(ctx context.Context, req release.RollbackRequest, opts release.ApplyOptions) (*release.Release, error) {
	req.Key = webKey()
	plan, err := b.PlanRollback(ctx, req)
	if err != nil {
		return nil, err
	}
	return b.Apply(ctx, plan, opts)
}

// records are the records of web, "1 deployed: Install complete", oldest first.
// Label and payload must agree on the status.
func (b *bed) records() []string {
	b.Helper()
	ctx := context.WithoutCancel(b.Context())
	quiet := release.Records{Store: b.store}
	heads, err := quiet.Heads(ctx, webKey())
	if err != nil {
		b.Fatal(err)
	}
	out := []string{}
	for _, h := range heads {
		rel, err := b.store.Get(ctx, h.Key, h.Revision)
		if err != nil {
			out = append(out, "damaged "+string(h.Status))
			continue
		}
		if rel.Info.Status != h.Status {
			b.Errorf("revision %d: label %s, payload %s", h.Revision, h.Status, rel.Info.Status)
		}
		out = append(out, fmt.Sprintf("%d %s: %s", h.Revision, h.Status, rel.Info.Description))
	}
	return out
}

func (b *bed) wantRecords(want ...string) {
	b.Helper()
	if diff := cmp.Diff(append([]string{}, want...), b.records()); diff != "" {
		b.Errorf("records (-want +got):\n%s", diff)
	}
}

// wantPlan compares what a plan prints with want, which tabs may indent.
func wantPlan(t testing.TB, plan *release.Plan, want string) {
	t.Helper()
	var got strings.Builder
	if n, err := plan.WriteTo(&got); err != nil || int(n) != got.Len() {
		t.Errorf("WriteTo: %d, %v", n, err)
	}
	if diff := cmp.Diff(trimmedLines(want), trimmedLines(got.String())); diff != "" {
		t.Errorf("plan (-want +got):\n%s", diff)
	}
}

func trimmedLines(text string) []string {
	return strings.Split(strings.TrimSpace(strings.ReplaceAll(text, "\t", "")), "\n")
}

var errDenied = errors.New("denied")
