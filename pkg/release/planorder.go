package release

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/seed-0d4f92cc/pack/pkg/manifest"
)

// orderProblems judges what is wrong with the order of what is to be applied. What
// is recorded was applied once, with whatever annotations, so that a rollback goes
// on without them.
func (p *objectPlanner) orderProblems(problems []error) error {
	if p.plan.Operation != OpRollback {
		return errors.Join(problems...)
	}
	for _, err := range problems {
		p.plan.Warnings = append(p.plan.Warnings, "the order of objects is not as they say: "+err.Error())
	}
	return nil
}

// orderDeletes leaves steps without an action out and puts the others, which are
// those of the objects, into the reverse of the order of an install. What is wrong
// with the annotations of what goes does not matter any more.
func (p *objectPlanner) orderDeletes(objects []Object, steps []Step) []Step {
	order, _ := readOrder(objects, p.opts.Namespace)
	if order == nil {
		return slices.DeleteFunc(steps, func(s Step) bool { return s.Action == "" })
	}
	return order.deleting(steps)
}

// checkOrderOffline checks the order of what a plan has that is made without a
// cluster. Which kinds have a namespace is not known, so that all count as if they
// had; lists are not looked into, and may hold what others depend on.
func (d *deployment) checkOrderOffline() error {
	text := d.plan.Release.Manifest
	if !strings.Contains(text, AnnotationDependsOn) && !strings.Contains(text, AnnotationWeight) {
		return nil // as most; reading it all takes time
	}
	docs, err := manifest.ParseText(text)
	if err != nil {
		return err
	}
	objects := make([]Object, 0, len(docs))
	for _, doc := range docs {
		if strings.HasSuffix(doc.Ref.Kind, "List") {
			return nil
		}
		annotations := make(map[string]any, len(doc.Annotations))
		for key, value := range doc.Annotations {
			annotations[key] = value
		}
		if doc.Ref.Namespace == "" {
			doc.Ref.Namespace = d.req.Key.Namespace
		}
		objects = append(objects, Object{
			Ref: doc.Ref, Path: doc.Path,
			Content: map[string]any{"metadata": map[string]any{"annotations": annotations}},
		})
	}
	_, problems := readOrder(objects, d.req.Key.Namespace)
	return errors.Join(problems...)
}

// warnOfHooks tells of hooks that have annotations about the order of other objects.
func (d *deployment) warnOfHooks() {
	for _, h := range d.plan.Release.Hooks {
		for _, annotation := range []string{AnnotationDependsOn, AnnotationWeight} {
			if strings.Contains(h.Manifest, annotation) {
				d.plan.Warnings = append(d.plan.Warnings, fmt.Sprintf(
					"%s: %s %q is a hook: %s is not for hooks, which have %s", h.Path, h.Kind, h.Name, annotation, manifest.AnnotationHookWeight))
			}
		}
	}
}

// notes are what a plan says of a step in brackets.
func (s Step) notes() []string {
	var out []string
	if s.Reason != "" {
		out = append(out, s.Reason)
	}
	if s.Weight != 0 {
		out = append(out, "weight "+strconv.Itoa(s.Weight))
	}
	if len(s.After) > 0 {
		names := make([]string, len(s.After))
		for i, ref := range s.After {
			names[i] = ref.String()
		}
		out = append(out, "after "+strings.Join(names, ", "))
	}
	return out
}
