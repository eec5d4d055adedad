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

// Manifest is one document of a rendered template.
type Manifest struct {
	// Path is the template it came from, for example
	// "parent/charts/child/templates/web.yaml".
	Path string
	// Ref is what the document says of itself; a document of comments alone
	// has an empty Kind.
	Ref Ref
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
