package kube_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"k8s.io/client-go/rest"

	"github.com/seed-0d4f92cc/pack/pkg/kube"
)

func cmpEmpty() cmp.Option { return cmpopts.EquateEmpty() }

// patchAs applies an object server-side under the name of another manager.
func patchAs(t *testing.T, path, manager string, object map[string]any) {
	t.Helper()
	cfg, err := kube.LoadConfig(kube.ConfigOptions{Path: cluster.Kubeconfig()})
	if err != nil {
		t.Fatal(err)
	}
	client, err := rest.HTTPClientFor(cfg.REST)
	if err != nil {
		t.Fatal(err)
	}
	body, err := json.Marshal(object)
	if err != nil {
		t.Fatal(err)
	}
	url := cfg.REST.Host + path + "?force=true&fieldManager=" + manager
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPatch, url, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/apply-patch+yaml")
	resp, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		t.Fatalf("patch %s: %s", path, resp.Status)
	}
}

func encode64(data []byte) string { return base64.StdEncoding.EncodeToString(data) }
