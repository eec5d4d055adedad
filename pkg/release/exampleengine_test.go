package release_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"testing/fstest"

	"github.com/seed-0d4f92cc/pack/pkg/chart"
	"github.com/seed-0d4f92cc/pack/pkg/release"
	"github.com/seed-0d4f92cc/pack/pkg/release/releasetest"
)

// exampleChart is what chart.Load makes of any fs.FS, such as os.DirFS.
func exampleChart() (*chart.Chart, error) {
	return chart.Load(fstest.MapFS{
		"Chart.yaml":  {Data: []byte("apiVersion: v2\nname: web\nversion: 1.2.3\n")},
		"values.yaml": {Data: []byte("color: blue\n")},
		"templates/config.yaml": {Data: []byte(`apiVersion: v1
kind: ConfigMap
metadata:
  name: {{ .Release.Name }}
data:
  color: {{ .Values.color }}
`)},
		"templates/migrate.yaml": {Data: []byte(`apiVersion: batch/v1
kind: Job
metadata:
  name: {{ .Release.Name }}-migrate
  annotations:
    helm.sh/hook: pre-install,pre-upgrade
`)},
	}, chart.LoadOptions{})
}

// exampleEngine is an engine on doubles; a program has those of package kube.
func exampleEngine() (*release.Engine, error) {
	return release.New(release.Config{
		Store:   releasetest.NewStore(releasetest.StoreConfig{}),
		Cluster: releasetest.NewCluster(releasetest.ClusterConfig{Namespaces: []string{"prod"}}),
	})
}

// A plan says what would happen, and nothing has happened yet.
func ExampleEngine_PlanDeploy() {
	c, err := exampleChart()
	if err != nil {
		log.Fatal(err)
	}
	engine, err := exampleEngine()
	if err != nil {
		log.Fatal(err)
	}
	plan, err := engine.PlanDeploy(context.Background(), release.DeployRequest{
		Key:   release.Key{Namespace: "prod", Name: "shop"},
		Mode:  release.UpgradeOrInstall,
		Chart: c,
	})
	if err != nil {
		log.Fatal(err)
	}
	if _, err := plan.WriteTo(os.Stdout); err != nil {
		log.Fatal(err)
	}
	// Output:
	// install shop in prod, revision 1
	//   pre-install hook Job/shop-migrate
	//   create ConfigMap/prod/shop
}

// Installing, upgrading and going back again are one sequence: plan, look at it
// if you like, apply.
func ExampleEngine_Apply() {
	ctx := context.Background()
	c, err := exampleChart()
	if err != nil {
		log.Fatal(err)
	}
	engine, err := exampleEngine()
	if err != nil {
		log.Fatal(err)
	}
	key := release.Key{Namespace: "prod", Name: "shop"}
	for _, color := range []string{"blue", "red"} {
		plan, err := engine.PlanDeploy(ctx, release.DeployRequest{
			Key: key, Mode: release.UpgradeOrInstall, Chart: c, Values: map[string]any{"color": color},
		})
		if err != nil {
			log.Fatal(err)
		}
		if _, err := engine.Apply(ctx, plan, release.ApplyOptions{Wait: release.WaitReady}); err != nil {
			log.Fatal(err)
		}
	}
	plan, err := engine.PlanRollback(ctx, release.RollbackRequest{Key: key})
	if err != nil {
		log.Fatal(err)
	}
	_, err = engine.Apply(ctx, plan, release.ApplyOptions{Observe: func(ev release.Event) {
		if ev.Kind == release.EventApplied {
			fmt.Println(ev.Ref, ev.Action)
		}
	}})
	if err != nil {
		log.Fatal(err)
	}
	history, err := engine.History(ctx, key, 0)
	if err != nil {
		log.Fatal(err)
	}
	for _, rel := range history {
		fmt.Println(rel.Version, rel.Info.Status, rel.Info.Description)
	}
	// Output:
	// ConfigMap/prod/shop updated
	// 1 superseded Install complete
	// 2 superseded Upgrade complete
	// 3 deployed Rollback to 1
}
