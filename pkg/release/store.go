package release

import (
	"context"
	"errors"
	"fmt"
	"iter"
)

// The conditions of stores and engines that callers branch on.
var (
	// ErrNotFound: there is no such release, or no such revision.
	ErrNotFound = errors.New("release: not found")
	// ErrExists: that revision has been recorded already.
	ErrExists = errors.New("release: already exists")
	// ErrForbidden: the server does not allow it.
	ErrForbidden = errors.New("release: forbidden")
)

// ConflictError is returned by Store.Update for a record that has changed
// since it was read.
type ConflictError struct {
	Key      Key
	Revision int
	Err      error
}

func (e *ConflictError) Error() string {
	return fmt.Sprintf("record of revision %d of release %s/%s was changed by someone else: %v",
		e.Revision, e.Key.Namespace, e.Key.Name, e.Err)
}

func (e *ConflictError) Unwrap() error { return e.Err }

// Head is what a store knows of a record without reading its payload.
type Head struct {
	Key      Key
	Revision int
	Status   Status
	// Labels are all labels of the object that holds the record.
	Labels map[string]string
	// Annotations are all annotations of the object that holds the record.
	Annotations map[string]string
	// Touched: somebody other than Helm and pack has written the payload. Then
	// nothing is taken for granted that it may contradict.
	Touched bool
}

// ListOptions narrow a listing.
type ListOptions struct {
	// Namespace to list; empty means all.
	Namespace string
	// Name of one release; empty means all.
	Name string
	// Selector is a Kubernetes label selector over the records' labels; empty
	// means all.
	Selector string
	// Since is the ResourceVersion of a record: what is listed is as it was when that was
	// written, or later, which a store may know sooner than how it is now. Empty means
	// now, and a store may always take it for that.
	Since string
}

// Store keeps the records of revisions.
type Store interface {
	// Get reads one record. ErrNotFound.
	Get(ctx context.Context, key Key, revision int) (*Release, error)
	// List yields the heads of records, in no particular order; an error ends
	// it. ErrForbidden.
	List(ctx context.Context, opts ListOptions) iter.Seq2[Head, error]
	// Create writes a new record and fills in its ResourceVersion. ErrExists.
	Create(ctx context.Context, rel *Release) error
	// Update replaces a record that was read or created through this store
	// and refreshes its ResourceVersion. ErrNotFound, *ConflictError.
	Update(ctx context.Context, rel *Release) error
	// Delete removes a record. ErrNotFound.
	Delete(ctx context.Context, key Key, revision int) error
}

// Summarizer is a Store that reads of a record what lists and histories show, and
// leaves the rest where it is.
type Summarizer interface {
	// Summarize reads the record of a head as Get does, and returns its Summary.
	// ErrNotFound, *RecordError.
	Summarize(ctx context.Context, h Head) (Summary, error)
}

// Sweeper is a Store that reads many records by few requests.
type Sweeper interface {
	// Sweep yields records with their payloads, in no particular order; an error
	// ends it. Of a record in parts the payload is the head.
	Sweep(ctx context.Context, opts ListOptions) iter.Seq2[Stored, error]
}

// Stored is a record as it is stored; Head.Decode and Head.Summarize read its
// payload.
type Stored struct {
	Head
	Payload []byte
}

// NamespaceLister is a Store that knows which namespaces there are.
type NamespaceLister interface {
	Namespaces(ctx context.Context) ([]string, error)
}
