package cli

import (
	"context"
	"fmt"

	"github.com/seed-0d4f92cc/pack/pkg/kube"
	"github.com/seed-0d4f92cc/pack/pkg/manifest"
	"github.com/seed-0d4f92cc/pack/pkg/release"
	"github.com/seed-0d4f92cc/pack/pkg/render"
)

// renderPlace is for which cluster a chart is rendered.
type renderPlace struct {
	namespace string
	caps      render.Capabilities
	// client is nil where the cluster is assumed.
	client *kube.Client
}

// livePlace asks the cluster of the kubeconfig.
func (s *session) livePlace(ctx context.Context) (renderPlace, error) {
	var p renderPlace
	var err error
	if p.client, p.namespace, err = s.newClient(); err == nil {
		p.caps, err = p.client.Capabilities(ctx)
	}
	if err != nil {
		return p, fmt.Errorf("cluster reachability check failed: %w", err)
	}
	return p, nil
}

// check has the cluster look at what was rendered.
func (o *templateOptions) check(ctx context.Context, place renderPlace, name string, res *render.Result) error {
	objects, err := place.check(ctx, res, !o.skipValidation)
	if err != nil || o.isUpgrade || o.takeOwnership {
		return err
	}
	return place.checkOwners(ctx, name, objects)
}

// check has the cluster look at the objects of a result: their kinds must be
// known, or be defined by the chart's CRDs, and with validate their fields must
// meet the server's schemas.
func (p renderPlace) check(ctx context.Context, res *render.Result, validate bool) ([]release.Object, error) {
	var definitions []manifest.Manifest
	for _, crd := range res.CRDs {
		for _, document := range manifest.Split(string(crd.Content)) {
			definitions = append(definitions, manifest.Manifest{Path: crd.Path, Content: document})
		}
	}
	opts := release.BuildOptions{Namespace: p.namespace}
	objects, err := p.client.Build(ctx, definitions, opts)
	if err == nil {
		opts.CRDs, opts.Validate = objects, validate
		objects, err = p.client.Build(ctx, res.Manifests, opts)
	}
	if err != nil {
		return nil, fmt.Errorf("unable to build kubernetes objects from release manifest: %w", err)
	}
	return objects, nil
}

// checkOwners says which of the objects exist and would not be the release's.
func (p renderPlace) checkOwners(ctx context.Context, name string, objects []release.Object) error {
	engine, err := release.New(release.Config{Store: kube.NewSecretStore(p.client), Cluster: p.client})
	if err != nil {
		return err
	}
	return engine.CheckOwners(ctx, release.Key{Namespace: p.namespace, Name: name}, objects)
}
