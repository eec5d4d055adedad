package releasetest

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/seed-0d4f92cc/pack/pkg/release"
	"github.com/seed-0d4f92cc/pack/pkg/release/memory"
)

// StoreConfig says how a Store behaves. The zero value is a store that works.
type StoreConfig struct {
	// Fail is asked before every operation; an error that it returns is that of
	// the operation, which then does nothing else. Nil lets all go ahead. It is
	// called by the goroutine of the operation, without a lock.
	Fail func(StoreCall) error
	// MaxObject is how many bytes one object holds, as in release.Pack; 0 means
	// release.MaxObject.
	MaxObject int
	// Now is the clock of the labels createdAt and modifiedAt; nil means
	// time.Now.
	Now func() time.Time
}

// The operations of a StoreCall.
const (
	StoreGet        = "get"
	StoreList       = "list"
	StoreSweep      = "sweep"
	StoreNamespaces = "namespaces"
	StoreCreate     = "create"
	StoreUpdate     = "update"
	StoreDelete     = "delete"
)

// StoreCall is one operation on a Store.
type StoreCall struct {
	// Op is one of the constants, StoreGet and so on.
	Op string
	// Key and Revision say on which record; of a StoreList and a StoreSweep what
	// their options name.
	Key      release.Key
	Revision int
	// Status is what a StoreCreate or a StoreUpdate wrote.
	Status release.Status
}

// String is a line for comparing: "update prod/web 2 deployed".
func (c StoreCall) String() string {
	s := fmt.Sprintf("%s %s/%s", c.Op, c.Key.Namespace, c.Key.Name)
	if c.Revision > 0 {
		s += " " + strconv.Itoa(c.Revision)
	}
	if c.Status != "" {
		s += " " + string(c.Status)
	}
	return s
}

// Store is a memory.Store that can fail, and notes what it is asked for. Its other
// methods are what others do to the store, and are not noted. Use NewStore.
type Store struct {
	*memory.Store
	cfg StoreConfig

	mu    sync.Mutex
	calls []StoreCall
}

var (
	_ release.Store           = (*Store)(nil)
	_ release.Summarizer      = (*Store)(nil)
	_ release.Sweeper         = (*Store)(nil)
	_ release.NamespaceLister = (*Store)(nil)
	_ release.Leaser          = (*Store)(nil)
)

// NewStore returns an empty Store.
func NewStore(cfg StoreConfig) *Store {
	return &Store{Store: memory.NewStore(memory.Config{MaxObject: cfg.MaxObject, Now: cfg.Now}), cfg: cfg}
}

// begin notes a call and says whether it may go ahead.
func (s *Store) begin(ctx context.Context, call StoreCall) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	s.mu.Lock()
	s.calls = append(s.calls, call)
	s.mu.Unlock()
	if s.cfg.Fail == nil {
		return nil
	}
	return s.cfg.Fail(call)
}

// Calls returns all operations so far that were asked for before their context
// ended, in order; those that failed too.
func (s *Store) Calls() []StoreCall {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.calls)
}

// Get implements release.Store.
func (s *Store) Get(ctx context.Context, key release.Key, revision int) (*release.Release, error) {
	if err := s.begin(ctx, StoreCall{Op: StoreGet, Key: key, Revision: revision}); err != nil {
		return nil, err
	}
	return s.Store.Get(ctx, key, revision)
}

// Summarize implements release.Summarizer. It is a StoreGet.
func (s *Store) Summarize(ctx context.Context, h release.Head) (release.Summary, error) {
	if err := s.begin(ctx, StoreCall{Op: StoreGet, Key: h.Key, Revision: h.Revision}); err != nil {
		return release.Summary{}, err
	}
	return s.Store.Summarize(ctx, h)
}

// List implements release.Store.
func (s *Store) List(ctx context.Context, opts release.ListOptions) iter.Seq2[release.Head, error] {
	return listed(ctx, s, StoreList, opts, s.Store.List)
}

// Sweep implements release.Sweeper.
func (s *Store) Sweep(ctx context.Context, opts release.ListOptions) iter.Seq2[release.Stored, error] {
	return listed(ctx, s, StoreSweep, opts, s.Store.Sweep)
}

// listed is a list that is noted when it begins.
func listed[T any](ctx context.Context, s *Store, op string, opts release.ListOptions, list func(context.Context, release.ListOptions) iter.Seq2[T, error]) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		key := release.Key{Namespace: opts.Namespace, Name: opts.Name}
		if err := s.begin(ctx, StoreCall{Op: op, Key: key}); err != nil {
			var none T
			yield(none, err)
			return
		}
		for found, err := range list(ctx, opts) {
			if !yield(found, err) {
				return
			}
		}
	}
}

// Namespaces implements release.NamespaceLister.
func (s *Store) Namespaces(ctx context.Context) ([]string, error) {
	if err := s.begin(ctx, StoreCall{Op: StoreNamespaces}); err != nil {
		return nil, err
	}
	return s.Store.Namespaces(ctx)
}

// Create implements release.Store.
func (s *Store) Create(ctx context.Context, rel *release.Release) error {
	if err := s.begin(ctx, written(StoreCreate, rel)); err != nil {
		return err
	}
	return s.Store.Create(ctx, rel)
}

// Update implements release.Store.
func (s *Store) Update(ctx context.Context, rel *release.Release) error {
	if err := s.begin(ctx, written(StoreUpdate, rel)); err != nil {
		return err
	}
	return s.Store.Update(ctx, rel)
}

func written(op string, rel *release.Release) StoreCall {
	status := release.Status(release.RecordLabels(rel)["status"])
	return StoreCall{Op: op, Key: rel.Key(), Revision: rel.Version, Status: status}
}

// Delete implements release.Store.
func (s *Store) Delete(ctx context.Context, key release.Key, revision int) error {
	if err := s.begin(ctx, StoreCall{Op: StoreDelete, Key: key, Revision: revision}); err != nil {
		return err
	}
	return s.Store.Delete(ctx, key, revision)
}
