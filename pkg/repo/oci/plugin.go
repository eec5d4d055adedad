package oci

import (
	"context"
	"errors"
	"fmt"
	"strings"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/seed-0d4f92cc/pack/pkg/repo"
)

// pluginType is the type of artifacts that are Helm's plugins.
const pluginType = "application/vnd.helm.plugin.v1+json"

// maxPlugin bounds the archive of a plugin.
const maxPlugin = 128 << 20

// ErrNoPlugin is wrapped where a reference names something else than a plugin.
var ErrNoPlugin = errors.New("this is no plugin")

// PullPlugin fetches the plugin of a name that a reference with a tag, a digest,
// or both (which must agree) names: Pulled.Chart is its archive, and Provenance
// the provenance file, nil if there is none. Errors are like those of Pull.
func (c *Client) PullPlugin(ctx context.Context, ref, name string, access repo.Access) (*repo.Pulled, error) {
	parsed, err := parse(ref)
	if err != nil {
		return nil, err
	}
	r, err := c.Open(parsed.Repository, access)
	if err != nil {
		return nil, err
	}
	pulled, err := pullPlugin(ctx, r, c.cfg, parsed, name)
	return pulled, Tidy(err)
}

func pullPlugin(ctx context.Context, from source, cfg Config, ref reference, name string) (*repo.Pulled, error) {
	if ref.Digest != "" && ref.tag != "" {
		if err := agree(ctx, from, ref); err != nil {
			return nil, err
		}
	}
	m, err := fetchManifest(ctx, from, ref.wanted())
	if err != nil {
		return nil, fmt.Errorf("failed to perform \"FetchReference\" on source: %w", err)
	}
	if want := ref.Digest; want != "" && m.desc.Digest.String() != want {
		return nil, fmt.Errorf("%w: the manifest is %s, and should be %s", repo.ErrDigest, m.desc.Digest, want)
	}
	if err := checkPlugin(m); err != nil {
		return nil, err
	}
	archive, version, err := titled(m.Layers, name, ".tgz")
	if err == nil && archive == nil {
		err = fmt.Errorf("required layer matching pattern %s-VERSION.tgz not found in manifest", name)
	}
	if err != nil {
		return nil, err
	}
	prov, _, err := titled(m.Layers, name, ".tgz.prov")
	if err != nil {
		return nil, err
	}
	out := &repo.Pulled{Ref: ref.shown(), Digest: m.desc.Digest.String(), Name: name, Version: version}
	blobs := blobReader{from: from, cfg: cfg}
	if out.Chart, err = blobs.read(ctx, *archive, "plugin", maxPlugin); err != nil || prov == nil {
		return out, err
	}
	out.Provenance, err = blobs.read(ctx, *prov, "provenance file", maxProvenance)
	return out, err
}

// checkPlugin says whether a manifest is that of a plugin, in Helm's words.
func checkPlugin(m *manifest) error {
	switch {
	case m.ArtifactType != "" && m.ArtifactType != pluginType:
		return fmt.Errorf("expected artifact type %s, got %s: %w", pluginType, m.ArtifactType, ErrNoPlugin)
	case m.ArtifactType == "" && m.Config.MediaType != pluginType:
		return fmt.Errorf("expected config media type %s for legacy compatibility, got %s: %w", pluginType, m.Config.MediaType, ErrNoPlugin)
	}
	return nil
}

// titled is the layer whose title is "name-VERSION" and a suffix, nil if there is
// none. Two that differ would let everybody see another plugin.
func titled(layers []ocispec.Descriptor, name, suffix string) (found *ocispec.Descriptor, version string, err error) {
	for i, layer := range layers {
		rest, named := strings.CutPrefix(layer.Annotations[ocispec.AnnotationTitle], name+"-")
		rest, suffixed := strings.CutSuffix(rest, suffix)
		if !named || !suffixed {
			continue
		}
		if found != nil && found.Digest != layer.Digest {
			return nil, "", fmt.Errorf("manifest contains two layers titled %s-VERSION%s", name, suffix)
		}
		found, version = &layers[i], rest
	}
	return found, version, nil
}
