package release

import "context"

// traces are the manifests of the revisions from one on, but for one that is looked
// at anyway: each may have left objects, if it failed or was cut off. An operation
// that starts from the current revision alone would lose what they have made. Helm
// does.
func (e *Engine) traces(ctx context.Context, heads []Head, from, except int) ([]string, error) {
	var due []Head
	for _, h := range heads {
		if h.Revision >= from && h.Revision != except && h.Status != StatusUninstalled {
			due = append(due, h)
		}
	}
	if len(due) == 0 {
		return nil, nil
	}
	records, _, err := e.records().read(ctx, due, e.cfg.Store.Get)
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

// tracesBeside are the traces from the current revision on, if there is one, but
// for the last.
func (e *Engine) tracesBeside(ctx context.Context, heads []Head, current, last *Release) ([]string, error) {
	if current == nil {
		current = last
	}
	return e.traces(ctx, heads, current.Version, last.Version)
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
