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
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/opencontainers/go-digest"
	"github.com/opencontainers/image-spec/specs-go"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"oras.land/oras-go/v2/content"

	"github.com/seed-0d4f92cc/pack/pkg/repo"
)

// maxLayoutIndex bounds the index.json of a layout.
const maxLayoutIndex = 32 << 20

// Layout is a folder with the OCI image layout: registries' content without a
// registry, to be carried to where there is none. It is a repo.Registry, which
// has the charts under the references that they were copied from; Access does
// not matter. It is safe for concurrent use, but not by several processes that
// write.
type Layout struct {
	dir string
	mu  sync.Mutex
}

var _ repo.Registry = (*Layout)(nil)

// NewLayout returns the layout in a folder, which is made when something is
// copied into it.
func NewLayout(dir string) *Layout { return &Layout{dir: dir} }

// Versions lists the versions of a repository ("host/path") that are in the
// layout, the highest first.
func (l *Layout) Versions(_ context.Context, repository string, _ repo.Access) ([]string, error) {
	names, err := l.Names()
	if err != nil {
		return nil, err
	}
	var list versionList
	for _, name := range names {
		if of, tag := splitName(name); of == repository {
			if err := list.add([]string{tag}); err != nil {
				return nil, err
			}
		}
	}
	return list.sorted(), nil
}

// Resolve returns the digest of what a reference names in the layout.
func (l *Layout) Resolve(ctx context.Context, ref string, _ repo.Access) (string, error) {
	parsed, err := parse(ref)
	if err != nil {
		return "", err
	}
	desc, err := l.repository(parsed.Repository).Resolve(ctx, parsed.wanted())
	return desc.Digest.String(), Tidy(err)
}

// Pull reads a chart from the layout.
func (l *Layout) Pull(ctx context.Context, ref string, opts repo.PullOptions) (*repo.Pulled, error) {
	parsed, err := parse(ref)
	if err != nil {
		return nil, err
	}
	pulled, err := pullFrom(ctx, l.repository(parsed.Repository), New(Config{Retries: -1}).cfg, parsed, opts)
	return pulled, Tidy(err)
}

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
// "web:1.2.3", or by none where the layout has only one.
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

func (l *Layout) repository(name string) *layoutRepository {
	return &layoutRepository{layout: l, name: name}
}

// layoutRepository is what a layout has of one repository. One without a name
// takes tags for whole names.
type layoutRepository struct {
	layout *Layout
	name   string
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
	f, err := root.Open(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s: %w in the layout %s", desc.Digest, repo.ErrNotFound, r.layout.dir)
	}
	return f, err
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

// blobPath is where content lies in a layout.
func blobPath(d digest.Digest) (string, error) {
	if err := d.Validate(); err != nil {
		return "", fmt.Errorf("the digest %q: %w", d, err)
	}
	return path.Join(ocispec.ImageBlobsDir, d.Algorithm().String(), d.Encoded()), nil
}

func (l *Layout) stat(d digest.Digest) (fs.FileInfo, error) {
	name, err := blobPath(d)
	if err != nil {
		return nil, err
	}
	root, err := os.OpenRoot(l.dir)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	return root.Stat(name)
}

// index reads the list of what is in the layout.
func (l *Layout) index() (*ocispec.Index, error) {
	root, err := os.OpenRoot(l.dir)
	if err != nil {
		return nil, fmt.Errorf("no OCI layout: %w", err)
	}
	defer root.Close()
	var version ocispec.ImageLayout
	if err := readJSON(root, ocispec.ImageLayoutFile, &version); err != nil {
		return nil, fmt.Errorf("no OCI layout: %w", err)
	}
	if version.Version != ocispec.ImageLayoutVersion {
		return nil, fmt.Errorf("the layout %s has version %q, and only %s is known", l.dir, version.Version, ocispec.ImageLayoutVersion)
	}
	index := new(ocispec.Index)
	if err := readJSON(root, ocispec.ImageIndexFile, index); err != nil {
		return nil, err
	}
	return index, nil
}

func readJSON(root *os.Root, name string, into any) error {
	f, err := root.Open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxLayoutIndex+1))
	shown := filepath.Join(root.Name(), name)
	switch {
	case err != nil:
		return err
	case len(data) > maxLayoutIndex:
		return fmt.Errorf("%s is longer than %d bytes", shown, maxLayoutIndex)
	}
	if err := json.Unmarshal(data, into); err != nil {
		return fmt.Errorf("%s: %w", shown, err)
	}
	return nil
}

// newIndex is that of an empty layout.
func newIndex() *ocispec.Index {
	return &ocispec.Index{
		Versioned: specs.Versioned{SchemaVersion: 2}, MediaType: ocispec.MediaTypeImageIndex,
		Manifests: []ocispec.Descriptor{},
	}
}
