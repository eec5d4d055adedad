package kube

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/seed-0d4f92cc/pack/pkg/release"
)

// replace puts an object in the place of the live one as a whole, or creates it. The
// request holds the version of the live object, so that the server takes it once, and
// is made anew if that has changed: what is wanted goes over everything.
func (c *Client) replace(ctx context.Context, found api, obj release.Object, opts release.ApplyObjectOptions) (release.Object, release.Action, error) {
	path, err := found.objectPath(obj.Ref)
	if err != nil {
		return release.Object{}, "", err
	}
	for attempt := 1; ; attempt++ {
		live, err := c.Get(ctx, obj.Ref)
		if apierrors.IsNotFound(err) {
			return c.create(ctx, found, obj, opts)
		}
		if err != nil {
			return release.Object{}, "", err
		}
		body, err := json.Marshal(identity{version: metaString(live.Content, "resourceVersion")}.on(obj.Content))
		if err != nil {
			return release.Object{}, "", fmt.Errorf("%s: %w", obj.Ref, err)
		}
		resp, err := c.do(ctx, request{
			method: http.MethodPut, path: path, body: body, before: opts.Before, hide: hider(obj, opts),
			query: url.Values{"fieldManager": {release.FieldManager}, "fieldValidation": {metav1.FieldValidationStrict}},
		})
		if apierrors.IsConflict(err) && attempt < maxConflicts {
			if err := sleep(ctx, retryWait(attempt, nil)); err != nil {
				return release.Object{}, "", err
			}
			continue
		}
		if err != nil {
			return release.Object{}, "", fmt.Errorf("failed to replace object: %w", err)
		}
		out, action, err := written(obj.Ref, resp, release.ActionUpdated)
		if err == nil && metaString(out.Content, "resourceVersion") == metaString(live.Content, "resourceVersion") {
			action = release.ActionUnchanged
		}
		return out, action, err
	}
}
