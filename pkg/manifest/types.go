// Package manifest reads what templates produce: streams of YAML documents,
// the objects in them, which of those are hooks, and the order in which Helm
// installs them.
package manifest

// Ref identifies an object of a cluster. Namespace is empty for objects that
// have none, and for objects of a manifest that leave it to the release.
type Ref struct {
	APIVersion string
	Kind       string
	Namespace  string
	Name       string
}

// String is "Kind/name", or "Kind/namespace/name" where a namespace is given:
// the form in which messages name objects.
func (r Ref) String() string {
	if r.Namespace == "" {
		return r.Kind + "/" + r.Name
	}
	return r.Kind + "/" + r.Namespace + "/" + r.Name
}

// Group is the API group, empty for the core group.
func (r Ref) Group() string {
	group, _ := r.splitAPIVersion()
	return group
}

// Version is the API version without its group.
func (r Ref) Version() string {
	_, version := r.splitAPIVersion()
	return version
}

func (r Ref) splitAPIVersion() (group, version string) {
	for i := range len(r.APIVersion) {
		if r.APIVersion[i] == '/' {
			return r.APIVersion[:i], r.APIVersion[i+1:]
		}
	}
	return "", r.APIVersion
}

// File is a rendered template before it is split.
type File struct {
	// Path is the template's name, "parent/charts/child/templates/web.yaml".
	Path    string
	Content string
}

// Manifest is one document of a rendered template.
type Manifest struct {
	// Path is the template it came from, for example
	// "parent/charts/child/templates/web.yaml".
	Path string
	// Ref is what the document says of itself; a document of comments alone
	// has an empty Kind.
	Ref Ref
	// Annotations are those of the object's metadata; nil where it has none.
	Annotations map[string]string
	// Content is the document's text, without its separator.
	Content string
}

// Hook is a document with the helm.sh/hook annotation.
type Hook struct {
	Manifest
	Events            []Event
	Weight            int
	DeletePolicies    []DeletePolicy
	OutputLogPolicies []OutputLogPolicy
}

// Event is a moment in the life of a release at which hooks run.
type Event string

// The events that Helm knows. "test-success" is read as EventTest.
const (
	EventPreInstall   Event = "pre-install"
	EventPostInstall  Event = "post-install"
	EventPreDelete    Event = "pre-delete"
	EventPostDelete   Event = "post-delete"
	EventPreUpgrade   Event = "pre-upgrade"
	EventPostUpgrade  Event = "post-upgrade"
	EventPreRollback  Event = "pre-rollback"
	EventPostRollback Event = "post-rollback"
	EventTest         Event = "test"
)

// DeletePolicy says when a hook's object is deleted.
type DeletePolicy string

// The delete policies that Helm knows.
const (
	DeleteBeforeCreation DeletePolicy = "before-hook-creation"
	DeleteOnSuccess      DeletePolicy = "hook-succeeded"
	DeleteOnFailure      DeletePolicy = "hook-failed"
)

// OutputLogPolicy says when the logs of a hook's pods are shown.
type OutputLogPolicy string

// The output-log policies that Helm knows.
const (
	LogOnSuccess OutputLogPolicy = "hook-succeeded"
	LogOnFailure OutputLogPolicy = "hook-failed"
)

// The annotations that Helm reads from a manifest.
const (
	AnnotationHook                = "helm.sh/hook"
	AnnotationHookWeight          = "helm.sh/hook-weight"
	AnnotationHookDeletePolicy    = "helm.sh/hook-delete-policy"
	AnnotationHookOutputLogPolicy = "helm.sh/hook-output-log-policy"
	AnnotationResourcePolicy      = "helm.sh/resource-policy"
)
