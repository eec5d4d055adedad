package kube_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"testing/iotest"
	"testing/synctest"
	"time"

	"github.com/seed-0d4f92cc/pack/pkg/kube"
	"github.com/seed-0d4f92cc/pack/pkg/manifest"
	"github.com/seed-0d4f92cc/pack/pkg/release"
)

// stalled is a body that ends with its beginning, and goes on when ctx ends.
type stalled struct {
	io.Reader
	ctx context.Context
}

func (s *stalled) Read(p []byte) (int, error) {
	if n, err := s.Reader.Read(p); err == nil {
		return n, nil
	}
	<-s.ctx.Done()
	return 0, s.ctx.Err()
}

func (s *stalled) Close() error { return nil }

// TestSilence: a server that does not answer, or not to the end, is asked again, not
// for ever.
func TestSilence(t *testing.T) {
	t.Parallel()
	const path = "/api/v1/namespaces/ns/configmaps/a"
	silent := func(r *http.Request) (*http.Response, error) {
		<-r.Context().Done()
		return nil, r.Context().Err()
	}
	half := func(r *http.Request) (*http.Response, error) {
		resp := answer(200, "")
		resp.Body = &stalled{strings.NewReader(configMapJSON[:40]), r.Context()}
		return resp, nil
	}
	fine := func(*http.Request) (*http.Response, error) { return ok() }
	for _, tt := range []struct {
		name     string
		write    bool
		deadline time.Duration
		steps    []func(*http.Request) (*http.Response, error)
		sent     int
		took     time.Duration
		wantErr  string
	}{
		{name: "a read, once", steps: []func(*http.Request) (*http.Response, error){silent, fine}, sent: 2, took: 20 * time.Second},
		{name: "a read, for ever", steps: []func(*http.Request) (*http.Response, error){silent}, sent: 2, took: 40 * time.Second, wantErr: "no answer from the API server within 20s"},
		{name: "half an answer", steps: []func(*http.Request) (*http.Response, error){half, fine}, sent: 2, took: 20 * time.Second},
		{name: "half an answer, for ever", steps: []func(*http.Request) (*http.Response, error){half}, sent: 2, took: 40 * time.Second, wantErr: "no answer from the API server within 20s"},
		{name: "a write, once", write: true, steps: []func(*http.Request) (*http.Response, error){silent, fine}, sent: 2, took: 65 * time.Second},
		{name: "a write, for ever", write: true, steps: []func(*http.Request) (*http.Response, error){silent}, sent: 2, took: 130 * time.Second, wantErr: "no answer from the API server within 1m5s"},
		{name: "little time", write: true, deadline: 15 * time.Second, steps: []func(*http.Request) (*http.Response, error){silent, fine}, sent: 2, took: 5 * time.Second},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				n := 0
				server := &fake{handle: func(r *http.Request) (*http.Response, error) {
					if r.URL.Path != path {
						return nil, nil
					}
					step := tt.steps[min(n, len(tt.steps)-1)]
					n++
					return step(r)
				}}
				c, ctx := server.client(t, kube.Options{}), t.Context()
				if _, err := c.Capabilities(ctx); err != nil {
					t.Fatal(err)
				}
				if tt.deadline > 0 {
					var cancel context.CancelFunc
					ctx, cancel = context.WithTimeout(ctx, tt.deadline)
					defer cancel()
				}
				began := time.Now()
				var err error
				if !tt.write {
					_, err = c.Get(ctx, configMap)
				} else {
					_, _, err = c.Apply(ctx, release.Object{Ref: configMap, Content: map[string]any{}}, release.ApplyObjectOptions{})
				}
				if (err != nil) != (tt.wantErr != "") || err != nil && !strings.Contains(err.Error(), tt.wantErr) {
					t.Errorf("error %v, want %q", err, tt.wantErr)
				}
				// Between two attempts is a wait of less than a second.
				if took := time.Since(began); n != tt.sent || took < tt.took || took > tt.took+time.Second {
					t.Errorf("%d requests in %v, want %d in %v", n, took, tt.sent, tt.took)
				}
			})
		})
	}
}

// TestLogsThatStall: a log that does not go on ends; one that nobody takes for a while,
// as a pager does, goes on.
func TestLogsThatStall(t *testing.T) {
	t.Parallel()
	pod := manifest.Ref{APIVersion: "v1", Kind: "Pod", Namespace: "ns", Name: "a"}
	for _, stall := range []bool{true, false} {
		t.Run(fmt.Sprintf("stall %t", stall), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				server := &fake{handle: func(r *http.Request) (*http.Response, error) {
					switch r.URL.Path {
					case "/api/v1/namespaces/ns/pods/a":
						return answer(200, `{"metadata":{"name":"a"},"spec":{"containers":[{"name":"c"}]}}`), nil
					case "/api/v1/namespaces/ns/pods/a/log":
						resp := answer(200, "")
						resp.Body = io.NopCloser(iotest.OneByteReader(strings.NewReader("line")))
						if stall {
							resp.Body = &stalled{strings.NewReader("line"), r.Context()}
						}
						return resp, nil
					}
					return nil, nil
				}}
				var out strings.Builder
				slow := writerFunc(func(p []byte) (int, error) {
					time.Sleep(time.Minute)
					return out.Write(p)
				})
				err := server.client(t, kube.Options{}).Logs(t.Context(), pod, slow)
				if (err != nil) != stall || stall && !strings.Contains(err.Error(), "no answer from the API server within 20s") {
					t.Errorf("error %v", err)
				}
				if out.String() != "line" {
					t.Errorf("read %q", out.String())
				}
			})
		})
	}
}

// TestLogsCutOff: of a log that is cut off the rest is read, and nothing twice. What the
// reader does not take is not asked for again.
func TestLogsCutOff(t *testing.T) {
	t.Parallel()
	pod := manifest.Ref{APIVersion: "v1", Kind: "Pod", Namespace: "ns", Name: "a"}
	logs := 0
	server := &fake{handle: func(r *http.Request) (*http.Response, error) {
		switch r.URL.Path {
		case "/api/v1/namespaces/ns/pods/a":
			return answer(200, `{"metadata":{"name":"a"},"spec":{"containers":[{"name":"c"}]}}`), nil
		case "/api/v1/namespaces/ns/pods/a/log":
			logs++
			switch resp := answer(200, ""); logs {
			case 1:
				return nil, io.ErrUnexpectedEOF
			case 2:
				return failure(503, "ServiceUnavailable", "restarting"), nil
			case 3:
				resp.Body = io.NopCloser(io.MultiReader(strings.NewReader("one\ntw"), iotest.ErrReader(io.ErrUnexpectedEOF)))
				return resp, nil
			}
			return answer(200, "one\ntwo\n"), nil
		}
		return nil, nil
	}}
	var out strings.Builder
	c := server.client(t, kube.Options{})
	if err := c.Logs(t.Context(), pod, &out); err != nil || out.String() != "one\ntwo\n" || logs != 4 {
		t.Errorf("read %q with %d requests, error %v", out.String(), logs, err)
	}
	gone := writerFunc(func([]byte) (int, error) { return 0, syscall.EPIPE })
	if err := c.Logs(t.Context(), pod, gone); !errors.Is(err, syscall.EPIPE) || logs != 5 {
		t.Errorf("%d requests, error %v", logs, err)
	}
}

type writerFunc func(p []byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }
