package kube

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"mime"
	"net/http"
	"slices"
	"strings"
	"sync"

	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"github.com/seed-0d4f92cc/pack/pkg/manifest"
	"github.com/seed-0d4f92cc/pack/pkg/render"
)

// typeDiscovery asks for all groups, versions and resources in one document,
// as servers from 1.26 on give it, and takes a list of groups from older ones.
const typeDiscovery = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList," +
	"application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,application/json"

// api is one resource of the server: where the objects of a kind are.
type api struct {
	// groupVersion is the apiVersion of its objects.
	groupVersion string
	resource     string
	kind         string
	namespaced   bool
	// status: its objects have a status of their own.
	status bool
	// announced: only a definition says so, the server did not when it was
	// asked.
	announced bool
}

// path is where the objects are, in one namespace or, if that is empty, in all.
func (a api) path(namespace string) string {
	prefix := "/apis/"
	if !strings.Contains(a.groupVersion, "/") {
		prefix = "/api/"
	}
	if a.namespaced && namespace != "" {
		return prefix + a.groupVersion + "/namespaces/" + namespace + "/" + a.resource
	}
	return prefix + a.groupVersion + "/" + a.resource
}

// apis is all that the server serves.
type apis struct {
	byKind map[manifest.Ref]api // by APIVersion and Kind alone
	// versions are the group versions and "group/version/Kind", sorted.
	versions []string
	// silent are the group versions whose server does not answer: what it has is not
	// known.
	silent map[string]bool
}

func newAPIs() *apis { return &apis{byKind: map[manifest.Ref]api{}, silent: map[string]bool{}} }

// add notes a resource. The first of a kind counts, as in kubectl.
func (a *apis) add(r api) {
	key := manifest.Ref{APIVersion: r.groupVersion, Kind: r.kind}
	if _, known := a.byKind[key]; !known {
		a.byKind[key] = r
	}
}

func (a *apis) merge(b *apis) {
	for key, r := range b.byKind {
		a.byKind[key] = r
	}
	maps.Copy(a.silent, b.silent)
	a.versions = append(a.versions, b.versions...)
}

// UnreachableError says that a cluster did not answer.
type UnreachableError struct {
	// Server is the address of the API server, empty where no connection could be
	// prepared; Context is that of the kubeconfig, or empty.
	Server, Context string
	Err             error
}

// Error begins as Helm's does.
func (e *UnreachableError) Error() string {
	var where []string
	if e.Server != "" {
		where = append(where, "server "+e.Server)
	}
	if e.Context != "" {
		where = append(where, fmt.Sprintf("context %q", e.Context))
	}
	if len(where) == 0 {
		return fmt.Sprintf("kubernetes cluster unreachable: %v", e.Err)
	}
	return fmt.Sprintf("kubernetes cluster unreachable: %v (%s)", e.Err, strings.Join(where, ", "))
}

// Unwrap returns what went wrong.
func (e *UnreachableError) Unwrap() error { return e.Err }

// Capabilities asks for the version, and for the APIs unless they are known
// already. The error is an *UnreachableError. Groups whose server does not
// answer are logged and left out.
func (c *Client) Capabilities(ctx context.Context) (render.Capabilities, error) {
	resp, err := c.get(ctx, "/version")
	if err != nil {
		return render.Capabilities{}, c.unreachable(ctx, err)
	}
	var version struct {
		GitVersion string `json:"gitVersion"`
		Major      string `json:"major"`
		Minor      string `json:"minor"`
	}
	if err := resp.decode(&version); err != nil {
		return render.Capabilities{}, c.unreachable(ctx, err)
	}
	known, err := c.served(ctx)
	if err != nil {
		return render.Capabilities{}, c.unreachable(ctx, err)
	}
	return render.Capabilities{
		KubeVersion: render.KubeVersion{Version: version.GitVersion, Major: version.Major, Minor: version.Minor},
		APIVersions: slices.Clone(known.versions),
	}, nil
}

func (c *Client) unreachable(ctx context.Context, err error) error {
	if ctx.Err() != nil || isUnreachable(err) {
		return err
	}
	var server string
	if conn, err := c.connect(); err == nil {
		server = conn.base.Redacted()
	}
	return &UnreachableError{Server: server, Context: c.opts.Context, Err: err}
}

func isUnreachable(err error) bool {
	_, ok := errors.AsType[*UnreachableError](err)
	return ok
}

// Refresh forgets the server's APIs.
func (c *Client) Refresh() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.apis = nil
}

// served returns what the server serves, and asks if that is not known. Calls
// at once may ask more than once; they come to the same.
func (c *Client) served(ctx context.Context) (*apis, error) {
	c.mu.Lock()
	known := c.apis
	c.mu.Unlock()
	if known != nil {
		return known, nil
	}
	known, err := c.discover(ctx)
	if err != nil {
		return nil, fmt.Errorf("asking for the server's APIs: %w", err)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.apis = known
	return known, nil
}

// discover asks for the core group and all others.
func (c *Client) discover(ctx context.Context) (*apis, error) {
	roots := []string{"/api", "/apis"}
	found := make([]*apis, len(roots))
	errs := make([]error, len(roots))
	var wg sync.WaitGroup
	for i, root := range roots {
		wg.Go(func() { found[i], errs[i] = c.discoverRoot(ctx, root) })
	}
	wg.Wait()
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	all := newAPIs()
	for _, f := range found {
		all.merge(f)
	}
	slices.Sort(all.versions)
	all.versions = slices.Compact(all.versions)
	return all, nil
}

func (c *Client) discoverRoot(ctx context.Context, root string) (*apis, error) {
	resp, err := c.do(ctx, request{method: http.MethodGet, path: root, accept: typeDiscovery})
	if apierrors.IsNotAcceptable(err) {
		// Something before the server knows plain JSON only.
		resp, err = c.get(ctx, root)
	}
	if err != nil {
		return nil, err
	}
	if _, params, err := mime.ParseMediaType(resp.header.Get("Content-Type")); err == nil && params["as"] == "APIGroupDiscoveryList" {
		return c.readAggregated(resp)
	}
	return c.discoverPlain(ctx, root, resp)
}

// aggregated is the part of an APIGroupDiscoveryList that is of use.
type aggregated struct {
	Items []struct {
		Metadata struct {
			Name string `json:"name"`
		} `json:"metadata"`
		Versions []aggregatedVersion `json:"versions"`
	} `json:"items"`
}

type aggregatedVersion struct {
	Version   string               `json:"version"`
	Freshness string               `json:"freshness"`
	Resources []aggregatedResource `json:"resources"`
}

type aggregatedResource struct {
	Resource     string       `json:"resource"`
	ResponseKind responseKind `json:"responseKind"`
	Scope        string       `json:"scope"`
	Subresources []struct {
		Subresource  string       `json:"subresource"`
		ResponseKind responseKind `json:"responseKind"`
	} `json:"subresources"`
}

type responseKind struct {
	Kind string `json:"kind"`
}

func (c *Client) readAggregated(resp *response) (*apis, error) {
	var list aggregated
	if err := resp.decode(&list); err != nil {
		return nil, err
	}
	all := newAPIs()
	for _, group := range list.Items {
		for _, v := range group.Versions {
			groupVersion := joinGroupVersion(group.Metadata.Name, v.Version)
			if v.Freshness == "Stale" {
				c.opts.Logger.Warn("an API group cannot be asked for its kinds: its server does not answer", "group", groupVersion)
				all.silent[groupVersion] = true
			}
			all.versions = append(all.versions, groupVersion)
			for _, r := range v.Resources {
				all.addAggregated(groupVersion, r)
			}
		}
	}
	return all, nil
}

func (a *apis) addAggregated(groupVersion string, r aggregatedResource) {
	if kind := r.ResponseKind.Kind; kind != "" {
		a.versions = append(a.versions, groupVersion+"/"+kind)
		found := api{groupVersion: groupVersion, resource: r.Resource, kind: kind, namespaced: r.Scope == "Namespaced"}
		for _, sub := range r.Subresources {
			found.status = found.status || sub.Subresource == "status"
		}
		a.add(found)
	}
	for _, sub := range r.Subresources {
		if kind := sub.ResponseKind.Kind; kind != "" {
			a.versions = append(a.versions, groupVersion+"/"+kind)
		}
	}
}

func joinGroupVersion(group, version string) string {
	if group == "" {
		return version
	}
	return group + "/" + version
}
