package kube_test

import (
	"bytes"
	"context"
	"errors"
	"iter"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"k8s.io/client-go/rest"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"

	"github.com/seed-0d4f92cc/pack/pkg/kube"
	"github.com/seed-0d4f92cc/pack/pkg/release"
)

// slowLogin is a source of credentials that takes as long as its configuration says.
type slowLogin struct{ takes time.Duration }

func (s *slowLogin) Login() error { return nil }

func (s *slowLogin) WrapTransport(next http.RoundTripper) http.RoundTripper {
	return &slowTransport{next, s.takes}
}

type slowTransport struct {
	http.RoundTripper
	takes time.Duration
}

func (t *slowTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	time.Sleep(t.takes)
	return t.RoundTripper.RoundTrip(r)
}

func (t *slowTransport) WrappedRoundTripper() http.RoundTripper { return t.RoundTripper }

// registerSlowLogin makes it known to client-go, once in a process.
var registerSlowLogin = sync.OnceValue(func() error {
	return rest.RegisterAuthProviderPlugin("slow-login", func(_ string, cfg map[string]string, _ rest.AuthProviderConfigPersister) (rest.AuthProvider, error) {
		takes, err := time.ParseDuration(cfg["takes"])
		return &slowLogin{takes}, err
	})
})

// pipes is a network of one server.
type pipes chan net.Conn

func (p pipes) Accept() (net.Conn, error) {
	if conn, ok := <-p; ok {
		return conn, nil
	}
	return nil, net.ErrClosed
}
func (p pipes) Close() error   { close(p); return nil }
func (p pipes) Addr() net.Addr { return &net.UnixAddr{Name: "pipes"} }

func (p pipes) dial(context.Context, string, string) (net.Conn, error) {
	here, there := net.Pipe()
	p <- there
	return here, nil
}

// TestSlowCredentials: however long somebody takes to log in, the server is not blamed
// for it, and whoever gives up does not have to wait for it.
func TestSlowCredentials(t *testing.T) {
	t.Parallel()
	if err := registerSlowLogin(); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name         string
		login        time.Duration
		server       time.Duration // takes to answer the first request
		deadline     time.Duration
		wantRequests int
		wantErr      error
		wantTook     time.Duration
		wantLog      string
	}{
		{name: "at once", wantRequests: 1},
		{name: "a login that takes long", login: 10 * time.Minute, wantRequests: 1, wantTook: 10 * time.Minute, wantLog: "waiting for the credentials"},
		{name: "a server that is silent afterwards", login: time.Second, server: time.Hour, wantRequests: 2, wantTook: 22 * time.Second, wantLog: "does not answer"},
		{name: "a login that nobody waits for", login: time.Hour, deadline: time.Minute, wantErr: context.DeadlineExceeded, wantTook: time.Minute, wantLog: "waiting for the credentials"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				network := make(pipes)
				requests := 0
				server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					if requests++; requests == 1 && tt.server > 0 {
						select {
						case <-time.After(tt.server):
						case <-r.Context().Done():
						}
					}
					w.Header().Set("Content-Type", "application/json")
					_, _ = w.Write([]byte(`{"kind":"PartialObjectMetadataList","apiVersion":"meta.k8s.io/v1","metadata":{},"items":[]}`))
				})}
				go func() { _ = server.Serve(network) }()
				defer server.Close()
				var log bytes.Buffer
				client, err := kube.New(&rest.Config{
					Host: "http://cluster", Dial: network.dial,
					AuthProvider: &clientcmdapi.AuthProviderConfig{Name: "slow-login", Config: map[string]string{"takes": tt.login.String()}},
				}, kube.Options{Logger: slog.New(slog.NewTextHandler(&log, nil))})
				if err != nil {
					t.Fatal(err)
				}
				defer client.Close()
				ctx := t.Context()
				if tt.deadline > 0 {
					var cancel context.CancelFunc
					ctx, cancel = context.WithTimeout(ctx, tt.deadline)
					defer cancel()
				}
				began := time.Now()
				err = firstError(kube.NewSecretStore(client).List(ctx, release.ListOptions{Namespace: "ns"}))
				took := time.Since(began)
				time.Sleep(tt.login) // what is left of it ends, too
				synctest.Wait()
				if !errors.Is(err, tt.wantErr) || requests != tt.wantRequests {
					t.Errorf("error %v (want %v) after %d requests (want %d)", err, tt.wantErr, requests, tt.wantRequests)
				}
				if took.Round(time.Second) != tt.wantTook {
					t.Errorf("it took %v, want %v", took, tt.wantTook)
				}
				if got := log.String(); strings.Count(got, "level=WARN") > 1 || !strings.Contains(got, tt.wantLog) || tt.wantLog == "" && got != "" {
					t.Errorf("log %q, want one line with %q", got, tt.wantLog)
				}
			})
		})
	}
}

func firstError[T any](all iter.Seq2[T, error]) error {
	for _, err := range all {
		if err != nil {
			return err
		}
	}
	return nil
}
