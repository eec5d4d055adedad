package kube_test

import (
	"errors"
	"net/http"
	"testing"

	"github.com/seed-0d4f92cc/pack/internal/testcluster"
	"github.com/seed-0d4f92cc/pack/pkg/kube"
	"github.com/seed-0d4f92cc/pack/pkg/release"
	"github.com/seed-0d4f92cc/pack/pkg/release/releasetest"
)

func TestStoreSuite(t *testing.T) {
	t.Parallel()
	suiteNamespaces(t)
	client := clientOf(t, cluster.Kubeconfig(), kube.Options{PageSize: 3})
	for name, store := range map[string]release.Store{
		"secrets":    kube.NewSecretStore(client),
		"configmaps": kube.NewConfigMapStore(client),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			releasetest.TestStore(t, func(*testing.T) release.Store { return store })
		})
	}
}

// suiteNamespaces makes the namespaces of package releasetest.
func suiteNamespaces(t *testing.T) {
	t.Helper()
	needCluster(t)
	for _, name := range []string{releasetest.NamespaceA, releasetest.NamespaceB} {
		in := map[string]any{"apiVersion": "v1", "kind": "Namespace", "metadata": map[string]any{"name": name}}
		err := cluster.Do(t.Context(), http.MethodPost, "/api/v1/namespaces", in, nil)
		if status := new(testcluster.StatusError); errors.As(err, &status) && status.Code == http.StatusConflict {
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

func TestClusterSuite(t *testing.T) {
	t.Parallel()
	suiteNamespaces(t)
	releasetest.TestCluster(t, func(t *testing.T) release.Cluster {
		return clientOf(t, cluster.Kubeconfig(), kube.Options{})
	})
}
