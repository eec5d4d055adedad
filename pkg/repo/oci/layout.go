package oci

import (
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"sync"

	"github.com/opencontainers/go-digest"
	"github.com/opencontainers/image-spec/specs-go"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/seed-0d4f92cc/pack/internal/bounded"
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
	data, err := bounded.ReadFS(root.FS(), name, maxLayoutIndex)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(data, into); err != nil {
		return fmt.Errorf("%s: %w", filepath.Join(root.Name(), name), err)
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
