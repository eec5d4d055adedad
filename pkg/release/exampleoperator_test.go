package release_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"time"

	"github.com/seed-0d4f92cc/pack/pkg/release"
	"github.com/seed-0d4f92cc/pack/pkg/release/releasetest"
)

// An operator brings a release to what is wanted of it, again and again, and tells
// what it may try again from what somebody must see to.
func ExampleEngine_CarryOut() {
	ctx := context.Background()
	engine, err := exampleEngine()
	if err != nil {
		log.Fatal(err)
	}
	c, err := exampleChart()
	if err != nil {
		log.Fatal(err)
	}
	key := release.Key{Namespace: "prod", Name: "shop"}
	reconcile := func(color string) string {
		// CarryOut plans anew when somebody else was faster, and waits for him.
		rel, err := engine.CarryOut(ctx, release.LockOptions{Wait: time.Minute}, func(ctx context.Context, lock release.LockOptions) (*release.Plan, error) {
			return engine.PlanDeploy(ctx, release.DeployRequest{
				Key: key, Mode: release.UpgradeOrInstall, Chart: c, HistoryMax: 5, Lock: lock,
				Values: map[string]any{"color": color},
			})
		}, release.ApplyOptions{Wait: release.WaitReady, FailFast: true, OnFailure: release.RollBack})
		switch {
		case errors.Is(err, release.ErrLocked):
			return "try again later: " + err.Error()
		case errors.Is(err, release.ErrHopeless):
			return "tell somebody: " + err.Error()
		case err != nil:
			return "failed: " + err.Error()
		}
		return fmt.Sprintf("revision %d is %s", rel.Version, rel.Info.Status)
	}
	fmt.Println(reconcile("blue"))
	fmt.Println(reconcile("red"))
	// Output:
	// revision 1 is deployed
	// revision 2 is deployed
}

// Without a release there is nothing to read or to uninstall, and which of the two
// it is that fails does not matter: the condition is the same.
func ExampleEngine_PlanUninstall() {
	ctx := context.Background()
	engine, err := exampleEngine()
	if err != nil {
		log.Fatal(err)
	}
	c, err := exampleChart()
	if err != nil {
		log.Fatal(err)
	}
	key := release.Key{Namespace: "prod", Name: "shop"}
	if _, err := engine.Get(ctx, key, 0); errors.Is(err, release.ErrNotFound) {
		fmt.Println("not there")
	}
	plan, err := engine.PlanDeploy(ctx, release.DeployRequest{Key: key, Chart: c})
	if err != nil {
		log.Fatal(err)
	}
	if _, err := engine.Apply(ctx, plan, release.ApplyOptions{}); err != nil {
		log.Fatal(err)
	}
	uninstall, err := engine.PlanUninstall(ctx, release.UninstallRequest{Key: key})
	if err != nil {
		log.Fatal(err)
	}
	if _, err := uninstall.WriteTo(os.Stdout); err != nil {
		log.Fatal(err)
	}
	if _, err := engine.Apply(ctx, uninstall, release.ApplyOptions{Wait: release.WaitReady}); err != nil {
		log.Fatal(err)
	}
	list, err := engine.List(ctx, release.ListFilter{})
	fmt.Println(len(list), "releases", err)
	// Output:
	// not there
	// uninstall shop in prod
	//   delete ConfigMap/prod/shop
	// 0 releases <nil>
}

// auditedStore is a store of one's own: it embeds another, with all its powers
// (embedding release.Store would hide those that are optional, such as
// release.Leaser), and tells what is written. A store that keeps records elsewhere
// implements all methods, and passes releasetest.TestStore.
type auditedStore struct{ *releasetest.Store }

func (s auditedStore) Create(ctx context.Context, rel *release.Release) error {
	fmt.Printf("create %s revision %d: %s\n", rel.Name, rel.Version, rel.Info.Status)
	return s.Store.Create(ctx, rel)
}

func (s auditedStore) Update(ctx context.Context, rel *release.Release) error {
	fmt.Printf("update %s revision %d: %s\n", rel.Name, rel.Version, rel.Info.Status)
	return s.Store.Update(ctx, rel)
}

// The record is written when it begins, when a hook has run, and at the end.
func ExampleStore() {
	engine, err := release.New(release.Config{
		Store:   auditedStore{releasetest.NewStore(releasetest.StoreConfig{})},
		Cluster: releasetest.NewCluster(releasetest.ClusterConfig{Namespaces: []string{"prod"}}),
	})
	if err != nil {
		log.Fatal(err)
	}
	c, err := exampleChart()
	if err != nil {
		log.Fatal(err)
	}
	plan, err := engine.PlanDeploy(context.Background(), release.DeployRequest{
		Key: release.Key{Namespace: "prod", Name: "shop"}, Chart: c,
	})
	if err != nil {
		log.Fatal(err)
	}
	if _, err := engine.Apply(context.Background(), plan, release.ApplyOptions{}); err != nil {
		log.Fatal(err)
	}
	// Output:
	// create shop revision 1: pending-install
	// update shop revision 1: pending-install
	// update shop revision 1: deployed
}
