package dependency

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
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
	// keep keeps the contents of archives, to complete the chart with them.
	keep bool

	// above are the folders of the charts that this one is a dependency of;
	// with them it has shared in common.
	above  []string
	shared *shared

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
	// refused are the errors of indexes that could not be fetched, by their names.
	refused map[string]error
	tags    map[string]*tagsOnce
}

// shared is what all charts of one call have in common, the local ones that
// others depend on included.
type shared struct {
	budget budget
	// locals are the local charts that others depend on, by their folders:
	// what several have in common is made once.
	locals map[string]*local
	// host is the registry that the credentials go to.
	host string
}

// newWork prepares to settle what a chart declares.
func (m *Manager) newWork(c *chart.Chart, dir string, opts Options) (*work, error) {
	w := &work{
		m: m, opts: opts, chart: c, dir: dir, contents: map[string]string{},
		shared:  &shared{locals: map[string]*local{}},
		indexes: map[string]*indexOnce{}, refused: map[string]error{}, tags: map[string]*tagsOnce{},
	}
	w.declared = cloned(c.Metadata().Dependencies)
	if err := checkNames(w.declared); err != nil {
		return nil, err
	}
	var err error
	w.places, err = m.placesOf(w.declared, dir)
	return w, err
}

// useLock prepares to fetch what the lock file of the chart names.
func (w *work) useLock() error {
	lock := w.chart.Lock()
	if err := w.checkLock(); err != nil {
		return err
	}
	w.locked = cloned(lock.Dependencies)
	if err := checkNames(w.locked); err != nil {
		return err
	}
	var err error
	if w.places, err = w.m.placesOf(w.locked, w.dir); err != nil {
		if missing, ok := errors.AsType[*MissingRepositoriesError](err); ok {
			missing.Locked = true
		}
		return err
	}
	for key, digest := range lock.Contents {
		w.contents[key] = digest
	}
	return nil
}

// checkConfigured sees to it that what a lock file names comes from repositories
// that are configured, as Helm demands it. Where the digest of the archive is
// locked, it does not matter who serves it.
func (w *work) checkConfigured() error {
	var missing []string
	for i, d := range w.locked {
		if w.places[i].kind == inUnknown && w.contents[key(d)] == "" {
			missing = append(missing, shown(d.Repository))
		}
	}
	if missing != nil {
		return &MissingRepositoriesError{Repositories: missing, Locked: true}
	}
	return nil
}

// only leaves out the dependencies whose names are not among those given.
func (w *work) only(names []string) {
	var places []place
	list := w.locked
	if list == nil {
		list = w.declared
	}
	var kept []*chart.Dependency
	for i, d := range list {
		if slices.Contains(names, d.Name) {
			kept, places = append(kept, d), append(places, w.places[i])
		}
	}
	if w.locked != nil {
		w.locked = kept
	} else {
		w.declared = kept
	}
	w.places = places
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

// indexOf is the index that a dependency is looked up in. That there is none says why
// it could not be fetched, if that was tried.
func (w *work) indexOf(p *place) (*repo.Index, error) {
	index, err := w.index(p.index())
	if err == nil {
		return index, nil
	}
	err = fmt.Errorf("no cached repository for %s found. (try 'helm repo update'): %w", p.index(), err)
	w.mu.Lock()
	refused := w.refused[p.index()]
	w.mu.Unlock()
	if refused != nil {
		err = fmt.Errorf("%w; %s could not be asked: %w", err, shown(p.entry.URL), refused)
	}
	return nil, err
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

// trusts says that no signatures have to be looked at.
func (w *work) trusts() bool {
	return w.m.cfg.Provenance == repo.ProvenanceIgnore && !w.m.cfg.Fetcher.Checks()
}

// atHand says whether nothing has to be fetched for a dependency: its digest is
// locked, and the cache or the charts folder has it.
func (w *work) atHand(d *chart.Dependency) ([]byte, bool) {
	digest := w.contents[key(d)]
	if digest == "" {
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

// vendoredProvenance is the provenance file of a dependency in the charts
// folder, if signatures are looked at.
func (w *work) vendoredProvenance(d *chart.Dependency) ([]byte, error) {
	if w.dir == "" || w.trusts() {
		return nil, nil
	}
	data, err := readBounded(filepath.Join(w.dir, chartsFolder, key(d)+archiveSuffix+provSuffix))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("dependency %s: %w", d.Name, err)
	}
	return data, nil
}

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
		if w.locked != nil && w.trusts() {
			if _, ok := w.atHand(deps[i]); ok {
				continue
			}
		}
		out = append(out, p)
	}
	return out
}
