package releasetest

import (
	"context"
	"fmt"
	"maps"
	"strconv"
	"sync"
	"time"

	"github.com/seed-0d4f92cc/pack/pkg/manifest"
	"github.com/seed-0d4f92cc/pack/pkg/release"
	"github.com/seed-0d4f92cc/pack/pkg/render"
)

// ClusterConfig says what a Cluster is and how it behaves. The zero value is a
// cluster of Kubernetes 1.36 in which everything works and is ready at once.
type ClusterConfig struct {
	// Version is that of Kubernetes, "v1.36.3"; empty means that one.
	Version string
	// Namespaces exist beside "default".
	Namespaces []string
	// Kinds are served beside the usual ones.
	Kinds []Kind
	// Fail is asked before every operation; an error that it returns is that of
	// the operation, which then does nothing else. Nil lets all go ahead. It is
	// called by the goroutine of the operation, without a lock.
	Fail func(Call) error
	// Now is the clock of the objects and their states; nil means time.Now.
	Now func() time.Time
}

// Cluster is a release.Cluster in memory, which is a release.LogReader and
// answers lookups too. It is small, but not a stub: it knows who owns which
// field, serves kinds only once their definitions are applied and only finds
// them after Refresh, keeps objects apart by namespace and refuses those of a
// namespace that does not exist. Lists in objects are single values to it.
//
// Objects are ready as soon as they exist, unless SetStatus says otherwise.
// Methods that are not those of release.Cluster are what others do to the
// cluster, and are not noted as calls. Use NewCluster.
type Cluster struct {
	cfg ClusterConfig

	mu      sync.Mutex
	version int64
	objects map[objectID]*object
	// served is what the server serves, known what the client has discovered,
	// and announced what definitions that were built say of their kinds.
	served, known, announced kinds
	statuses                 map[objectID]setStatus
	logs                     map[objectID]string
	troubles                 map[objectID][]release.Trouble
	reports                  map[objectID][]release.Report
	calls                    []Call
	// changed is closed and replaced whenever an object or a status changes.
	changed chan struct{}
}

var (
	_ release.Cluster   = (*Cluster)(nil)
	_ release.LogReader = (*Cluster)(nil)
	_ release.Looker    = (*Cluster)(nil)
	_ release.Diagnoser = (*Cluster)(nil)
)

// objectID is what an object is, whatever version it is read in.
type objectID struct{ group, kind, namespace, name string }

func idOf(ref manifest.Ref) objectID {
	return objectID{ref.Group(), ref.Kind, ref.Namespace, ref.Name}
}

// setStatus is what SetStatus said.
type setStatus struct {
	status  release.ObjectStatus
	message string
}

// NewCluster returns a Cluster with nothing but namespaces in it.
func NewCluster(cfg ClusterConfig) *Cluster {
	if cfg.Version == "" {
		cfg.Version = "v1.36.3"
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	c := &Cluster{
		cfg: cfg, objects: map[objectID]*object{}, served: builtinKinds(), announced: kinds{},
		statuses: map[objectID]setStatus{}, logs: map[objectID]string{},
		troubles: map[objectID][]release.Trouble{}, reports: map[objectID][]release.Report{}, changed: make(chan struct{}),
	}
	for _, kind := range cfg.Kinds {
		c.served.add(kind)
	}
	c.known = maps.Clone(c.served)
	for _, name := range append([]string{"default"}, cfg.Namespaces...) {
		content := map[string]any{"apiVersion": "v1", "kind": "Namespace", "metadata": map[string]any{"name": name}}
		c.create(manifest.Ref{APIVersion: "v1", Kind: "Namespace", Name: name}, content, owner{manager: "kube-apiserver"})
	}
	return c
}

// Capabilities implements release.Cluster.
func (c *Cluster) Capabilities(ctx context.Context) (render.Capabilities, error) {
	n, err := c.begin(ctx, Call{Op: OpCapabilities})
	if err != nil {
		return render.Capabilities{}, c.end(n, "", err)
	}
	version, err := render.ParseKubeVersion(c.cfg.Version)
	if err != nil {
		return render.Capabilities{}, c.end(n, "", err)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return render.Capabilities{KubeVersion: version, APIVersions: c.known.apiVersions()}, nil
}

// Refresh implements release.Cluster.
func (c *Cluster) Refresh() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.calls = append(c.calls, Call{Op: OpRefresh})
	c.known = maps.Clone(c.served)
}

// Get implements release.Cluster.
func (c *Cluster) Get(ctx context.Context, ref manifest.Ref) (release.Object, error) {
	n, err := c.begin(ctx, Call{Op: OpGet, Refs: []manifest.Ref{ref}})
	if err != nil {
		return release.Object{}, c.end(n, "", err)
	}
	obj, err := c.get(ref)
	return obj, c.end(n, "", err)
}

func (c *Cluster) get(ref manifest.Ref) (release.Object, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := c.find(ref); err != nil {
		return release.Object{}, err
	}
	o, ok := c.objects[idOf(ref)]
	if !ok {
		return release.Object{}, notFound(ref)
	}
	return o.as(ref), nil
}

// find says whether the client knows the kind. The lock is held.
func (c *Cluster) find(ref manifest.Ref) error {
	_, known := c.known[kindOf(ref)]
	_, announced := c.announced[kindOf(ref)]
	if known || announced {
		return nil
	}
	return noMatch(ref)
}

func noMatch(ref manifest.Ref) error {
	return fmt.Errorf("resource mapping not found for name: %q namespace: %q from %q: no matches for kind %q in version %q\nensure CRDs are installed first",
		ref.Name, ref.Namespace, "", ref.Kind, ref.APIVersion)
}

func notFound(ref manifest.Ref) error {
	return fmt.Errorf("%s: %w", ref, release.ErrObjectNotFound)
}

// Delete implements release.Cluster. An object with finalizers stays, marked as
// deleted, until Remove.
func (c *Cluster) Delete(ctx context.Context, ref manifest.Ref, opts release.DeleteObjectOptions) error {
	detail := opts.Propagation
	if detail == "" {
		detail = "background"
	}
	n, err := c.begin(ctx, Call{Op: OpDelete, Refs: []manifest.Ref{ref}, Detail: detail})
	if err == nil && opts.Before != nil {
		err = opts.Before(ctx)
	}
	if err != nil {
		return c.end(n, "", err)
	}
	return c.end(n, "", c.delete(ref))
}

func (c *Cluster) delete(ref manifest.Ref) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := c.find(ref); err != nil {
		return err
	}
	o, ok := c.objects[idOf(ref)]
	if !ok {
		return notFound(ref)
	}
	meta := mapAt(o.content, "metadata")
	if finalizers, _ := meta["finalizers"].([]any); len(finalizers) > 0 {
		if meta["deletionTimestamp"] == nil {
			meta["deletionTimestamp"] = c.cfg.Now().UTC().Format(time.RFC3339)
			c.touch(o)
		}
		return nil
	}
	c.remove(idOf(ref))
	return nil
}

// remove takes an object away, and what cannot be without it. The lock is held.
func (c *Cluster) remove(id objectID) {
	o := c.objects[id]
	delete(c.objects, id)
	if isDefinition(o.ref) {
		for _, kind := range definedKinds(o.content) {
			delete(c.served, kindID{kind.APIVersion, kind.Kind})
		}
		spec := mapAt(o.content, "spec")
		maps.DeleteFunc(c.objects, func(other objectID, _ *object) bool {
			return other.group == stringAt(spec, "group") && other.kind == stringAt(mapAt(spec, "names"), "kind")
		})
	}
	if id.kind == "Namespace" && id.group == "" {
		maps.DeleteFunc(c.objects, func(other objectID, _ *object) bool { return other.namespace == id.name })
	}
	c.announce()
}

// touch gives an object a new version. The lock is held.
func (c *Cluster) touch(o *object) {
	c.version++
	mapAt(o.content, "metadata")["resourceVersion"] = strconv.FormatInt(c.version, 10)
	c.announce()
}

// announce wakes whoever watches. The lock is held.
func (c *Cluster) announce() {
	close(c.changed)
	c.changed = make(chan struct{})
}
