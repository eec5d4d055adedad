package release

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/seed-0d4f92cc/pack/pkg/manifest"
)

// Operation is what a plan does to a release.
type Operation string

// The operations.
const (
	OpInstall   Operation = "install"
	OpUpgrade   Operation = "upgrade"
	OpRollback  Operation = "rollback"
	OpUninstall Operation = "uninstall"
)

// StepAction is what a step does to an object.
type StepAction string

// The actions of steps.
const (
	StepCreate StepAction = "create"
	StepUpdate StepAction = "update"
	// StepAdopt updates an object that exists but was not in the last
	// revision.
	StepAdopt  StepAction = "adopt"
	StepDelete StepAction = "delete"
	// StepKeep leaves an object that the release no longer has.
	StepKeep StepAction = "keep"
)

// Step is one change to one object.
type Step struct {
	Action StepAction
	// Ref identifies the object.
	Ref manifest.Ref
	// Object is what is applied; nil for StepDelete and StepKeep.
	Object map[string]any
	// Previous is the object as the last revision had it; nil for none.
	Previous map[string]any
	// Live is what the plan was made against, of what is deleted or kept its metadata;
	// nil when there was nothing.
	Live map[string]any
	// Reason says why, where it is not plain.
	Reason string
	// Weight is the object's AnnotationWeight.
	Weight int
	// After are the objects that must be ready before the step, or gone if it is a
	// StepDelete.
	After []manifest.Ref

	place stepPlace
	// recreate: the object may be deleted and created where it cannot be changed.
	recreate bool
}

// Plan is a change to a release that has been decided and not been made. It is
// data: it can be printed, compared and thrown away. A plan is for one Apply,
// which does not change it; another is ErrLocked.
type Plan struct {
	Operation Operation
	Key       Key
	// Release is the revision that applying will record; for an uninstall it
	// is the last one.
	Release *Release
	// Last is the newest record, nil for a first install.
	Last *Release
	// Current is the revision that is deployed now; nil where there is none.
	Current *Release
	// CreateNamespace: the release's namespace is made first.
	CreateNamespace bool
	// CRDs are the steps for the definitions in crds/; they run before hooks.
	CRDs []Step
	// Steps create and update, in the order of the manifest.
	Steps []Step
	// Deletes remove what the release no longer has.
	Deletes []Step
	// Prune are the revisions whose records go before the new one is written.
	// Not among them are those that are of use if the operation does not come to its end.
	Prune []int
	// RunHooks says whether hooks are run.
	RunHooks bool
	// Warnings are for the user.
	Warnings []string

	// doneDescription is what the revision says of itself in the end; empty
	// means Helm's words.
	doneDescription string
	// pruneLast are the revisions whose records go when the new one is deployed.
	pruneLast []int
	// traces are the revisions that know the objects which Deletes removes.
	traces []trace
	// newest is the head of the newest record, readable or not; without a
	// revision for none.
	newest Head
	// previewOnly: the plan was made without what applying it takes.
	previewOnly bool
	// left are the records of operations that were cut off.
	left  []left
	apply applySettings
	// made is when the live objects were read.
	made time.Time
	// undoing: it takes back what failed, and need not have all of its objects.
	undoing   bool
	uninstall uninstallSettings
}

// applySettings are how the steps of a plan are written.
type applySettings struct {
	// recreate are the objects that may be deleted and created.
	recreate []string
	// asked is the method that was asked for; empty for none.
	asked          ApplyMethod
	forceConflicts bool
	replace        bool
	migrateFields  bool
	// anyOwner: objects are taken, whoever owns them.
	anyOwner bool
}

// WriteTo prints the plan: a line for each thing that applying it does, in
// order. The form is for people and for golden tests.
func (p *Plan) WriteTo(w io.Writer) (int64, error) {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s in %s", p.Operation, p.Key.Name, p.Key.Namespace)
	if p.Operation != OpUninstall {
		fmt.Fprintf(&b, ", revision %d", p.Release.Version)
	}
	b.WriteString("\n")
	if p.CreateNamespace {
		fmt.Fprintf(&b, "  create namespace %s\n", p.Key.Namespace)
	}
	for _, rev := range p.Prune {
		fmt.Fprintf(&b, "  forget revision %d\n", rev)
	}
	writeSteps(&b, p.CRDs)
	pre, post := p.Operation.events()
	p.writeHooks(&b, pre)
	writeSteps(&b, p.Steps)
	writeSteps(&b, p.Deletes)
	p.writeHooks(&b, post)
	for _, rev := range p.pruneLast {
		fmt.Fprintf(&b, "  forget revision %d\n", rev)
	}
	n, err := io.WriteString(w, b.String())
	return int64(n), err
}

func writeSteps(b *strings.Builder, steps []Step) {
	for _, s := range steps {
		fmt.Fprintf(b, "  %s %s", s.Action, s.Ref)
		if notes := s.notes(); len(notes) > 0 {
			fmt.Fprintf(b, " (%s)", strings.Join(notes, "; "))
		}
		b.WriteString("\n")
	}
}

func (p *Plan) writeHooks(b *strings.Builder, event manifest.Event) {
	if !p.RunHooks {
		return
	}
	for _, h := range hooksFor(p.Release.Hooks, event) {
		fmt.Fprintf(b, "  %s hook %s/%s\n", event, h.Kind, h.Name)
	}
}

// events are the hook events before and after the operation's steps.
func (o Operation) events() (pre, post manifest.Event) {
	switch o {
	case OpInstall:
		return manifest.EventPreInstall, manifest.EventPostInstall
	case OpUpgrade:
		return manifest.EventPreUpgrade, manifest.EventPostUpgrade
	case OpRollback:
		return manifest.EventPreRollback, manifest.EventPostRollback
	default:
		return manifest.EventPreDelete, manifest.EventPostDelete
	}
}

// hooksFor are the hooks of an event in the order in which they run: by weight,
// then by name, then as the record has them. The rule is Helm's.
func hooksFor(hooks []*Hook, event manifest.Event) []*Hook {
	var due []*Hook
	for _, h := range hooks {
		if slices.Contains(h.Events, event) {
			due = append(due, h)
		}
	}
	slices.SortStableFunc(due, func(a, b *Hook) int {
		return cmp.Or(cmp.Compare(a.Weight, b.Weight), cmp.Compare(a.Name, b.Name))
	})
	return due
}

// Preview is the record as a dry run shows it: of a plan that nobody applied.
func (p *Plan) Preview() *Release {
	rel := *p.Release
	info := *rel.Info
	info.Description = "Dry run complete"
	rel.Info = &info
	return &rel
}
