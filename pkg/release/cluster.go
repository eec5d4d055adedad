package release

import (
	"context"
	"errors"
	"iter"
	"time"

	"github.com/seed-0d4f92cc/pack/pkg/manifest"
	"github.com/seed-0d4f92cc/pack/pkg/render"
)

// ErrObjectNotFound is returned by Cluster.Get and Cluster.Delete for an
// object that does not exist.
var ErrObjectNotFound = errors.New("object not found")

// ErrBuild is in the error of Cluster.Build when the documents are at fault: a
// kind that the server does not know, or what is no object. It is not when the
// server cannot be asked.
var ErrBuild = errors.New("documents cannot be made into objects")

// FieldManager is the name under which fields are owned. It is Helm's, so that
// either tool can go on with the other's releases.
const FieldManager = "helm"

// Object is a Kubernetes object as data.
type Object struct {
	// Ref has the namespace filled in, and empty where the kind has none.
	Ref manifest.Ref
	// Path is the template that the object came from; empty where it is not known.
	Path string
	// Content is the whole object, as decoded JSON: numbers are int64 or
	// float64.
	Content map[string]any
}

// BuildOptions say how manifests become objects.
type BuildOptions struct {
	// Namespace for namespaced objects that name none.
	Namespace string
	// Validate refuses objects that lack apiVersion or kind with the words of
	// kubectl's validation, and those with a bad AnnotationReady. Unknown fields
	// are refused when an object is applied, which is strict about them.
	Validate bool
	// CRDs are definitions that will be installed first: objects of their
	// kinds can be built before the server knows them.
	CRDs []Object
}

// Action is what a write did to an object.
type Action string

// The actions.
const (
	ActionCreated   Action = "created"
	ActionUpdated   Action = "updated"
	ActionUnchanged Action = "unchanged"
	ActionDeleted   Action = "deleted"
)

// ApplyObjectOptions say how one object is written.
type ApplyObjectOptions struct {
	// Previous is the object as the last revision had it, for the three-way
	// patch of ClientSide; nil where there was none.
	Previous map[string]any
	// Method is how; empty means ServerSide.
	Method ApplyMethod
	// ForceConflicts takes fields that another manager owns (ServerSide).
	ForceConflicts bool
	// Replace puts the object in the place of the live one as a whole, whatever
	// that has (ClientSide).
	Replace bool
	// MigrateManagedFields moves what FieldManager owns through client-side
	// updates over to server-side apply first, so that fields that a chart
	// drops really go.
	MigrateManagedFields bool
	// Left lets a server-side apply leave fields to others: those over which it
	// conflicts although Previous has the same. It is called with them once the
	// apply has succeeded without them. Nil means that every conflict is an error.
	Left func([]LeftField)
	// Brief: of the object as it is now no more than its Ref is needed.
	Brief bool
	// Live is the live object that the write was planned against; nil where it is not
	// known. An object that it shows to be right already need not be written, and
	// ActionUnchanged is told from ActionUpdated by it.
	Live map[string]any
	// Seen is when Live was read. If that was long ago, it is read again before an
	// object is taken to be right already. Zero means just now.
	Seen time.Time
	// Found is called with an object that is not the one that the write was planned
	// against: it is another one than Live, or there is one although Live is nil. After
	// an error of it that object is left as it is, and Apply returns the error. Nil
	// writes whatever is there.
	Found func(live Object) error
	// Before is called before each request that writes is sent, again or for the first
	// time. After an error of it nothing is sent any more, and Apply returns it. Nil
	// lets everything pass.
	Before func(context.Context) error
}

// LeftField is a field of an object that an apply has left to its owner.
type LeftField struct {
	// Path is in the server's form: .spec.replicas.
	Path string
	// Manager is who set it; several are separated by commas.
	Manager string
}

// DeleteObjectOptions say how one object is deleted.
type DeleteObjectOptions struct {
	// Propagation is "background", "foreground" or "orphan"; empty means
	// background.
	Propagation string
	// Live is the metadata of the object that is meant, as it was when the delete was
	// planned; nil where it is not known.
	Live map[string]any
	// Before is as in ApplyObjectOptions.
	Before func(context.Context) error
}

// ObjectStatus is what waiting sees of an object. The words are kstatus's.
type ObjectStatus string

// The statuses of objects.
const (
	ObjectCurrent     ObjectStatus = "Current"
	ObjectInProgress  ObjectStatus = "InProgress"
	ObjectFailed      ObjectStatus = "Failed"
	ObjectTerminating ObjectStatus = "Terminating"
	ObjectNotFound    ObjectStatus = "NotFound"
	ObjectUnknown     ObjectStatus = "Unknown"
)

// State is one sight of an object.
type State struct {
	Ref     manifest.Ref
	Status  ObjectStatus
	Message string
	// Final: the object has failed for good, by what somebody said of it.
	Final bool
	// Object is the live object, nil when there is none.
	Object map[string]any
	At     time.Time
}

// WatchOptions say what counts as ready.
type WatchOptions struct {
	// JobsComplete: a Job is ready when it has completed, not when it has
	// started.
	JobsComplete bool
	// Legacy judges objects by the rules of Helm 3 and not by kstatus.
	Legacy bool
	// Hooks: the objects are hooks, which are waited for until they have ended.
	// What a cluster was told of when objects are ready is not about them.
	Hooks bool
}

// Cluster is what an engine needs of a Kubernetes cluster.
type Cluster interface {
	// Capabilities asks the server for its version and its APIs. It is the
	// first call of every operation; an error says that the cluster cannot be
	// reached.
	Capabilities(ctx context.Context) (render.Capabilities, error)
	// Build decodes documents into objects, flattens lists, and fills in
	// namespaces. All errors of all documents are joined, and are ErrBuild. A
	// kind that the server does not know is an error.
	Build(ctx context.Context, docs []manifest.Manifest, opts BuildOptions) ([]Object, error)
	// Get reads one object. ErrObjectNotFound.
	Get(ctx context.Context, ref manifest.Ref) (Object, error)
	// Apply creates or updates one object and returns it as it is now.
	Apply(ctx context.Context, obj Object, opts ApplyObjectOptions) (Object, Action, error)
	// Delete asks for one object to go; it does not wait. ErrObjectNotFound.
	Delete(ctx context.Context, ref manifest.Ref, opts DeleteObjectOptions) error
	// Watch yields the state of each object at once and whenever it changes,
	// until the context ends or the caller stops. An error ends it.
	Watch(ctx context.Context, refs []manifest.Ref, opts WatchOptions) iter.Seq2[State, error]
	// Refresh forgets what is known of the server's APIs, after definitions
	// were installed.
	Refresh()
}
