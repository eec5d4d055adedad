package oci

import (
	"fmt"
	"slices"
	"strings"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/seed-0d4f92cc/pack/pkg/repo"
)

// Names are the names of what is in the layout, sorted. Signatures that Cosign
// keeps under tags are left out.
func (l *Layout) Names() ([]string, error) {
	index, err := l.index()
	if err != nil {
		return nil, err
	}
	var names []string
	for _, desc := range index.Manifests {
		name := desc.Annotations[ocispec.AnnotationRefName]
		if _, tag := splitName(name); name != "" && !isReferrersTag(tag) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return slices.Compact(names), nil
}

// Find returns the name that is meant by one, by the end of one such as
// "web:1.2.3", or by none where the layout has only one. The error wraps
// repo.ErrNotFound if there is none.
func (l *Layout) Find(name string) (string, error) {
	names, err := l.Names()
	if err != nil {
		return "", err
	}
	var found []string
	for _, n := range names {
		if n == name {
			return n, nil
		}
		if name == "" || strings.HasSuffix(n, "/"+name) || strings.HasSuffix(n, ":"+name) {
			found = append(found, n)
		}
	}
	switch {
	case len(found) == 1:
		return found[0], nil
	case len(found) == 0:
		return "", fmt.Errorf("%q: %w in the layout %s, which has %s", name, repo.ErrNotFound, l.dir, someOf(names))
	}
	return "", fmt.Errorf("%q may be each of %s in the layout %s", name, someOf(found), l.dir)
}

func someOf(names []string) string {
	const most = 10
	if len(names) == 0 {
		return "nothing"
	}
	if len(names) > most {
		return fmt.Sprintf("%s and %d more", strings.Join(names[:most], ", "), len(names)-most)
	}
	return strings.Join(names, ", ")
}

// splitName takes a name apart: what is before the last colon, if that is in its
// last part, and the tag.
func splitName(name string) (repository, tag string) {
	if colon := strings.LastIndexByte(name, ':'); colon > strings.LastIndexByte(name, '/') {
		return name[:colon], name[colon+1:]
	}
	return "", name
}

// unnamed is the repository of names that have none, such as "1.2.3": other tools
// call the only thing in a layout so.
const unnamed = "layout/chart"

// OpenLayout returns the layout that a reference of LayoutScheme names, and the
// reference that its methods have for the chart that is meant: "host/path:tag",
// with a digest if there is one, or "host/path" where only a repository is named,
// so that the version is open. The repository may be named by its end.
func OpenLayout(ref string) (*Layout, string, error) {
	dir, name, digest, err := splitLayout(ref)
	if err != nil {
		return nil, "", err
	}
	l := NewLayout(dir)
	if name == "" && digest != "" {
		found, err := l.withDigest(digest)
		return l, found, err
	}
	found, err := l.Find(name)
	if err != nil {
		if all, of := l.repositoryOf(name); of == nil {
			return l, all, nil
		}
		return nil, "", err
	}
	if repository, _ := splitName(found); repository == "" {
		found = unnamed + ":" + found
	}
	if digest != "" {
		found += "@" + digest
	}
	return l, found, nil
}

// repositoryOf is the one repository that a name, or the end of one, means.
func (l *Layout) repositoryOf(name string) (string, error) {
	names, err := l.Names()
	if err != nil {
		return "", err
	}
	var found []string
	for _, n := range names {
		if of, _ := splitName(n); of != "" && (of == name || name == "" || strings.HasSuffix(of, "/"+name)) {
			found = append(found, of)
		}
	}
	if found = slices.Compact(found); len(found) != 1 {
		return "", fmt.Errorf("%q: %w", name, repo.ErrNotFound)
	}
	return found[0], nil
}

// withDigest is the reference to what has a digest.
func (l *Layout) withDigest(digest string) (string, error) {
	index, err := l.index()
	if err != nil {
		return "", err
	}
	repository := unnamed
	for _, desc := range index.Manifests {
		of, _ := splitName(desc.Annotations[ocispec.AnnotationRefName])
		if desc.Digest.String() == digest && of != "" {
			repository = of
		}
	}
	return repository + "@" + digest, nil
}
