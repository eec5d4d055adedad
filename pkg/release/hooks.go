package release

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/seed-0d4f92cc/pack/pkg/manifest"
)

// hooks runs the hooks of an event one after the other. The rules are Helm's:
// the first that fails ends it; hooks with the policy hook-succeeded are
// deleted when all have run.
func (r *run) hooks(ctx context.Context, event manifest.Event) error {
	if !r.plan.RunHooks {
		return nil
	}
	list := hooksFor(r.rel.Hooks, event)
	for i, h := range list {
		if err := ctx.Err(); err != nil {
			return err
		}
		refs, err := r.hook(ctx, event, h)
		if err == nil {
			continue
		}
		if slices.Contains(h.OutputLogPolicies, manifest.LogOnFailure) && r.opts.HookLogs != nil {
			if wait, ok := errors.AsType[*WaitError](err); ok {
				wait.ForgetLogs()
			}
		}
		r.hookEnded(ctx, h, refs, manifest.LogOnFailure, manifest.DeleteOnFailure)
		for _, done := range slices.Backward(list[:i]) {
			r.hookEnded(ctx, done, nil, "", manifest.DeleteOnSuccess)
		}
		return &HookError{Event: string(event), Hook: h, Err: err}
	}
	for _, h := range slices.Backward(list) {
		r.hookEnded(ctx, h, nil, manifest.LogOnSuccess, manifest.DeleteOnSuccess)
	}
	return nil
}

// hook runs one hook and waits until it has ended.
func (r *run) hook(ctx context.Context, event manifest.Event, h *Hook) ([]manifest.Ref, error) {
	if len(h.DeletePolicies) == 0 {
		r.change(func() { h.DeletePolicies = []manifest.DeletePolicy{manifest.DeleteBeforeCreation} })
	}
	objects, err := r.hookObjects(ctx, h)
	if err != nil {
		return nil, &startError{fmt.Errorf("unable to build kubernetes object for %s hook %s: %w", event, h.Path, err)}
	}
	refs := make([]manifest.Ref, 0, len(objects))
	for _, o := range objects {
		refs = append(refs, o.Ref)
	}
	if slices.Contains(h.DeletePolicies, manifest.DeleteBeforeCreation) {
		if err := r.deleteHook(ctx, refs, true); err != nil {
			return refs, err
		}
	}
	if err := r.startHook(ctx, h); err != nil {
		return refs, err
	}
	if err = r.applyHook(ctx, objects); err != nil {
		err = &startError{fmt.Errorf("warning: Hook %s %s failed: %w", event, h.Path, err)}
	} else {
		err = r.waitFor(ctx, endingRefs(refs), waitGoal{ended: true}, r.opts.Timeout)
	}
	ended := HookRun{StartedAt: h.LastRun.StartedAt, CompletedAt: r.now(), Phase: HookSucceeded}
	if err != nil {
		ended.Phase = HookFailed
	}
	r.change(func() { h.LastRun = ended })
	r.observe(Event{Kind: EventHook, Ref: refs[0], Message: string(ended.Phase)})
	return refs, err
}

// hookObjects builds a hook's objects; it has at least one.
func (r *run) hookObjects(ctx context.Context, h *Hook) ([]Object, error) {
	doc := manifest.Manifest{Path: h.Path, Content: h.Manifest, Ref: manifest.Ref{Kind: h.Kind, Name: h.Name}}
	objects, err := r.cfg.Cluster.Build(ctx, []manifest.Manifest{doc}, BuildOptions{
		Namespace: r.plan.Key.Namespace, Validate: true,
	})
	if err == nil && len(objects) == 0 {
		err = errors.New("it holds no object")
	}
	return objects, err
}

// startHook records that the hook is running, so that whoever finds the record
// after a crash knows where it stood.
func (r *run) startHook(ctx context.Context, h *Hook) error {
	before := h.LastRun
	r.change(func() { h.LastRun = HookRun{StartedAt: r.now(), Phase: HookRunning} })
	if err := r.record(ctx, r.cfg.Store.Update); err != nil {
		r.change(func() { h.LastRun = before })
		return fmt.Errorf("recording that hook %s runs: %w", h.Name, err)
	}
	return nil
}

// applyHook makes the objects of a hook, of which there is one at least.
func (r *run) applyHook(ctx context.Context, objects []Object) error {
	r.observe(Event{Kind: EventHook, Ref: objects[0].Ref, Message: string(HookRunning)})
	for _, o := range objects {
		_, _, err := r.cfg.Cluster.Apply(ctx, o, ApplyObjectOptions{
			Method: r.hookMethod(), Brief: true, Before: r.stillHeld,
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// hookMethod is how hooks are written: as the objects of their release are, and by the
// server for an uninstall, as in Helm.
func (r *run) hookMethod() ApplyMethod {
	if r.plan.Operation == OpUninstall {
		return ServerSide
	}
	return r.rel.ApplyMethod.or(ClientSide) // of a test, the record may be Helm 3's
}

// endingRefs are the objects that end. Any other kind of hook is done as soon
// as it exists.
func endingRefs(refs []manifest.Ref) []manifest.Ref {
	var out []manifest.Ref
	for _, ref := range refs {
		if ref.Kind == "Job" || ref.Kind == "Pod" {
			out = append(out, ref)
		}
	}
	return out
}

// hookEnded shows the logs of a hook and deletes it, where its policies say so.
// What goes wrong here is logged: the hook itself has ended.
func (r *run) hookEnded(ctx context.Context, h *Hook, refs []manifest.Ref, logs manifest.OutputLogPolicy, del manifest.DeletePolicy) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), recordTimeout)
	defer cancel()
	wantLogs := logs != "" && slices.Contains(h.OutputLogPolicies, logs)
	wantDelete := slices.Contains(h.DeletePolicies, del) && h.Kind != "CustomResourceDefinition"
	if !wantLogs && !wantDelete {
		return
	}
	if refs == nil {
		objects, err := r.hookObjects(ctx, h)
		if err != nil {
			r.cfg.Logger.Warn("hook cannot be cleaned up", "hook", h.Name, "error", err)
			return
		}
		for _, o := range objects {
			refs = append(refs, o.Ref)
		}
	}
	if wantLogs {
		r.hookLogs(ctx, refs)
	}
	if wantDelete {
		if err := r.deleteHook(ctx, refs, false); err != nil {
			r.cfg.Logger.Warn("hook was not deleted", "hook", h.Name, "error", err)
		}
	}
}

func (r *run) hookLogs(ctx context.Context, refs []manifest.Ref) {
	reader, ok := r.cfg.Cluster.(LogReader)
	if !ok || r.opts.HookLogs == nil {
		return
	}
	for _, ref := range endingRefs(refs) {
		if err := reader.Logs(ctx, ref, r.opts.HookLogs); err != nil {
			r.cfg.Logger.Warn("logs of hook cannot be read", "hook", ref.Name, "error", err)
		}
	}
}

// deleteHook deletes a hook's objects, and waits until they are gone where a
// new one of that name is to follow.
func (r *run) deleteHook(ctx context.Context, refs []manifest.Ref, wait bool) error {
	var gone []manifest.Ref
	for _, ref := range refs {
		if ref.Kind == "CustomResourceDefinition" {
			continue
		}
		err := r.cfg.Cluster.Delete(ctx, ref, DeleteObjectOptions{Before: r.stillHeld})
		switch {
		case err == nil:
			gone = append(gone, ref)
		case !errors.Is(err, ErrObjectNotFound):
			return err
		}
	}
	if !wait {
		return nil
	}
	return r.waitFor(ctx, gone, waitGoal{gone: true}, r.opts.Timeout)
}
