package release

import (
	"errors"
	"fmt"
	"strings"

	"github.com/seed-0d4f92cc/pack/pkg/manifest"
)

// The conditions of operations that callers branch on. Their texts are those
// that scripts match on.
var (
	// ErrNameInUse: an install of a release that exists.
	ErrNameInUse = errors.New("cannot reuse a name that is still in use")
	// ErrLocked: an operation on the release is under way, or was cut off.
	ErrLocked = errors.New("another operation (install/upgrade/rollback) is in progress")
	// ErrNoDeployed: an upgrade of a release that is not there to upgrade.
	ErrNoDeployed = errors.New("has no deployed releases")
	// ErrAlreadyUninstalled: an uninstall of what is uninstalled.
	ErrAlreadyUninstalled = errors.New("is already deleted")
	// ErrNotOwned: objects exist that the release does not own.
	ErrNotOwned = errors.New("exists and cannot be imported into the current release")
)

// PlanError is the error of PlanDeploy. Its text is that of Err.
type PlanError struct {
	// Operation is what was planned; empty if it was not settled yet.
	Operation Operation
	Err       error
}

func (e *PlanError) Error() string { return e.Err.Error() }

// Unwrap returns why there is no plan.
func (e *PlanError) Unwrap() error { return e.Err }

// LockedError tells of the revision that keeps others out.
type LockedError struct {
	Key      Key
	Revision int
	Status   Status
	Since    Time
	// Holder is who works on it; nil where it does not say, as Helm.
	Holder *Holder
}

func (e *LockedError) Error() string { return ErrLocked.Error() }

// Unwrap returns ErrLocked.
func (e *LockedError) Unwrap() error { return ErrLocked }

// NoDeployedError is ErrNoDeployed for one release.
type NoDeployedError struct{ Key Key }

func (e *NoDeployedError) Error() string { return fmt.Sprintf("%q %v", e.Key.Name, ErrNoDeployed) }

// Unwrap returns ErrNoDeployed.
func (e *NoDeployedError) Unwrap() error { return ErrNoDeployed }

// RevisionError is ErrNotFound for one revision.
type RevisionError struct{ Revision int }

func (e *RevisionError) Error() string { return fmt.Sprintf("release has no %d version", e.Revision) }

// Unwrap returns ErrNotFound.
func (e *RevisionError) Unwrap() error { return ErrNotFound }

// OwnershipError names an object that exists and is not the release's.
type OwnershipError struct {
	Ref manifest.Ref
	// Problems are the markers that are missing or differ.
	Problems []string
}

func (e *OwnershipError) Error() string {
	return fmt.Sprintf("%s %q in namespace %q %v: invalid ownership metadata; %s",
		e.Ref.Kind, e.Ref.Name, e.Ref.Namespace, ErrNotOwned, strings.Join(e.Problems, "; "))
}

// Unwrap returns ErrNotOwned.
func (e *OwnershipError) Unwrap() error { return ErrNotOwned }

// StepError is a step of a plan that failed.
type StepError struct {
	Ref    manifest.Ref
	Action StepAction
	Err    error
}

func (e *StepError) Error() string { return e.Err.Error() }

// Unwrap returns what the cluster answered.
func (e *StepError) Unwrap() error { return e.Err }

// HookError is a hook that failed.
type HookError struct {
	Event string
	Hook  *Hook
	Err   error
}

func (e *HookError) Error() string {
	if _, ok := errors.AsType[*startError](e.Err); ok {
		return e.Err.Error()
	}
	return fmt.Sprintf("hook %s of %s failed: %v", e.Hook.Name, e.Hook.Path, e.Err)
}

// Unwrap returns why.
func (e *HookError) Unwrap() error { return e.Err }

// startError is why a hook could not be started. It says itself which hook, in Helm's
// words.
type startError struct{ error }

func (e *startError) Unwrap() error { return e.error }

// WaitError tells which objects were not ready, in the order of the manifest. Values
// of the release's own Secrets are masked in all that the cluster says of them.
type WaitError struct {
	Pending []State
	// Deleted: it was waited for the objects to go.
	Deleted bool
	// Err is why the wait ended: context.DeadlineExceeded, context.Canceled,
	// ErrHopeless, or nil when objects failed.
	Err error
	// Troubles are what keeps them from being ready, as far as it is known.
	Troubles []Trouble
	// Reports are events and logs of them and of their pods.
	Reports []Report
}

func (e *WaitError) Error() string {
	lines := make([]string, 0, len(e.Pending)+1)
	for _, s := range e.Pending {
		what := "not ready"
		if e.Deleted {
			what = "still exists"
		}
		lines = append(lines, fmt.Sprintf("resource %s %s. status: %s, message: %s",
			objectPath(s.Ref), what, s.Status, s.Message))
	}
	lines = append(lines, troubleLines(e.Troubles)...)
	if e.Err != nil {
		lines = append(lines, e.Err.Error())
	}
	return strings.Join(lines, "\n")
}

// Unwrap returns why the wait ended.
func (e *WaitError) Unwrap() error { return e.Err }

// objectPath is how Helm names an object in messages of waiting.
func objectPath(r manifest.Ref) string { return r.Kind + "/" + r.Namespace + "/" + r.Name }
