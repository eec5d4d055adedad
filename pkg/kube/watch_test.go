package kube_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-0d4f92cc/pack/pkg/kube"
	"github.com/seed-0d4f92cc/pack/pkg/manifest"
	"github.com/seed-0d4f92cc/pack/pkg/release"
)

// watched is a fake whose pods (or whatever lies at path) are listed and
// watched in turn: each list and each watch takes the next step.
type watched struct {
	fake
	path string

	mu      sync.Mutex
	lists   []func() (*http.Response, error)
	watches []func(stop context.Context) (*http.Response, error)
}

func newWatched(path string) *watched {
	w := &watched{path: path}
	w.handle = func(r *http.Request) (*http.Response, error) {
		if r.URL.Path != path {
			return nil, nil
		}
		w.mu.Lock()
		defer w.mu.Unlock()
		if r.URL.Query().Get("watch") == "" {
			step := w.lists[0]
			if len(w.lists) > 1 {
				w.lists = w.lists[1:]
			}
			return step()
		}
		if len(w.watches) == 0 {
			return events()(r.Context())
		}
		step := w.watches[0]
		if len(w.watches) > 1 {
			w.watches = w.watches[1:]
		}
		return step(r.Context())
	}
	return w
}

func pod(name, version, status string) string {
	return fmt.Sprintf(`{"apiVersion":"v1","kind":"Pod","metadata":{"name":%q,"namespace":"ns","resourceVersion":%q,"creationTimestamp":"2026-01-01T00:00:00Z"},"status":%s}`, name, version, status)
}

const (
	pending       = `{"phase":"Pending"}`
	ready         = `{"phase":"Running","conditions":[{"type":"Ready","status":"True"}]}`
	failed        = `{"phase":"Failed"}`
	crashing      = `{"phase":"Running","containerStatuses":[{"name":"a","state":{"waiting":{"reason":"CrashLoopBackOff"}}}]}`
	unschedulable = `{"phase":"Pending","conditions":[{"type":"PodScheduled","status":"False","reason":"Unschedulable"}]}`
)

func list(version string, items ...string) func() (*http.Response, error) {
	return text(200, fmt.Sprintf(`{"kind":"PodList","apiVersion":"v1","metadata":{"resourceVersion":%q},"items":[%s]}`, version, strings.Join(items, ",")))
}

// events is a watch that tells these events and then stays open, or ends if
// the last is "END" or breaks if it is "BREAK".
func events(lines ...string) func(context.Context) (*http.Response, error) {
	return func(stop context.Context) (*http.Response, error) {
		r, w := io.Pipe()
		go func() {
			for _, line := range lines {
				switch line {
				case "END":
					w.Close()
					return
				case "BREAK":
					w.CloseWithError(io.ErrUnexpectedEOF)
					return
				case "PAUSE":
					select {
					case <-time.After(time.Second):
					case <-stop.Done():
					}
				default:
					io.WriteString(w, line+"\n")
				}
			}
			<-stop.Done()
			w.CloseWithError(stop.Err())
		}()
		resp := answer(200, "")
		resp.Body = r
		return resp, nil
	}
}

func event(kind, object string) string { return fmt.Sprintf(`{"type":%q,"object":%s}`, kind, object) }

func podRef(name string) manifest.Ref {
	return manifest.Ref{APIVersion: "v1", Kind: "Pod", Namespace: "ns", Name: name}
}

// see watches until there have been n states, and returns them as
// "name status".
func see(t *testing.T, c *kube.Client, n int, refs ...manifest.Ref) []string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
	defer cancel()
	var got []string
	for s, err := range c.Watch(ctx, refs, release.WatchOptions{}) {
		if err != nil {
			got = append(got, err.Error())
			break
		}
		got = append(got, s.Ref.Name+" "+string(s.Status))
		if len(got) == n {
			break
		}
	}
	return got
}

const podsPath = "/api/v1/namespaces/ns/pods"

func TestWatch(t *testing.T) {
	t.Parallel()
	gone := event("ERROR", `{"kind":"Status","status":"Failure","reason":"Expired","code":410,"message":"too old resource version"}`)
	tests := []struct {
		name    string
		refs    []string // empty means "a"
		lists   []func() (*http.Response, error)
		watches []func(context.Context) (*http.Response, error)
		want    []string
	}{
		{
			name:    "as it is, and as it becomes",
			lists:   []func() (*http.Response, error){list("1", pod("a", "1", pending))},
			watches: []func(context.Context) (*http.Response, error){events(event("MODIFIED", pod("a", "2", ready)), event("DELETED", pod("a", "3", ready)))},
			want:    []string{"a InProgress", "a Current", "a NotFound"},
		},
		{
			name: "others are none of its business", refs: []string{"a", "b"},
			lists: []func() (*http.Response, error){list("1", pod("x", "1", ready), pod("b", "1", ready))},
			watches: []func(context.Context) (*http.Response, error){events(
				event("MODIFIED", pod("x", "2", failed)), event("DELETED", pod("x", "3", failed)), event("ADDED", pod("a", "4", failed)))},
			want: []string{"a NotFound", "b Current", "a Failed"},
		},
		{
			name:  "a watch that ends goes on where it was",
			lists: []func() (*http.Response, error){list("1", pod("a", "1", pending)), status(500, "", "there is no second list")},
			watches: []func(context.Context) (*http.Response, error){
				events(event("BOOKMARK", `{"metadata":{"resourceVersion":"5"}}`), "END"),
				events(event("MODIFIED", pod("a", "6", pending)), "PAUSE", "PAUSE", "PAUSE", "BREAK"),
				events(event("MODIFIED", pod("a", "7", ready))),
			},
			want: []string{"a InProgress", "a InProgress", "a Current"},
		},
		{
			name: "watches that tell nothing",
			lists: []func() (*http.Response, error){
				list("1", pod("a", "1", pending)), list("2", pod("a", "2", crashing)), list("3", pod("a", "3", pending)), list("4", pod("a", "4", ready)),
			},
			watches: []func(context.Context) (*http.Response, error){
				func(context.Context) (*http.Response, error) { return nil, errRefused },
				func(context.Context) (*http.Response, error) { return failure(503, "", "restarting"), nil },
				events("END"),
			},
			want: []string{"a InProgress", "a Failed", "a InProgress", "a Current"},
		},
		{
			name:    "a version that is forgotten",
			lists:   []func() (*http.Response, error){list("1", pod("a", "1", pending)), list("9", pod("a", "8", ready))},
			watches: []func(context.Context) (*http.Response, error){events(gone), events()},
			want:    []string{"a InProgress", "a Current"},
		},
		{
			name:  "a version that is refused",
			lists: []func() (*http.Response, error){list("1", pod("a", "1", pending)), list("9")},
			watches: []func(context.Context) (*http.Response, error){
				func(context.Context) (*http.Response, error) { return failure(410, "Expired", "too old"), nil }, events(),
			},
			want: []string{"a InProgress", "a NotFound"},
		},
		{
			name:    "what is no JSON",
			lists:   []func() (*http.Response, error){list("1", pod("a", "1", pending))},
			watches: []func(context.Context) (*http.Response, error){events("<html>"), events(event("MODIFIED", pod("a", "2", crashing)))},
			want:    []string{"a InProgress", "a Failed"},
		},
		{
			name:  "an outage",
			lists: []func() (*http.Response, error){status(503, "", "down"), status(503, "", "down"), list("1", pod("a", "1", ready))},
			want:  []string{"a Current"},
		},
		{
			name:  "a kind that is not served any more",
			lists: []func() (*http.Response, error){text(404, "404 page not found")},
			want:  []string{"a NotFound"},
		},
		{
			name:  "what cannot be",
			lists: []func() (*http.Response, error){status(400, "BadRequest", "no such field")},
			want:  []string{"no such field"},
		},
		{
			name:    "an unschedulable pod gets some time",
			lists:   []func() (*http.Response, error){list("1", strings.Replace(pod("a", "1", unschedulable), "2026-01-01T00:00:00Z", "2000-01-01T00:00:00Z", 1))},
			watches: []func(context.Context) (*http.Response, error){events()},
			want:    []string{"a InProgress", "a Failed"},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				server := newWatched(podsPath)
				server.lists, server.watches = tt.lists, tt.watches
				c := server.client(t, kube.Options{})
				if _, err := c.Capabilities(t.Context()); err != nil {
					t.Fatal(err)
				}
				names := tt.refs
				if names == nil {
					names = []string{"a"}
				}
				var refs []manifest.Ref
				for _, name := range names {
					refs = append(refs, podRef(name))
				}
				if diff := cmp.Diff(tt.want, see(t, c, len(tt.want), refs...)); diff != "" {
					t.Errorf("%s\nrequests: %s", diff, strings.Join(server.sent(), "\n"))
				}
			})
		})
	}
}

func TestWatchIsNarrow(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := newWatched(podsPath)
		server.lists = append(server.lists, list("1", pod("a", "1", pending)))
		server.watches = append(server.watches, events(event("MODIFIED", pod("a", "2", ready))))
		see(t, server.client(t, kube.Options{}), 2, podRef("a"))
		for _, r := range server.sent() {
			if !strings.Contains(r, "fieldSelector=metadata.name%3Da") {
				t.Errorf("request %s is not for the one object alone", r)
			}
		}
	})
}

// TestWatchMayBeForbidden: objects that may be read but not listed are read
// time and again.
func TestWatchMayBeForbidden(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		reads := 0
		server := &fake{handle: func(r *http.Request) (*http.Response, error) {
			switch r.URL.Path {
			case podsPath:
				return failure(403, "Forbidden", `pods is forbidden: User "eve" cannot list resource "pods"`), nil
			case podsPath + "/a":
				switch reads++; reads {
				case 1:
					return answer(200, pod("a", "1", pending)), nil
				case 2:
					return answer(200, pod("a", "1", pending)), nil // which is not told again
				case 3:
					return failure(404, "NotFound", `pods "a" not found`), nil
				default:
					return failure(403, "Forbidden", "not even that"), nil
				}
			}
			return nil, nil
		}}
		c := server.client(t, kube.Options{PollInterval: 5 * time.Second})
		began := time.Now()
		want := []string{"a InProgress", "a NotFound", "not even that"}
		if diff := cmp.Diff(want, see(t, c, 9, podRef("a"))); diff != "" {
			t.Error(diff)
		}
		if took := time.Since(began); took != 15*time.Second {
			t.Errorf("it took %v", took)
		}
	})
}

func TestWatchEndsWithTheContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := newWatched(podsPath)
		server.lists = append(server.lists, list("1", pod("a", "1", pending)))
		server.watches = append(server.watches, events())
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		n := 0
		for s, err := range server.client(t, kube.Options{}).Watch(ctx, []manifest.Ref{podRef("a"), podRef("b")}, release.WatchOptions{}) {
			if err != nil {
				t.Errorf("error %v", err)
			}
			n++
			if s.Ref.Name == "b" && s.Object != nil {
				t.Errorf("state %+v", s)
			}
		}
		if n != 2 || !errors.Is(ctx.Err(), context.DeadlineExceeded) {
			t.Errorf("%d states, context %v", n, ctx.Err())
		}
	})
}

func TestWatchKindsThatAreNotServed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := (&fake{}).client(t, kube.Options{})
		got := see(t, c, 1, manifest.Ref{APIVersion: "ex.com/v1", Kind: "Widget", Namespace: "ns", Name: "w"})
		if diff := cmp.Diff([]string{"w NotFound"}, got); diff != "" {
			t.Error(diff)
		}
	})
}
