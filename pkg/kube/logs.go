package kube

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"

	"github.com/seed-0d4f92cc/pack/pkg/manifest"
	"github.com/seed-0d4f92cc/pack/pkg/release"
)

var _ release.LogReader = (*Client)(nil)

// Logs copies the logs of a Pod, or of all pods of a Job, as they are now: pod
// after pod by age, init containers first. Nothing is put between them. What
// can be read is copied even if some cannot; the error joins the failures.
func (c *Client) Logs(ctx context.Context, ref manifest.Ref, w io.Writer) error {
	return c.ContainerLogs(ctx, ref, func(string, string) io.Writer { return w })
}

// ContainerLogs is Logs with a writer for each container. Open is called with
// the names of pod and container when there is a log to copy.
func (c *Client) ContainerLogs(ctx context.Context, ref manifest.Ref, open func(pod, container string) io.Writer) error {
	pods, err := c.podsOf(ctx, ref)
	if err != nil {
		return err
	}
	slices.SortFunc(pods, func(a, b map[string]any) int {
		return cmp.Or(
			cmp.Compare(metaString(a, "creationTimestamp"), metaString(b, "creationTimestamp")),
			cmp.Compare(metaString(a, "name"), metaString(b, "name")),
		)
	})
	var errs []error
	for _, pod := range pods {
		name := metaString(pod, "name")
		for _, container := range containersOf(pod) {
			if err := c.copyLog(ctx, ref.Namespace, name, container, open); err != nil {
				errs = append(errs, fmt.Errorf("log of container %q in pod %q: %w", container, name, err))
			}
			if ctx.Err() != nil {
				return errors.Join(errs...)
			}
		}
	}
	return errors.Join(errs...)
}

// podsOf returns the pods of a Pod or a Job.
func (c *Client) podsOf(ctx context.Context, ref manifest.Ref) ([]map[string]any, error) {
	switch ref.Kind {
	case "Pod":
		pod, err := c.Get(ctx, ref)
		return []map[string]any{pod.Content}, err
	case "Job":
		return c.selectPods(ctx, ref.Namespace, "job-name="+ref.Name)
	}
	return nil, fmt.Errorf("%s: only pods and jobs have logs", ref)
}

// selectPods lists pods by a label selector.
func (c *Client) selectPods(ctx context.Context, namespace, selector string) ([]map[string]any, error) {
	out, err := c.listObjects(ctx, podsAPI().path(namespace), url.Values{"labelSelector": {selector}})
	if err != nil {
		return nil, fmt.Errorf("listing pods in namespace %q: %w", namespace, err)
	}
	return out, nil
}

// listObjects reads all pages of a list.
func (c *Client) listObjects(ctx context.Context, path string, query url.Values) ([]map[string]any, error) {
	var out []map[string]any
	err := c.pages(ctx, request{path: path, query: query}, func(resp *response) (string, error) {
		var page struct {
			Metadata struct {
				Continue string `json:"continue"`
			} `json:"metadata"`
			Items []map[string]any `json:"items"`
		}
		err := resp.decode(&page)
		if resp.again {
			out = nil
		}
		out = append(out, page.Items...)
		return page.Metadata.Continue, err
	})
	return out, err
}

// containersOf names the containers of a pod.
func containersOf(pod map[string]any) []string {
	var names []string
	spec := mapAt(pod, "spec")
	for _, field := range []string{"initContainers", "containers"} {
		list, _ := spec[field].([]any)
		for _, container := range list {
			container, _ := container.(map[string]any)
			names = append(names, stringAt(container, "name"))
		}
	}
	return names
}

func (c *Client) copyLog(ctx context.Context, namespace, pod, container string, open func(pod, container string) io.Writer) error {
	ref := manifest.Ref{Kind: "Pod", Namespace: namespace, Name: pod}
	var w io.Writer
	var copied int64
	return c.readLog(ctx, ref, url.Values{"container": {container}}, func(log io.Reader) error {
		if w == nil {
			w = open(pod, container)
		}
		// What came before an answer was cut off has been copied.
		if _, err := io.CopyN(io.Discard, log, copied); err != nil && !errors.Is(err, io.EOF) {
			return err
		}
		n, err := io.Copy(taker{w}, log)
		copied += n
		return err
	})
}

// taker is a writer whose errors are no reason to send a request again.
type taker struct{ io.Writer }

// Write implements io.Writer.
func (t taker) Write(p []byte) (int, error) {
	n, err := t.Writer.Write(p)
	if err != nil {
		err = &unsentError{err}
	}
	return n, err
}

// readLog reads the log of a pod, as it is now. Read is called again if an answer is cut
// off.
func (c *Client) readLog(ctx context.Context, pod manifest.Ref, query url.Values, read func(io.Reader) error) error {
	path, err := podsAPI().objectPath(pod)
	if err != nil {
		return err
	}
	_, err = c.do(ctx, request{
		method: http.MethodGet, path: path + "/log", accept: "*/*", query: query, paced: true,
		stream: func(_ http.Header, log io.Reader) error { return read(log) },
	})
	return err
}

// podsAPI is where pods are: that need not be asked.
func podsAPI() api { return api{groupVersion: "v1", resource: "pods", kind: "Pod", namespaced: true} }
