package release

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/seed-0d4f92cc/pack/pkg/manifest"
)

// AnnotationRecreate is the annotation by which an object of a chart says, with the
// value "true", that it may be deleted and created when a field changes that cannot.
const AnnotationRecreate = AnnotationPrefix + "recreate"

// ImmutableError is a write that the server refused because fields cannot be changed.
// Its text is that of Err.
type ImmutableError struct {
	Ref manifest.Ref
	// Fields are the fields, as the server names them: "spec.selector".
	Fields []string
	Err    error
}

func (e *ImmutableError) Error() string { return e.Err.Error() }

// Unwrap returns what the server said.
func (e *ImmutableError) Unwrap() error { return e.Err }

// ErrRecreate is the error of an object that cannot be deleted and created, or is not
// there.
var ErrRecreate = errors.New("cannot recreate")

// markRecreate notes on the steps of a plan which objects may be deleted and created
// where nothing else helps: those that are named as KIND/NAME, and those whose
// annotation says so. What holds data that would be lost with it is refused.
func (p *Plan) markRecreate(names []string) error {
	used := make([]bool, len(names))
	var refused []error
	for i := range p.Steps {
		s := &p.Steps[i]
		at := slices.IndexFunc(names, func(n string) bool { return namesObject(n, s.Ref) })
		if at >= 0 {
			used[at] = true
		}
		if at < 0 && annotation(s.Object, AnnotationRecreate) != "true" {
			continue
		}
		if s.Ref.Kind == "PersistentVolumeClaim" || s.Ref.Kind == "Namespace" {
			refused = append(refused, fmt.Errorf("%w %s/%s: a %s is never deleted for an upgrade, all that it holds would be lost",
				ErrRecreate, s.Ref.Kind, s.Ref.Name, s.Ref.Kind))
			continue
		}
		s.recreate = true
	}
	for i, name := range names {
		if !used[i] && !p.undoing {
			refused = append(refused, fmt.Errorf("%w %s: the release has no such object; give it as KIND/NAME", ErrRecreate, name))
		}
	}
	return errors.Join(refused...)
}

// namesObject says whether "deployment/web" means an object.
func namesObject(text string, ref manifest.Ref) bool {
	kind, name, ok := strings.Cut(text, "/")
	return ok && strings.EqualFold(kind, ref.Kind) && name == ref.Name
}

func annotation(object map[string]any, key string) string {
	return textOf(mapOf(mapOf(object["metadata"])["annotations"])[key])
}

// recreate deletes an object whose fields cannot be changed, waits until it is gone,
// and creates it.
func (r *run) recreate(ctx context.Context, s Step, cause error) (Action, error) {
	r.cfg.Logger.Warn("an object is deleted and created, because fields of it cannot be changed", "object", s.Ref.String(), "error", cause)
	err := r.cfg.Cluster.Delete(ctx, s.Ref, DeleteObjectOptions{Before: r.stillHeld})
	if err != nil && !errors.Is(err, ErrObjectNotFound) {
		return "", fmt.Errorf("failed to delete resource namespace=%s, name=%s, kind=%s to create it anew: %w",
			s.Ref.Namespace, s.Ref.Name, s.Ref.Kind, err)
	}
	r.observe(Event{Kind: EventApplied, Ref: s.Ref, Action: ActionDeleted})
	if err := r.waitFor(ctx, []manifest.Ref{s.Ref}, waitGoal{gone: true}, r.opts.Timeout); err != nil {
		return "", err
	}
	_, action, err := r.cfg.Cluster.Apply(ctx, Object{Ref: s.Ref, Content: s.Object}, ApplyObjectOptions{Method: r.rel.ApplyMethod, Before: r.stillHeld})
	return action, err
}
