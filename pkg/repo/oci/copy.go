package oci

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"golang.org/x/sync/errgroup"
	"oras.land/oras-go/v2/content"
	"oras.land/oras-go/v2/registry/remote"

	"github.com/seed-0d4f92cc/pack/internal/httpwait"
	"github.com/seed-0d4f92cc/pack/pkg/repo"
)

const (
	// maxCopied bounds how many manifests and blobs one copy may have.
	maxCopied = 10_000
	// maxCopyBytes bounds each of them, where CopyOptions does not.
	maxCopyBytes = 4 << 30
	// copiesAtOnce is how many blobs are under way at once.
	copiesAtOnce = 4
)

// sink is where content is put: a repository of a registry, or a layout.
type sink interface {
	Exists(ctx context.Context, desc ocispec.Descriptor) (bool, error)
	Push(ctx context.Context, desc ocispec.Descriptor, content io.Reader) error
	PushReference(ctx context.Context, desc ocispec.Descriptor, content io.Reader, reference string) error
}

// place is a source, and what refers to things in it.
type place interface {
	source
	sink
	Predecessors(ctx context.Context, desc ocispec.Descriptor) ([]ocispec.Descriptor, error)
}

var (
	_ place = (*remote.Repository)(nil)
	_ place = (*layoutRepository)(nil)
)

// copier copies what hangs on a manifest.
type copier struct {
	from, to place
	cfg      Config
	maxBytes int64

	mu   sync.Mutex
	seen map[string]bool
}

func newCopier(from, to place, cfg Config, maxBytes int64) *copier {
	if maxBytes <= 0 {
		maxBytes = maxCopyBytes
	}
	return &copier{from: from, to: to, cfg: cfg, maxBytes: maxBytes, seen: map[string]bool{}}
}

// first notes that something is to be copied, and says whether it was not yet.
func (c *copier) first(desc ocispec.Descriptor) (bool, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	key := desc.MediaType + " " + desc.Digest.String()
	if c.seen[key] {
		return false, nil
	}
	c.seen[key] = true
	if len(c.seen) > maxCopied {
		return false, fmt.Errorf("there are more than %d manifests and blobs to copy", maxCopied)
	}
	return true, nil
}

// tree copies a manifest with all that it consists of, and tags it; an empty tag
// does not.
func (c *copier) tree(ctx context.Context, m *manifest, tag string, nesting int) error {
	if nesting == 0 {
		return errors.New("there are indexes in indexes, too deep")
	}
	there, err := c.to.Exists(ctx, m.desc)
	if err != nil {
		return err
	}
	if !there {
		if err := c.children(ctx, m, nesting); err != nil {
			return err
		}
	}
	if tag != "" {
		return c.to.PushReference(ctx, m.desc, bytes.NewReader(m.data), tag)
	}
	if there {
		return nil
	}
	return c.to.Push(ctx, m.desc, bytes.NewReader(m.data))
}

func (c *copier) children(ctx context.Context, m *manifest, nesting int) error {
	for _, desc := range m.Manifests {
		if first, err := c.first(desc); !first || err != nil {
			if err != nil {
				return err
			}
			continue
		}
		child, err := fetchChild(ctx, c.from, desc)
		if err != nil {
			return err
		}
		if err := c.tree(ctx, child, "", nesting-1); err != nil {
			return err
		}
	}
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(copiesAtOnce)
	for _, desc := range m.blobs() {
		first, err := c.first(desc)
		if err != nil {
			return errors.Join(err, group.Wait())
		}
		if first {
			group.Go(func() error { return c.blob(ctx, desc) })
		}
	}
	return group.Wait()
}

// blobs are what a manifest consists of, without other manifests.
func (m *manifest) blobs() []ocispec.Descriptor {
	if isIndex(m.desc.MediaType) {
		return nil
	}
	out := make([]ocispec.Descriptor, 0, len(m.Layers)+1)
	if m.Config.Digest != "" {
		out = append(out, m.Config)
	}
	return append(out, m.Layers...)
}

// blob copies content that is not there yet, without holding it in memory, and
// again where it breaks off.
func (c *copier) blob(ctx context.Context, desc ocispec.Descriptor) error {
	if err := checkSize(desc, "content", c.maxBytes); err != nil {
		return err
	}
	there, err := c.to.Exists(ctx, desc)
	if there || err != nil {
		return err
	}
	for attempt := 0; ; attempt++ {
		err := c.stream(ctx, desc)
		if err == nil {
			return nil
		}
		if passing(err) < 0 || attempt >= c.cfg.Retries || ctx.Err() != nil {
			return fmt.Errorf("copying %s: %w", desc.Digest, mismatch(err, desc))
		}
		if err := c.cfg.Wait(ctx, httpwait.Backoff(attempt)); err != nil {
			return err
		}
	}
}

func (c *copier) stream(ctx context.Context, desc ocispec.Descriptor) error {
	if from, to, ok := c.sameRegistry(); ok {
		return to.Mount(ctx, desc, from.Reference.Repository, func() (io.ReadCloser, error) { return c.open(ctx, desc) })
	}
	body, err := c.open(ctx, desc)
	if err != nil {
		return err
	}
	defer body.Close()
	return c.to.Push(ctx, desc, body)
}

// sameRegistry returns both repositories if one server has them: it need not be
// sent what it has.
func (c *copier) sameRegistry() (from, to *remote.Repository, ok bool) {
	from, fromRemote := c.from.(*remote.Repository)
	to, toRemote := c.to.(*remote.Repository)
	ok = fromRemote && toRemote && from.Reference.Registry == to.Reference.Registry &&
		from.Reference.Repository != to.Reference.Repository
	return from, to, ok
}

// open opens content that is checked while it is read.
func (c *copier) open(ctx context.Context, desc ocispec.Descriptor) (io.ReadCloser, error) {
	body, err := c.from.Fetch(ctx, desc)
	if err != nil {
		return nil, err
	}
	return &checkedBody{VerifyReader: content.NewVerifyReader(body, desc), Closer: body}, nil
}

// checkedBody ends in an error where the content is not what was announced.
type checkedBody struct {
	*content.VerifyReader
	io.Closer
}

func (b *checkedBody) Read(p []byte) (int, error) {
	n, err := b.VerifyReader.Read(p)
	if errors.Is(err, io.EOF) {
		if bad := b.Verify(); bad != nil {
			return n, bad
		}
	}
	return n, err
}

// referrers copies what refers to a manifest: signatures and the like, with what
// refers to these; and what Cosign puts beside it under tags of its own.
func (c *copier) referrers(ctx context.Context, subject ocispec.Descriptor, nesting int) error {
	if nesting == 0 {
		return nil
	}
	list, err := c.from.Predecessors(ctx, subject)
	if err != nil {
		return fmt.Errorf("listing what refers to %s: %w", subject.Digest, err)
	}
	for _, desc := range list {
		if first, err := c.first(desc); !first || err != nil {
			if err != nil {
				return err
			}
			continue
		}
		m, err := fetchChild(ctx, c.from, bare(desc))
		if err != nil {
			return err
		}
		if m.Subject == nil || m.Subject.Digest != subject.Digest {
			continue
		}
		if err := c.tree(ctx, m, "", maxNesting); err != nil {
			return err
		}
		if err := c.referrers(ctx, m.desc, nesting-1); err != nil {
			return err
		}
	}
	return c.cosignTags(ctx, subject)
}

// bare is a descriptor without what a list may add to it.
func bare(desc ocispec.Descriptor) ocispec.Descriptor {
	return ocispec.Descriptor{MediaType: desc.MediaType, Digest: desc.Digest, Size: desc.Size}
}

func (c *copier) cosignTags(ctx context.Context, subject ocispec.Descriptor) error {
	for _, suffix := range []string{".sig", ".att", ".sbom"} {
		tag := strings.Replace(subject.Digest.String(), ":", "-", 1) + suffix
		m, err := fetchManifest(ctx, c.from, tag)
		if err != nil {
			if repo.IsNotFound(Tidy(err)) {
				continue
			}
			return err
		}
		if err := c.tree(ctx, m, tag, maxNesting); err != nil {
			return err
		}
	}
	return nil
}
