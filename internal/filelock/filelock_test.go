package filelock_test

import (
	"context"
	"errors"
	"path/filepath"
	"testing"

	"github.com/seed-0d4f92cc/pack/internal/filelock"
)

func TestTake(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "folder", "x.lock")
	unlock, err := filelock.Take(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := filelock.Take(ended, path); !errors.Is(err, context.Canceled) {
		t.Errorf("a lock that is held can be had: %v", err)
	}
	if err := unlock(); err != nil {
		t.Fatal(err)
	}
	again, err := filelock.Take(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	if err := again(); err != nil {
		t.Error(err)
	}
}
