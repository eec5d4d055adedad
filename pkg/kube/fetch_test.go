package kube_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-0d4f92cc/pack/pkg/kube"
	"github.com/seed-0d4f92cc/pack/pkg/manifest"
	"github.com/seed-0d4f92cc/pack/pkg/release"
)

// TestGetAllRequests tells by which requests many objects are read: a to f, of
// which the server has b to e, and b and c are managed by Helm.
func TestGetAllRequests(t *testing.T) {
	t.Parallel()
	const path = "/api/v1/namespaces/ns/configmaps"
	object := func(name string) string { return strings.ReplaceAll(configMapJSON, `"a"`, `"`+name+`"`) }
	const lists, names = "managed", "names"
	tests := []struct {
		name      string
		forbidden bool
		next      string // of the list of names
		want      []string
	}{
		{name: "lists", want: []string{lists, names, "d", "e"}},
		{name: "lists may not be read", forbidden: true, want: []string{lists, "a", "b", "c", "d", "e", "f"}},
		{name: "there are many more", next: "more", want: []string{lists, names, "a", "d", "e", "f"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			server := &fake{handle: func(r *http.Request) (*http.Response, error) {
				switch rest := strings.TrimPrefix(r.URL.Path, path); {
				case rest == "" && tt.forbidden:
					return failure(403, "Forbidden", "no lists for you"), nil
				case rest == "" && r.URL.Query().Has("labelSelector"):
					return answer(200, `{"items":[`+object("b")+`,`+object("other")+`,`+object("c")+`]}`), nil
				case rest == "":
					return answer(200, fmt.Sprintf(`{"metadata":{"continue":%q},"items":[{"metadata":{"name":"b"}},{"metadata":{"name":"c"}},{"metadata":{"name":"d"}},{"metadata":{"name":"e"}}]}`, tt.next)), nil
				case strings.Contains("/b/c/d/e", rest):
					return answer(200, object(rest[1:])), nil
				}
				return nil, nil
			}}
			refs := []manifest.Ref{{APIVersion: "v1", Kind: "ConfigMap", Namespace: "ns"}, {APIVersion: "ex.com/v1", Kind: "Widget", Name: "w"}}
			for _, name := range []string{"a", "b", "c", "d", "e", "f"} {
				refs = append(refs, manifest.Ref{APIVersion: "v1", Kind: "ConfigMap", Namespace: "ns", Name: name})
			}
			objects, err := server.client(t, kube.Options{Parallel: 1}).GetAll(t.Context(), refs)
			if err != nil {
				t.Fatal(err)
			}
			found := ""
			for i, o := range objects {
				if o != nil {
					found += refs[i].Name
				}
			}
			if found != "bcde" {
				t.Errorf("found %q", found)
			}
			var got []string
			for _, r := range server.sent() {
				switch rest := strings.TrimPrefix(r, "GET "+path); {
				case strings.Contains(rest, "labelSelector"):
					got = append(got, lists)
				case strings.HasPrefix(rest, "?"):
					got = append(got, names)
				default:
					got = append(got, rest[1:])
				}
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestApplyWaitsForDefinitions: a kind is served a moment after its definition
// is established.
func TestApplyWaitsForDefinitions(t *testing.T) {
	t.Parallel()
	for name, misses := range map[string]int{"soon": 3, "never": 1000} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				tries := 0
				server := &fake{handle: func(r *http.Request) (*http.Response, error) {
					if r.URL.Path != "/apis/ex.com/v1/widgets/w" {
						return nil, nil
					}
					if tries++; tries <= misses {
						return nil, nil // which is 404
					}
					return answer(201, `{"metadata":{"name":"w"}}`), nil
				}}
				c := server.client(t, kube.Options{})
				crd := release.Object{Ref: manifest.Ref{Kind: "CustomResourceDefinition"}, Content: parse(t, "spec: {group: ex.com, scope: Cluster, names: {plural: widgets, kind: Widget}, versions: [{name: v1}]}")}
				objects, err := c.Build(t.Context(), documents("{apiVersion: ex.com/v1, kind: Widget, metadata: {name: w}}"), release.BuildOptions{CRDs: []release.Object{crd}})
				if err != nil {
					t.Fatal(err)
				}
				_, action, err := c.Apply(t.Context(), objects[0], release.ApplyObjectOptions{})
				if misses == 3 && (err != nil || action != release.ActionCreated || tries != 4) {
					t.Errorf("%q after %d tries: %v", action, tries, err)
				}
				if misses > 3 && (err == nil || !strings.Contains(err.Error(), "the server could not find the requested resource")) {
					t.Errorf("error %v", err)
				}
			})
		})
	}
}
