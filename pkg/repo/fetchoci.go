package repo

import (
	"context"
	"fmt"
	"strings"

	"github.com/Masterminds/semver/v3"
)

// fetchOCI fetches a chart from a registry.
func (f *Fetcher) fetchOCI(ctx context.Context, req FetchRequest) (*Archive, error) {
	ref, err := ParseOCI(req.Ref)
	if err != nil {
		return nil, err
	}
	registry, err := f.registryFor(req)
	if err != nil {
		return nil, err
	}
	if err := f.chooseTag(ctx, registry, req, &ref); err != nil {
		return nil, ofReference(ref, err)
	}
	req.Provenance = f.needed(req, OCIScheme+ref.Repository)
	pulled, err := registry.Pull(ctx, ref.String(), PullOptions{
		Access: req.Access, Provenance: req.Provenance > ProvenanceIgnore, Cached: f.cfg.Content.Chart,
		MaxBytes: req.MaxBytes, Take: req.Take,
	})
	if err != nil {
		return nil, ofReference(ref, err)
	}
	a := &Archive{
		URL: OCIScheme + ref.String(), Home: OCIScheme + ref.Repository, Name: ociFileName(ref), Data: pulled.Chart, Digest: DigestOf(pulled.Chart),
		Provenance: pulled.Provenance, Manifest: pulled.Digest, Tag: ref.Tag, Chart: ref.Name(), Version: tagged(ref.Tag),
		signedName: pulled.Name + "-" + pulled.Version + ".tgz",
	}
	if f.cfg.Offline {
		a.Cached, a.Manifest = true, "" // no registry has said so now
	} else {
		f.keep(a.Data)
		if err := f.cfg.Content.putPulled(ref, pulled); err != nil {
			f.cfg.Log.Debug("what the reference means cannot be kept in the cache", "error", err)
		}
	}
	if req.Provenance > ProvenanceIgnore && a.Provenance == nil {
		return a, missingProvenance(req, a, a.URL+provenanceSuffix, errNoProvenance)
	}
	return a, nil
}

// registryFor is the client that a chart is pulled with: offline that is the cache.
func (f *Fetcher) registryFor(req FetchRequest) (Registry, error) {
	switch {
	case f.cfg.Offline:
		return pulledCharts{f.cfg.Content}, nil
	case f.cfg.Registry == nil:
		return nil, fmt.Errorf("unable to lookup chart %q: there is no client for registries", req.Ref)
	}
	return f.cfg.Registry()
}

// ofReference names what was asked for, where an error does not.
func ofReference(ref OCIRef, err error) error {
	if strings.Contains(err.Error(), ref.Repository) {
		return err
	}
	return fmt.Errorf("%s%s: %w", OCIScheme, ref, err)
}

// tagged is the version that a tag stands for; empty if for none.
func tagged(tag string) string {
	version := strings.ReplaceAll(tag, "_", "+")
	if _, err := semver.StrictNewVersion(version); err != nil {
		return ""
	}
	return version
}

// chooseTag settles which tag a reference means, by the rules of Helm: a tag in
// it and a version must agree; a version is the tag; and anything else is a
// constraint over the tags that there are.
func (f *Fetcher) chooseTag(ctx context.Context, registry Registry, req FetchRequest, ref *OCIRef) error {
	version := req.Version
	if version == anyVersion && req.Devel && ref.Tag != "" {
		version = ""
	}
	switch {
	case version == "" && (ref.Tag != "" || ref.Digest != ""):
		return nil
	case version != "" && ref.Tag != "" && version != ref.Tag:
		return fmt.Errorf("chart reference and version mismatch: %s is not %s", version, ref.Tag)
	}
	if _, err := semver.NewVersion(version); err == nil {
		ref.Tag = version
		return nil
	}
	tags, err := registry.Versions(ctx, ref.Repository, req.Access)
	if err != nil {
		return err
	}
	if len(tags) == 0 {
		return fmt.Errorf("unable to locate any tags in provided repository: %s: %w", req.Ref, ErrNotFound)
	}
	ref.Tag, err = MatchTag(tags, version)
	return err
}

// MatchTag returns the first of the tags that is the version, or else satisfies
// it as a constraint; empty means the highest that is no prerelease. Tags are
// the highest first. The error wraps ErrNotFound.
func MatchTag(tags []string, version string) (string, error) {
	if version == "" {
		version = "*"
	}
	for _, tag := range tags {
		if tag == version {
			return tag, nil
		}
	}
	constraint, err := semver.NewConstraint(version)
	if err != nil {
		return "", fmt.Errorf("%w: %q", err, version)
	}
	for _, tag := range tags {
		if v, err := semver.NewVersion(tag); err == nil && constraint.Check(v) {
			return tag, nil
		}
	}
	return "", &noTagError{version: version, tags: tags}
}

// noTagError says that no tag satisfies a constraint, in Helm's words.
type noTagError struct {
	version string
	tags    []string
}

func (e *noTagError) Error() string {
	text := "could not locate a version matching provided version string " + e.version
	if len(e.tags) > 0 {
		text += fmt.Sprintf(" (the highest is %s)", e.tags[0])
	}
	return text
}

func (e *noTagError) Is(target error) bool { return target == ErrNotFound || target == ErrNoVersion }

// ociFileName is what Helm calls the file of a chart from a registry.
func ociFileName(ref OCIRef) string {
	if ref.Digest != "" {
		return ref.Name() + "@" + strings.Replace(ref.Digest, ":", "-", 1) + ".tgz"
	}
	return ref.Name() + "-" + ref.Tag + ".tgz"
}
