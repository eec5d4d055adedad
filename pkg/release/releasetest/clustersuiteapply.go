package releasetest

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/seed-0d4f92cc/pack/pkg/manifest"
	"github.com/seed-0d4f92cc/pack/pkg/release"
)

// unknownField: when it is found, by Build or by Apply, is up to the cluster.
func (c *clusterTest) unknownField() {
	o := c.config(tree{"a": "1"})
	o["datta"] = tree{"b": "2"}
	objects, err := c.tryBuild(release.BuildOptions{Validate: true}, o.String())
	if err == nil {
		_, _, err = c.tryApply(objects[0], release.ApplyObjectOptions{})
	}
	c.wantError("an unknown field", err, "datta")
	c.wantGone(manifest.Ref{APIVersion: "v1", Kind: "ConfigMap", Namespace: NamespaceA, Name: c.name})
}

func (c *clusterTest) missing() {
	o := c.one(c.config(nil))
	c.wantGone(o.Ref)
	err := c.Delete(c.Context(), o.Ref, release.DeleteObjectOptions{})
	if !strings.Contains(fmt.Sprint(err), "not found") {
		c.Errorf("Delete: error %v, want one that is not found", err)
	}
	c.wantGone(manifest.Ref{APIVersion: "v1", Kind: "Namespace", Name: c.name})
}

func (c *clusterTest) noNamespace() {
	o := c.config(tree{"a": "1"})
	o["metadata"] = tree{"name": c.name, "namespace": c.name}
	for _, method := range []release.ApplyMethod{release.ServerSide, release.ClientSide} {
		_, _, err := c.tryApply(c.one(o), release.ApplyObjectOptions{Method: method})
		c.wantError("Apply by "+string(method), err, fmt.Sprintf("namespaces %q not found", c.name))
	}
}

func (c *clusterTest) serverSide() {
	o := c.one(c.config(tree{"a": "1", "b": "2"}))
	created := c.apply(o, release.ApplyObjectOptions{}, release.ActionCreated)
	if created.Ref != o.Ref || resourceVersion(created) == "" || stringAt(mapAt(created.Content, "metadata"), "uid") == "" {
		c.Errorf("what was created is %s: %v", created.Ref, created.Content["metadata"])
	}
	c.wantData("as created", o.Ref, map[string]any{"a": "1", "b": "2"})
	as := func(live release.Object) release.ApplyObjectOptions {
		return release.ApplyObjectOptions{Method: release.ServerSide, Live: live.Content}
	}
	same := c.apply(o, as(created), release.ActionUnchanged)
	if resourceVersion(same) != resourceVersion(created) {
		c.Errorf("version %s, and %s after an apply that changed nothing", resourceVersion(created), resourceVersion(same))
	}
	changed := c.apply(c.one(c.config(tree{"a": "changed", "c": "3"})), as(same), release.ActionUpdated)
	if resourceVersion(changed) == resourceVersion(same) {
		c.Errorf("version %s before and after a change", resourceVersion(same))
	}
	c.wantData("without what was dropped", o.Ref, map[string]any{"a": "changed", "c": "3"})
	// What was created, and what Apply returned, is the caller's.
	mapAt(changed.Content, "data")["a"] = "spoilt"
	c.wantData("after the caller changed what it had", o.Ref, map[string]any{"a": "changed", "c": "3"})
	// The same name elsewhere is another object.
	other := c.config(tree{"x": "y"})
	other["metadata"] = tree{"name": c.name, "namespace": NamespaceB}
	c.apply(c.one(other), release.ApplyObjectOptions{}, release.ActionCreated)
	c.wantData("elsewhere", o.Ref, map[string]any{"a": "changed", "c": "3"})
}

// conflicts: fields that an update set are another's than an apply's, even with
// one name of the manager.
func (c *clusterTest) conflicts() {
	o := c.one(c.config(tree{"a": "1", "b": "2"}))
	c.apply(o, release.ApplyObjectOptions{Method: release.ClientSide}, release.ActionCreated)
	wanted := c.one(c.config(tree{"a": "wanted"}))
	_, _, err := c.tryApply(wanted, release.ApplyObjectOptions{})
	c.wantError("Apply over a field of another", err, "conflict occurred while applying object "+NamespaceA+"/"+c.name,
		"Apply failed with 1 conflict", ".data.a")
	c.wantData("after a conflict", o.Ref, map[string]any{"a": "1", "b": "2"})
	c.apply(wanted, release.ApplyObjectOptions{ForceConflicts: true}, release.ActionUpdated)
	c.wantData("with what others own", o.Ref, map[string]any{"a": "wanted", "b": "2"})
	// Who has the same value shares the field.
	c.apply(c.one(c.config(tree{"a": "wanted", "b": "2"})), release.ApplyObjectOptions{}, release.ActionUpdated)
	c.apply(wanted, release.ApplyObjectOptions{}, release.ActionUpdated)
	c.wantData("with what is shared and was dropped by one", o.Ref, map[string]any{"a": "wanted", "b": "2"})
}

func (c *clusterTest) migrates() {
	o := c.one(c.config(tree{"a": "1", "b": "2"}))
	c.apply(o, release.ApplyObjectOptions{Method: release.ClientSide}, release.ActionCreated)
	migrate := release.ApplyObjectOptions{MigrateManagedFields: true}
	c.apply(c.one(c.config(tree{"a": "wanted"})), migrate, release.ActionUpdated)
	c.wantData("after a migration", o.Ref, map[string]any{"a": "wanted"})
	// A second one has nothing to do; one of an object that is not there neither.
	c.apply(c.one(c.config(tree{"c": "3"})), migrate, release.ActionUpdated)
	c.wantData("after a second migration", o.Ref, map[string]any{"c": "3"})
	other := c.config(tree{"x": "y"})
	other["metadata"] = tree{"name": c.name + "-x"}
	c.apply(c.one(other), migrate, release.ActionCreated)
}

func (c *clusterTest) clientSide() {
	first := c.one(c.config(tree{"a": "1", "b": "2"}))
	opts := release.ApplyObjectOptions{Method: release.ClientSide}
	created := c.apply(first, opts, release.ActionCreated)
	opts.Previous = first.Content
	same := c.apply(first, opts, release.ActionUnchanged)
	if resourceVersion(same) != resourceVersion(created) {
		c.Errorf("version %s, and %s after an apply that changed nothing", resourceVersion(created), resourceVersion(same))
	}
	c.apply(c.one(c.config(tree{"a": "changed", "c": "3"})), opts, release.ActionUpdated)
	c.wantData("without what was dropped", first.Ref, map[string]any{"a": "changed", "c": "3"})
}

// drift: what is live is brought to what is wanted, and what neither the
// previous object nor the wanted one has stays.
func (c *clusterTest) drift() {
	wanted := c.one(c.config(tree{"a": "1"}))
	opts := release.ApplyObjectOptions{Method: release.ClientSide}
	c.apply(wanted, opts, release.ActionCreated)
	c.apply(c.one(c.config(tree{"a": "drifted", "more": "2"})), opts, release.ActionUpdated)
	opts.Previous = wanted.Content
	c.apply(wanted, opts, release.ActionUpdated)
	c.wantData("without drift", wanted.Ref, map[string]any{"a": "1", "more": "2"})
}

func (c *clusterTest) clientSideForce() {
	_, _, err := c.tryApply(c.one(c.config(nil)), release.ApplyObjectOptions{Method: release.ClientSide, ForceConflicts: true})
	c.wantError("Apply", err, "invalid client update option(s): forceConflicts enabled when serverSideApply disabled")
	c.wantGone(c.one(c.config(nil)).Ref)
}

func (c *clusterTest) generateName() {
	o := c.config(nil)
	o["metadata"] = tree{"generateName": c.name + "-"}
	seen := map[string]bool{}
	for range 2 {
		built := c.one(o)
		if built.Ref.Name != "" {
			c.Errorf("the name %q was made up", built.Ref.Name)
		}
		live := c.apply(built, release.ApplyObjectOptions{Method: release.ClientSide}, release.ActionCreated)
		if !strings.HasPrefix(live.Ref.Name, c.name+"-") || seen[live.Ref.Name] {
			c.Errorf("it is called %q", live.Ref.Name)
		}
		seen[live.Ref.Name] = true
		c.get(live.Ref)
	}
}

func (c *clusterTest) many() {
	names := make([]string, 8)
	objects := make([]release.Object, len(names))
	for i := range objects {
		o := c.config(tree{"n": strconv.Itoa(i)})
		names[i] = fmt.Sprint(c.name, "-", i)
		o["metadata"] = tree{"name": names[i]}
		objects[i] = c.one(o)
	}
	for _, err := range race(func(i int) error {
		_, _, err := c.tryApply(objects[i], release.ApplyObjectOptions{})
		return err
	}) {
		if err != nil {
			c.Error(err)
		}
	}
	for i, o := range objects {
		c.wantData(names[i], o.Ref, map[string]any{"n": strconv.Itoa(i)})
	}
}

// definitions: an object can be built, and be found not to exist, before the
// definition of its kind is applied. Then it can be applied, and the kind is
// known by itself after Refresh, until the definition goes.
func (c *clusterTest) definitions() {
	group := c.name + ".example.com"
	crd := c.one(tree{
		"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
		"metadata": tree{"name": "things." + group},
		"spec": tree{
			"group": group, "scope": "Namespaced",
			"names": tree{"kind": "Thing", "plural": "things", "singular": "thing", "listKind": "ThingList"},
			"versions": []any{tree{
				"name": "v1", "served": true, "storage": true,
				"schema": tree{"openAPIV3Schema": tree{"type": "object", "x-kubernetes-preserve-unknown-fields": true}},
			}},
		},
	})
	thing := func(spec tree) tree {
		return tree{"apiVersion": group + "/v1", "kind": "Thing", "metadata": tree{"name": c.name}, "spec": spec}
	}
	_, err := c.tryBuild(release.BuildOptions{}, thing(nil).String())
	c.wantError("Build before the definition", err, "no matches for kind")
	objects, err := c.tryBuild(release.BuildOptions{CRDs: []release.Object{crd}}, thing(tree{"a": "1"}).String())
	if err != nil {
		c.Fatal(err)
	}
	if got := objects[0].Ref.Namespace; got != NamespaceA {
		c.Errorf("the namespace is %q", got)
	}
	c.wantGone(objects[0].Ref)
	c.apply(crd, release.ApplyObjectOptions{}, release.ActionCreated)
	c.await(crd.Ref, release.ObjectCurrent)
	c.Refresh()
	c.apply(objects[0], release.ApplyObjectOptions{Method: release.ClientSide}, release.ActionCreated)

	live := objects[0].Ref
	opts := release.ApplyObjectOptions{Method: release.ClientSide, Previous: objects[0].Content}
	c.apply(c.one(thing(tree{"b": "2"})), opts, release.ActionUpdated)
	if got := fmt.Sprint(mapAt(c.get(live).Content, "spec")); got != "map[b:2]" {
		c.Errorf("spec %s after an update", got)
	}
	if err := c.Delete(c.Context(), crd.Ref, release.DeleteObjectOptions{}); err != nil {
		c.Fatal(err)
	}
	c.await(crd.Ref, release.ObjectNotFound)
	c.wantError("Build after the definition", c.awaitUnknown(thing(nil).String()), "no matches for kind")
}

// awaitUnknown builds a document until it cannot be built any more: a server
// lists a kind for a moment after its definition has gone. It returns the
// error, nil if there was none for long.
func (c *clusterTest) awaitUnknown(document string) error {
	var err error
	for range 100 {
		c.Refresh()
		if _, err = c.tryBuild(release.BuildOptions{}, document); err != nil {
			break
		}
		time.Sleep(100 * time.Millisecond)
	}
	return err
}
