package kube

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/seed-0d4f92cc/pack/internal/parallel"
	"github.com/seed-0d4f92cc/pack/pkg/manifest"
	"github.com/seed-0d4f92cc/pack/pkg/release"
)

// ErrNoMatch is for objects whose kind the server does not serve.
var ErrNoMatch = errors.New("no matches for kind")

// NoMatchError is ErrNoMatch for one object.
type NoMatchError struct {
	// Path is the template that the object came from, where that is known.
	Path string
	// Ref has the namespace that the object itself names.
	Ref manifest.Ref
}

// Error is kubectl's text, with Helm's hint.
func (e *NoMatchError) Error() string {
	return fmt.Sprintf("resource mapping not found for name: %q namespace: %q from %q: %v %q in version %q\nensure CRDs are installed first",
		e.Ref.Name, e.Ref.Namespace, e.Path, ErrNoMatch, e.Ref.Kind, e.Ref.APIVersion)
}

// Unwrap returns ErrNoMatch.
func (e *NoMatchError) Unwrap() error { return ErrNoMatch }

// ErrSilentGroup is for objects of an API group whose server does not answer: whether
// there are any is not known.
var ErrSilentGroup = errors.New("the API group does not answer")

// silentGroup is ErrSilentGroup for one object.
func silentGroup(ref manifest.Ref) error {
	return fmt.Errorf("%w: %s of %s cannot be found: mend its server (kubectl get apiservice %s.%s), or delete that APIService if it is gone for good",
		ErrSilentGroup, ref.Kind, ref.APIVersion, ref.Version(), ref.Group())
}

// mapper finds the resource of a kind during one call: it asks the server anew
// at most once.
type mapper struct {
	client *Client
	hints  *apis // kinds of definitions that will be installed; may be nil
	fresh  bool  // the server has been asked during this call
}

// find returns the resource of an object's kind. The error is a *NoMatchError,
// ErrSilentGroup, or says that the server cannot be asked.
func (m *mapper) find(ctx context.Context, ref manifest.Ref) (api, error) {
	key := manifest.Ref{APIVersion: ref.APIVersion, Kind: ref.Kind}
	for {
		m.client.mu.Lock()
		known := m.client.apis
		m.client.mu.Unlock()
		if known == nil {
			m.fresh = true
			var err error
			if known, err = m.client.served(ctx); err != nil {
				return api{}, err
			}
		}
		if found, ok := known.byKind[key]; ok {
			return found, nil
		}
		if m.hints != nil {
			if found, ok := m.hints.byKind[key]; ok {
				return found, nil
			}
		}
		if m.fresh && known.silent[ref.APIVersion] {
			return api{}, silentGroup(ref)
		}
		if m.fresh {
			return api{}, &NoMatchError{Ref: ref}
		}
		m.client.Refresh()
	}
}

// resolve returns the resource of an object's kind, as the server serves it or
// as a definition that was built says that it will.
func (c *Client) resolve(ctx context.Context, ref manifest.Ref) (api, error) {
	c.mu.Lock()
	hints := c.hints
	c.mu.Unlock()
	m := mapper{client: c, hints: hints}
	return m.find(ctx, ref)
}

// remember keeps what definitions say of their kinds, so that objects of those
// kinds can be read and written as soon as the definitions are installed.
func (c *Client) remember(hints *apis) {
	if hints == nil || len(hints.byKind) == 0 {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	all := newAPIs()
	all.merge(c.hints)
	all.merge(hints)
	c.hints = all
}

// readDefinitions returns the resources that definitions describe. What is not
// a CustomResourceDefinition is passed over.
func readDefinitions(crds []release.Object) *apis {
	all := newAPIs()
	for _, crd := range crds {
		if crd.Ref.Kind != "CustomResourceDefinition" {
			continue
		}
		spec := mapAt(crd.Content, "spec")
		names := mapAt(spec, "names")
		group := stringAt(spec, "group")
		found := api{
			resource:   stringAt(names, "plural"),
			kind:       stringAt(names, "kind"),
			namespaced: stringAt(spec, "scope") != "Cluster",
			announced:  true,
		}
		for _, version := range definedVersions(spec) {
			found.groupVersion = joinGroupVersion(group, version)
			all.add(found)
		}
	}
	return all
}

// definedVersions are the versions that a definition says are served.
func definedVersions(spec map[string]any) []string {
	var out []string
	if v := stringAt(spec, "version"); v != "" { // apiextensions.k8s.io/v1beta1
		out = append(out, v)
	}
	versions, _ := spec["versions"].([]any)
	for _, v := range versions {
		v, _ := v.(map[string]any)
		if served, given := v["served"].(bool); given && !served {
			continue
		}
		if name := stringAt(v, "name"); name != "" {
			out = append(out, name)
		}
	}
	return out
}

// objectPath is where one object is. The name must be one that a path can hold.
func (a api) objectPath(ref manifest.Ref) (string, error) {
	for _, segment := range []string{ref.Name, ref.Namespace} {
		if segment == "." || segment == ".." || strings.ContainsAny(segment, "/%") {
			return "", fmt.Errorf("%s: %q is not a possible name of an object", ref, segment)
		}
	}
	if ref.Name == "" {
		return "", fmt.Errorf("%s in namespace %q: resource name may not be empty", ref.Kind, ref.Namespace)
	}
	if a.namespaced && ref.Namespace == "" {
		return "", fmt.Errorf("%s: a namespace is needed", ref)
	}
	return a.path(ref.Namespace) + "/" + ref.Name, nil
}

// locate returns where one object is.
func (c *Client) locate(ctx context.Context, ref manifest.Ref) (string, error) {
	found, err := c.resolve(ctx, ref)
	if err != nil {
		return "", err
	}
	return found.objectPath(ref)
}

// each calls fn for 0 to n-1, at most Options.Parallel at once, and joins the
// errors in that order. When ctx ends no further call starts.
func (c *Client) each(ctx context.Context, n int, fn func(ctx context.Context, i int) error) error {
	errs, all := parallel.Each(ctx, c.opts.Parallel, n, fn)
	if !all {
		errs = append(errs, ended(ctx))
	}
	return errors.Join(errs...)
}
