package kube_test

import (
	"context"
	"crypto/rand"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/seed-0d4f92cc/pack/internal/testcluster"
	"github.com/seed-0d4f92cc/pack/pkg/kube"
	"github.com/seed-0d4f92cc/pack/pkg/manifest"
	"github.com/seed-0d4f92cc/pack/pkg/release"
	"github.com/seed-0d4f92cc/pack/pkg/release/releasetest"
)

// TestAPIServerRestart restarts the API server while objects and records are
// written and watched: nobody notices. It runs by itself.
func TestAPIServerRestart(t *testing.T) {
	c, ns := onCluster(t)
	t.Cleanup(func() { awaitControllers(t, c) })
	store := kube.NewSecretStore(c)
	key := release.Key{Namespace: ns, Name: "web"}
	object := build(t, c, ns, twoMaps)[0]
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	restarted := make(chan error, 1)
	seen := make(chan string, 1)
	go func() {
		last := ""
		for s, err := range c.Watch(ctx, []manifest.Ref{object.Ref}, release.WatchOptions{}) {
			if err != nil {
				last = err.Error()
				break
			}
			if last, _ = at(s.Object, "data", "k").(string); last == "last" {
				break
			}
		}
		seen <- last
	}()
	go func() { restarted <- cluster.Fault(ctx, testcluster.ActionRestart, testcluster.APIServer) }()
	rounds := 0
	for done := false; !done; rounds++ {
		select {
		case err := <-restarted:
			if err != nil {
				t.Fatal(err)
			}
			done = true
		default:
		}
		object.Content["data"] = map[string]any{"k": fmt.Sprint(rounds)}
		if _, _, err := c.Apply(ctx, object, release.ApplyObjectOptions{}); err != nil {
			t.Fatalf("round %d: Apply: %v", rounds, err)
		}
		rel := releasetest.NewRelease(key, rounds+1, release.StatusPendingUpgrade)
		if err := store.Create(ctx, rel); err != nil {
			t.Fatalf("round %d: Create: %v", rounds, err)
		}
		rel.Info.Status = release.StatusDeployed
		if err := store.Update(ctx, rel); err != nil {
			t.Fatalf("round %d: Update: %v", rounds, err)
		}
		if _, err := c.Capabilities(ctx); err != nil {
			t.Fatalf("round %d: Capabilities: %v", rounds, err)
		}
	}
	object.Content["data"] = map[string]any{"k": "last"}
	if _, _, err := c.Apply(ctx, object, release.ApplyObjectOptions{}); err != nil {
		t.Fatal(err)
	}
	if last := <-seen; last != "last" {
		t.Errorf("the watch saw %q last", last)
	}
	records := 0
	for h, err := range store.List(ctx, release.ListOptions{Namespace: ns, Selector: "status=deployed"}) {
		if err != nil {
			t.Fatalf("after %v: %v", h, err)
		}
		records++
	}
	if records != rounds {
		t.Errorf("%d records of %d rounds", records, rounds)
	}
}

// awaitControllers waits until the controllers have noticed that the API server
// is back, which takes them longer than pack, so that other tests find a
// cluster that works.
func awaitControllers(t *testing.T, c *kube.Client) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), 3*time.Minute)
	defer cancel()
	name := "t-" + strings.ToLower(rand.Text()[:8])
	ns := map[string]any{"apiVersion": "v1", "kind": "Namespace", "metadata": map[string]any{"name": name}}
	if err := cluster.Do(ctx, http.MethodPost, "/api/v1/namespaces", ns, nil); err != nil {
		t.Fatal(err)
	}
	account := manifest.Ref{APIVersion: "v1", Kind: "ServiceAccount", Namespace: name, Name: "default"}
	for s, err := range c.Watch(ctx, []manifest.Ref{account}, release.WatchOptions{}) {
		if err != nil {
			t.Error(err)
		}
		if s.Object != nil {
			break
		}
	}
	if err := c.Delete(ctx, manifest.Ref{APIVersion: "v1", Kind: "Namespace", Name: name}, release.DeleteObjectOptions{}); err != nil {
		t.Error(err)
	}
}
