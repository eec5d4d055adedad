package kube_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"

	"k8s.io/client-go/rest"

	"github.com/seed-0d4f92cc/pack/pkg/kube"
	"github.com/seed-0d4f92cc/pack/pkg/manifest"
	"github.com/seed-0d4f92cc/pack/pkg/release"
)

func ExampleLoadConfig() {
	cfg, err := kube.LoadConfig(kube.ConfigOptions{Paths: []string{"testdata/kubeconfig"}, Context: "staging"})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(cfg.REST.Host, cfg.Namespace)
	// Output: https://staging.example.com shop
}

func ExampleClient_Watch() {
	server := newWatched("/api/v1/namespaces/ns/pods")
	server.lists = append(server.lists, list("1", pod("web", "1", pending)))
	server.watches = append(server.watches, events(event("MODIFIED", pod("web", "2", ready))))
	client, err := kube.New(&rest.Config{Host: "http://cluster.test", Transport: server}, kube.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	web := manifest.Ref{APIVersion: "v1", Kind: "Pod", Namespace: "ns", Name: "web"}
	for state, err := range client.Watch(context.Background(), []manifest.Ref{web}, release.WatchOptions{}) {
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(state.Ref, state.Status, "-", state.Message)
		if state.Status == release.ObjectCurrent {
			break
		}
	}
	// Output:
	// Pod/ns/web InProgress - Pod is in the Pending phase
	// Pod/ns/web Current - Pod is Ready
}

func ExampleNewSecretStore() {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, `{"items":[{"metadata":{"namespace":"shop","name":"sh.helm.release.v1.web.v3","labels":{"name":"web","owner":"helm","status":"deployed","version":"3"}}}]}`)
	}))
	defer server.Close()
	client, err := kube.New(&rest.Config{Host: server.URL}, kube.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	for head, err := range kube.NewSecretStore(client).List(context.Background(), release.ListOptions{Namespace: "shop"}) {
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(head.Key.Name, head.Revision, head.Status)
	}
	// Output: web 3 deployed
}
