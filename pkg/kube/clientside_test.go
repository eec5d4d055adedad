package kube_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"
	kjson "k8s.io/apimachinery/pkg/util/json"
	"sigs.k8s.io/yaml"

	"github.com/seed-0d4f92cc/pack/pkg/kube"
	"github.com/seed-0d4f92cc/pack/pkg/manifest"
	"github.com/seed-0d4f92cc/pack/pkg/release"
)

func parse(t *testing.T, text string) map[string]any {
	t.Helper()
	var m map[string]any
	data, err := yaml.YAMLToJSON([]byte(text))
	if err == nil {
		err = kjson.Unmarshal(data, &m)
	}
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// TestClientSidePatch tells what is sent for a live object.
func TestClientSidePatch(t *testing.T) {
	t.Parallel()
	deployment := manifest.Ref{APIVersion: "apps/v1", Kind: "Deployment", Namespace: "ns", Name: "a"}
	widget := manifest.Ref{APIVersion: "ex.com/v1", Kind: "Widget", Namespace: "ns", Name: "a"}
	const containers = "spec: {template: {spec: {containers: [%s]}}}"
	pods := func(list string) string { return strings.Replace(containers, "%s", list, 1) }
	tests := []struct {
		name                 string
		ref                  manifest.Ref
		previous, next, live string
		want                 string // of the patch; empty means that nothing is sent
	}{
		{"nothing changed", deployment, "spec: {replicas: 1}", "spec: {replicas: 1}", "spec: {replicas: 1, paused: false}\nstatus: {x: 1}", ""},
		{"a field is set", deployment, "spec: {replicas: 1}", "spec: {replicas: 2}", "spec: {replicas: 1, paused: false}", "spec: {replicas: 2}"},
		{"a field drifted", deployment, "spec: {replicas: 1}", "spec: {replicas: 1}", "spec: {replicas: 5}", "spec: {replicas: 1}"},
		{"a field is dropped", deployment, "spec: {replicas: 1, paused: true}", "spec: {replicas: 1}", "spec: {replicas: 1, paused: true}", "spec: {paused: null}"},
		{"a field that was dropped is gone", deployment, "spec: {paused: true}", "spec: {}", "spec: {replicas: 1}", ""},
		{"a field of others stays", deployment, "metadata: {labels: {a: x}}", "metadata: {labels: {a: y}}", "metadata: {labels: {a: x, theirs: z}}", "metadata: {labels: {a: y}}"},
		{"a null field", deployment, "", "spec: {paused: null}", "spec: {paused: true}", "spec: {paused: null}"},
		{"a null in a new map", deployment, "", "spec: {strategy: {type: Recreate, rollingUpdate: null}}", "spec: {}", "spec: {strategy: {type: Recreate}}"},
		{"an object that was not there", deployment, "", "spec: {replicas: 1}", "spec: {replicas: 1, paused: true}", ""},
		{"a list by key", deployment, pods("{name: a, image: v1}"), pods("{name: a, image: v2}"), pods("{name: a, image: v1, pull: x}, {name: side}"), pods("{name: a, image: v2, pull: x}, {name: side}")},
		{"an element is dropped", deployment, pods("{name: a}, {name: b}"), pods("{name: a}"), pods("{name: a}, {name: b}, {name: side}"), pods("{name: a}, {name: side}")},
		{"an element is added first", deployment, pods("{name: a}"), pods("{name: b}, {name: a}"), pods("{name: a, pull: x}"), pods("{name: b}, {name: a, pull: x}")},
		{"elements without their key", deployment, "", pods("{image: x}"), pods("{name: a}"), pods("{image: x}")},
		{
			"elements of one key", deployment, "",
			pods("{name: a, ports: [{containerPort: 1, protocol: TCP}, {containerPort: 1, protocol: UDP}]}"), pods("{name: a, ports: [{containerPort: 1, protocol: TCP}]}"),
			pods("{name: a, ports: [{containerPort: 1, protocol: TCP}, {containerPort: 1, protocol: UDP}]}"),
		},
		{"a list without a key", deployment, pods("{name: a, args: [x]}"), pods("{name: a, args: [y]}"), pods("{name: a, args: [x, z]}"), pods("{name: a, args: [y]}")},
		{"a set", deployment, "metadata: {finalizers: [a]}", "metadata: {finalizers: [b]}", "metadata: {finalizers: [a, theirs]}", "metadata: {finalizers: [b, theirs]}"},
		{
			"only wanted keys are kept", deployment, "spec: {strategy: {type: RollingUpdate}}", "spec: {strategy: {type: Recreate}}",
			"spec: {strategy: {type: RollingUpdate, rollingUpdate: {maxSurge: 1}}}", "spec: {strategy: {type: Recreate, rollingUpdate: null}}",
		},
		{
			"only wanted keys of a volume are kept", deployment, "", "spec: {template: {spec: {volumes: [{name: v, emptyDir: {}}]}}}",
			"spec: {template: {spec: {volumes: [{name: v, hostPath: {path: /}}, {name: w}]}}}", "spec: {template: {spec: {volumes: [{name: v, emptyDir: {}}, {name: w}]}}}",
		},
		{"a list of a custom resource", widget, "spec: {l: [{name: a}]}", "spec: {l: [{name: b}]}", "spec: {l: [{name: a}, {name: c}], m: 1}", "spec: {l: [{name: b}]}"},
		{"a map becomes a value", widget, "spec: {a: {b: 1}}", "spec: {a: 1}", "spec: {a: {b: 1}}", "spec: {a: 1}"},
		{"a value becomes a map", widget, "spec: {a: 1}", "spec: {a: {b: 1}}", "spec: {a: 1}", "spec: {a: {b: 1}}"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			live := parse(t, tt.live)
			meta, _ := live["metadata"].(map[string]any)
			if meta == nil {
				meta = map[string]any{}
				live["metadata"] = meta
			}
			meta["resourceVersion"] = "7"
			body, err := json.Marshal(live)
			if err != nil {
				t.Fatal(err)
			}
			var patch map[string]any
			server := &fake{handle: func(r *http.Request) (*http.Response, error) {
				switch {
				case !strings.HasSuffix(r.URL.Path, "/a"):
					return nil, nil
				case r.Method == http.MethodPatch:
					if got := r.Header.Get("Content-Type"); got != "application/merge-patch+json" {
						t.Errorf("content type %q", got)
					}
					patch = requestBody(t, r)
				}
				return answer(200, string(body)), nil
			}}
			c := server.client(t, kube.Options{})
			crds := []release.Object{{Ref: manifest.Ref{Kind: "CustomResourceDefinition"}, Content: parse(t, "spec: {group: ex.com, names: {plural: widgets, kind: Widget}, versions: [{name: v1}]}")}}
			if _, err := c.Build(t.Context(), nil, release.BuildOptions{CRDs: crds}); err != nil {
				t.Fatal(err)
			}
			_, action, err := c.Apply(t.Context(), release.Object{Ref: tt.ref, Content: parse(t, tt.next)}, release.ApplyObjectOptions{
				Method: release.ClientSide, Previous: parse(t, tt.previous),
			})
			if err != nil {
				t.Fatal(err)
			}
			if tt.want == "" {
				if patch != nil || action != release.ActionUnchanged {
					t.Errorf("%s, patch %v", action, patch)
				}
				return
			}
			want := parse(t, tt.want)
			if want["metadata"] == nil {
				want["metadata"] = map[string]any{}
			}
			want["metadata"].(map[string]any)["resourceVersion"] = "7"
			if diff := cmp.Diff(want, patch); diff != "" || action != release.ActionUpdated {
				t.Errorf("%s, patch: %s", action, diff)
			}
		})
	}
}

// TestClientSideMergesAnew: an object that changes between reading and writing
// is merged anew, a few times.
func TestClientSideMergesAnew(t *testing.T) {
	t.Parallel()
	for name, conflicts := range map[string]int{"once": 1, "for ever": 1000} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				patches := 0
				server := &fake{handle: func(r *http.Request) (*http.Response, error) {
					if !strings.HasSuffix(r.URL.Path, "/a") {
						return nil, nil
					}
					if r.Method == http.MethodPatch {
						if patches++; patches <= conflicts {
							return failure(409, "Conflict", "the object has been modified"), nil
						}
					}
					return ok()
				}}
				_, _, err := server.client(t, kube.Options{}).Apply(t.Context(),
					release.Object{Ref: configMap, Content: parse(t, "data: {a: b}")}, release.ApplyObjectOptions{Method: release.ClientSide})
				if conflicts == 1 && (err != nil || patches != 2) {
					t.Errorf("%d patches, %v", patches, err)
				}
				if conflicts > 1 && (err == nil || patches != 8) {
					t.Errorf("%d patches, %v", patches, err)
				}
			})
		})
	}
}

func TestApplyOptionsThatClash(t *testing.T) {
	t.Parallel()
	server := &fake{}
	c := server.client(t, kube.Options{})
	object := release.Object{Ref: configMap, Content: map[string]any{}}
	_, _, err := c.Apply(t.Context(), object, release.ApplyObjectOptions{Method: release.ClientSide, ForceConflicts: true})
	wantError(t, err, "invalid client update option(s): forceConflicts enabled when serverSideApply disabled")
	_, _, err = c.Apply(t.Context(), object, release.ApplyObjectOptions{Method: "magic"})
	wantError(t, err, `ConfigMap/ns/a: unknown apply method "magic"`)
	if sent := server.sent(); len(sent) > 0 {
		t.Errorf("requests %q", sent)
	}
}
