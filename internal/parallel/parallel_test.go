package parallel_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-0d4f92cc/pack/internal/parallel"
)

func TestDo(t *testing.T) {
	t.Parallel()
	for _, workers := range []int{0, 1, 3, 100} {
		for _, stopAt := range []int{-1, 0, 7} {
			done := make([]atomic.Bool, 20)
			got := parallel.Do(workers, len(done), func(i int) bool {
				done[i].Store(true)
				return i != stopAt
			})
			want := len(done)
			if stopAt >= 0 {
				want = stopAt
			}
			if got != want {
				t.Errorf("%d workers, stopped at %d: %d", workers, stopAt, got)
			}
			for i := range want {
				if !done[i].Load() {
					t.Errorf("%d workers, stopped at %d: %d was not done", workers, stopAt, i)
				}
			}
		}
	}
	if got := parallel.Do(4, 0, func(int) bool { return false }); got != 0 {
		t.Errorf("nothing to do: %d", got)
	}
}

func TestEach(t *testing.T) {
	t.Parallel()
	var running, most atomic.Int64
	errs, all := parallel.Each(t.Context(), 3, 50, func(_ context.Context, i int) error {
		most.Store(max(most.Load(), running.Add(1)))
		defer running.Add(-1)
		if i%20 == 0 {
			return fmt.Errorf("no. %d", i)
		}
		return nil
	})
	if !all || len(errs) != 50 || most.Load() > 3 {
		t.Errorf("all %t, %d errors, %d at once", all, len(errs), most.Load())
	}
	if diff := cmp.Diff("no. 0\nno. 20\nno. 40", errors.Join(errs...).Error()); diff != "" {
		t.Error(diff)
	}
}

// TestEachEnds: when the context ends what runs is waited for, and nothing more begins.
func TestEachEnds(t *testing.T) {
	t.Parallel()
	for _, workers := range []int{1, 4} {
		ctx, cancel := context.WithCancel(t.Context())
		var calls atomic.Int64
		errs, all := parallel.Each(ctx, workers, 1000, func(ctx context.Context, _ int) error {
			if calls.Add(1) == 5 {
				cancel()
			}
			return ctx.Err()
		})
		if n := calls.Load(); all || n < 5 || n > int64(5+workers) {
			t.Errorf("%d workers: all %t after %d calls", workers, all, n)
		}
		if len(errs) != 1000 || slices.IndexFunc(errs, func(err error) bool { return err != nil }) < 0 {
			t.Errorf("%d workers: the call that was under way has no error", workers)
		}
	}
}
