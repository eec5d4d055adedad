package kube_test

import (
	"net/http"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/client-go/rest"

	"github.com/seed-0d4f92cc/pack/pkg/kube"
)

// TestTokenFile: a token that is replaced in its file counts from the next request on, a
// request that was refused for the old one included; while the file is missing or empty
// the last one is sent.
func TestTokenFile(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "token")
	write := func(token string) {
		if err := os.WriteFile(path, []byte(token), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("one\n")
	var seen []string
	next := func() {}
	server := &fake{handle: func(r *http.Request) (*http.Response, error) {
		if r.URL.Path != "/api/v1/namespaces/ns/configmaps/a" {
			return nil, nil
		}
		got := r.Header.Get("Authorization")
		seen = append(seen, got)
		next()
		if got == "Bearer old" {
			return failure(401, "Unauthorized", "Unauthorized"), nil
		}
		return answer(200, configMapJSON), nil
	}}
	cfg := &rest.Config{Host: "https://cluster.test", BearerToken: "one", BearerTokenFile: path, Transport: server}
	c, err := kube.New(cfg, kube.Options{})
	if err != nil {
		t.Fatal(err)
	}
	get := func() {
		t.Helper()
		if _, err := c.Get(t.Context(), configMap); err != nil {
			t.Error(err)
		}
	}
	get()
	write("old")
	next = func() { write("two") }
	get()
	next = func() {}
	write("")
	get()
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	get()
	want := []string{"Bearer one", "Bearer old", "Bearer two", "Bearer two", "Bearer two"}
	if diff := cmp.Diff(want, seen); diff != "" {
		t.Errorf("tokens (-want +got):\n%s", diff)
	}
}
