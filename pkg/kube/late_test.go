package kube_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-0d4f92cc/pack/pkg/kube"
	"github.com/seed-0d4f92cc/pack/pkg/release"
)

// liveAt is a live object as a plan has it.
func liveAt(version string) map[string]any {
	return map[string]any{
		"apiVersion": "v1", "kind": "ConfigMap",
		"metadata": map[string]any{"name": "a", "namespace": "ns", "uid": "u", "resourceVersion": version},
	}
}

// versions notes the versions that writes go with, and refuses those that are not the
// live one, which changes as often as is told.
type versions struct {
	t       *testing.T
	changes int
	live    string
	asked   []string
}

func (v *versions) handle(r *http.Request) (*http.Response, error) {
	if r.URL.Path != "/api/v1/namespaces/ns/configmaps/a" {
		return nil, nil
	}
	current := strings.ReplaceAll(configMapJSON, `"7"`, `"`+v.live+`","uid":"u`+v.live+`"`)
	if r.Method == http.MethodGet {
		v.asked = append(v.asked, "read")
		return answer(200, current), nil
	}
	got, ok := "none", true
	if r.ContentLength > 0 {
		body := requestBody(v.t, r)
		meta, _ := body["metadata"].(map[string]any)
		if conditions, isDelete := body["preconditions"].(map[string]any); isDelete {
			meta = conditions
		}
		if version, has := meta["resourceVersion"].(string); has {
			got, ok = version, version == v.live
		}
	}
	v.asked = append(v.asked, got)
	if v.changes > 0 {
		v.changes--
		v.live += "0"
		ok = ok && got == "none"
	}
	if !ok {
		return failure(409, "Conflict", `Operation cannot be fulfilled on configmaps "a": the object has been modified`), nil
	}
	return answer(200, current), nil
}

// TestWritesHoldForOneVersion: a write goes with the version of the object that it was
// planned against, is made anew for the one that there is, and in the end for any.
func TestWritesHoldForOneVersion(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		live    string // what is known of it; empty for nothing
		changes int    // how often it changes while it is written
		want    []string
	}{
		"as planned":             {live: "1", want: []string{"1"}},
		"not known":              {want: []string{"none"}},
		"another has written it": {live: "0", want: []string{"0", "read", "1"}},
		"it changes twice":       {live: "1", changes: 2, want: []string{"1", "read", "10", "read", "100"}},
		"it changes all the time": {
			live: "1", changes: 100,
			want: []string{"1", "read", "10", "read", "100", "read", "none"},
		},
	} {
		for verb, do := range map[string]func(context.Context, *kube.Client, map[string]any) error{
			"apply": func(ctx context.Context, c *kube.Client, live map[string]any) error {
				_, _, err := c.Apply(ctx, release.Object{Ref: configMap, Content: map[string]any{
					"apiVersion": "v1", "kind": "ConfigMap", "metadata": map[string]any{"name": "a"}, "data": map[string]any{"x": "1"},
				}}, release.ApplyObjectOptions{Live: live, Brief: true})
				return err
			},
			"delete": func(ctx context.Context, c *kube.Client, live map[string]any) error {
				meta, _ := live["metadata"].(map[string]any)
				return c.Delete(ctx, configMap, release.DeleteObjectOptions{Live: meta})
			},
		} {
			t.Run(name+"/"+verb, func(t *testing.T) {
				t.Parallel()
				v := &versions{t: t, changes: tt.changes, live: "1"}
				var live map[string]any
				if tt.live != "" {
					live = liveAt(tt.live)
				}
				if err := do(t.Context(), (&fake{handle: v.handle}).client(t, kube.Options{}), live); err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(tt.want, v.asked); diff != "" {
					t.Errorf("versions (-want +got):\n%s", diff)
				}
			})
		}
	}
}

// TestBefore: before each request that writes, again or for the first time, it is asked
// whether that may be sent, and after a no none is.
func TestBefore(t *testing.T) {
	t.Parallel()
	errNo := errors.New("no")
	object := func(name string) release.Object {
		ref := configMap
		ref.Name = name
		return release.Object{Ref: ref, Content: map[string]any{
			"apiVersion": "v1", "kind": "ConfigMap", "metadata": map[string]any{"name": name, "generateName": "g-"}, "data": map[string]any{"x": "2"},
		}}
	}
	apply := func(name string, opts release.ApplyObjectOptions) func(context.Context, *kube.Client, func(context.Context) error) error {
		return func(ctx context.Context, c *kube.Client, before func(context.Context) error) error {
			opts.Before = before
			_, _, err := c.Apply(ctx, object(name), opts)
			return err
		}
	}
	for name, do := range map[string]func(context.Context, *kube.Client, func(context.Context) error) error{
		"server side":    apply("a", release.ApplyObjectOptions{}),
		"client side":    apply("a", release.ApplyObjectOptions{Method: release.ClientSide}),
		"a new one":      apply("new", release.ApplyObjectOptions{Method: release.ClientSide}),
		"without a name": apply("", release.ApplyObjectOptions{}),
		"in its place":   apply("a", release.ApplyObjectOptions{Method: release.ClientSide, Replace: true}),
		"delete": func(ctx context.Context, c *kube.Client, before func(context.Context) error) error {
			return c.Delete(ctx, configMap, release.DeleteObjectOptions{Before: before})
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, allowed := range []int{0, 1} {
				writes, asked := 0, 0
				server := &fake{handle: func(r *http.Request) (*http.Response, error) {
					switch {
					case r.Method != http.MethodGet:
						writes++
						return answer(429, "later"), nil
					case r.URL.Path == "/api/v1/namespaces/ns/configmaps/a":
						return answer(200, configMapJSON), nil
					}
					return nil, nil
				}}
				err := do(t.Context(), server.client(t, kube.Options{}), func(context.Context) error {
					if asked++; asked > allowed {
						return errNo
					}
					return nil
				})
				if !errors.Is(err, errNo) || writes != allowed {
					t.Errorf("%d writes of %d, error %v", writes, allowed, err)
				}
			}
		})
	}
}

// TestCreatesOnce: a write for an object that is not known goes with a version that none
// has; one that there is all the same is written for its own version, and a server that
// takes no version gets none.
func TestCreatesOnce(t *testing.T) {
	t.Parallel()
	conflict := failure(409, "Conflict", "the object has been modified")
	there := strings.ReplaceAll(configMapJSON, `"7"`, `"7","uid":"u"`)
	for name, tt := range map[string]struct {
		answers []*http.Response // to the writes; nil for none
		absent  bool             // reads find nothing
		action  release.Action
		want    []string
	}{
		"it is not there":     {action: release.ActionCreated, answers: []*http.Response{answer(201, there)}, want: []string{"1"}},
		"somebody was faster": {action: release.ActionUnchanged, answers: []*http.Response{conflict, answer(200, there)}, want: []string{"1", "7"}},
		"the answer was lost": {action: release.ActionCreated, answers: []*http.Response{nil, conflict, answer(200, there)}, want: []string{"1", "1", "7"}},
		"it takes no version": {action: release.ActionCreated, absent: true, answers: []*http.Response{failure(422, "Invalid", "metadata.resourceVersion: Invalid value"), answer(201, there)}, want: []string{"1", "1"}},
		"nor any time": {
			action: release.ActionCreated, absent: true,
			answers: []*http.Response{conflict, conflict, conflict, answer(201, there)}, want: []string{"1", "1", "1", "none"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var got []string
			server := &fake{handle: func(r *http.Request) (*http.Response, error) {
				switch {
				case r.URL.Path != "/api/v1/namespaces/ns/configmaps/a":
					return nil, nil
				case r.Method == http.MethodGet && tt.absent:
					return failure(404, "NotFound", "no such"), nil
				case r.Method == http.MethodGet:
					return answer(200, there), nil
				}
				meta, _ := requestBody(t, r)["metadata"].(map[string]any)
				version, _ := meta["resourceVersion"].(string)
				got = append(got, orNone(version))
				next := tt.answers[len(got)-1]
				if next == nil {
					return nil, io.ErrUnexpectedEOF
				}
				return next, nil
			}}
			_, action, err := server.client(t, kube.Options{RetryFor: time.Minute}).Apply(t.Context(), release.Object{Ref: configMap, Content: map[string]any{
				"apiVersion": "v1", "kind": "ConfigMap", "metadata": map[string]any{"name": "a"}, "data": map[string]any{"x": "1"},
			}}, release.ApplyObjectOptions{Found: func(release.Object) error { return nil }})
			if diff := cmp.Diff(tt.want, got); err != nil || action != tt.action || diff != "" {
				t.Errorf("%s, error %v, versions (-want +got):\n%s", action, err, diff)
			}
		})
	}
}

func orNone(version string) string {
	if version == "" {
		return "none"
	}
	return version
}
