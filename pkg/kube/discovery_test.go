package kube_test

import (
	"bytes"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/client-go/rest"

	"github.com/seed-0d4f92cc/pack/pkg/kube"
)

func TestCapabilities(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		server  *fake
		want    []string
		warning string
	}{
		{
			name: "aggregated discovery", server: &fake{},
			want: []string{
				"apiextensions.k8s.io/v1", "apiextensions.k8s.io/v1/CustomResourceDefinition",
				"apps/v1", "apps/v1/Deployment", "batch/v1", "batch/v1/Job", "metrics.k8s.io/v1beta1",
				"v1", "v1/ConfigMap", "v1/Eviction", "v1/Namespace", "v1/Pod", "v1/Secret",
			},
			warning: "group=metrics.k8s.io/v1beta1",
		},
		{
			name: "plain discovery", server: &fake{plain: true},
			want: []string{
				"apps/v1", "apps/v1/Deployment", "broken.example.com/v1",
				"v1", "v1/ConfigMap", "v1/Eviction", "v1/Namespace", "v1/Pod",
			},
			warning: "group=broken.example.com/v1",
		},
		{
			name: "plain discovery behind something strict", server: &fake{plain: true, handle: func(r *http.Request) (*http.Response, error) {
				if strings.Contains(r.Header.Get("Accept"), "apidiscovery") {
					return answer(406, "only JSON"), nil
				}
				return nil, nil
			}},
			want: []string{
				"apps/v1", "apps/v1/Deployment", "broken.example.com/v1",
				"v1", "v1/ConfigMap", "v1/Eviction", "v1/Namespace", "v1/Pod",
			},
			warning: "group=broken.example.com/v1",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var log bytes.Buffer
			c := tt.server.client(t, kube.Options{Logger: slog.New(slog.NewTextHandler(&log, nil))})
			for range 2 {
				caps, err := c.Capabilities(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(tt.want, caps.APIVersions); diff != "" {
					t.Error(diff)
				}
				if caps.KubeVersion.Version != "v1.36.3" || caps.KubeVersion.Major != "1" || caps.KubeVersion.Minor != "36" {
					t.Errorf("version %+v", caps.KubeVersion)
				}
			}
			if strings.Count(log.String(), tt.warning) != 1 {
				t.Errorf("log:\n%s\nit warns not once of %s", log.String(), tt.warning)
			}
		})
	}
}

func TestUnreachable(t *testing.T) {
	t.Parallel()
	refused := &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}
	server := &fake{handle: func(*http.Request) (*http.Response, error) { return nil, refused }}
	c := server.client(t, kube.Options{Context: "prod"})
	_, err := c.Capabilities(t.Context())
	wantError(t, err, `kubernetes cluster unreachable: Get "http://cluster.test/version": dial tcp: connection refused (server http://cluster.test, context "prod")`)
	var unreachable *kube.UnreachableError
	if !errors.As(err, &unreachable) || !errors.Is(err, syscall.ECONNREFUSED) {
		t.Errorf("error %#v", err)
	}
	if n := len(server.sent()); n != 1 {
		t.Errorf("a server that never answered was asked %d times", n)
	}
}

func TestUnreachableWithoutAConnection(t *testing.T) {
	t.Parallel()
	cfg := &rest.Config{Host: "https://cluster.test", TLSClientConfig: rest.TLSClientConfig{CAData: []byte("AAAA")}}
	for name, want := range map[string]string{
		"":     "^kubernetes cluster unreachable: preparing the connection to https://cluster.test: unable to load root certificates: .*[^)]$",
		"prod": `unable to load root certificates: .* \(context "prod"\)$`,
	} {
		c, err := kube.New(cfg, kube.Options{Context: name})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := c.Capabilities(t.Context()); err == nil || !regexp.MustCompile(want).MatchString(err.Error()) {
			t.Errorf("context %q: error %v, want %s", name, err, want)
		}
	}
}

// TestUnreachableAddress: what is secret in the address of a server is not shown.
func TestUnreachableAddress(t *testing.T) {
	t.Parallel()
	refused := func(*http.Request) (*http.Response, error) { return nil, syscall.ECONNREFUSED }
	for host, want := range map[string]string{
		"http://me:pw@cluster.test/a":      "http://me:xxxxx@cluster.test/a",
		"http://cluster.test/a?token=pw#f": "http://cluster.test/a",
	} {
		c, err := kube.New(&rest.Config{Host: host, Transport: &fake{handle: refused}}, kube.Options{})
		if err != nil {
			t.Fatal(err)
		}
		_, err = c.Capabilities(t.Context())
		var unreachable *kube.UnreachableError
		if !errors.As(err, &unreachable) || unreachable.Server != want {
			t.Errorf("%s: %v, want %s", host, err, want)
		}
		for _, secret := range []string{"pw", "token"} {
			if strings.Contains(err.Error(), secret) {
				t.Errorf("%s: %v", host, err)
			}
		}
	}
}

func TestCapabilitiesOfOddServers(t *testing.T) {
	t.Parallel()
	for name, body := range map[string]string{
		"not JSON": "<html>hello</html>", "cut off": `{"major":"1"`, "a list": `[1]`, "empty": "",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := &fake{handle: func(*http.Request) (*http.Response, error) { return answer(200, body), nil }}
			_, err := server.client(t, kube.Options{RetryFor: -1}).Capabilities(t.Context())
			var unreachable *kube.UnreachableError
			if !errors.As(err, &unreachable) {
				t.Errorf("error %v", err)
			}
		})
	}
}

func TestRefresh(t *testing.T) {
	t.Parallel()
	server := &fake{}
	c := server.client(t, kube.Options{})
	count := func() (n int) {
		server.mu.Lock()
		defer server.mu.Unlock()
		for _, r := range server.requests {
			if r == "GET /apis" {
				n++
			}
		}
		return n
	}
	for i, want := range []int{1, 1, 2} {
		if i == 2 {
			c.Refresh()
		}
		if _, err := c.Capabilities(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got := count(); got != want {
			t.Errorf("after call %d: asked %d times, want %d", i+1, got, want)
		}
	}
}
