package memory

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/seed-0d4f92cc/pack/internal/selector"
	"github.com/seed-0d4f92cc/pack/pkg/release"
)

// Config says how a Store behaves. The zero value is a store as large as memory.
type Config struct {
	// MaxObject is how many bytes one object holds, as in release.Pack; 0 means
	// release.MaxObject.
	MaxObject int
	// Now is the clock of the labels createdAt and modifiedAt; nil means
	// time.Now.
	Now func() time.Time
}

// Store is a release.Store in memory. It keeps records as Secrets do: encoded,
// with labels, under a version that changes with every write; those that are too
// large for a Secret lie in parts. It takes revision 0 too, for records that are put in
// by hand; operations count from 1. It is safe for concurrent use. Use NewStore.
type Store struct {
	cfg Config

	mu      sync.Mutex
	version int64
	records map[recordID]record
}

var (
	_ release.Store           = (*Store)(nil)
	_ release.Summarizer      = (*Store)(nil)
	_ release.Sweeper         = (*Store)(nil)
	_ release.NamespaceLister = (*Store)(nil)
)

type recordID struct {
	key      release.Key
	revision int
}

// record is what a Secret would be, and the chunks that belong to it. It is
// replaced, never changed.
type record struct {
	labels, annotations map[string]string
	payload             []byte
	parts               *release.Parts
	chunks              [][]byte
	version             string
	written             time.Time
}

// NewStore returns an empty Store.
func NewStore(cfg Config) *Store {
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	return &Store{cfg: cfg, records: map[recordID]record{}}
}

func (s *Store) get(id recordID) (record, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, ok := s.records[id]
	return r, ok
}

func (r record) head(id recordID) release.Head {
	return release.Head{
		Key: id.key, Revision: id.revision,
		Status: cmp.Or(release.Status(r.labels["status"]), release.StatusUnknown),
		Labels: maps.Clone(r.labels), Annotations: maps.Clone(r.annotations),
	}
}

// Get implements release.Store.
func (s *Store) Get(ctx context.Context, key release.Key, revision int) (*release.Release, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	id := recordID{key, revision}
	r, ok := s.get(id)
	if !ok {
		return nil, release.ErrNotFound
	}
	rel, err := r.head(id).Decode(r.payload)
	if err == nil && rel.Parts != nil {
		rel, err = r.head(id).Join(rel, r.chunksOf(rel.Parts))
	}
	if err != nil {
		return nil, err
	}
	rel.ResourceVersion = r.version
	return rel, nil
}

// Summarize implements release.Summarizer.
func (s *Store) Summarize(ctx context.Context, h release.Head) (release.Summary, error) {
	if err := ctx.Err(); err != nil {
		return release.Summary{}, err
	}
	r, ok := s.get(recordID{h.Key, h.Revision})
	if !ok {
		return release.Summary{}, release.ErrNotFound
	}
	return h.Summarize(r.payload)
}

// chunksOf are the chunks that parts name, nil for those that are not there.
func (r record) chunksOf(parts *release.Parts) [][]byte {
	if r.parts != nil && r.parts.Name == parts.Name {
		return r.chunks
	}
	return make([][]byte, len(parts.Chunks))
}

// List implements release.Store. The heads come as an API server lists
// Secrets: by namespace and by the name of the Secret, v10 before v2.
func (s *Store) List(ctx context.Context, opts release.ListOptions) iter.Seq2[release.Head, error] {
	return func(yield func(release.Head, error) bool) {
		heads, err := s.heads(ctx, opts)
		if err != nil {
			yield(release.Head{}, err)
			return
		}
		for _, h := range heads {
			if !yield(h, nil) {
				return
			}
		}
	}
}

// Sweep implements release.Sweeper.
func (s *Store) Sweep(ctx context.Context, opts release.ListOptions) iter.Seq2[release.Stored, error] {
	return func(yield func(release.Stored, error) bool) {
		heads, err := s.heads(ctx, opts)
		if err != nil {
			yield(release.Stored{}, err)
			return
		}
		for _, h := range heads {
			if r, ok := s.get(recordID{h.Key, h.Revision}); ok && !yield(release.Stored{Head: h, Payload: bytes.Clone(r.payload)}, nil) {
				return
			}
		}
	}
}

// Namespaces implements release.NamespaceLister: those that have records.
func (s *Store) Namespaces(ctx context.Context) ([]string, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	found := map[string]bool{}
	for id := range s.records {
		found[id.key.Namespace] = true
	}
	return slices.Sorted(maps.Keys(found)), nil
}

func (s *Store) heads(ctx context.Context, opts release.ListOptions) ([]release.Head, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	sel, err := selector.Parse(opts.Selector)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	var heads []release.Head
	for id, r := range s.records {
		if (opts.Namespace == "" || id.key.Namespace == opts.Namespace) &&
			(opts.Name == "" || id.key.Name == opts.Name) && sel.Matches(r.labels) {
			heads = append(heads, r.head(id))
		}
	}
	slices.SortFunc(heads, func(a, b release.Head) int {
		return cmp.Or(
			cmp.Compare(a.Key.Namespace, b.Key.Namespace),
			cmp.Compare(release.RecordName(a.Key.Name, a.Revision), release.RecordName(b.Key.Name, b.Revision)),
		)
	})
	return heads, nil
}

// Create implements release.Store.
func (s *Store) Create(ctx context.Context, rel *release.Release) error {
	return s.write(ctx, "createdAt", rel, nil, func(old *record) error {
		if old != nil {
			return fmt.Errorf("record of revision %d of release %s/%s: %w",
				rel.Version, rel.Namespace, rel.Name, release.ErrExists)
		}
		return nil
	})
}

// Update implements release.Store. A record without a ResourceVersion is in
// conflict with every other.
func (s *Store) Update(ctx context.Context, rel *release.Release) error {
	return s.write(ctx, "modifiedAt", rel, rel.Parts, func(old *record) error {
		if old == nil {
			return release.ErrNotFound
		}
		if old.version != rel.ResourceVersion {
			return &release.ConflictError{Key: rel.Key(), Revision: rel.Version, Err: fmt.Errorf(
				"it is at version %s, and what was to be written was read at version %q", old.version, rel.ResourceVersion)}
		}
		return nil
	})
}

// write writes rel, whose parts there may be already, if check, which is called
// with the lock held, allows it for what there is.
func (s *Store) write(ctx context.Context, timeLabel string, rel *release.Release, there *release.Parts, check func(old *record) error) error {
	r := record{labels: release.RecordLabels(rel), annotations: release.RecordAnnotations(rel)}
	id := recordID{rel.Key(), rel.Version}
	if err := ctx.Err(); err != nil {
		return err
	}
	if rel.Name == "" || rel.Namespace == "" || rel.Version < 0 {
		return errors.New("a record needs a name, a namespace and a revision of 0 or more")
	}
	packed, err := release.Pack(rel, s.cfg.MaxObject, there)
	if err != nil {
		return err
	}
	r.payload, r.parts, r.chunks = packed.Payload, packed.Parts, packed.Chunks
	r.labels[timeLabel] = strconv.FormatInt(s.cfg.Now().Unix(), 10)
	s.mu.Lock()
	defer s.mu.Unlock()
	var old *record
	if have, ok := s.records[id]; ok {
		old = &have
	}
	if err := check(old); err != nil {
		return err
	}
	if r.chunks == nil && old != nil && r.parts != nil {
		r.chunks = old.chunksOf(r.parts)
	}
	s.put(id, r)
	rel.ResourceVersion, rel.Parts = s.records[id].version, r.parts
	return nil
}

// put stores r under a new version. The lock is held.
func (s *Store) put(id recordID, r record) {
	s.version++
	r.version = strconv.FormatInt(s.version, 10)
	r.written = s.cfg.Now()
	s.records[id] = r
}

// Delete implements release.Store.
func (s *Store) Delete(ctx context.Context, key release.Key, revision int) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	id := recordID{key, revision}
	if _, ok := s.records[id]; !ok {
		return release.ErrNotFound
	}
	delete(s.records, id)
	return nil
}

// Payload returns the payload of a record, as release.Encode returns it; nil if
// there is no such record.
func (s *Store) Payload(key release.Key, revision int) []byte {
	r, _ := s.get(recordID{key, revision})
	return bytes.Clone(r.payload)
}

// Put stores a record as somebody else would write it: with any payload and any
// labels. It replaces what there is.
func (s *Store) Put(key release.Key, revision int, labels map[string]string, payload []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.put(recordID{key, revision}, record{labels: maps.Clone(labels), payload: bytes.Clone(payload)})
}
