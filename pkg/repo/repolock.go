package repo

import (
	"context"
	"errors"
	"path/filepath"
	"strings"

	"github.com/seed-0d4f92cc/pack/internal/filelock"
)

// EditRepositories reads repositories.yaml, lets change work on what it says and
// writes it back, while others that keep to Helm's lock file wait. An error of
// change is returned as it is, and nothing is written then.
func EditRepositories(ctx context.Context, path string, change func(*Repositories) error) (err error) {
	unlock, err := filelock.Take(ctx, lockPath(path))
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

// lockPath is where Helm has the lock: the extension of the file is replaced.
func lockPath(path string) string {
	ext := filepath.Ext(path)
	if len(ext) == len(path) {
		ext = ""
	}
	return strings.TrimSuffix(path, ext) + ".lock"
}
