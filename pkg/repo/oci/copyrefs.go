package oci

import (
	"context"
	"fmt"
	"strings"

	"github.com/seed-0d4f92cc/pack/pkg/repo"
)

// CopyOptions is how charts, and other artifacts, are copied.
type CopyOptions struct {
	// From and To say how the registries are reached.
	From, To repo.Access
	// NoReferrers leaves signatures behind, and whatever else refers to what is
	// copied.
	NoReferrers bool
	// MaxBytes bounds each blob; 0 means 4 GiB.
	MaxBytes int64
}

// Copied is something that was copied.
type Copied struct {
	// From and To are references: "host/path:tag", or "oci-layout:DIR:NAME".
	From, To string
	// Digest is that of the manifest, and the same on both sides.
	Digest string
}

// Copy copies a chart, or any other artifact, between registries and layouts.
// References are "oci://host/path[:tag][@digest]", of which the highest version
// is taken where they have neither, and those of LayoutScheme. A destination
// without a tag gets that of the source; one that ends in "/" gets the last part
// of its repository too. Manifests stay as they are, so that digests and
// signatures go on to be valid; what refers to them is copied as well.
func (c *Client) Copy(ctx context.Context, from, to string, opts CopyOptions) (*Copied, error) {
	src, err := c.fromEndpoint(ctx, from, opts.From)
	if err != nil {
		return nil, err
	}
	copied, err := c.copyOne(ctx, src, to, opts)
	return copied, Tidy(err)
}

// CopyToLayout copies what a reference to a registry names into the layout in a
// folder, under that reference.
func (c *Client) CopyToLayout(ctx context.Context, ref, dir string, opts CopyOptions) (*Copied, error) {
	if strings.HasPrefix(ref, LayoutScheme) {
		return nil, fmt.Errorf("%s is no reference to a registry", ref)
	}
	return c.Copy(ctx, ref, LayoutScheme+dir, opts)
}

func (c *Client) copyOne(ctx context.Context, src *endpoint, to string, opts CopyOptions) (*Copied, error) {
	dst, err := c.toEndpoint(to, src, opts.To)
	if err != nil {
		return nil, err
	}
	m, err := src.manifest(ctx)
	if err != nil {
		return nil, err
	}
	digest := m.desc.Digest.String()
	if dst.digest != "" && dst.digest != digest {
		return nil, fmt.Errorf("%w: the manifest is %s, and should be %s", repo.ErrDigest, digest, dst.digest)
	}
	if err := dst.ready(); err != nil {
		return nil, err
	}
	copier := newCopier(src.place, dst.place, c.cfg, opts.MaxBytes)
	if err := copier.tree(ctx, m, dst.tag, maxNesting); err != nil {
		return nil, err
	}
	if dst.layout != nil && dst.tag == "" {
		if err := dst.layout.list(m.desc, ""); err != nil {
			return nil, err
		}
	}
	if !opts.NoReferrers {
		if err := copier.referrers(ctx, m.desc, maxNesting); err != nil {
			return nil, err
		}
	}
	return &Copied{From: src.String(), To: dst.String(), Digest: digest}, nil
}

// CopyAll copies everything that a layout ("oci-layout:DIR") or a repository of a
// registry ("oci://host/path") has, and tells each. Out of a layout everything
// goes below the destination, each into a repository of its own name.
func (c *Client) CopyAll(ctx context.Context, from, to string, opts CopyOptions, each func(Copied)) error {
	all, err := c.everything(ctx, from, opts.From)
	if err != nil {
		return Tidy(err)
	}
	for _, src := range all {
		target := to
		if repo.IsOCI(to) && src.layout != nil && src.repository != "" {
			target = strings.TrimSuffix(to, "/") + "/"
		}
		copied, err := c.copyOne(ctx, src, target, opts)
		if err != nil {
			return Tidy(fmt.Errorf("%s: %w", src, err))
		}
		each(*copied)
	}
	return nil
}

func (c *Client) everything(ctx context.Context, from string, access repo.Access) ([]*endpoint, error) {
	var all []*endpoint
	if strings.HasPrefix(from, LayoutScheme) {
		dir, name, digest, err := splitLayout(from)
		if err != nil {
			return nil, err
		}
		if name != "" || digest != "" {
			return nil, fmt.Errorf("%s names one thing, where all are to be copied", from)
		}
		layout := NewLayout(dir)
		names, err := layout.Names()
		for _, name := range names {
			all = append(all, layoutEndpoint(layout, name, ""))
		}
		return all, err
	}
	e, err := c.registryEndpoint(from, access)
	if err != nil {
		return nil, err
	}
	if e.wanted() != "" {
		return nil, fmt.Errorf("%s names one thing, where all are to be copied", from)
	}
	r, err := c.Open(e.repository, access)
	if err != nil {
		return nil, err
	}
	err = r.Tags(ctx, "", func(tags []string) error {
		for _, tag := range tags {
			if len(all) >= maxTags {
				return fmt.Errorf("the registry lists more than %d tags", maxTags)
			}
			if !isReferrersTag(tag) {
				all = append(all, &endpoint{place: r, repository: e.repository, tag: tag})
			}
		}
		return nil
	})
	return all, err
}

// isReferrersTag says whether a tag holds what belongs to another manifest:
// a signature, or the list of its referrers.
func isReferrersTag(tag string) bool {
	return strings.HasPrefix(tag, "sha256-") && len(tag) >= len("sha256-")+64
}
