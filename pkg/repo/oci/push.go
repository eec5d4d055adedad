package oci

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/opencontainers/image-spec/specs-go"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"golang.org/x/sync/errgroup"
	"oras.land/oras-go/v2/registry/remote/auth"

	"github.com/seed-0d4f92cc/pack/pkg/chart"
	"github.com/seed-0d4f92cc/pack/pkg/repo"
)

// Package is what is pushed.
type Package struct {
	// Chart is the archive, Provenance its provenance file or nil.
	Chart      []byte
	Provenance []byte
	// Created is noted in the manifest, in its own time zone, as Helm notes the
	// time of the file; zero leaves it out.
	Created time.Time
}

// Pushed is what became of a Package.
type Pushed struct {
	// Ref is "host/path/name:tag".
	Ref string
	// Digest is that of the manifest, "sha256:…".
	Digest string
}

// Push puts a chart into a registry, below a path ("host/path"): its name is the
// last part of the repository, its version the tag. The manifest is the one that
// Helm makes for the same archive.
func (c *Client) Push(ctx context.Context, below string, p Package, access repo.Access) (*Pushed, error) {
	a, err := newArtifact(p)
	if err != nil {
		return nil, err
	}
	ref, err := parse(path.Join(strings.TrimPrefix(below, repo.OCIScheme), a.meta.Name) + ":" + a.meta.Version)
	if err != nil {
		return nil, err
	}
	r, err := c.Open(ref.Repository, access)
	if err != nil {
		return nil, err
	}
	// One token for all.
	ctx = auth.AppendRepositoryScope(ctx, r.Reference, auth.ActionPull, auth.ActionPush)
	if err := a.push(ctx, r, ref.tag); err != nil {
		return nil, Tidy(err)
	}
	return &Pushed{Ref: ref.shown(), Digest: a.manifest.desc.Digest.String()}, nil
}

// blob is content in memory.
type blob struct {
	desc ocispec.Descriptor
	data []byte
}

func newBlob(mediaType string, data []byte) blob {
	return blob{desc: descriptorOf(mediaType, data), data: data}
}

// artifact is a chart as registries have it.
type artifact struct {
	meta     *chart.Metadata
	blobs    []blob
	manifest blob
}

// newArtifact builds Helm's artifact: the metadata as config, the layers in the
// order of their digests, and a manifest that names neither its media type nor
// an artifact type.
func newArtifact(p Package) (*artifact, error) {
	c, err := chart.Read(bytes.NewReader(p.Chart), chart.LoadOptions{AnyVersion: true})
	if err != nil {
		return nil, err
	}
	a := &artifact{meta: c.Metadata()}
	config, err := json.Marshal(a.meta)
	if err != nil {
		return nil, err
	}
	layers := []blob{newBlob(chartType, p.Chart)}
	if p.Provenance != nil {
		layers = append(layers, newBlob(provenanceType, p.Provenance))
	}
	slices.SortFunc(layers, func(x, y blob) int { return cmp.Compare(x.desc.Digest, y.desc.Digest) })
	a.blobs = append(layers, newBlob(configType, config))
	m := ocispec.Manifest{
		Versioned: specs.Versioned{SchemaVersion: 2}, Config: a.blobs[len(layers)].desc,
		Annotations: annotations(a.meta, p.Created),
	}
	for _, layer := range layers {
		m.Layers = append(m.Layers, layer.desc)
	}
	data, err := json.Marshal(m)
	if err != nil {
		return nil, err
	}
	a.manifest = newBlob(ocispec.MediaTypeImageManifest, data)
	return a, nil
}

// annotations are those of the chart, and what Chart.yaml says in the names of
// the OCI specification. The chart's own go before these, but for the title and
// the version.
func annotations(meta *chart.Metadata, created time.Time) map[string]string {
	out := map[string]string{}
	set := func(key, value string) {
		if strings.TrimSpace(value) != "" {
			out[key] = value
		}
	}
	set(ocispec.AnnotationDescription, meta.Description)
	set(ocispec.AnnotationURL, meta.Home)
	if !created.IsZero() {
		set(ocispec.AnnotationCreated, created.Format(time.RFC3339))
	}
	if len(meta.Sources) > 0 {
		set(ocispec.AnnotationSource, meta.Sources[0])
	}
	set(ocispec.AnnotationAuthors, authors(meta.Maintainers))
	for key, value := range meta.Annotations {
		out[key] = value
	}
	for key, value := range map[string]string{ocispec.AnnotationTitle: meta.Name, ocispec.AnnotationVersion: meta.Version} {
		delete(out, key)
		set(key, value)
	}
	return out
}

func authors(maintainers []*chart.Maintainer) string {
	names := make([]string, 0, len(maintainers))
	for _, m := range maintainers {
		name := m.Name
		if m.Email != "" {
			name += " (" + m.Email + ")"
		}
		names = append(names, name)
	}
	return strings.Join(names, ", ")
}

// push puts the artifact into a registry's repository or a layout. What is there
// already is not sent again.
func (a *artifact) push(ctx context.Context, to sink, tag string) error {
	there, err := to.Exists(ctx, a.manifest.desc)
	if err != nil {
		return fmt.Errorf("failed to perform \"Exists\" on destination: %w", err)
	}
	if !there {
		group, ctx := errgroup.WithContext(ctx)
		for _, b := range a.blobs {
			group.Go(func() error { return b.push(ctx, to) })
		}
		if err := group.Wait(); err != nil {
			return err
		}
	}
	if err := to.PushReference(ctx, a.manifest.desc, bytes.NewReader(a.manifest.data), tag); err != nil {
		return fmt.Errorf("failed to perform \"PushReference\" on destination: %w", err)
	}
	return nil
}

func (b blob) push(ctx context.Context, to sink) error {
	there, err := to.Exists(ctx, b.desc)
	if err != nil {
		return fmt.Errorf("failed to perform \"Exists\" on destination: %w", err)
	}
	if there {
		return nil
	}
	if err := to.Push(ctx, b.desc, bytes.NewReader(b.data)); err != nil {
		return fmt.Errorf("failed to perform \"Push\" on destination: %w", err)
	}
	return nil
}
