package e2e_test

import (
	"net/http"
	"net/http/httptest"
	"os"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/seed-0d4f92cc/pack/internal/testregistry"
)

// TestRemoteCharts runs the scripts of testdata/remote, with a registry at
// $REGISTRY, which wants a login, and a folder that is served at $REPO, $SERVED.
func TestRemoteCharts(t *testing.T) {
	t.Parallel()
	r := testregistry.Start(t, testregistry.Config{Binary: os.Getenv("PACK_REGISTRY"), TLS: true, Auth: "token"})
	served := t.TempDir()
	srv := httptest.NewServer(http.FileServer(http.Dir(served)))
	t.Cleanup(srv.Close)
	testscript.Run(t, scripts(t, "testdata/remote", map[string]string{
		"REGISTRY": r.Address, "CA": r.CAFile, "REPO": srv.URL, "SERVED": served,
	}))
}
