package kube

import (
	"context"
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

// Delete asks for one object to go. Errors: release.ErrObjectNotFound;
// *NoMatchError.
func (c *Client) Delete(ctx context.Context, ref manifest.Ref, opts release.DeleteObjectOptions) error {
	propagation, err := propagationPolicy(opts.Propagation)
	if err != nil {
		return err
	}
	path, err := c.locate(ctx, ref)
	if err != nil {
		return err
	}
	_, err = c.do(ctx, request{
		method: http.MethodDelete, path: path, query: url.Values{"propagationPolicy": {propagation}},
	})
	var status *statusError
	if errors.As(err, &status) && status.uncertain && status.code == http.StatusNotFound {
		return nil // an attempt that seemed to fail did it
	}
	return asNotFound(err)
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
