package repo

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/gofrs/flock"
)

// The bounds of waiting for the lock of repositories.yaml. Helm waits as long.
const (
	lockPatience = 30 * time.Second
	lockPoll     = 100 * time.Millisecond
)

// EditRepositories reads repositories.yaml, lets change work on what it says and
// writes it back, while others that keep to Helm's lock file wait. An error of
// change is returned as it is, and nothing is written then.
func EditRepositories(ctx context.Context, path string, change func(*Repositories) error) (err error) {
	unlock, err := lockRepositories(ctx, path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, unlock()) }()
	r, err := ReadRepositories(path)
	if err != nil {
		return err
	}
	if err := change(r); err != nil {
		return err
	}
	return r.Write(path)
}

// lockRepositories takes the lock of repositories.yaml: a file beside it, which
// stays.
func lockRepositories(ctx context.Context, path string) (unlock func() error, err error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return nil, err
	}
	lock := flock.New(lockPath(path))
	waiting, cancel := context.WithTimeout(ctx, lockPatience)
	defer cancel()
	if _, err := lock.TryLockContext(waiting, lockPoll); err != nil {
		if ctx.Err() == nil && waiting.Err() != nil {
			return nil, fmt.Errorf("another process has held %s for %s: end it, or remove the file if none is there", lockPath(path), lockPatience)
		}
		return nil, err
	}
	return lock.Unlock, nil
}

// lockPath is where Helm has the lock: the extension of the file is replaced.
func lockPath(path string) string {
	ext := filepath.Ext(path)
	if len(ext) == len(path) {
		ext = ""
	}
	return strings.TrimSuffix(path, ext) + ".lock"
}
