package oci

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"golang.org/x/sync/errgroup"

	"github.com/seed-0d4f92cc/pack/pkg/chart"
	"github.com/seed-0d4f92cc/pack/pkg/repo"
)

// Pull fetches the chart that a reference names. An index is followed to the
// first chart in it. The error wraps repo.ErrNotFound, repo.ErrDigest or
// ErrUnauthorized where that is what happened.
func (c *Client) Pull(ctx context.Context, ref string, opts repo.PullOptions) (*repo.Pulled, error) {
	parsed, err := parse(ref)
	if err != nil {
		return nil, err
	}
	r, err := c.Open(parsed.Repository, opts.Access)
	if err != nil {
		return nil, err
	}
	pulled, err := pullFrom(ctx, r, c.cfg, parsed, opts)
	return pulled, Tidy(err)
}

// pullFrom pulls from a registry or a layout.
func pullFrom(ctx context.Context, from source, cfg Config, ref reference, opts repo.PullOptions) (*repo.Pulled, error) {
	if ref.Digest != "" && ref.tag != "" {
		if err := agree(ctx, from, ref); err != nil {
			return nil, err
		}
	}
	root, m, err := findChart(ctx, from, ref)
	if err != nil {
		return nil, err
	}
	p := puller{blobs: blobReader{from: from, cfg: cfg}, opts: opts, out: &repo.Pulled{Ref: ref.shown(), Digest: root.desc.Digest.String()}}
	return p.out, p.pull(ctx, m)
}

// findChart fetches what a reference names, and finds the manifest of the chart
// in it.
func findChart(ctx context.Context, from source, ref reference) (root, m *manifest, err error) {
	root, err = fetchManifest(ctx, from, ref.wanted())
	if err != nil {
		return nil, nil, fmt.Errorf("failed to perform \"FetchReference\" on source: %w", err)
	}
	if want := ref.Digest; want != "" && root.desc.Digest.String() != want {
		return nil, nil, fmt.Errorf("%w: the manifest is %s, and should be %s", repo.ErrDigest, root.desc.Digest, want)
	}
	finder := chartFinder{from: from, left: maxManifests}
	if m, err = finder.find(ctx, root, maxNesting); err == nil && m == nil {
		err = noChart(root)
	}
	return root, m, err
}

// Metadata fetches what Chart.yaml says of the chart that a reference names,
// without the chart. The error wraps ErrNoChart where it names something else.
func (c *Client) Metadata(ctx context.Context, ref string, access repo.Access) (*chart.Metadata, error) {
	parsed, err := parse(ref)
	if err != nil {
		return nil, err
	}
	r, err := c.Open(parsed.Repository, access)
	if err != nil {
		return nil, err
	}
	_, m, err := findChart(ctx, r, parsed)
	if err != nil {
		return nil, Tidy(err)
	}
	meta := new(chart.Metadata)
	blobs := blobReader{from: r, cfg: c.cfg}
	return meta, Tidy(blobs.config(ctx, m.Config, meta))
}

// ErrNoChart is wrapped where a reference names something else than a chart.
var ErrNoChart = errors.New("this is no chart")

// noChart is the error for what is no chart.
func noChart(m *manifest) error {
	kind := m.Config.MediaType
	if m.ArtifactType != "" {
		kind = m.ArtifactType
	}
	if isIndex(m.desc.MediaType) || kind == "" {
		return fmt.Errorf("could not load config with mediatype %s: %w", configType, ErrNoChart)
	}
	return fmt.Errorf("could not load config with mediatype %s: %w, but %q", configType, ErrNoChart, kind)
}

// chartFinder looks for the manifest of a chart.
type chartFinder struct {
	from source
	// left is how many manifests may still be fetched.
	left int
}

// find returns the first manifest of a chart in m or below it, nil if there is
// none.
func (f *chartFinder) find(ctx context.Context, m *manifest, nesting int) (*manifest, error) {
	if !isIndex(m.desc.MediaType) {
		if m.Config.MediaType == configType {
			return m, nil
		}
		return nil, nil
	}
	if nesting == 0 {
		return nil, errors.New("there are indexes in indexes, too deep")
	}
	for _, desc := range m.Manifests {
		if !isManifest(desc.MediaType) || desc.ArtifactType != "" && desc.ArtifactType != configType {
			continue
		}
		if f.left--; f.left < 0 {
			return nil, fmt.Errorf("no chart is among the first %d manifests of the index", maxManifests)
		}
		child, err := fetchChild(ctx, f.from, desc)
		if err != nil {
			return nil, err
		}
		if found, err := f.find(ctx, child, nesting-1); found != nil || err != nil {
			return found, err
		}
	}
	return nil, nil
}

type puller struct {
	blobs blobReader
	opts  repo.PullOptions
	out   *repo.Pulled
}

// pull fetches the parts of a chart, at once.
func (p *puller) pull(ctx context.Context, m *manifest) error {
	layer, err := p.chartLayer(m)
	if err != nil {
		return err
	}
	var prov *ocispec.Descriptor
	if p.opts.Provenance {
		if prov, err = one(m.Layers, provenanceType); err != nil {
			return err
		}
	}
	limit := p.opts.MaxBytes
	if limit <= 0 {
		limit = repo.DefaultMaxBytes
	}
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return p.config(ctx, m.Config) })
	group.Go(func() (err error) {
		p.out.Chart, err = p.cached(ctx, *layer, limit)
		return err
	})
	if prov != nil {
		group.Go(func() (err error) {
			p.out.Provenance, err = p.blobs.read(ctx, *prov, "provenance file", maxProvenance)
			return err
		})
	}
	return group.Wait()
}

// chartLayer is the layer with the archive.
func (p *puller) chartLayer(m *manifest) (*ocispec.Descriptor, error) {
	layer, err := one(m.Layers, chartType)
	if layer != nil || err != nil {
		return layer, err
	}
	layer, err = one(m.Layers, legacyChartType)
	if err == nil && layer == nil {
		err = fmt.Errorf("manifest does not contain a layer with mediatype %s", chartType)
	}
	if err == nil {
		p.blobs.cfg.Log.Warn(fmt.Sprintf("chart media type %s is deprecated", legacyChartType), "ref", p.out.Ref)
	}
	return layer, err
}

// one is the layer of a media type, nil if there is none. Two that differ would
// let everybody see another chart.
func one(layers []ocispec.Descriptor, mediaType string) (*ocispec.Descriptor, error) {
	var found *ocispec.Descriptor
	for i, layer := range layers {
		if layer.MediaType != mediaType {
			continue
		}
		if found != nil && found.Digest != layer.Digest {
			return nil, fmt.Errorf("manifest contains two layers with mediatype %s", mediaType)
		}
		found = &layers[i]
	}
	return found, nil
}

func (p *puller) cached(ctx context.Context, desc ocispec.Descriptor, limit int64) ([]byte, error) {
	if p.opts.Cached != nil {
		if data, ok := p.opts.Cached(desc.Digest.String()); ok && int64(len(data)) == desc.Size {
			return data, nil
		}
	}
	if p.opts.Take != nil && desc.Size <= limit {
		if err := p.opts.Take(int(desc.Size)); err != nil {
			return nil, err
		}
	}
	return p.blobs.read(ctx, desc, "chart", limit)
}

// config takes the chart's name and version.
func (p *puller) config(ctx context.Context, desc ocispec.Descriptor) error {
	var meta struct{ Name, Version string }
	err := p.blobs.config(ctx, desc, &meta)
	p.out.Name, p.out.Version = meta.Name, meta.Version
	return err
}

func (b blobReader) config(ctx context.Context, desc ocispec.Descriptor, into any) error {
	data, err := b.read(ctx, desc, "config", maxConfig)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(data, into); err != nil {
		return fmt.Errorf("the config %s cannot be read: %w", desc.Digest, err)
	}
	return nil
}
