package releasetest

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/seed-0d4f92cc/pack/pkg/manifest"
	"github.com/seed-0d4f92cc/pack/pkg/release"
)

// Apply implements release.Cluster. The conflicts, the fields that go and those
// that stay are as on an API server, with lists as single values.
func (c *Cluster) Apply(ctx context.Context, obj release.Object, opts release.ApplyObjectOptions) (release.Object, release.Action, error) {
	if opts.Method == "" {
		opts.Method = release.ServerSide
	}
	detail := string(opts.Method)
	if opts.ForceConflicts {
		detail += "+force"
	}
	if opts.MigrateManagedFields {
		detail += "+migrate"
	}
	if opts.Replace {
		detail += "+replace"
	}
	n, err := c.begin(ctx, Call{Op: OpApply, Refs: []manifest.Ref{obj.Ref}, Detail: detail})
	if err == nil && opts.Before != nil {
		err = opts.Before(ctx)
	}
	if err != nil {
		return release.Object{}, "", c.end(n, "", err)
	}
	live, action, err := c.apply(release.Object{Ref: obj.Ref, Content: plainObject(obj.Content)}, opts)
	return live, action, c.end(n, string(action), err)
}

func (c *Cluster) apply(obj release.Object, opts release.ApplyObjectOptions) (release.Object, release.Action, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := c.checkWrite(obj, opts); err != nil {
		return release.Object{}, "", err
	}
	by := owner{manager: release.FieldManager, applies: opts.Method == release.ServerSide}
	o, ok := c.objects[idOf(obj.Ref)]
	if !ok {
		if obj.Ref.Name == "" {
			obj.Ref.Name = stringAt(mapAt(obj.Content, "metadata"), "generateName") + fmt.Sprintf("%05d", c.version)
			mapAt(obj.Content, "metadata")["name"] = obj.Ref.Name
		}
		return c.create(obj.Ref, obj.Content, by).as(obj.Ref), release.ActionCreated, nil
	}
	if err := o.askFound(obj.Ref, opts); err != nil {
		return release.Object{}, "", err
	}
	before := plainObject(o.content)
	switch {
	case opts.Replace:
		o.replace(obj, by)
	case opts.Method == release.ServerSide:
		if opts.MigrateManagedFields {
			o.migrate()
		}
		if err := o.serverSide(obj, by, opts); err != nil {
			return release.Object{}, "", err
		}
	default:
		o.clientSide(obj, by, plainObject(opts.Previous))
	}
	changed := c.settle(o, before)
	if meta := mapAt(o.content, "metadata"); meta["deletionTimestamp"] != nil && meta["finalizers"] == nil {
		c.remove(idOf(obj.Ref))
	}
	action := release.ActionUpdated
	// An API server does not say whether an apply changed anything.
	version := stringAt(mapAt(o.content, "metadata"), "resourceVersion")
	if !changed && (opts.Method == release.ClientSide || stringAt(mapAt(opts.Live, "metadata"), "resourceVersion") == version) {
		action = release.ActionUnchanged
	}
	return o.as(obj.Ref), action, nil
}

// askFound asks whether an object may be written that was not planned for.
func (o *object) askFound(ref manifest.Ref, opts release.ApplyObjectOptions) error {
	same := mapAt(opts.Live, "metadata")["uid"] == mapAt(o.content, "metadata")["uid"]
	if opts.Found == nil || opts.Live != nil && same {
		return nil
	}
	return opts.Found(release.Object{Ref: ref, Content: plainObject(o.content)})
}

// checkWrite says what speaks against a write, whatever is there. The lock is
// held.
func (c *Cluster) checkWrite(obj release.Object, opts release.ApplyObjectOptions) error {
	if err := c.find(obj.Ref); err != nil {
		return err
	}
	serverSide := opts.Method == release.ServerSide
	switch {
	case !serverSide && opts.Method != release.ClientSide:
		return fmt.Errorf("%s: unknown apply method %q", obj.Ref, opts.Method)
	case !serverSide && opts.ForceConflicts:
		return errors.New("invalid client update option(s): forceConflicts enabled when serverSideApply disabled")
	case serverSide && opts.Replace:
		return release.ErrForceReplace
	}
	kind, ok := c.served[kindOf(obj.Ref)]
	if !ok {
		return fmt.Errorf("%s: the server could not find the requested resource", obj.Ref)
	}
	unknown := kind.unknownFields(obj.Content)
	if serverSide && len(unknown) > 0 {
		return fmt.Errorf("server-side apply failed for object %s: .%s: field not declared in schema", longName(obj.Ref), unknown[0])
	}
	if _, ok := c.objects[objectID{kind: "Namespace", name: obj.Ref.Namespace}]; !ok && !kind.ClusterScoped {
		return fmt.Errorf("namespaces %q not found", obj.Ref.Namespace)
	}
	return nil
}

// longName is how messages of applies name an object.
func longName(ref manifest.Ref) string {
	return fmt.Sprintf("%s/%s %s/%s, Kind=%s", ref.Namespace, ref.Name, ref.Group(), ref.Version(), ref.Kind)
}

// create makes an object. The lock is held, or the cluster is not shared yet.
func (c *Cluster) create(ref manifest.Ref, content map[string]any, by owner) *object {
	delete(content, "status")
	o := &object{ref: ref, content: content, owners: map[owner]fields{by: fieldsOf(content)}}
	meta := mapAt(content, "metadata")
	meta["uid"] = "uid-" + strconv.FormatInt(c.version+1, 10)
	meta["creationTimestamp"] = c.cfg.Now().UTC().Format(time.RFC3339)
	meta["generation"] = int64(1)
	c.objects[idOf(ref)] = o
	c.settle(o, nil)
	return o
}

// settle gives an object a new version if it is not what it was before, and
// says whether that is so. The lock is held.
func (c *Cluster) settle(o *object, before map[string]any) bool {
	if status := c.statusOf(o.ref).content(o); status != nil {
		o.content["status"] = status
	}
	if equal(o.content, before) {
		return false
	}
	if before != nil && specChanged(o.content, before) {
		generation, _ := mapAt(o.content, "metadata")["generation"].(int64)
		mapAt(o.content, "metadata")["generation"] = generation + 1
	}
	if isDefinition(o.ref) {
		for _, kind := range definedKinds(o.content) {
			c.served.add(kind)
		}
	}
	c.touch(o)
	return true
}

func equal(a, b any) bool { return reflect.DeepEqual(a, b) }

func specChanged(a, b map[string]any) bool {
	a, b = maps.Clone(a), maps.Clone(b)
	for _, field := range []string{"metadata", "status", "apiVersion"} {
		delete(a, field)
		delete(b, field)
	}
	return !equal(a, b)
}

// migrate makes the updates of release.FieldManager its applies.
func (o *object) migrate() {
	updates := owner{manager: release.FieldManager}
	applies := owner{manager: release.FieldManager, applies: true}
	all := maps.Clone(o.owners[applies])
	if all == nil {
		all = fields{}
	}
	maps.Copy(all, o.owners[updates])
	delete(o.owners, updates)
	o.owners[applies] = all
}

// serverSide is an apply: fields that others own and have otherwise are
// conflicts, and fields that the last apply had and this one lacks go, unless
// somebody else owns them too.
func (o *object) serverSide(obj release.Object, by owner, opts release.ApplyObjectOptions) error {
	wanted := fieldsOf(obj.Content)
	conflicts := o.conflicts(wanted, by)
	switch {
	case len(conflicts) == 0 || opts.ForceConflicts:
	case opts.Left != nil && leave(conflicts, wanted, opts):
	default:
		return fmt.Errorf("conflict occurred while applying object %s: Apply failed with %s", longName(obj.Ref), describe(conflicts, obj.Ref))
	}
	for path := range o.owners[by] {
		if _, kept := wanted[path]; !kept && !o.ownedByOthers(path, by) {
			cut(o.content, path)
		}
	}
	for path, value := range wanted {
		if !sameAt(o.content, path, value) {
			o.disown(path)
			put(o.content, path, value)
		}
	}
	o.owners[by] = wanted
	o.content["apiVersion"] = obj.Ref.APIVersion
	return nil
}

// conflict is a field that somebody else owns and has otherwise.
type conflict struct{ manager, path string }

func (o *object) conflicts(wanted fields, by owner) []conflict {
	var found []conflict
	for _, path := range wanted.paths() {
		if sameAt(o.content, path, wanted[path]) {
			continue
		}
		for other, owned := range o.owners {
			if _, has := owned[path]; has && other != by {
				found = append(found, conflict{other.manager, path})
			}
		}
	}
	slices.SortFunc(found, func(a, b conflict) int {
		return strings.Compare(a.manager+separator+a.path, b.manager+separator+b.path)
	})
	return found
}

// leave takes the fields out of what is wanted that are in conflict, if the last
// revision had them all as they are wanted now.
func leave(conflicts []conflict, wanted fields, opts release.ApplyObjectOptions) bool {
	previous := fieldsOf(plainObject(opts.Previous))
	var left []release.LeftField
	for _, c := range conflicts {
		if before, had := previous[c.path]; !had || c.manager == release.FieldManager || !equal(before, wanted[c.path]) {
			return false
		}
		left = append(left, release.LeftField{Path: fieldName(c.path), Manager: c.manager})
	}
	for _, c := range conflicts {
		delete(wanted, c.path)
	}
	opts.Left(left)
	return true
}

// describe puts conflicts into an API server's words.
func describe(conflicts []conflict, ref manifest.Ref) string {
	var lines []string
	for i, c := range conflicts {
		if i == 0 || c.manager != conflicts[i-1].manager {
			lines = append(lines, fmt.Sprintf("conflicts with %q using %s:", c.manager, ref.APIVersion))
		}
		lines = append(lines, "- "+fieldName(c.path))
	}
	if len(conflicts) == 1 {
		return fmt.Sprintf("1 conflict: conflict with %q using %s: %s", conflicts[0].manager, ref.APIVersion, fieldName(conflicts[0].path))
	}
	return fmt.Sprintf("%d conflicts: %s", len(conflicts), strings.Join(lines, "\n"))
}

func (o *object) ownedByOthers(path string, by owner) bool {
	for other, owned := range o.owners {
		if _, has := owned[path]; has && other != by {
			return true
		}
	}
	return false
}

// disown takes a field from whoever owns it.
func (o *object) disown(path string) {
	for _, owned := range o.owners {
		delete(owned, path)
	}
}

// replace puts an object in the place of what is there; what the server keeps of its
// own stays.
func (o *object) replace(obj release.Object, by owner) {
	old, content := o.content, obj.Content
	for _, field := range []string{"uid", "creationTimestamp", "generation", "resourceVersion", "deletionTimestamp"} {
		if value, ok := mapAt(old, "metadata")[field]; ok {
			mapAt(content, "metadata")[field] = value
		}
	}
	if status, ok := old["status"]; ok {
		content["status"] = status
	}
	o.content = content
	o.owners = map[owner]fields{by: fieldsOf(obj.Content)}
}

// clientSide is a three-way patch: fields that only the previous object has go,
// and what is wanted is set, whoever owns it.
func (o *object) clientSide(obj release.Object, by owner, previous map[string]any) {
	before, wanted := fieldsOf(previous), fieldsOf(obj.Content)
	if o.owners[by] == nil {
		o.owners[by] = fields{}
	}
	for path := range before {
		if _, kept := wanted[path]; !kept {
			o.disown(path)
			cut(o.content, path)
		}
	}
	for path, value := range wanted {
		if sameAt(o.content, path, value) {
			continue
		}
		o.disown(path)
		put(o.content, path, value)
		o.owners[by][path] = value
	}
}
