package oci

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"oras.land/oras-go/v2/content"
	"oras.land/oras-go/v2/errdef"

	"github.com/seed-0d4f92cc/pack/internal/bounded"
	"github.com/seed-0d4f92cc/pack/pkg/repo"
)

func (l *Layout) repository(name string) *layoutRepository {
	if name == unnamed {
		name = ""
	}
	return &layoutRepository{layout: l, name: name}
}

// layoutRepository is what a layout has of one repository. One without a name
// takes tags for whole names.
type layoutRepository struct {
	layout *Layout
	name   string
}

// GraphReader is a repository to read as oras-go has such: its ReadOnlyGraphTarget, the
// package of which would cost every start of pack 1.5 ms.
type GraphReader interface {
	content.ReadOnlyGraphStorage
	content.Resolver
}

// Open returns a repository ("host/path") of a layout as oras-go has such, for
// what this package has no call for.
func (l *Layout) Open(repository string) GraphReader {
	return openLayout{l.repository(repository)}
}

// openLayout says in the words of oras-go what is not there.
type openLayout struct{ *layoutRepository }

func (r openLayout) Resolve(ctx context.Context, reference string) (ocispec.Descriptor, error) {
	desc, err := r.layoutRepository.Resolve(ctx, reference)
	if errors.Is(err, repo.ErrNotFound) {
		err = fmt.Errorf("%w: %w", errdef.ErrNotFound, err)
	}
	return desc, err
}

func (r openLayout) Fetch(ctx context.Context, desc ocispec.Descriptor) (io.ReadCloser, error) {
	body, err := r.layoutRepository.Fetch(ctx, desc)
	if errors.Is(err, repo.ErrNotFound) {
		err = fmt.Errorf("%w: %w", errdef.ErrNotFound, err)
	}
	return body, err
}

func (r *layoutRepository) full(tag string) string {
	if r.name == "" {
		return tag
	}
	return r.name + ":" + tag
}

// Resolve finds a tag in the index, or the manifest of a digest.
func (r *layoutRepository) Resolve(ctx context.Context, reference string) (ocispec.Descriptor, error) {
	index, err := r.layout.index()
	if err != nil {
		return ocispec.Descriptor{}, err
	}
	want := digest.Digest(reference)
	byDigest := want.Validate() == nil
	for _, desc := range index.Manifests {
		if byDigest && desc.Digest == want || !byDigest && desc.Annotations[ocispec.AnnotationRefName] == r.full(reference) {
			return bare(desc), nil
		}
	}
	if byDigest {
		return r.unlisted(ctx, want)
	}
	return ocispec.Descriptor{}, fmt.Errorf("%s: %w", r.full(reference), repo.ErrNotFound)
}

// unlisted is a manifest that the index does not list, since an index that it
// lists does so.
func (r *layoutRepository) unlisted(ctx context.Context, want digest.Digest) (ocispec.Descriptor, error) {
	missing := fmt.Errorf("%s: %w", want, repo.ErrNotFound)
	info, err := r.layout.stat(want)
	if err != nil || info.Size() > maxManifest {
		return ocispec.Descriptor{}, missing
	}
	desc := ocispec.Descriptor{Digest: want, Size: info.Size()}
	data, err := content.FetchAll(ctx, r, desc)
	if err != nil {
		return ocispec.Descriptor{}, err
	}
	var head struct {
		MediaType string               `json:"mediaType"`
		Manifests []ocispec.Descriptor `json:"manifests"`
		Config    *ocispec.Descriptor  `json:"config"`
	}
	if json.Unmarshal(data, &head) != nil {
		return ocispec.Descriptor{}, missing
	}
	switch {
	case isManifest(head.MediaType):
		desc.MediaType = head.MediaType
	case head.Config != nil:
		desc.MediaType = ocispec.MediaTypeImageManifest
	case head.Manifests != nil:
		desc.MediaType = ocispec.MediaTypeImageIndex
	default:
		return ocispec.Descriptor{}, missing
	}
	return desc, nil
}

// FetchReference resolves and opens a manifest.
func (r *layoutRepository) FetchReference(ctx context.Context, reference string) (ocispec.Descriptor, io.ReadCloser, error) {
	desc, err := r.Resolve(ctx, reference)
	if err != nil {
		return desc, nil, err
	}
	body, err := r.Fetch(ctx, desc)
	return desc, body, err
}

// Fetch opens content.
func (r *layoutRepository) Fetch(_ context.Context, desc ocispec.Descriptor) (io.ReadCloser, error) {
	name, err := blobPath(desc.Digest)
	if err != nil {
		return nil, err
	}
	root, err := os.OpenRoot(r.layout.dir)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	info, err := root.Stat(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("%s: %w in the layout %s", desc.Digest, repo.ErrNotFound, r.layout.dir)
	case err != nil:
		return nil, err
	case !info.Mode().IsRegular(): // to open it may take for ever
		return nil, fmt.Errorf("%s in the layout %s: %w", desc.Digest, r.layout.dir, bounded.ErrIrregular)
	}
	return root.Open(name)
}

// Exists says whether content is there, with the size that it should have. What
// is wrong with it shows when it is read.
func (r *layoutRepository) Exists(_ context.Context, desc ocispec.Descriptor) (bool, error) {
	info, err := r.layout.stat(desc.Digest)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil && info.Mode().IsRegular() && info.Size() == desc.Size, err
}

// Push takes content, and lists it in the index if it is a manifest that refers
// to another one.
func (r *layoutRepository) Push(_ context.Context, desc ocispec.Descriptor, body io.Reader) error {
	if !isManifest(desc.MediaType) {
		return r.layout.write(desc, body)
	}
	data, err := content.ReadAll(body, desc)
	if err != nil {
		return err
	}
	if err := r.layout.write(desc, bytes.NewReader(data)); err != nil {
		return err
	}
	m, err := readManifest(desc, data)
	if err != nil || m.Subject == nil {
		return err
	}
	return r.layout.list(desc, "")
}

// PushReference takes a manifest and gives it a name.
func (r *layoutRepository) PushReference(_ context.Context, desc ocispec.Descriptor, body io.Reader, reference string) error {
	if err := r.layout.write(desc, body); err != nil {
		return err
	}
	return r.layout.list(desc, r.full(reference))
}

// Predecessors are the listed manifests that refer to one.
func (r *layoutRepository) Predecessors(ctx context.Context, subject ocispec.Descriptor) ([]ocispec.Descriptor, error) {
	index, err := r.layout.index()
	if err != nil {
		return nil, err
	}
	var out []ocispec.Descriptor
	for _, desc := range index.Manifests {
		if !isManifest(desc.MediaType) || desc.Digest == subject.Digest {
			continue
		}
		m, err := fetchChild(ctx, r, bare(desc))
		if err != nil {
			return nil, err
		}
		if m.Subject != nil && m.Subject.Digest == subject.Digest {
			out = append(out, bare(desc))
		}
	}
	return out, nil
}
