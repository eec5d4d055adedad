package kube

import (
	"context"
	"errors"
	"fmt"
	"slices"

	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"github.com/seed-0d4f92cc/pack/pkg/manifest"
)

// Lookup answers the template function lookup (render.LookupFunc): one object,
// or the list of all when name is empty, in all namespaces when namespace is.
// As in Helm, what does not exist is an empty map, and so is a kind that an
// API version does not have; an API version that is not served is an error.
func (c *Client) Lookup(ctx context.Context, apiVersion, kind, namespace, name string) (map[string]any, error) {
	ref := manifest.Ref{APIVersion: apiVersion, Kind: kind, Namespace: namespace, Name: name}
	found, err := c.resolve(ctx, ref)
	if errors.Is(err, ErrNoMatch) {
		return c.lookupUnserved(ctx, ref)
	}
	if err != nil {
		return nil, err
	}
	if !found.namespaced {
		ref.Namespace = ""
	}
	if name == "" {
		return c.lookupList(ctx, found, ref)
	}
	if found.namespaced && namespace == "" {
		return map[string]any{}, nil
	}
	path, err := found.objectPath(ref)
	if err != nil {
		return nil, err
	}
	resp, err := c.get(ctx, path)
	if apierrors.IsNotFound(err) {
		return map[string]any{}, nil
	}
	if err != nil {
		return nil, err
	}
	return resp.object()
}

// lookupUnserved tells a kind that is not served from an API version.
func (c *Client) lookupUnserved(ctx context.Context, ref manifest.Ref) (map[string]any, error) {
	known, err := c.served(ctx)
	if err != nil {
		return nil, err
	}
	if slices.Contains(known.versions, ref.APIVersion) {
		return map[string]any{}, nil
	}
	return nil, fmt.Errorf("unable to get apiresource from unstructured: %s: the server could not find the requested resource", gvk(ref))
}

// lookupList reads all pages of a list into one list object.
func (c *Client) lookupList(ctx context.Context, found api, ref manifest.Ref) (map[string]any, error) {
	var list map[string]any
	var items []any
	err := c.pages(ctx, request{path: found.path(ref.Namespace)}, func(resp *response) (string, error) {
		page, err := resp.object()
		if err != nil {
			return "", err
		}
		more, _ := page["items"].([]any)
		for _, item := range more {
			if item, ok := item.(map[string]any); ok && item["kind"] == nil {
				item["kind"], item["apiVersion"] = ref.Kind, ref.APIVersion
			}
		}
		if resp.again {
			list, items = nil, nil
		}
		items = append(items, more...)
		if list == nil {
			list = page
		}
		return metaString(page, "continue"), nil
	})
	if apierrors.IsNotFound(err) {
		return map[string]any{}, nil
	}
	if err != nil {
		return nil, err
	}
	if meta := mapAt(list, "metadata"); meta != nil {
		delete(meta, "continue")
		delete(meta, "remainingItemCount")
	}
	if items == nil {
		items = []any{}
	}
	list["items"] = items
	return list, nil
}
