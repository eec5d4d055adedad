package releasetest

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-0d4f92cc/pack/pkg/manifest"
	"github.com/seed-0d4f92cc/pack/pkg/release"
)

// patience bounds how long a suite waits for what must happen.
const patience = time.Minute

// TestCluster checks that a Cluster does what package release relies on. It
// calls newCluster once for each of its parallel subtests; the clusters may be
// clients of one server. NamespaceA and NamespaceB must exist there, and the
// client may do anything. A Cluster that is a release.Looker is tested as that
// too.
func TestCluster(t *testing.T, newCluster func(t *testing.T) release.Cluster) {
	t.Helper()
	for _, tt := range []struct {
		name string
		run  func(*clusterTest)
	}{
		{"what the server is", (*clusterTest).capabilities},
		{"documents become objects", (*clusterTest).build},
		{"lists become their items", (*clusterTest).buildLists},
		{"all that is wrong with documents", (*clusterTest).buildErrors},
		{"an unknown field is refused", (*clusterTest).unknownField},
		{"an object that is not there", (*clusterTest).missing},
		{"an object of a namespace that is not there", (*clusterTest).noNamespace},
		{"server-side: create, leave, change", (*clusterTest).serverSide},
		{"server-side: fields of others", (*clusterTest).conflicts},
		{"server-side: fields that client-side updates own", (*clusterTest).migrates},
		{"client-side: create, leave, change", (*clusterTest).clientSide},
		{"client-side: drift", (*clusterTest).drift},
		{"client-side: force", (*clusterTest).clientSideForce},
		{"names made by the server", (*clusterTest).generateName},
		{"many objects at once", (*clusterTest).many},
		{"a deleted object is gone", (*clusterTest).deleted},
		{"a watch tells of changes", (*clusterTest).watch},
		{"a watch ends with its context", (*clusterTest).watchEnds},
		{"an object that cannot go yet", (*clusterTest).terminating},
		{"definitions bring kinds", (*clusterTest).definitions},
		{"a context that has ended", (*clusterTest).cancelled},
		{"lookups", (*clusterTest).lookups},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c := &clusterTest{T: t, Cluster: newCluster(t), name: uniqueName("cluster")}
			t.Cleanup(c.clean)
			tt.run(c)
		})
	}
}

// clusterTest is one subtest. Its objects are called name, or begin so.
type clusterTest struct {
	*testing.T
	release.Cluster
	name string

	mu   sync.Mutex
	made []manifest.Ref
}

func (c *clusterTest) clean() {
	ctx := context.WithoutCancel(c.Context())
	for _, ref := range c.made {
		if err := c.Delete(ctx, ref, release.DeleteObjectOptions{}); err != nil && !errors.Is(err, release.ErrObjectNotFound) {
			c.Errorf("cleaning up %s: %v", ref, err)
		}
	}
}

// tree is a JSON document, which is YAML too.
type tree map[string]any

func (o tree) String() string {
	text, err := json.Marshal(o)
	if err != nil {
		panic(err) // the suites make none of which there is no JSON
	}
	return string(text)
}

func (c *clusterTest) config(data tree) tree {
	return tree{"apiVersion": "v1", "kind": "ConfigMap", "metadata": tree{"name": c.name}, "data": data}
}

// doc makes a document of text that says who it is.
func doc(text string) manifest.Manifest {
	m, err := manifest.Parse("suite/templates/doc.yaml", text)
	if err != nil {
		m = manifest.Manifest{Path: "suite/templates/doc.yaml", Content: text}
	}
	return m
}

func (c *clusterTest) tryBuild(opts release.BuildOptions, texts ...string) ([]release.Object, error) {
	var docs []manifest.Manifest
	for _, text := range texts {
		docs = append(docs, doc(text))
	}
	if opts.Namespace == "" {
		opts.Namespace = NamespaceA
	}
	return c.Build(c.Context(), docs, opts)
}

// one builds one object.
func (c *clusterTest) one(o tree) release.Object {
	c.Helper()
	objects, err := c.tryBuild(release.BuildOptions{Validate: true}, o.String())
	if err != nil {
		c.Fatalf("Build: %v", err)
	}
	if len(objects) != 1 {
		c.Fatalf("%d objects of one document", len(objects))
	}
	return objects[0]
}

func (c *clusterTest) tryApply(o release.Object, opts release.ApplyObjectOptions) (release.Object, release.Action, error) {
	live, action, err := c.Apply(c.Context(), o, opts)
	if err == nil {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.made = append(c.made, live.Ref)
	}
	return live, action, err
}

// apply applies an object and checks what that did.
func (c *clusterTest) apply(o release.Object, opts release.ApplyObjectOptions, want release.Action) release.Object {
	c.Helper()
	live, action, err := c.tryApply(o, opts)
	if err != nil {
		c.Fatalf("Apply %s: %v", o.Ref, err)
	}
	if action != want {
		c.Errorf("Apply %s: %s, want %s", o.Ref, action, want)
	}
	return live
}

func (c *clusterTest) get(ref manifest.Ref) release.Object {
	c.Helper()
	o, err := c.Get(c.Context(), ref)
	if err != nil {
		c.Fatalf("Get %s: %v", ref, err)
	}
	if o.Ref != ref {
		c.Errorf("Get %s: it is %s", ref, o.Ref)
	}
	return o
}

func (c *clusterTest) wantData(what string, ref manifest.Ref, want map[string]any) {
	c.Helper()
	if diff := cmp.Diff(want, mapAt(c.get(ref).Content, "data")); diff != "" {
		c.Errorf("data %s (-want +got):\n%s", what, diff)
	}
}

func (c *clusterTest) wantGone(ref manifest.Ref) {
	c.Helper()
	if _, err := c.Get(c.Context(), ref); !errors.Is(err, release.ErrObjectNotFound) {
		c.Errorf("Get %s: error %v, want ErrObjectNotFound", ref, err)
	}
}

func (c *clusterTest) wantError(what string, err error, parts ...string) {
	c.Helper()
	if err == nil {
		c.Errorf("%s: no error", what)
		return
	}
	for _, part := range parts {
		if !strings.Contains(err.Error(), part) {
			c.Errorf("%s: error %q does not say %q", what, err, part)
		}
	}
}

func resourceVersion(o release.Object) string {
	return stringAt(mapAt(o.Content, "metadata"), "resourceVersion")
}

func (c *clusterTest) capabilities() {
	caps, err := c.Capabilities(c.Context())
	if err != nil {
		c.Fatal(err)
	}
	if v := caps.KubeVersion; !strings.HasPrefix(v.Version, "v1.") || v.Major != "1" || v.Minor == "" {
		c.Errorf("version %+v", v)
	}
	for _, want := range []string{"v1", "v1/ConfigMap", "apps/v1", "apps/v1/Deployment", "batch/v1/Job"} {
		if !slices.Contains(caps.APIVersions, want) {
			c.Errorf("%q is not among the API versions", want)
		}
	}
}

func (c *clusterTest) build() {
	const text = `
# Source: web/templates/all.yaml
apiVersion: v1
kind: ConfigMap
metadata: {name: a}
data: {count: "1"}
`
	objects, err := c.tryBuild(release.BuildOptions{Validate: true}, text, "# nothing but a comment\n", "",
		`{"apiVersion":"v1","kind":"Secret","metadata":{"name":"b","namespace":"elsewhere"}}`,
		`{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"c"}}`,
		`{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"d"},"spec":{"replicas":3}}`)
	if err != nil {
		c.Fatal(err)
	}
	var refs []manifest.Ref
	for _, o := range objects {
		refs = append(refs, o.Ref)
		if got := stringAt(mapAt(o.Content, "metadata"), "namespace"); got != o.Ref.Namespace {
			c.Errorf("%s: its content names the namespace %q", o.Ref, got)
		}
	}
	want := []manifest.Ref{
		{APIVersion: "v1", Kind: "ConfigMap", Namespace: NamespaceA, Name: "a"},
		{APIVersion: "v1", Kind: "Secret", Namespace: "elsewhere", Name: "b"},
		{APIVersion: "v1", Kind: "Namespace", Name: "c"},
		{APIVersion: "apps/v1", Kind: "Deployment", Namespace: NamespaceA, Name: "d"},
	}
	if diff := cmp.Diff(want, refs); diff != "" {
		c.Fatalf("(-want +got):\n%s", diff)
	}
	if got := mapAt(objects[3].Content, "spec")["replicas"]; got != int64(3) {
		c.Errorf("a whole number is %T(%v), want int64(3)", got, got)
	}
	if got := mapAt(objects[0].Content, "data"); !maps.Equal(got, map[string]any{"count": "1"}) {
		c.Errorf("data %v", got)
	}
}

func (c *clusterTest) buildLists() {
	item := func(name string) tree {
		return tree{"apiVersion": "v1", "kind": "ConfigMap", "metadata": tree{"name": name}}
	}
	objects, err := c.tryBuild(release.BuildOptions{},
		tree{"apiVersion": "v1", "kind": "List", "items": []any{
			item("a"), tree{"apiVersion": "v1", "kind": "List", "items": []any{item("b")}},
		}}.String(),
		tree{"apiVersion": "v1", "kind": "ConfigMapList", "items": []any{item("c")}}.String(),
		tree{"apiVersion": "v1", "kind": "List", "items": []any{}}.String())
	if err != nil {
		c.Fatal(err)
	}
	var names []string
	for _, o := range objects {
		names = append(names, o.Ref.String())
	}
	want := []string{"ConfigMap/" + NamespaceA + "/a", "ConfigMap/" + NamespaceA + "/b", "ConfigMap/" + NamespaceA + "/c"}
	if diff := cmp.Diff(want, names); diff != "" {
		c.Errorf("(-want +got):\n%s", diff)
	}
}

func (c *clusterTest) buildErrors() {
	for _, validate := range []bool{false, true} {
		objects, err := c.tryBuild(release.BuildOptions{Validate: validate},
			`{"apiVersion":"suite.example.com/v1","kind":"Widget","metadata":{"name":"w"}}`,
			c.config(nil).String(),
			`{"apiVersion":"v1","metadata":{"name":"nokind"}}`,
			`{"apiVersion":"v1","kind":"ConfigMap","metadata":{"labels":{"no":"name"}}}`)
		c.wantError("Build", err,
			`resource mapping not found for name: "w"`, `no matches for kind "Widget" in version "suite.example.com/v1"`,
			"ensure CRDs are installed first", "resource name may not be empty")
		if err != nil && !strings.Contains(strings.ToLower(err.Error()), "kind") {
			c.Errorf("error %q does not speak of the missing kind", err)
		}
		if len(objects) > 0 && err == nil {
			c.Errorf("objects %v", objects)
		}
		if !errors.Is(err, release.ErrBuild) {
			c.Errorf("Build: error %v is not ErrBuild", err)
		}
	}
	ctx, cancel := context.WithCancel(c.Context())
	cancel()
	if _, err := c.Build(ctx, nil, release.BuildOptions{}); errors.Is(err, release.ErrBuild) {
		c.Errorf("Build in a context that has ended: error %v is ErrBuild", err)
	}
	_, err := c.tryBuild(release.BuildOptions{}, "a: [")
	c.wantError("Build of what is not YAML", err, "suite/templates/doc.yaml")
}
