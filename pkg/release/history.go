package release

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"golang.org/x/sync/errgroup"
)

// Records answers questions about the records in a Store. It reads heads where
// they suffice, and payloads several at once.
//
// A record that cannot be read is left out of what is returned, as in Helm, and
// reported to Damaged. It still counts as a revision: the number of the next
// one is above it, which NextRevision sees in the heads.
type Records struct {
	Store Store
	// Damaged is told of each record that cannot be read, in the order of the
	// result and before the call returns; nil tells nobody. Calls that run at
	// once may call it at once.
	Damaged func(*RecordError)
	// Forbidden is told which namespaces a list of all namespaces leaves out, if
	// they may not be listed, sorted and before the call returns; nil tells nobody.
	Forbidden func(namespaces []string)
	// Parallel bounds how many payloads one call reads at once; 0 means 8.
	Parallel int
}

// Heads returns the heads of all records of a release, oldest first; none is no
// error.
func (r Records) Heads(ctx context.Context, key Key) ([]Head, error) {
	return r.headsSince(ctx, key, "")
}

// headsSince is Heads as of a ResourceVersion or later.
func (r Records) headsSince(ctx context.Context, key Key, since string) ([]Head, error) {
	var heads []Head
	for h, err := range r.Store.List(ctx, ListOptions{Namespace: key.Namespace, Name: key.Name, Since: since}) {
		if err != nil {
			return nil, err
		}
		if h.Key == key {
			heads = append(heads, h)
		}
	}
	slices.SortFunc(heads, func(a, b Head) int { return cmp.Compare(a.Revision, b.Revision) })
	return heads, nil
}

// History returns all records of a release, oldest first. ErrNotFound if it has
// none; the *RecordErrors, joined, if none can be read.
func (r Records) History(ctx context.Context, key Key) ([]*Release, error) {
	return r.Newest(ctx, key, 0)
}

// Newest returns the newest n records of a release, oldest first; 0 means all.
// Errors are those of History.
func (r Records) Newest(ctx context.Context, key Key, n int) ([]*Release, error) {
	heads, err := r.newestHeads(ctx, key, n)
	if err != nil {
		return nil, err
	}
	records, damaged, err := read(ctx, r, heads, r.get)
	if err != nil {
		return nil, err
	}
	records = slices.DeleteFunc(records, func(rel *Release) bool { return rel == nil })
	if len(records) == 0 {
		return nil, noneReadable(damaged)
	}
	return records, nil
}

// newestHeads returns the newest n heads of a release, oldest first; 0 means all.
// ErrNotFound.
func (r Records) newestHeads(ctx context.Context, key Key, n int) ([]Head, error) {
	heads, err := r.Heads(ctx, key)
	if err != nil {
		return nil, err
	}
	if len(heads) == 0 {
		return nil, ErrNotFound
	}
	if n > 0 && len(heads) > n {
		heads = heads[len(heads)-n:]
	}
	return heads, nil
}

func (r Records) get(ctx context.Context, h Head) (*Release, error) {
	return r.Store.Get(ctx, h.Key, h.Revision)
}

// noneReadable is why of several records none was returned. Without a damaged
// one they all went between the listing and the reading.
func noneReadable(damaged []error) error {
	if len(damaged) == 0 {
		return ErrNotFound
	}
	return errors.Join(damaged...)
}

// Last returns the newest record of a release that can be read. Errors are
// those of History.
func (r Records) Last(ctx context.Context, key Key) (*Release, error) {
	heads, err := r.Heads(ctx, key)
	if err != nil {
		return nil, err
	}
	return r.newestOf(ctx, heads)
}

// Deployed returns the newest record of a release whose label says that it is
// deployed. *NoDeployedError if there is none, and the errors of History.
func (r Records) Deployed(ctx context.Context, key Key) (*Release, error) {
	heads, err := r.Heads(ctx, key)
	if err != nil {
		return nil, err
	}
	heads = slices.DeleteFunc(heads, func(h Head) bool { return h.Status != StatusDeployed })
	if len(heads) == 0 {
		return nil, &NoDeployedError{Key: key}
	}
	return r.newestOf(ctx, heads)
}

// newestOf returns the last record of heads that can be read.
func (r Records) newestOf(ctx context.Context, heads []Head) (*Release, error) {
	var damaged []error
	for _, h := range slices.Backward(heads) {
		records, bad, err := read(ctx, r, []Head{h}, r.get)
		if err != nil {
			return nil, err
		}
		if records[0] != nil {
			return records[0], nil
		}
		damaged = append(damaged, bad...)
	}
	return nil, noneReadable(damaged)
}

// NextRevision is the number of the revision that follows heads.
func NextRevision(heads []Head) int {
	last := 0
	for _, h := range heads {
		last = max(last, h.Revision)
	}
	return last + 1
}

// Prunable returns which records make room, before a new one is written, for at
// most limit records in all: the oldest, but never the newest that is deployed.
// A limit of 0 or less keeps all. Heads are oldest first. The rule is that of
// Helm's --history-max.
func Prunable(heads []Head, limit int) []Head {
	excess := len(heads) - (limit - 1)
	if limit <= 0 || excess <= 0 {
		return nil
	}
	deployed := -1
	for i, h := range heads {
		if h.Status == StatusDeployed {
			deployed = i
		}
	}
	var prune []Head
	for i, h := range heads {
		if len(prune) == excess {
			break
		}
		if i != deployed {
			prune = append(prune, h)
		}
	}
	return prune
}

// Forget deletes records. One that has gone by itself is fine; all others are
// tried, and the error counts those that could not be deleted.
func (r Records) Forget(ctx context.Context, key Key, revisions []int) error {
	var failed []error
	for _, revision := range revisions {
		if err := r.Store.Delete(ctx, key, revision); err != nil && !errors.Is(err, ErrNotFound) {
			failed = append(failed, err)
		}
	}
	switch len(failed) {
	case 0:
		return nil
	case 1:
		return failed[0]
	default:
		return fmt.Errorf("encountered %d deletion errors. First is: %w", len(failed), failed[0])
	}
}

// read reads something of the records of heads, several at once. What it returns
// has the length of heads, with nil for a record that is gone or damaged; the
// damaged ones are reported and returned in order.
func read[T any](ctx context.Context, r Records, heads []Head, get func(context.Context, Head) (*T, error)) ([]*T, []error, error) {
	records := make([]*T, len(heads))
	broken := make([]*RecordError, len(heads))
	group, groupCtx := errgroup.WithContext(ctx)
	group.SetLimit(r.parallel())
	for i, h := range heads {
		group.Go(func() error {
			rel, err := get(groupCtx, h)
			if damaged, ok := errors.AsType[*RecordError](err); ok {
				broken[i] = &RecordError{Key: h.Key, Revision: h.Revision, Err: damaged.Err}
				return nil
			}
			if errors.Is(err, ErrNotFound) {
				return nil
			}
			records[i] = rel
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return nil, nil, err
	}
	var damaged []error
	for _, b := range broken {
		if b == nil {
			continue
		}
		damaged = append(damaged, b)
		if r.Damaged != nil {
			r.Damaged(b)
		}
	}
	return records, damaged, nil
}

func (r Records) parallel() int { return cmp.Or(max(r.Parallel, 0), 8) }
