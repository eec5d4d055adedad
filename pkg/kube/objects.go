package kube

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"

	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"github.com/seed-0d4f92cc/pack/pkg/manifest"
	"github.com/seed-0d4f92cc/pack/pkg/release"
)

// notFoundError is release.ErrObjectNotFound with the server's words.
type notFoundError struct{ err error }

func (e *notFoundError) Error() string   { return e.err.Error() }
func (e *notFoundError) Unwrap() []error { return []error{release.ErrObjectNotFound, e.err} }

// asNotFound gives errors for objects that do not exist their sentinel.
func asNotFound(err error) error {
	if apierrors.IsNotFound(err) {
		return &notFoundError{err: err}
	}
	return err
}

// Get reads one object. Errors: release.ErrObjectNotFound; *NoMatchError.
func (c *Client) Get(ctx context.Context, ref manifest.Ref) (release.Object, error) {
	path, err := c.locate(ctx, ref)
	if err != nil {
		return release.Object{}, err
	}
	resp, err := c.get(ctx, path)
	if err != nil {
		return release.Object{}, asNotFound(err)
	}
	content, err := resp.object()
	return release.Object{Ref: ref, Content: content}, err
}

// Delete asks for one object to go: that which DeleteObjectOptions.Live is of goes
// with the request, so that one that arrives late deletes nothing that others have
// made or written since. Where it is another, or has changed, it is deleted all the
// same, after Before was asked. Errors: release.ErrObjectNotFound; *NoMatchError.
func (c *Client) Delete(ctx context.Context, ref manifest.Ref, opts release.DeleteObjectOptions) error {
	propagation, err := propagationPolicy(opts.Propagation)
	if err != nil {
		return err
	}
	path, err := c.locate(ctx, ref)
	if err != nil {
		return err
	}
	live, uncertain := identityIn(opts.Live), false
	for tries := 1; ; tries++ {
		if tries > maxVersions {
			live = identity{}
		}
		err := c.sendDelete(ctx, path, propagation, live.fields(), opts.Before)
		var status *statusError
		uncertain = uncertain || errors.As(err, &status) && status.uncertain
		if uncertain && apierrors.IsNotFound(err) {
			return nil // an attempt that seemed to fail did it
		}
		if live.isEmpty() || !isOverwritten(err) {
			return asNotFound(err)
		}
		if live, err = c.identify(ctx, path); err != nil && !apierrors.IsNotFound(err) {
			return err
		}
	}
}

func (c *Client) sendDelete(ctx context.Context, path, propagation string, preconditions map[string]any, before func(context.Context) error) error {
	r := request{method: http.MethodDelete, path: path, before: before}
	if len(preconditions) == 0 {
		r.query = url.Values{"propagationPolicy": {propagation}}
	} else {
		// The server reads the query only where there is no body.
		body, err := json.Marshal(map[string]any{
			"apiVersion": "v1", "kind": "DeleteOptions", "propagationPolicy": propagation, "preconditions": preconditions,
		})
		if err != nil {
			return err
		}
		r.body = body
	}
	_, err := c.do(ctx, r)
	return err
}

func propagationPolicy(word string) (string, error) {
	switch word {
	case "", "background":
		return "Background", nil
	case "foreground":
		return "Foreground", nil
	case "orphan":
		return "Orphan", nil
	}
	return "", fmt.Errorf("invalid cascade value (%s). Must be \"background\", \"foreground\", or \"orphan\"", word)
}
