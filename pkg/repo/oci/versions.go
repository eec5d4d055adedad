package oci

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/Masterminds/semver/v3"
	"oras.land/oras-go/v2/registry"

	"github.com/seed-0d4f92cc/pack/pkg/repo"
)

// reference is a reference to a chart, checked.
type reference struct {
	repo.OCIRef
	// tag is the tag as registries have it: with "_" where versions have "+".
	tag string
}

func parse(ref string) (reference, error) {
	parsed, err := repo.ParseOCI(ref)
	if err != nil {
		return reference{}, err
	}
	r := reference{OCIRef: parsed, tag: TagOf(parsed.Tag)}
	full := r.Repository
	if r.tag != "" {
		full += ":" + r.tag
	}
	if _, err := registry.ParseReference(full); err != nil {
		return reference{}, err
	}
	return r, nil
}

// TagOf is the tag for a version: tags cannot have "+", and Helm writes "_".
func TagOf(version string) string { return strings.ReplaceAll(version, "+", "_") }

// VersionOf is the version that a tag stands for.
func VersionOf(tag string) string { return strings.ReplaceAll(tag, "_", "+") }

// wanted is what to ask the registry for: the digest, if there is one.
func (r reference) wanted() string {
	switch {
	case r.Digest != "":
		return r.Digest
	case r.tag != "":
		return r.tag
	}
	return "latest"
}

// shown is the reference as Helm prints it, of tag and digest only one.
func (r reference) shown() string {
	if r.Digest != "" {
		return r.Repository + "@" + r.Digest
	}
	return r.Repository + ":" + r.wanted()
}

// Versions lists the tags of a repository that are versions by the strict
// grammar of semver, the highest first.
func (c *Client) Versions(ctx context.Context, repository string, access repo.Access) ([]string, error) {
	r, err := c.Open(repository, access)
	if err != nil {
		return nil, err
	}
	var list versionList
	if err := r.Tags(ctx, "", list.add); err != nil {
		return nil, Tidy(err)
	}
	return list.sorted(), nil
}

// versionList collects versions from tags.
type versionList struct {
	seen     int
	empty    int
	first    map[string]bool
	versions []*semver.Version
}

// maxEmptyPages is how many pages of a list may have no tag.
const maxEmptyPages = 20

func (l *versionList) add(tags []string) error {
	if l.seen += len(tags); l.seen > maxTags {
		return fmt.Errorf("the registry lists more than %d tags", maxTags)
	}
	if err := l.goesOn(tags); err != nil {
		return err
	}
	for _, tag := range tags {
		if v, err := semver.StrictNewVersion(VersionOf(tag)); err == nil {
			l.versions = append(l.versions, v)
		}
	}
	return nil
}

// goesOn sees to it that a page brings the list further: a next page may be named
// that was there before.
func (l *versionList) goesOn(tags []string) error {
	if len(tags) == 0 {
		if l.empty++; l.empty > maxEmptyPages {
			return fmt.Errorf("the registry's list of tags has more than %d pages without a tag", maxEmptyPages)
		}
		return nil
	}
	if l.first[tags[0]] {
		return fmt.Errorf("the registry's list of tags goes round in circles: %q begins two pages of it", tags[0])
	}
	if l.first == nil {
		l.first = map[string]bool{}
	}
	l.first[tags[0]] = true
	return nil
}

func (l *versionList) sorted() []string {
	slices.SortFunc(l.versions, func(a, b *semver.Version) int {
		return cmp.Or(b.Compare(a), strings.Compare(b.String(), a.String()))
	})
	out := make([]string, len(l.versions))
	for i, v := range l.versions {
		out[i] = v.String()
	}
	return slices.Compact(out)
}

// Resolve returns the digest of the manifest that a reference names. A tag and a
// digest must agree.
func (c *Client) Resolve(ctx context.Context, ref string, access repo.Access) (string, error) {
	parsed, err := parse(ref)
	if err != nil {
		return "", err
	}
	r, err := c.Open(parsed.Repository, access)
	if err != nil {
		return "", err
	}
	if parsed.Digest != "" && parsed.tag != "" {
		if err := agree(ctx, r, parsed); err != nil {
			return "", err
		}
	}
	desc, err := r.Resolve(ctx, parsed.wanted())
	if err != nil {
		return "", Tidy(err)
	}
	return desc.Digest.String(), nil
}

// agree checks that the tag of a reference is at its digest. That there is no
// such tag is no error, as in Helm: the digest says it all.
func agree(ctx context.Context, r resolver, ref reference) error {
	desc, err := r.Resolve(ctx, ref.tag)
	if err != nil {
		if err = Tidy(err); repo.IsNotFound(err) {
			return nil
		}
		return err
	}
	if desc.Digest.String() != ref.Digest {
		return &movedError{is: desc.Digest.String(), want: ref.Digest}
	}
	return nil
}

// ErrMoved is wrapped where a tag is not at the digest that is given beside it.
var ErrMoved = errors.New("the tag is at another digest")

// movedError says so in Helm's words.
type movedError struct{ is, want string }

func (e *movedError) Error() string {
	return fmt.Sprintf("chart reference digest mismatch: %s is not %s", e.is, e.want)
}

func (e *movedError) Unwrap() []error { return []error{ErrMoved, repo.ErrDigest} }
