package release

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/seed-0d4f92cc/pack/internal/parallel"
	"github.com/seed-0d4f92cc/pack/pkg/manifest"
)

// identity is by what objects of two revisions are the same: the group, not
// the version, so that a chart may move to a newer API of the same kind.
type identity struct{ group, kind, namespace, name string }

func identify(r manifest.Ref) identity {
	return identity{r.Group(), r.Kind, r.Namespace, r.Name}
}

func namespaceRef(name string) manifest.Ref {
	return manifest.Ref{APIVersion: "v1", Kind: "Namespace", Name: name}
}

// adoption is a rule for objects that exist and were not in the last revision.
type adoption int

const (
	// adoptOwned takes those that carry the release's markers.
	adoptOwned adoption = iota
	// adoptAny takes all.
	adoptAny
)

// objectPlanner compares two manifests with the cluster.
type objectPlanner struct {
	*Engine
	plan    *Plan
	opts    BuildOptions
	adopt   adoption
	adopted bool
	// unsure: the revision that is started from never was deployed, so that some of
	// its objects may be another release's, which was faster.
	unsure bool
	// from is the revision that is started from, traces are others that may have left
	// objects.
	from   int
	traces []trace
}

// run fills in the plan's Steps and Deletes for the way from old to wanted.
func (p *objectPlanner) run(ctx context.Context, old, wanted string) error {
	docs, err := manifest.ParseTextWhole(wanted)
	if err != nil {
		return err
	}
	objects, err := p.cfg.Cluster.Build(ctx, docs, p.opts)
	if err != nil {
		return fmt.Errorf("unable to build kubernetes objects from release manifest: %w", err)
	}
	for _, o := range objects {
		markOwned(o.Content, p.plan.Key)
	}
	previous, err := p.buildOld(ctx, old)
	if err != nil {
		return err
	}
	order, problems := readOrder(objects, p.opts.Namespace)
	if err := p.orderProblems(problems); err != nil {
		return err
	}
	if err := p.planSteps(ctx, objects, previous); err != nil {
		return err
	}
	if order != nil {
		p.plan.Steps = order.installing(p.plan.Steps)
	}
	return p.planDeletes(ctx, objects, previous)
}

// buildOld builds what a record says was applied. A kind that the server no
// longer knows cannot have objects left, so such documents are passed over, as
// are those that are no objects.
func (p *objectPlanner) buildOld(ctx context.Context, text string) ([]Object, error) {
	docs, err := manifest.ParseTextWhole(text)
	if err != nil {
		return nil, fmt.Errorf("the manifest that is recorded of release %s cannot be read, so it is not known which objects are its: %w", p.plan.Key.Name, err)
	}
	opts := BuildOptions{Namespace: p.opts.Namespace}
	if objects, err := p.cfg.Cluster.Build(ctx, docs, opts); !errors.Is(err, ErrBuild) {
		return objects, err
	}
	var out []Object
	for _, doc := range docs {
		objects, err := p.cfg.Cluster.Build(ctx, []manifest.Manifest{doc}, opts)
		if err != nil && !errors.Is(err, ErrBuild) {
			return nil, err
		}
		if err != nil {
			p.plan.Warnings = append(p.plan.Warnings, fmt.Sprintf(
				"%s %q of the last revision is passed over: %v", doc.Ref.Kind, doc.Ref.Name, err))
			continue
		}
		out = append(out, objects...)
	}
	return out, nil
}

// planSteps decides between create, update and adopt for each wanted object.
func (p *objectPlanner) planSteps(ctx context.Context, objects, previous []Object) error {
	p.plan.made = time.Now()
	before := make(map[identity]Object, len(previous))
	for _, o := range previous {
		before[identify(o.Ref)] = o
	}
	live, err := p.getAll(ctx, objects)
	if err != nil {
		return err
	}
	var denied []error
	for i, o := range objects {
		old, known := before[identify(o.Ref)]
		step := Step{Action: StepUpdate, Ref: o.Ref, Object: o.Content, Previous: old.Content}
		switch {
		case live[i] == nil:
			step.Action = StepCreate
			if known {
				step.Reason = "it was deleted outside of the release"
			}
		case !known:
			step.Action, p.adopted = StepAdopt, true
		}
		if live[i] != nil && (!known || p.unsure) && p.adopt != adoptAny {
			if err := checkOwned(*live[i], p.plan.Key); err != nil {
				denied = append(denied, err)
			}
		}
		if live[i] != nil {
			step.Live = live[i].Content
		}
		p.plan.Steps = append(p.plan.Steps, step)
	}
	if len(denied) > 0 {
		verb := "install"
		if p.plan.Operation != OpInstall {
			verb = "update"
		}
		return fmt.Errorf("unable to continue with %s: %w", verb, errors.Join(denied...))
	}
	return nil
}

// planDeletes decides what happens to objects that are wanted no more.
//
// Those of traces go as well, if they are the release's.
func (p *objectPlanner) planDeletes(ctx context.Context, objects, previous []Object) error {
	extra, err := p.buildTraces(ctx)
	if err != nil {
		return err
	}
	wanted := make(map[identity]bool, len(objects))
	for _, o := range objects {
		wanted[identify(o.Ref)] = true
	}
	dropped := newOnes(wanted, previous)
	known := len(dropped)
	dropped = append(dropped, newOnes(wanted, extra)...)
	live, err := p.getMetadata(ctx, dropped)
	if err != nil {
		return err
	}
	steps := make([]Step, len(dropped))
	for i, o := range dropped {
		if live[i] == nil || i >= known && checkOwned(*live[i], p.plan.Key) != nil {
			continue
		}
		steps[i] = Step{Action: StepDelete, Ref: o.Ref, Live: live[i].Content}
		switch {
		case keepPolicy(live[i].Content):
			steps[i].Action, steps[i].Reason = StepKeep, KeptByPolicy
		case isOfAnother(*live[i], p.plan.Key):
			steps[i].Action, steps[i].Reason = StepKeep, KeptNotOwned
		}
	}
	p.noteTraces(previous, steps)
	p.plan.Deletes = p.orderDeletes(dropped, steps)
	return nil
}

// newOnes are the objects that are not in seen, into which they are put.
func newOnes(seen map[identity]bool, objects []Object) []Object {
	var out []Object
	for _, o := range objects {
		if id := identify(o.Ref); !seen[id] {
			seen[id] = true
			out = append(out, o)
		}
	}
	return out
}

// getAll reads the live objects; nil stands for one that does not exist. An
// object without a name (generateName) does not.
func (e *Engine) getAll(ctx context.Context, objects []Object) ([]*Object, error) {
	return spread(objects, func(refs []manifest.Ref) ([]*Object, error) { return e.getRefs(ctx, refs) })
}

// getMetadata is getAll for objects of which no more than the metadata is needed.
func (e *Engine) getMetadata(ctx context.Context, objects []Object) ([]*Object, error) {
	return spread(objects, func(refs []manifest.Ref) ([]*Object, error) {
		if r, ok := e.cfg.Cluster.(MetadataReader); ok && len(refs) > 1 {
			return r.GetAllMetadata(ctx, refs)
		}
		return e.getRefs(ctx, refs)
	})
}

// spread reads those objects that have names.
func spread(objects []Object, read func([]manifest.Ref) ([]*Object, error)) ([]*Object, error) {
	live := make([]*Object, len(objects))
	var refs []manifest.Ref
	var at []int
	for i, o := range objects {
		if o.Ref.Name != "" {
			refs, at = append(refs, o.Ref), append(at, i)
		}
	}
	found, err := read(refs)
	for i, o := range found {
		live[at[i]] = o
	}
	return live, err
}

// getRefs reads by few requests where the cluster can, and otherwise
// concurrently.
func (e *Engine) getRefs(ctx context.Context, refs []manifest.Ref) ([]*Object, error) {
	if batch, ok := e.cfg.Cluster.(BatchReader); ok && len(refs) > 1 {
		return batch.GetAll(ctx, refs)
	}
	live := make([]*Object, len(refs))
	err := e.each(ctx, len(refs), func(ctx context.Context, i int) error {
		o, err := e.cfg.Cluster.Get(ctx, refs[i])
		if errors.Is(err, ErrObjectNotFound) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("could not get information about the resource %s: %w", objectPath(refs[i]), err)
		}
		live[i] = &o
		return nil
	})
	return live, err
}

// each calls fn for 0 to n-1, at most Config.Parallel at once, and joins the
// errors in the order of the numbers. No further call starts when ctx ends.
func (e *Engine) each(ctx context.Context, n int, fn func(ctx context.Context, i int) error) error {
	errs, all := parallel.Each(ctx, e.cfg.Parallel, n, fn)
	if !all {
		errs = append(errs, ctx.Err())
	}
	return errors.Join(errs...)
}
