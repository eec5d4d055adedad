package cli_test

import (
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// idToken is a token that expires in a while, or has. Nobody looks at its signature.
func idToken(in time.Duration) string {
	part := func(text string) string { return base64.RawURLEncoding.EncodeToString([]byte(text)) }
	return part(`{"alg":"none"}`) + "." + part(fmt.Sprintf(`{"exp":%d}`, time.Now().Add(in).Unix())) + "." + part("x")
}

// TestAuthProvider: kubeconfigs that name an OpenID Connect provider, as kubectl and Helm
// take them, log in; a token that has expired is replaced, in the file too.
func TestAuthProvider(t *testing.T) {
	t.Parallel()
	fresh, renewed := idToken(time.Hour), idToken(2*time.Hour)
	const noReleases = "NAME\tNAMESPACE\tREVISION\tUPDATED\tSTATUS\tCHART\tAPP VERSION\n"
	for _, tt := range []struct {
		name, token, refresh string
		wantSent             string
		wantErr              string
	}{
		{name: "a token that is good", token: fresh, wantSent: fresh},
		{name: "one that has expired", token: idToken(-time.Hour), refresh: "again", wantSent: renewed},
		{name: "one that cannot be renewed", token: idToken(-time.Hour), wantErr: "cannot refresh without refresh-token"},
		{name: "one that the issuer does not renew", token: idToken(-time.Hour), refresh: "bad", wantErr: "failed to refresh token"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var sent string
			mux := http.NewServeMux()
			server := httptest.NewTLSServer(mux)
			t.Cleanup(server.Close)
			reply := func(w http.ResponseWriter, text string) {
				w.Header().Set("Content-Type", "application/json")
				_, _ = w.Write([]byte(text))
			}
			mux.HandleFunc("/.well-known/openid-configuration", func(w http.ResponseWriter, _ *http.Request) {
				reply(w, `{"token_endpoint":"`+server.URL+`/token"}`)
			})
			mux.HandleFunc("/token", func(w http.ResponseWriter, r *http.Request) {
				if r.FormValue("refresh_token") != "again" {
					http.Error(w, `{"error":"invalid_grant"}`, http.StatusBadRequest)
					return
				}
				reply(w, `{"access_token":"a","token_type":"bearer","id_token":"`+renewed+`"}`)
			})
			mux.HandleFunc("/api/v1/namespaces/default/secrets", func(w http.ResponseWriter, r *http.Request) {
				sent = strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
				reply(w, `{"kind":"PartialObjectMetadataList","apiVersion":"meta.k8s.io/v1","metadata":{},"items":[]}`)
			})
			ca := base64.StdEncoding.EncodeToString(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw}))
			p := &program{dir: t.TempDir()}
			p.write(t, "config", fmt.Sprintf(`apiVersion: v1
kind: Config
current-context: c
contexts: [{name: c, context: {cluster: c, user: u}}]
clusters: [{name: c, cluster: {server: %q, certificate-authority-data: %s}}]
users:
- name: u
  user:
    auth-provider:
      name: oidc
      config: {idp-issuer-url: %q, idp-certificate-authority-data: %s, client-id: pack, id-token: %q, refresh-token: %q}
`, server.URL, ca, server.URL, ca, tt.token, tt.refresh))
			code := p.run(t, "", "list", "--kubeconfig", filepath.Join(p.dir, "config"))
			if sent != tt.wantSent {
				t.Errorf("the server got the token %q, want %q", sent, tt.wantSent)
			}
			if tt.wantErr != "" {
				if got := p.err.String(); code != 1 || !strings.Contains(got, tt.wantErr) {
					t.Errorf("exit code %d, error %q, want %q", code, got, tt.wantErr)
				}
				return
			}
			if code != 0 || p.out.String() != noReleases {
				t.Errorf("exit code %d, output %q, error %q", code, p.out.String(), p.err.String())
			}
			if file, _ := os.ReadFile(filepath.Join(p.dir, "config")); !strings.Contains(string(file), tt.wantSent) {
				t.Errorf("the kubeconfig does not have the token:\n%s", file)
			}
		})
	}
}
