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
	"slices"

	"github.com/seed-0d4f92cc/pack/internal/yamlio"
	"github.com/seed-0d4f92cc/pack/pkg/chart"
	"github.com/seed-0d4f92cc/pack/pkg/repo"
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

// checkLock compares the lock file with what the chart declares.
func (w *work) checkLock() error {
	lock := w.chart.Lock()
	digest, err := Digest(w.declared, lock.Dependencies)
	if err != nil || digest == lock.Digest {
		return err
	}
	if !isV1(w.chart) {
		return &outOfSyncError{"the lock file (Chart.lock) is out of sync with the dependencies file (Chart.yaml). Please update the dependencies with 'helm dependency update'"}
	}
	w.m.cfg.Log.Info("warning: a valid Helm v3 hash was not found. Checking against Helm v2 hash...")
	// Helm 2 took the declarations as they are, with the names of repositories.
	if old, err := legacyDigest(w.chart.Metadata().Dependencies); err != nil || old == lock.Digest {
		return err
	}
	return &outOfSyncError{"the lock file (requirements.lock) is out of sync with the dependencies file (requirements.yaml). Please update the dependencies"}
}

// outOfSyncError is ErrOutOfSync in Helm's words.
type outOfSyncError struct{ text string }

func (e *outOfSyncError) Error() string        { return e.text }
func (e *outOfSyncError) Is(target error) bool { return target == ErrOutOfSync }

// ContentError says that a dependency is not the one that was locked. It wraps
// repo.ErrDigest.
type ContentError struct {
	Name, Version string
	// Lock is the name of the lock file.
	Lock string
	// Folder is where the chart lies, if it is a local one.
	Folder string
	// Want and Got are the digests.
	Want, Got string
}

func (e *ContentError) Error() string {
	text := fmt.Sprintf("dependency %s %s is not what %s says: %v: the content is %s, and should be %s", e.Name, e.Version, e.Lock, repo.ErrDigest, e.Got, e.Want)
	if e.Folder != "" {
		text += "; " + e.Folder + " has changed since"
	}
	return text
}

// Unwrap returns repo.ErrDigest.
func (e *ContentError) Unwrap() error { return repo.ErrDigest }

func isV1(c *chart.Chart) bool { return c.Metadata().APIVersion == "v1" }

// lockName is what the lock file of a chart is called.
func lockName(c *chart.Chart) string {
	if isV1(c) {
		return "requirements.lock"
	}
	return "Chart.lock"
}

// lockFile is the path of the lock file and its new content, nil if it says the
// same already.
func (w *work) lockFile() (path string, data []byte, err error) {
	path = filepath.Join(w.dir, lockName(w.chart))
	digest, err := Digest(w.declared, w.locked)
	if err != nil {
		return "", nil, err
	}
	old := w.chart.Lock()
	if old != nil && old.Digest == digest && maps.Equal(old.Contents, w.contents) {
		return path, nil, nil
	}
	if err := checkLockFile(path); err != nil {
		return "", nil, err
	}
	data, err = yamlio.Marshal(&chart.Lock{
		Generated: w.m.cfg.Now(), Digest: digest, Dependencies: w.locked, Contents: w.contents,
	})
	return path, data, err
}

// tellChanged warns of archives that are not what they were when they were
// locked, although nobody gave them another version.
func (w *work) tellChanged() {
	old := w.chart.Lock()
	if old == nil {
		return
	}
	for i, d := range w.locked {
		was, is := old.Contents[key(d)], w.contents[key(d)]
		k := w.places[i].kind
		same := slices.ContainsFunc(old.Dependencies, func(o *chart.Dependency) bool {
			return o != nil && o.Name == d.Name && o.Version == d.Version && o.Repository == d.Repository
		})
		if same && was != "" && is != was && k != inFolder && k != inCharts {
			w.m.cfg.Tell(fmt.Sprintf("WARNING: %s %s is not what it was when it was locked: %s has been replaced by %s in %s",
				d.Name, d.Version, was, is, shown(d.Repository)))
		}
	}
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
