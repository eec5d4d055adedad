package release

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/seed-0d4f92cc/pack/pkg/manifest"
)

// The annotations by which objects that are no hooks say when they are written.
const (
	// AnnotationWeight is a whole number, 0 where there is none: objects of a
	// lower weight are applied before those of a higher one, and deleted after
	// them. Among equals the order of kinds decides.
	AnnotationWeight = AnnotationPrefix + "weight"
	// AnnotationDependsOn lists objects of the release (manifest.ParseTargets) that
	// must be ready before the object is applied, and that are deleted when it is
	// gone. It goes before weights.
	AnnotationDependsOn = AnnotationPrefix + "depends-on"
)

// OrderError is what is wrong with the annotations of an object that are about
// order.
type OrderError struct {
	// Path is the template that the object came from, empty where it is not
	// known.
	Path string
	Ref  manifest.Ref
	// Annotation and Value are at fault.
	Annotation, Value string
	// Cycle are the objects that depend on each other, from Ref to Ref again; nil
	// if that is not what is wrong.
	Cycle []manifest.Ref
	Err   error
}

func (e *OrderError) Error() string {
	where := e.Ref.String()
	if e.Path != "" {
		where = e.Path + ": " + where
	}
	return fmt.Sprintf("%s: annotation %s: %q: %v", where, e.Annotation, e.Value, e.Err)
}

// Unwrap returns what is wrong.
func (e *OrderError) Unwrap() error { return e.Err }

// readOrder reads the annotations of objects; nil if none has any. What is wrong
// is told and left out, so that the dependencies of what is returned have no
// cycles.
func readOrder(objects []Object, namespace string) (*ordering, []error) {
	if !slices.ContainsFunc(objects, hasOrder) {
		return nil, nil
	}
	r := &orderReader{
		objects: objects, namespace: namespace, byName: map[string][]int{},
		ordering: ordering{weights: make([]int, len(objects)), before: make([][]int, len(objects))},
	}
	for i, o := range objects {
		r.byName[o.Ref.Name] = append(r.byName[o.Ref.Name], i)
	}
	for i := range objects {
		r.readWeight(i)
		r.readTargets(i)
	}
	r.cutCycles()
	return &r.ordering, r.errs
}

func hasOrder(o Object) bool {
	_, weight := metaString(o.Content, "annotations", AnnotationWeight)
	_, depends := metaString(o.Content, "annotations", AnnotationDependsOn)
	return weight || depends
}

type orderReader struct {
	ordering
	objects   []Object
	namespace string
	byName    map[string][]int
	errs      []error
}

func (r *orderReader) fail(i int, annotation string, err error) {
	r.errs = append(r.errs, r.problem(i, annotation, err))
}

func (r *orderReader) problem(i int, annotation string, err error) *OrderError {
	value, _ := metaString(r.objects[i].Content, "annotations", annotation)
	return &OrderError{Path: r.objects[i].Path, Ref: r.objects[i].Ref, Annotation: annotation, Value: value, Err: err}
}

func (r *orderReader) readWeight(i int) {
	text, ok := metaString(r.objects[i].Content, "annotations", AnnotationWeight)
	if !ok {
		return
	}
	weight, err := strconv.Atoi(strings.TrimSpace(text))
	if err != nil {
		r.fail(i, AnnotationWeight, errors.New("it must be a whole number"))
		return
	}
	r.weights[i] = weight
}

func (r *orderReader) readTargets(i int) {
	text, ok := metaString(r.objects[i].Content, "annotations", AnnotationDependsOn)
	if !ok || strings.TrimSpace(text) == "" {
		return // a template's list that came out empty
	}
	targets, err := manifest.ParseTargets(text)
	if err != nil {
		r.fail(i, AnnotationDependsOn, err)
		return
	}
	for _, t := range targets {
		found, err := r.find(i, t)
		if err != nil {
			r.fail(i, AnnotationDependsOn, err)
			continue
		}
		for _, at := range found {
			if !slices.Contains(r.before[i], at) {
				r.before[i] = append(r.before[i], at)
			}
		}
	}
}

// find returns the object that a target names: several numbers for one that stands
// in the manifest several times.
func (r *orderReader) find(i int, t manifest.Target) ([]int, error) {
	namespace := r.objects[i].Ref.Namespace
	if namespace == "" {
		namespace = r.namespace
	}
	var found []int
	for _, at := range r.byName[t.Name] {
		ref := r.objects[at].Ref
		if !t.Matches(ref, namespace) {
			continue
		}
		if len(found) > 0 && identify(r.objects[found[0]].Ref) != identify(ref) {
			return nil, fmt.Errorf("%s is ambiguous: say %s.%s or %s.%s", t,
				ref.Kind, r.objects[found[0]].Ref.Group(), ref.Kind, ref.Group())
		}
		found = append(found, at)
	}
	if len(found) == 0 {
		return nil, fmt.Errorf("%s is not an object of this release (hooks and crds/ do not count)", t)
	}
	return found, nil
}

// cutCycles finds objects that depend on themselves, and takes the dependency away
// that closes the circle.
func (r *orderReader) cutCycles() {
	const unseen, open, done = 0, 1, 2
	state := make([]int, len(r.objects))
	var path []int
	var visit func(i int)
	visit = func(i int) {
		state[i], path = open, append(path, i)
		r.before[i] = slices.DeleteFunc(r.before[i], func(next int) bool {
			switch state[next] {
			case unseen:
				visit(next)
			case open:
				r.failCycle(path[slices.Index(path, next):])
				return true
			}
			return false
		})
		state[i], path = done, path[:len(path)-1]
	}
	for i := range r.objects {
		if state[i] == unseen {
			visit(i)
		}
	}
}

// failCycle tells of a circle. It begins with the object that comes first in the
// manifest, wherever it was found.
func (r *orderReader) failCycle(found []int) {
	first := slices.Index(found, slices.Min(found))
	cycle := append(slices.Clone(found[first:]), found[:first]...)
	cycle = append(cycle, cycle[0])
	refs := make([]manifest.Ref, len(cycle))
	words := make([]string, len(cycle))
	for i, at := range cycle {
		o := r.objects[at]
		refs[i], words[i] = o.Ref, o.Ref.String()
		if o.Path != "" && o.Path != r.objects[cycle[0]].Path {
			words[i] += " (" + o.Path + ")"
		}
	}
	err := fmt.Errorf("these depend on each other: %s", strings.Join(words, " -> "))
	if len(cycle) == 2 {
		err = errors.New("it depends on itself")
	}
	problem := r.problem(cycle[0], AnnotationDependsOn, err)
	problem.Cycle = refs
	r.errs = append(r.errs, problem)
}
