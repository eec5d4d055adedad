package kube

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"

	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"github.com/seed-0d4f92cc/pack/pkg/manifest"
	"github.com/seed-0d4f92cc/pack/pkg/release"
)

// applyClientSide creates an object, or brings a live one to what is wanted: a
// three-way merge of the last revision's object, the wanted one and the live
// one is made here and sent as the difference to the live one. The patch holds
// the version of the live object, so that a change in between is not lost: the
// merge is then made anew.
func (c *Client) applyClientSide(ctx context.Context, found api, obj release.Object, opts release.ApplyObjectOptions) (release.Object, release.Action, error) {
	path, err := found.objectPath(obj.Ref)
	if err != nil {
		return release.Object{}, "", err
	}
	for attempt := 1; ; attempt++ {
		live := opts.Live
		if live == nil || attempt > 1 {
			there, err := c.getFor(ctx, obj.Ref, opts)
			if apierrors.IsNotFound(err) {
				out, action, err := c.create(ctx, found, obj, opts)
				if apierrors.IsAlreadyExists(err) && opts.Found != nil && attempt < maxConflicts {
					continue // somebody else was faster
				}
				return out, action, err
			}
			if err != nil {
				return release.Object{}, "", err
			}
			live = there.Content
		}
		patch := c.clientSidePatch(obj, opts.Previous, live)
		if patch == nil {
			return release.Object{Ref: obj.Ref, Content: live}, release.ActionUnchanged, nil
		}
		resp, err := c.sendPatch(ctx, path, patch, obj, opts)
		if isOutdated(err) && attempt < maxConflicts {
			if err := sleep(ctx, retryWait(attempt, nil)); err != nil {
				return release.Object{}, "", err
			}
			continue
		}
		if err != nil {
			return release.Object{}, "", fmt.Errorf("cannot patch %q with kind %s: %w", obj.Ref.Name, obj.Ref.Kind, err)
		}
		return written(obj.Ref, resp, release.ActionUpdated)
	}
}

// isOutdated says whether a patch failed because its object is not the one any more that
// it was made of.
func isOutdated(err error) bool { return apierrors.IsConflict(err) || apierrors.IsNotFound(err) }

// getFor reads an object that is to be written, if that may be.
func (c *Client) getFor(ctx context.Context, ref manifest.Ref, opts release.ApplyObjectOptions) (release.Object, error) {
	there, err := c.Get(ctx, ref)
	if err == nil {
		err = askFound(opts, there)
	}
	return there, err
}

// askFound asks whether an object may be written that may not be the one that was planned
// for.
func askFound(opts release.ApplyObjectOptions, there release.Object) error {
	same := identityIn(mapAt(opts.Live, "metadata")).uid == identityIn(mapAt(there.Content, "metadata")).uid
	if opts.Found == nil || opts.Live != nil && same {
		return nil
	}
	return opts.Found(there)
}

// clientSidePatch is the JSON merge patch that brings a live object to what is
// wanted; nil if there is nothing to change.
func (c *Client) clientSidePatch(obj release.Object, previous, live map[string]any) map[string]any {
	merged := mergeThree(c.listKeys().Root(obj.Ref.APIVersion, obj.Ref.Kind), previous, obj.Content, live)
	patch := mergePatch(live, merged)
	if len(patch) == 0 {
		return nil
	}
	meta, ok := patch["metadata"].(map[string]any)
	if !ok {
		meta = map[string]any{}
		patch["metadata"] = meta
	}
	meta["resourceVersion"] = metaString(live, "resourceVersion")
	return patch
}

func (c *Client) sendPatch(ctx context.Context, path string, patch map[string]any, obj release.Object, opts release.ApplyObjectOptions) (*response, error) {
	body, err := json.Marshal(patch)
	if err != nil {
		return nil, err
	}
	return c.do(ctx, request{
		method: http.MethodPatch, path: path, contentType: typeMergePatch, body: body,
		before: opts.Before, hide: hider(obj, opts),
		query: url.Values{"fieldManager": {release.FieldManager}},
	})
}
