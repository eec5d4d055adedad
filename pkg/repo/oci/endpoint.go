package oci

import (
	"context"
	"errors"
	"fmt"
	"path"
	"strings"

	"github.com/seed-0d4f92cc/pack/pkg/repo"
)

// LayoutScheme begins references to what is in a layout:
// "oci-layout:DIR[:NAME][@sha256:…]", where DIR has no colon.
const LayoutScheme = "oci-layout:"

// endpoint is one side of a copy.
type endpoint struct {
	place place
	// layout is nil for a registry.
	layout     *Layout
	repository string
	// tag may be empty where there is a digest.
	tag    string
	digest string
}

func (e *endpoint) String() string {
	out := e.repository
	if e.tag != "" && e.repository != "" {
		out += ":"
	}
	out += e.tag
	if e.tag == "" && e.digest != "" {
		out += "@" + e.digest
	}
	switch {
	case e.layout == nil:
		return out
	case strings.HasPrefix(out, "@"):
		return LayoutScheme + e.layout.dir + out
	}
	return LayoutScheme + e.layout.dir + ":" + out
}

// wanted is what to ask the place for.
func (e *endpoint) wanted() string {
	if e.digest != "" {
		return e.digest
	}
	return e.tag
}

// manifest fetches what the endpoint names; its tag and its digest must agree.
func (e *endpoint) manifest(ctx context.Context) (*manifest, error) {
	if e.tag != "" && e.digest != "" {
		ref := reference{tag: e.tag}
		ref.Digest = e.digest
		if err := agree(ctx, e.place, ref); err != nil {
			return nil, err
		}
	}
	m, err := fetchManifest(ctx, e.place, e.wanted())
	if err == nil && e.digest != "" && m.desc.Digest.String() != e.digest {
		err = fmt.Errorf("%w: the manifest is %s, and should be %s", repo.ErrDigest, m.desc.Digest, e.digest)
	}
	return m, err
}

// ready makes the layout, if it is one.
func (e *endpoint) ready() error {
	if e.layout == nil {
		return nil
	}
	return e.layout.ready()
}

// splitLayout takes a reference to a layout apart.
func splitLayout(ref string) (dir, name, digest string, err error) {
	rest := strings.TrimPrefix(ref, LayoutScheme)
	// A drive of Windows has a colon too.
	start := 0
	if len(rest) > 2 && rest[1] == ':' && (rest[2] == '\\' || rest[2] == '/') {
		start = 2
	}
	dir = rest
	if colon := strings.IndexByte(rest[start:], ':'); colon >= 0 {
		dir, name = rest[:start+colon], rest[start+colon+1:]
	}
	// The digest has a colon of its own.
	if at := strings.LastIndexByte(dir, '@'); at >= 0 && name != "" && dir[at+1:] == "sha256" {
		dir, name, digest = dir[:at], "", "sha256:"+name
	} else if at := strings.LastIndexByte(name, '@'); at >= 0 && strings.HasPrefix(name[at:], "@sha256:") {
		name, digest = name[:at], name[at+1:]
	}
	if digest != "" {
		_, err = repo.ParseOCI("host/path@" + digest)
	}
	if dir == "" {
		err = errors.New("the folder is missing")
	}
	if err != nil {
		return "", "", "", fmt.Errorf("invalid reference %q: it must be oci-layout:DIR, with :NAME or @DIGEST where wanted: %w", ref, err)
	}
	return dir, name, digest, nil
}

// fromEndpoint finds what is to be copied.
func (c *Client) fromEndpoint(ctx context.Context, ref string, access repo.Access) (*endpoint, error) {
	if strings.HasPrefix(ref, LayoutScheme) {
		dir, name, digest, err := splitLayout(ref)
		if err != nil {
			return nil, err
		}
		layout := NewLayout(dir)
		if name != "" || digest == "" {
			if name, err = layout.Find(name); err != nil {
				return nil, err
			}
		}
		return layoutEndpoint(layout, name, digest), nil
	}
	e, err := c.registryEndpoint(ref, access)
	if err != nil || e.wanted() != "" {
		return e, err
	}
	versions, err := c.Versions(ctx, e.repository, access)
	if err != nil {
		return nil, err
	}
	if len(versions) == 0 {
		return nil, fmt.Errorf("unable to locate any tags in provided repository: %s: %w", ref, repo.ErrNotFound)
	}
	version, err := repo.MatchTag(versions, "")
	e.tag = TagOf(version)
	return e, err
}

func (c *Client) registryEndpoint(ref string, access repo.Access) (*endpoint, error) {
	parsed, err := parse(ref)
	if err != nil {
		return nil, err
	}
	r, err := c.Open(parsed.Repository, access)
	if err != nil {
		return nil, err
	}
	return &endpoint{place: r, repository: parsed.Repository, tag: parsed.tag, digest: parsed.Digest}, nil
}

func layoutEndpoint(layout *Layout, name, digest string) *endpoint {
	e := &endpoint{layout: layout, digest: digest}
	e.repository, e.tag = splitName(name)
	e.place = layout.repository(e.repository)
	return e
}

// toEndpoint is where a copy goes: under its own name where the reference has
// none, and below a path that ends in "/".
func (c *Client) toEndpoint(ref string, from *endpoint, access repo.Access) (*endpoint, error) {
	var to *endpoint
	if strings.HasPrefix(ref, LayoutScheme) {
		dir, name, digest, err := splitLayout(ref)
		if err != nil {
			return nil, err
		}
		if name == "" && digest == "" {
			layout := NewLayout(dir)
			return &endpoint{
				layout: layout, place: layout.repository(from.repository),
				repository: from.repository, tag: from.tag, digest: from.digestIfBare(),
			}, nil
		}
		to = layoutEndpoint(NewLayout(dir), name, digest)
	} else {
		if strings.HasSuffix(ref, "/") {
			if from.repository == "" {
				return nil, fmt.Errorf("%s has no name of a repository: name that of the destination, without the / at its end", from)
			}
			ref += path.Base(from.repository)
		}
		var err error
		if to, err = c.registryEndpoint(ref, access); err != nil {
			return nil, err
		}
	}
	if to.wanted() == "" {
		to.tag, to.digest = from.tag, from.digestIfBare()
	}
	return to, nil
}

// digestIfBare is the digest of what has no tag.
func (e *endpoint) digestIfBare() string {
	if e.tag != "" {
		return ""
	}
	return e.digest
}
