package oci

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"oras.land/oras-go/v2/content"

	"github.com/seed-0d4f92cc/pack/internal/httpwait"
	"github.com/seed-0d4f92cc/pack/pkg/repo"
)

// The media types of Helm's artifacts, and the ones that manifests had before
// the OCI specification.
const (
	configType      = "application/vnd.cncf.helm.config.v1+json"
	chartType       = "application/vnd.cncf.helm.chart.content.v1.tar+gzip"
	legacyChartType = "application/tar+gzip"
	provenanceType  = "application/vnd.cncf.helm.chart.provenance.v1.prov"

	dockerManifestType = "application/vnd.docker.distribution.manifest.v2+json"
	dockerListType     = "application/vnd.docker.distribution.manifest.list.v2+json"
)

const (
	// maxManifest bounds manifests, and pages of lists.
	maxManifest = 4 << 20
	// maxConfig bounds the config of a chart, which is its Chart.yaml.
	maxConfig = 4 << 20
	// maxProvenance bounds provenance files.
	maxProvenance = 4 << 20
	// maxManifests and maxNesting bound what is looked at below an index.
	maxManifests = 100
	maxNesting   = 4
)

// resolver finds out what a tag or a digest names.
type resolver interface {
	Resolve(ctx context.Context, reference string) (ocispec.Descriptor, error)
}

// source is where content is: a repository of a registry, or a layout.
type source interface {
	resolver
	content.Fetcher
	FetchReference(ctx context.Context, reference string) (ocispec.Descriptor, io.ReadCloser, error)
}

// manifest is what is read of a manifest or an index.
type manifest struct {
	ocispec.Manifest
	Manifests []ocispec.Descriptor `json:"manifests,omitempty"`

	desc ocispec.Descriptor
	data []byte
}

func isIndex(mediaType string) bool {
	return mediaType == ocispec.MediaTypeImageIndex || mediaType == dockerListType
}

func isManifest(mediaType string) bool {
	return mediaType == ocispec.MediaTypeImageManifest || mediaType == dockerManifestType || isIndex(mediaType)
}

// readManifest parses a manifest that was fetched, and sees to it that it cannot
// be read in two ways.
func readManifest(desc ocispec.Descriptor, data []byte) (*manifest, error) {
	m := &manifest{desc: desc, data: data}
	if !isManifest(desc.MediaType) {
		return nil, fmt.Errorf("%s is a %q, which is no manifest of a chart", desc.Digest, desc.MediaType)
	}
	if err := json.Unmarshal(data, m); err != nil {
		return nil, fmt.Errorf("the manifest %s cannot be read: %w", desc.Digest, err)
	}
	index := isIndex(desc.MediaType)
	switch {
	case m.MediaType != "" && m.MediaType != desc.MediaType:
		return nil, fmt.Errorf("the manifest %s is served as %q, and says that it is %q", desc.Digest, desc.MediaType, m.MediaType)
	case index && (m.Config.Digest != "" || len(m.Layers) > 0), !index && len(m.Manifests) > 0:
		return nil, fmt.Errorf("the manifest %s is an index and a manifest at once", desc.Digest)
	}
	return m, nil
}

// fetchManifest fetches what a tag or a digest names.
func fetchManifest(ctx context.Context, from source, ref string) (*manifest, error) {
	desc, body, err := from.FetchReference(ctx, ref)
	if err != nil {
		return nil, err
	}
	defer body.Close()
	return takeManifest(desc, body)
}

// fetchChild fetches a manifest that an index lists.
func fetchChild(ctx context.Context, from source, desc ocispec.Descriptor) (*manifest, error) {
	if err := checkSize(desc, "manifest", maxManifest); err != nil {
		return nil, err
	}
	body, err := from.Fetch(ctx, desc)
	if err != nil {
		return nil, err
	}
	defer body.Close()
	return takeManifest(desc, body)
}

func takeManifest(desc ocispec.Descriptor, body io.Reader) (*manifest, error) {
	if err := checkSize(desc, "manifest", maxManifest); err != nil {
		return nil, err
	}
	data, err := content.ReadAll(body, desc)
	if err != nil {
		return nil, mismatch(err, desc)
	}
	return readManifest(desc, data)
}

// checkSize refuses what is too large, or has a digest that nobody can check.
func checkSize(desc ocispec.Descriptor, what string, limit int64) error {
	if err := desc.Digest.Validate(); err != nil {
		return fmt.Errorf("the %s has the digest %q: %w", what, desc.Digest, err)
	}
	if desc.Size < 0 || desc.Size > limit {
		return fmt.Errorf("the %s %s has %d bytes, and may have %d", what, desc.Digest, desc.Size, limit)
	}
	return nil
}

// mismatch says what does not fit.
func mismatch(err error, desc ocispec.Descriptor) error {
	if errors.Is(err, content.ErrMismatchedDigest) || errors.Is(err, content.ErrTrailingData) {
		return fmt.Errorf("%w: what came for %s is something else (%w)", repo.ErrDigest, desc.Digest, err)
	}
	return err
}

// blobReader fetches content whole, again where it breaks off.
type blobReader struct {
	from source
	cfg  Config
}

// read fetches and checks content of at most limit bytes; what is how it is
// called in errors.
func (b blobReader) read(ctx context.Context, desc ocispec.Descriptor, what string, limit int64) ([]byte, error) {
	if err := checkSize(desc, what, limit); err != nil {
		return nil, err
	}
	for attempt := 0; ; attempt++ {
		data, err := b.once(ctx, desc)
		if err == nil {
			return data, nil
		}
		if httpwait.AfterError(err) < 0 || attempt >= b.cfg.Retries || ctx.Err() != nil {
			return nil, fmt.Errorf("fetching the %s: %w", what, mismatch(err, desc))
		}
		b.cfg.Log.Debug("content broke off, and is fetched again", "digest", desc.Digest, "error", err)
		if err := b.cfg.Wait(ctx, httpwait.Backoff(attempt)); err != nil {
			return nil, err
		}
	}
}

func (b blobReader) once(ctx context.Context, desc ocispec.Descriptor) ([]byte, error) {
	body, err := b.from.Fetch(ctx, desc)
	if err != nil {
		return nil, err
	}
	defer body.Close()
	return content.ReadAll(body, desc)
}

func descriptorOf(mediaType string, data []byte) ocispec.Descriptor {
	return ocispec.Descriptor{MediaType: mediaType, Digest: digest.FromBytes(data), Size: int64(len(data))}
}
