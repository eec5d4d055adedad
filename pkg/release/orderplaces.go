package release

import (
	"cmp"
	"slices"
)

// ordering is what the annotations of objects say; the numbers are those of the
// objects in their list.
type ordering struct {
	weights []int
	// before are the objects that come before each object.
	before [][]int
}

// stepPlace is where a step stands: by its stage, which is its weight or the higher one
// of what comes before it, and in it by its level, which is 0 for what waits for
// nothing.
type stepPlace struct{ stage, level int }

// places are those of an install.
func (o *ordering) places() []stepPlace {
	places := make([]stepPlace, len(o.weights))
	known := make([]bool, len(o.weights))
	var find func(i int) stepPlace
	find = func(i int) stepPlace {
		if known[i] {
			return places[i]
		}
		p := stepPlace{stage: o.weights[i]}
		for _, at := range o.before[i] {
			p.stage = max(p.stage, find(at).stage)
			p.level = 1
		}
		for _, at := range o.before[i] {
			if before := find(at); before.stage == p.stage {
				p.level = max(p.level, before.level+1)
			}
		}
		places[i], known[i] = p, true
		return p
	}
	for i := range places {
		find(i)
	}
	return places
}

// installing puts steps into order. Step i is for object i; a step without an action
// is for an object that nothing is done to, and is left out.
func (o *ordering) installing(steps []Step) []Step {
	return o.arrange(steps, o.before, o.places())
}

// deleting is the reverse of installing, in which steps of one place have the order
// that they have.
func (o *ordering) deleting(steps []Step) []Step {
	places := o.places()
	after := make([][]int, len(steps))
	for i, p := range places {
		places[i] = stepPlace{-p.stage, -p.level}
		for _, at := range o.before[i] {
			after[at] = append(after[at], i)
		}
	}
	return o.arrange(steps, after, places)
}

func (o *ordering) arrange(steps []Step, before [][]int, places []stepPlace) []Step {
	for i := range steps {
		steps[i].Weight, steps[i].place = o.weights[i], places[i]
		for _, at := range acting(i, steps, before, map[int]bool{}) {
			if ref := steps[at].Ref; !slices.Contains(steps[i].After, ref) {
				steps[i].After = append(steps[i].After, ref)
			}
		}
	}
	steps = slices.DeleteFunc(steps, func(s Step) bool { return s.Action == "" })
	slices.SortStableFunc(steps, func(a, b Step) int {
		return cmp.Or(cmp.Compare(a.place.stage, b.place.stage), cmp.Compare(a.place.level, b.place.level))
	})
	return steps
}

// acting are the steps that one has to wait for: where nothing is done to one, what
// that would have to wait for.
func acting(i int, steps []Step, before [][]int, seen map[int]bool) []int {
	var out []int
	for _, at := range before[i] {
		if seen[at] {
			continue
		}
		seen[at] = true
		if steps[at].Action != "" && steps[at].Action != StepKeep {
			out = append(out, at)
			continue
		}
		out = append(out, acting(at, steps, before, seen)...)
	}
	return out
}
