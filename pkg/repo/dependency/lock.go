package dependency

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"

	"github.com/seed-0d4f92cc/pack/internal/atomicfile"
	"github.com/seed-0d4f92cc/pack/internal/yamlio"
	"github.com/seed-0d4f92cc/pack/pkg/chart"
)

// ErrOutOfSync says that a lock file was not made for what the chart declares.
var ErrOutOfSync = errors.New("out of sync")

// Digest is the digest of a lock file as Helm computes it: over what the chart
// declares, with the URLs of repositories that are given by name, and over what
// is locked.
func Digest(declared, locked []*chart.Dependency) (string, error) {
	return digestOf([2][]*chart.Dependency{declared, locked})
}

// legacyDigest is the digest that Helm 2 computed.
func legacyDigest(declared []*chart.Dependency) (string, error) {
	return digestOf(map[string][]*chart.Dependency{"dependencies": declared})
}

func digestOf(v any) (string, error) {
	data, err := json.Marshal(v)
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(data)
	return "sha256:" + hex.EncodeToString(sum[:]), nil
}

// checkLock compares a lock file with what a chart declares. original are the
// declarations before the names of repositories were replaced.
func checkLock(c *chart.Chart, declared, original []*chart.Dependency) error {
	lock := c.Lock()
	digest, err := Digest(declared, lock.Dependencies)
	if err != nil || digest == lock.Digest {
		return err
	}
	if !isV1(c) {
		return &outOfSyncError{"the lock file (Chart.lock) is out of sync with the dependencies file (Chart.yaml). Please update the dependencies with 'helm dependency update'"}
	}
	if old, err := legacyDigest(original); err != nil || old == lock.Digest {
		return err
	}
	return &outOfSyncError{"the lock file (requirements.lock) is out of sync with the dependencies file (requirements.yaml). Please update the dependencies"}
}

// outOfSyncError is ErrOutOfSync in Helm's words.
type outOfSyncError struct{ text string }

func (e *outOfSyncError) Error() string        { return e.text }
func (e *outOfSyncError) Is(target error) bool { return target == ErrOutOfSync }

func isV1(c *chart.Chart) bool { return c.Metadata().APIVersion == "v1" }

// lockName is what the lock file of a chart is called.
func lockName(c *chart.Chart) string {
	if isV1(c) {
		return "requirements.lock"
	}
	return "Chart.lock"
}

// writeLock writes the lock file, unless it says the same already.
func (w *work) writeLock() error {
	digest, err := Digest(w.declared, w.locked)
	if err != nil {
		return err
	}
	old := w.chart.Lock()
	if old != nil && old.Digest == digest && maps.Equal(old.Contents, w.contents) {
		return nil
	}
	data, err := yamlio.Marshal(&chart.Lock{
		Generated: w.m.cfg.Now(), Digest: digest, Dependencies: w.locked, Contents: w.contents,
	})
	if err != nil {
		return err
	}
	path := filepath.Join(w.dir, lockName(w.chart))
	if err := checkLockFile(path); err != nil {
		return err
	}
	return atomicfile.Bytes(path, 0o644, data)
}

// checkLockFile refuses to replace a link.
func checkLockFile(path string) error {
	info, err := os.Lstat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("error getting info for %q: %w", path, err)
	}
	if info.Mode()&fs.ModeSymlink == 0 {
		return nil
	}
	target, err := os.Readlink(path)
	if err != nil {
		return fmt.Errorf("error reading symlink for %q: %w", path, err)
	}
	return fmt.Errorf("the %s file is a symlink to %q", filepath.Base(path), target)
}
