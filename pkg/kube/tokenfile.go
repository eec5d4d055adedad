package kube

import (
	"net/http"
	"os"
	"strings"
	"sync"

	utilnet "k8s.io/apimachinery/pkg/util/net"
	"k8s.io/client-go/rest"
)

// withTokenFile reads the file that a configuration has its token in for each request.
// client-go reads it once a minute, and goes on sending a token that the server does not
// take any more; a request that was refused is sent again long before (maxUnauthorized).
func withTokenFile(cfg *rest.Config) *rest.Config {
	if cfg.BearerTokenFile == "" {
		return cfg
	}
	out := rest.CopyConfig(cfg)
	t := &tokenFile{path: cfg.BearerTokenFile, token: strings.TrimSpace(cfg.BearerToken)}
	out.BearerToken, out.BearerTokenFile = "", ""
	out.Wrap(func(next http.RoundTripper) http.RoundTripper {
		return &tokenTransport{next: next, file: t}
	})
	return out
}

// tokenFile is a file that holds a token.
type tokenFile struct {
	path string
	mu   sync.Mutex
	// token is the last that was read: the file may be missing while it is replaced.
	token string
}

func (t *tokenFile) read() string {
	data, err := os.ReadFile(t.path)
	text := strings.TrimSpace(string(data))
	t.mu.Lock()
	defer t.mu.Unlock()
	if err == nil && text != "" {
		t.token = text
	}
	return t.token
}

// tokenTransport sends the token of a file with each request.
type tokenTransport struct {
	next http.RoundTripper
	file *tokenFile
}

// RoundTrip implements http.RoundTripper.
func (t *tokenTransport) RoundTrip(req *http.Request) (*http.Response, error) {
	if token := t.file.read(); token != "" && req.Header.Get("Authorization") == "" {
		req = utilnet.CloneRequest(req)
		req.Header.Set("Authorization", "Bearer "+token)
	}
	return t.next.RoundTrip(req)
}

// WrappedRoundTripper is how idle connections are found.
func (t *tokenTransport) WrappedRoundTripper() http.RoundTripper { return t.next }
