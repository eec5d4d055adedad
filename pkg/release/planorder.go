package release

import (
	"errors"
	"slices"
	"strconv"
	"strings"
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
