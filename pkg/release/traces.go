package release

import (
	"context"
	"slices"
)

// traces are the manifests of the revisions since the last that came to its end, but
// for one that is looked at anyway: each may have left objects, if it failed or was
// cut off, and so may the one that it was to replace. An operation that starts from
// one revision alone would lose what the others have made. Helm does. Those that were taken
// over from somebody who may not have been dead count for as long as they are kept: what
// he had sent may have arrived since.
func (e *Engine) traces(ctx context.Context, heads []Head, except int) ([]string, error) {
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
	var out []string
	for _, rel := range records {
		if rel != nil {
			out = append(out, rel.Manifest)
		}
	}
	return out, nil
}

// buildTraces builds the objects of the traces.
func (p *objectPlanner) buildTraces(ctx context.Context) ([]Object, error) {
	var out []Object
	for _, text := range p.traces {
		objects, err := p.buildOld(ctx, text)
		if err != nil {
			return nil, err
		}
		out = append(out, objects...)
	}
	return out, nil
}
