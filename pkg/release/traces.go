package release

import (
	"context"
	"slices"
)

// trace is what a revision may have left.
type trace struct {
	revision int
	manifest string
	// objects are those of the manifest.
	objects []Object
}

// traces are the manifests of the revisions since the last that came to its end, but
// for one that is looked at anyway: each may have left objects, if it failed or was
// cut off, and so may the one that it was to replace. An operation that starts from
// one revision alone would lose what the others have made. Helm does. Those that were taken
// over from somebody who may not have been dead count for as long as they are kept: what
// he had sent may have arrived since.
func (e *Engine) traces(ctx context.Context, heads []Head, except int) ([]trace, error) {
	var due []Head
	ended := false
	for _, h := range slices.Backward(heads) {
		if h.Status == StatusUninstalled {
			break // nothing of what was before is left
		}
		if h.Revision != except && (!ended || h.Annotations[annotationOvertaken] != "") {
			due = append(due, h)
		}
		ended = ended || h.Status == StatusDeployed || h.Status == StatusSuperseded
	}
	if len(due) == 0 {
		return nil, nil
	}
	records, _, err := read(ctx, e.records(), due, e.records().get)
	if err != nil {
		return nil, err
	}
	var out []trace
	for _, rel := range records {
		if rel != nil {
			out = append(out, trace{revision: rel.Version, manifest: rel.Manifest})
		}
	}
	return out, nil
}

// buildTraces builds the objects of the traces.
func (p *objectPlanner) buildTraces(ctx context.Context) ([]Object, error) {
	var out []Object
	for i, t := range p.traces {
		objects, err := p.buildOld(ctx, t.manifest)
		if err != nil {
			return nil, err
		}
		p.traces[i].objects = objects
		out = append(out, objects...)
	}
	return out, nil
}

// noteTraces notes which revisions know the objects that are to go.
func (p *objectPlanner) noteTraces(previous []Object, steps []Step) {
	going := map[identity]bool{}
	for _, s := range steps {
		if s.Action == StepDelete {
			going[identify(s.Ref)] = true
		}
	}
	p.plan.traces = nil
	for _, t := range append([]trace{{revision: p.from, objects: previous}}, p.traces...) {
		t.objects = slices.DeleteFunc(slices.Clone(t.objects), func(o Object) bool { return !going[identify(o.Ref)] })
		if len(t.objects) > 0 {
			p.plan.traces = append(p.plan.traces, t)
		}
	}
}

// maxSpared bounds how many records a history may have beyond its limit.
const maxSpared = 100

// spareTraces keeps records from being forgotten that alone know of objects which are
// there, until the operation has removed these: if it fails or is cut off, nobody else
// would.
func (p *Plan) spareTraces() {
	known := map[identity]bool{}
	for _, t := range p.traces {
		if !slices.Contains(p.Prune, t.revision) {
			newOnes(known, t.objects)
		}
	}
	for _, t := range p.traces {
		if len(newOnes(known, t.objects)) > 0 && len(p.pruneLast) < maxSpared {
			p.spare(t.revision)
		}
	}
}

// spare keeps a record from being forgotten before the operation has come to its end.
func (p *Plan) spare(revision int) {
	if i := slices.Index(p.Prune, revision); i >= 0 {
		p.Prune, p.pruneLast = slices.Delete(p.Prune, i, i+1), append(p.pruneLast, revision)
	}
}
