package linger_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/seed-0d4f92cc/pack/internal/linger"
)

var errFinal = errors.New("final")

func TestContext(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name  string
		cause error
		after time.Duration
	}{
		{"an operation that was interrupted", errors.New("interrupted"), 5 * time.Second},
		{"one that must not go on", errFinal, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithCancelCause(t.Context())
				writing, done := linger.Context(ctx, errFinal)
				defer done()
				cancel(test.cause)
				began := time.Now()
				<-writing.Done()
				if took := time.Since(began); took != test.after {
					t.Errorf("it outlived its operation by %v, want %v", took, test.after)
				}
				if cause := context.Cause(writing); !errors.Is(cause, test.cause) {
					t.Errorf("it ended because of %v", cause)
				}
			})
		})
	}
}

// TestContextDone calls done before and after the operation ends: no timer is left,
// on which the bubble would wait.
func TestContextDone(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		_, early := linger.Context(ctx, errFinal)
		writing, late := linger.Context(ctx, errFinal)
		early()
		cancel()
		synctest.Wait()
		if err := writing.Err(); err != nil {
			t.Errorf("a write under way has ended at once: %v", err)
		}
		late()
		if writing.Err() == nil {
			t.Error("its context goes on after it")
		}
		time.Sleep(time.Minute)
	})
}
