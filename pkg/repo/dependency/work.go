package dependency

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/seed-0d4f92cc/pack/pkg/chart"
	"github.com/seed-0d4f92cc/pack/pkg/repo"
)

// work is one call of a Manager: the dependencies of one chart.
type work struct {
	m     *Manager
	opts  Options
	chart *chart.Chart
	dir   string
	// above are the folders of the charts that this one is a dependency of.
	above []string

	// declared are the chart's declarations, locked the versions that were
	// settled, places where they come from; each in the same order.
	declared []*chart.Dependency
	locked   []*chart.Dependency
	places   []place
	// contents are digests of archives by their names without the suffix, as a
	// lock file has them.
	contents map[string]string

	mu      sync.Mutex
	indexes map[string]*indexOnce
}

// newWork prepares to settle what a chart declares.
func (m *Manager) newWork(c *chart.Chart, dir string, opts Options) (*work, error) {
	w := &work{m: m, opts: opts, chart: c, dir: dir, indexes: map[string]*indexOnce{}, contents: map[string]string{}}
	w.declared = cloned(c.Metadata().Dependencies)
	if err := checkNames(w.declared); err != nil {
		return nil, err
	}
	var err error
	w.places, err = m.placesOf(w.declared, dir)
	return w, err
}

// newLockedWork prepares to fetch what a lock file names.
func (m *Manager) newLockedWork(ctx context.Context, c *chart.Chart, dir string, opts Options) (*work, error) {
	w, err := m.newWork(c, dir, opts)
	if err != nil {
		return nil, err
	}
	if err := checkLock(c, w.declared, c.Metadata().Dependencies); err != nil {
		return nil, err
	}
	lock := c.Lock()
	w.locked = cloned(lock.Dependencies)
	if err := checkNames(w.locked); err != nil {
		return nil, err
	}
	if w.places, err = m.placesOf(w.locked, dir); err != nil {
		return nil, err
	}
	for key, digest := range lock.Contents {
		w.contents[key] = digest
	}
	return w, w.refresh(ctx)
}

func cloned(deps []*chart.Dependency) []*chart.Dependency {
	out := make([]*chart.Dependency, 0, len(deps))
	for _, d := range deps {
		if d != nil {
			copied := *d
			out = append(out, &copied)
		}
	}
	return out
}

// checkNames refuses names and versions that could not be those of files.
func checkNames(deps []*chart.Dependency) error {
	if len(deps) > maxDependencies {
		return fmt.Errorf("the chart declares %d dependencies, at most %d are settled", len(deps), maxDependencies)
	}
	for _, d := range deps {
		if d.Name == "" || d.Name == "." || d.Name == ".." || strings.ContainsAny(d.Name, "/\\\x00") {
			return fmt.Errorf("dependency %q: no chart can have this name", d.Name)
		}
	}
	return nil
}

// key is what an archive is called without its suffix.
func key(d *chart.Dependency) string { return d.Name + "-" + d.Version }

// indexOnce is an index that is opened when it is needed first.
type indexOnce struct {
	once  sync.Once
	index *repo.Index
	err   error
}

// index opens the cached index of a repository, once.
func (w *work) index(name string) (*repo.Index, error) {
	w.mu.Lock()
	o := w.indexes[name]
	if o == nil {
		o = new(indexOnce)
		w.indexes[name] = o
	}
	w.mu.Unlock()
	o.once.Do(func() { o.index, o.err = w.m.cfg.Indexes.Open(name) })
	return o.index, o.err
}

// close closes the indexes.
func (w *work) close() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for name, o := range w.indexes {
		if o.index != nil {
			// It was only read.
			_ = o.index.Close()
		}
		delete(w.indexes, name)
	}
}

// atHand says whether nothing has to be fetched for a dependency: its digest is
// locked, and the cache or the charts folder has it.
func (w *work) atHand(d *chart.Dependency) ([]byte, bool) {
	digest := w.contents[key(d)]
	if digest == "" || w.m.cfg.Checked {
		return nil, false
	}
	if data, ok := w.m.cfg.Content.Chart(digest); ok {
		return data, true
	}
	data, err := w.vendored(d)
	return data, err == nil && repo.CheckDigest(data, digest) == nil
}

// vendored is the archive of a dependency in the charts folder.
func (w *work) vendored(d *chart.Dependency) ([]byte, error) {
	if w.dir == "" {
		return nil, repo.ErrNotFound
	}
	return readBounded(filepath.Join(w.dir, chartsFolder, key(d)+archiveSuffix))
}

const (
	chartsFolder  = "charts"
	archiveSuffix = ".tgz"
)

// repositoriesToAsk are those whose indexes are needed, in the order of the
// dependencies, each once: those of dependencies that are not at hand.
func (w *work) repositoriesToAsk(k kind) []place {
	var out []place
	deps := w.locked
	if deps == nil {
		deps = w.declared
	}
	for i, p := range w.places {
		if p.kind != k || slices.ContainsFunc(out, func(o place) bool { return o.index() == p.index() }) {
			continue
		}
		if w.locked != nil {
			if _, ok := w.atHand(deps[i]); ok {
				continue
			}
		}
		out = append(out, p)
	}
	return out
}
