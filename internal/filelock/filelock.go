// Package filelock keeps other processes out for as long as a file is changed.
package filelock

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/gofrs/flock"
)

// The bounds of waiting for a lock. Helm waits as long.
const (
	patience = 30 * time.Second
	poll     = 100 * time.Millisecond
)

// Take takes the lock that a file is, which stays when it is let go. Its folder is
// made if it is not there.
func Take(ctx context.Context, path string) (unlock func() error, err error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return nil, err
	}
	lock := flock.New(path)
	waiting, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	if _, err := lock.TryLockContext(waiting, poll); err != nil {
		if ctx.Err() == nil && waiting.Err() != nil {
			return nil, fmt.Errorf("another process has held %s for %s: end it, or remove the file if none is there", path, patience)
		}
		return nil, err
	}
	return lock.Unlock, nil
}
