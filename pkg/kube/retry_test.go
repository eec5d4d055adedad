package kube_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"github.com/seed-0d4f92cc/pack/pkg/kube"
	"github.com/seed-0d4f92cc/pack/pkg/manifest"
	"github.com/seed-0d4f92cc/pack/pkg/release"
)

var configMap = manifest.Ref{APIVersion: "v1", Kind: "ConfigMap", Namespace: "ns", Name: "a"}

const configMapJSON = `{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a","namespace":"ns","resourceVersion":"7"}}`

// script answers the requests for one path in turn, and all that come after
// the last step with that.
func script(path string, steps ...func() (*http.Response, error)) *fake {
	n := 0
	return &fake{handle: func(r *http.Request) (*http.Response, error) {
		if r.URL.Path != path {
			return nil, nil
		}
		step := steps[min(n, len(steps)-1)]
		n++
		return step()
	}}
}

func ok() (*http.Response, error) { return answer(200, configMapJSON), nil }

func broken(err error) func() (*http.Response, error) {
	return func() (*http.Response, error) { return nil, err }
}

func status(code int, reason, message string) func() (*http.Response, error) {
	return func() (*http.Response, error) { return failure(code, reason, message), nil }
}

func text(code int, body string, headers ...string) func() (*http.Response, error) {
	return func() (*http.Response, error) {
		resp := answer(code, body)
		for i := 0; i < len(headers); i += 2 {
			resp.Header.Set(headers[i], headers[i+1])
		}
		return resp, nil
	}
}

var (
	errReset   = &net.OpError{Op: "read", Err: syscall.ECONNRESET}
	errRefused = &net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}
)

func TestRetries(t *testing.T) {
	t.Parallel()
	const path = "/api/v1/namespaces/ns/configmaps/a"
	steps := func(steps ...func() (*http.Response, error)) []func() (*http.Response, error) { return steps }
	tests := []struct {
		name    string
		steps   []func() (*http.Response, error)
		sent    int
		atLeast time.Duration
		atMost  time.Duration
		wantErr string // empty means success
	}{
		{name: "first time", steps: steps(ok), sent: 1},
		{name: "too many requests", steps: steps(text(429, "slow down", "Retry-After", "3"), ok), sent: 2, atLeast: 3 * time.Second, atMost: 3 * time.Second},
		{name: "too many requests for too long", steps: steps(text(429, "slow down", "Retry-After", "20")), sent: 2, atLeast: 20 * time.Second, atMost: 20 * time.Second, wantErr: "too many requests"},
		{name: "too many requests for centuries", steps: steps(text(429, "slow down", "Retry-After", "10000000000")), sent: 1, wantErr: "too many requests"},
		{name: "unavailable for centuries", steps: steps(text(503, "down", "Retry-After", "20000000000")), sent: 1, wantErr: "unable to handle the request"},
		{name: "unavailable for a while", steps: steps(text(503, "x"), text(503, "x"), text(502, "x"), text(504, "x"), text(503, "x"), text(503, "x"), ok), sent: 7, atMost: 20 * time.Second},
		{name: "unavailable for ever", steps: steps(text(503, "down")), sent: 0, atLeast: 20 * time.Second, atMost: 30 * time.Second, wantErr: "currently unable to handle the request"},
		{name: "an internal error that passes", steps: steps(status(500, "InternalError", "etcdserver: leader changed"), ok), sent: 2, atMost: time.Second},
		{name: "an internal error that stays", steps: steps(status(500, "InternalError", "failed calling webhook")), sent: 4, atMost: 2 * time.Second, wantErr: "failed calling webhook"},
		{name: "a reset", steps: steps(broken(errReset), ok), sent: 2, atMost: time.Second},
		{name: "an early end", steps: steps(broken(io.ErrUnexpectedEOF), ok), sent: 2, atMost: time.Second},
		{name: "an answer that is cut off after a brace", steps: steps(text(200, `{"metadata":{"labels":{"a":"{\\"}"}}`), ok), sent: 2, atMost: time.Second},
		{name: "an answer that is cut off", steps: steps(text(200, configMapJSON[:40]), ok), sent: 2, atMost: time.Second},
		{name: "a restart", steps: steps(broken(errRefused), broken(errRefused), broken(errRefused), ok), sent: 4, atMost: 2 * time.Second},
		{name: "an outage that lasts", steps: steps(broken(errRefused)), sent: 0, atLeast: 20 * time.Second, atMost: 30 * time.Second, wantErr: "tried"},
		{name: "an expired token", steps: steps(status(401, "Unauthorized", "Unauthorized"), ok), sent: 2, atMost: time.Second},
		{name: "a token that expires twice", steps: steps(text(503, "x"), status(401, "Unauthorized", "x"), status(401, "Unauthorized", "x"), ok), sent: 4, atMost: 2 * time.Second},
		{name: "a wrong token", steps: steps(status(401, "Unauthorized", "Unauthorized")), sent: 3, atMost: time.Second, wantErr: "Unauthorized"},
		{name: "forbidden", steps: steps(status(403, "Forbidden", `configmaps "a" is forbidden: User "eve" cannot get resource "configmaps"`)), sent: 1, wantErr: `User "eve" cannot get resource`},
		{name: "an unknown failure", steps: steps(broken(errors.New("getting credentials: exec: no such plugin"))), sent: 1, wantErr: "no such plugin"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				server := script(path, tt.steps...)
				c := server.client(t, kube.Options{})
				if _, err := c.Capabilities(t.Context()); err != nil {
					t.Fatal(err)
				}
				before, began := len(server.sent()), time.Now()
				got, err := c.Get(t.Context(), configMap)
				took := time.Since(began)
				switch {
				case tt.wantErr == "" && (err != nil || got.Ref != configMap):
					t.Errorf("got %v, %v", got, err)
				case tt.wantErr != "" && (err == nil || !strings.Contains(err.Error(), tt.wantErr)):
					t.Errorf("error %v, want one with %q", err, tt.wantErr)
				}
				if sent := len(server.sent()) - before; tt.sent > 0 && sent != tt.sent {
					t.Errorf("%d requests, want %d", sent, tt.sent)
				}
				if took < tt.atLeast || took > tt.atMost {
					t.Errorf("it took %v, want %v to %v", took, tt.atLeast, tt.atMost)
				}
			})
		})
	}
}

func TestRetriesCanBeForbidden(t *testing.T) {
	t.Parallel()
	server := script("/version", text(503, "down"))
	if _, err := server.client(t, kube.Options{RetryFor: -1}).Capabilities(t.Context()); err == nil {
		t.Error("no error")
	}
	if n := len(server.sent()); n != 1 {
		t.Errorf("%d requests", n)
	}
}

// TestRetriesEndWithTheContext: the error says why, in the same words whether a request
// was under way (net/http then returns the context's cause) or was to be sent again.
func TestRetriesEndWithTheContext(t *testing.T) {
	t.Parallel()
	answers := map[string]func(*http.Request) (*http.Response, error){
		"waiting": func(*http.Request) (*http.Response, error) { return text(503, "down")() },
		"under way": func(r *http.Request) (*http.Response, error) {
			<-r.Context().Done()
			return nil, context.Cause(r.Context())
		},
	}
	for _, tt := range []struct {
		name  string
		cause error
		ended error
		want  string
	}{
		{"cancelled", nil, context.Canceled, "context canceled"},
		{"signal", signalError("terminated signal received"), context.Canceled, "context canceled"},
		{"cause of its own", errors.New("enough"), context.Canceled, "context canceled: enough"},
		{"deadline", nil, context.DeadlineExceeded, "context deadline exceeded"},
		{"deadline with a cause", errors.New("too late"), context.DeadlineExceeded, "context deadline exceeded: too late"},
	} {
		for where, handle := range answers {
			t.Run(tt.name+", "+where, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					ctx, cancel := context.WithCancelCause(t.Context())
					defer cancel(nil)
					if errors.Is(tt.ended, context.DeadlineExceeded) {
						var stop func()
						ctx, stop = context.WithTimeoutCause(ctx, 2*time.Second, tt.cause)
						defer stop()
					} else {
						time.AfterFunc(2*time.Second, func() { cancel(tt.cause) })
					}
					server := &fake{handle: handle}
					began := time.Now()
					_, err := server.client(t, kube.Options{}).Capabilities(ctx)
					if !errors.Is(err, tt.ended) || !strings.HasSuffix(err.Error(), tt.want) || time.Since(began) != 2*time.Second {
						t.Errorf("after %v: %v, want %v", time.Since(began), err, tt.want)
					}
				})
			})
		}
	}
}

// signalError is the cause that signal.NotifyContext gives.
type signalError string

func (e signalError) Error() string { return string(e) }

func (e signalError) Is(target error) bool { return target == context.Canceled }

// TestUncertainWrites: a write whose answer was lost is sent again, and finds
// what the first one did.
func TestUncertainWrites(t *testing.T) {
	t.Parallel()
	lost := errReset
	t.Run("delete", func(t *testing.T) {
		t.Parallel()
		server := script("/api/v1/namespaces/ns/configmaps/a", broken(lost), status(404, "NotFound", `configmaps "a" not found`))
		c := server.client(t, kube.Options{})
		if err := c.Delete(t.Context(), configMap, release.DeleteObjectOptions{}); err != nil {
			t.Error(err)
		}
		if err := c.Delete(t.Context(), configMap, release.DeleteObjectOptions{}); !errors.Is(err, release.ErrObjectNotFound) {
			t.Errorf("another: %v", err)
		}
	})
	object := release.Object{Ref: configMap, Content: map[string]any{"apiVersion": "v1", "kind": "ConfigMap", "metadata": map[string]any{"name": "a"}}}
	t.Run("create", func(t *testing.T) {
		t.Parallel()
		posts := 0
		server := &fake{handle: func(r *http.Request) (*http.Response, error) {
			switch {
			case r.Method == http.MethodPost:
				if posts++; posts == 1 {
					return nil, lost
				}
				return failure(409, "AlreadyExists", "it exists"), nil
			case strings.HasSuffix(r.URL.Path, "/configmaps/a") && posts > 0:
				return ok()
			}
			return nil, nil
		}}
		live, action, err := server.client(t, kube.Options{}).Apply(t.Context(), object, release.ApplyObjectOptions{Method: release.ClientSide})
		if err != nil || action != release.ActionCreated || version(live) != "7" {
			t.Errorf("%v, %q, %v", live, action, err)
		}
	})
	t.Run("create with a generated name", func(t *testing.T) {
		t.Parallel()
		server := script("/api/v1/namespaces/ns/configmaps", broken(lost))
		nameless := object
		nameless.Ref.Name = ""
		_, _, err := server.client(t, kube.Options{}).Apply(t.Context(), nameless, release.ApplyObjectOptions{})
		if !errors.Is(err, syscall.ECONNRESET) {
			t.Errorf("error %v", err)
		}
		if n := len(server.sent()); n != 1 {
			t.Errorf("it was sent %d times", n)
		}
	})
}

func TestErrorsAreTheServers(t *testing.T) {
	t.Parallel()
	server := script("/api/v1/namespaces/ns/configmaps/a", status(403, "Forbidden", "no"))
	_, err := server.client(t, kube.Options{}).Get(t.Context(), configMap)
	var api *apierrors.StatusError
	if !apierrors.IsForbidden(err) || !errors.As(err, &api) || api.ErrStatus.Code != 403 {
		t.Errorf("error %#v", err)
	}
}

func TestPathsCannotBeForged(t *testing.T) {
	t.Parallel()
	server := &fake{}
	c := server.client(t, kube.Options{})
	for _, ref := range []manifest.Ref{
		{APIVersion: "v1", Kind: "ConfigMap", Namespace: "ns", Name: "../secrets/x"},
		{APIVersion: "v1", Kind: "ConfigMap", Namespace: "ns", Name: ".."},
		{APIVersion: "v1", Kind: "ConfigMap", Namespace: "a/b", Name: "x"},
		{APIVersion: "v1", Kind: "ConfigMap", Namespace: "ns", Name: "a%2fb"},
		{APIVersion: "v1", Kind: "ConfigMap", Namespace: "ns"},
		{APIVersion: "v1", Kind: "ConfigMap", Name: "x"},
	} {
		if _, err := c.Get(t.Context(), ref); err == nil || errors.Is(err, release.ErrObjectNotFound) {
			t.Errorf("%q: error %v", ref, err)
		}
	}
	if sent := server.sent(); len(sent) > 0 {
		t.Errorf("requests %q", sent)
	}
}
