package release

import (
	"context"
	"slices"

	"github.com/seed-0d4f92cc/pack/pkg/manifest"
)

// TestRequest says which tests of a release are run.
type TestRequest struct {
	Key Key
	// Only names the test hooks to run; empty means all.
	Only []string
	// Except names test hooks that are not run.
	Except []string
	// Ended is called when the tests have ended and before their objects are
	// deleted by policy, with the record and the objects of the tests that were
	// started: the moment to read their logs. Nil means nobody looks.
	Ended func(rel *Release, refs []manifest.Ref)
}

// Test runs the test hooks of the newest revision, whatever its status, one
// after the other until one fails, and records how they went. It returns the
// record, beside a *HookError where a test failed.
//
// Errors: ErrNotFound, *HookError.
func (e *Engine) Test(ctx context.Context, req TestRequest, opts ApplyOptions) (*Release, error) {
	if err := e.needCluster(); err != nil {
		return nil, err
	}
	rel, err := e.Get(ctx, req.Key, 0)
	if err != nil {
		return nil, err
	}
	if opts.Timeout <= 0 {
		opts.Timeout = DefaultTimeout
	}
	r := &run{Engine: e, plan: &Plan{Key: req.Key, RunHooks: true}, opts: opts, rel: rel}
	return rel, r.tests(ctx, req)
}

func (r *run) tests(ctx context.Context, req TestRequest) error {
	list := slices.DeleteFunc(hooksFor(r.rel.Hooks, manifest.EventTest), func(h *Hook) bool {
		return len(req.Only) > 0 && !slices.Contains(req.Only, h.Name) || slices.Contains(req.Except, h.Name)
	})
	var started []manifest.Ref
	var failed error
	ran := list[:0:0]
	for _, h := range list {
		refs, err := r.hook(ctx, manifest.EventTest, h)
		started, ran = append(started, refs...), append(ran, h)
		if err != nil {
			failed = &HookError{Event: string(manifest.EventTest), Hook: h, Err: err}
			break
		}
	}
	var recorded error
	if len(ran) > 0 {
		recorded = r.record(ctx, r.cfg.Store.Update)
	}
	if req.Ended != nil {
		req.Ended(r.rel, started)
	}
	for _, h := range slices.Backward(ran) {
		logs, policy := manifest.LogOnSuccess, manifest.DeleteOnSuccess
		if h.LastRun.Phase == HookFailed {
			logs, policy = manifest.LogOnFailure, manifest.DeleteOnFailure
		}
		r.hookEnded(ctx, h, nil, logs, policy)
	}
	if failed != nil {
		return failed
	}
	return recorded
}
