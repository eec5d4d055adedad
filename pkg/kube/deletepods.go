package kube

import (
	"context"
	"encoding/json"
	"net/http"

	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"github.com/seed-0d4f92cc/pack/pkg/manifest"
	"github.com/seed-0d4f92cc/pack/pkg/release"
)

var _ release.PodDeleter = (*Client)(nil)

// DeletePods deletes the pods that a workload selects, by the selector that obj has. A
// pod that has gone meanwhile, or another of its name that has come, is passed over.
// Jobs have no selector of their own, and their pods are left.
func (c *Client) DeletePods(ctx context.Context, obj release.Object) ([]manifest.Ref, error) {
	kind := groupKind{obj.Ref.Group(), obj.Ref.Kind}
	if !makesPods(kind) {
		return nil, nil
	}
	selector := selectorOf(kind, obj.Content)
	if selector == "" {
		return nil, nil
	}
	pods, err := c.selectPods(ctx, obj.Ref.Namespace, selector)
	if err != nil {
		return nil, err
	}
	gone := make([]bool, len(pods))
	err = c.each(ctx, len(pods), func(ctx context.Context, i int) error {
		var err error
		gone[i], err = c.deletePod(ctx, pods[i])
		return err
	})
	var out []manifest.Ref
	for i, pod := range pods {
		if gone[i] {
			out = append(out, podRef(pod))
		}
	}
	return out, err
}

func podRef(pod map[string]any) manifest.Ref {
	return manifest.Ref{APIVersion: "v1", Kind: "Pod", Namespace: metaString(pod, "namespace"), Name: metaString(pod, "name")}
}

// isPassedOver says of an error that the pod is not there any more, or is another one.
func isPassedOver(err error) bool { return apierrors.IsNotFound(err) || apierrors.IsConflict(err) }

// deletePod deletes the very pod that was seen, and says whether it did.
func (c *Client) deletePod(ctx context.Context, pod map[string]any) (bool, error) {
	path, err := c.locate(ctx, podRef(pod))
	if err != nil {
		return false, err
	}
	body, err := json.Marshal(map[string]any{
		"apiVersion": "v1", "kind": "DeleteOptions",
		"preconditions": map[string]any{"uid": metaString(pod, "uid")},
	})
	if err != nil {
		return false, err
	}
	_, err = c.do(ctx, request{method: http.MethodDelete, path: path, body: body})
	if isUncertain(err, isPassedOver) {
		return true, nil // an attempt that seemed to fail did it
	}
	if isPassedOver(err) {
		return false, nil
	}
	return err == nil, err
}
