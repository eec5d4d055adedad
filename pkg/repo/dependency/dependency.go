// Package dependency settles which charts the dependencies of a chart mean,
// fetches them, and puts them into its charts folder, with a lock file that
// Helm reads too.
package dependency

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"time"

	"github.com/seed-0d4f92cc/pack/internal/atomicfile"
	"github.com/seed-0d4f92cc/pack/pkg/chart"
	"github.com/seed-0d4f92cc/pack/pkg/repo"
)

// Config is what a Manager works with.
type Config struct {
	// Fetcher fetches archives; nil means one that works with what else is here.
	Fetcher *repo.Fetcher
	// Repositories returns the configured repositories; nil means that there
	// are none.
	Repositories func() (*repo.Repositories, error)
	// Indexes keeps the indexes of repositories; nil means that dependencies in
	// repositories are errors.
	Indexes *repo.IndexCache
	// Getter returns what opens URLs of a scheme, to refresh indexes; nil
	// means that they cannot be.
	Getter func(scheme string) (repo.Getter, error)
	// Registry returns the client for registries; nil means that dependencies
	// in registries are errors.
	Registry func() (repo.Registry, error)
	// Content is the cache that archives are looked up in by the digest in a
	// lock file.
	Content repo.ContentCache
	// Access is how registries are reached, and as whom.
	Access repo.Access
	// Provenance says what is done about provenance files, and Keyring checks
	// them.
	Provenance repo.ProvenancePolicy
	Keyring    repo.Verifier
	// Parallel is how many requests are under way at once; 0 means 32.
	Parallel int
	// Now is the clock; nil leaves lock files without a time.
	Now func() time.Time
	// Tell is told what is done, a line at a time, in Helm's words; nil tells
	// nobody.
	Tell func(line string)
	// Log is told of details; nil tells nobody.
	Log *slog.Logger
}

// Options is how dependencies are settled. The zero value is what Helm does.
type Options struct {
	// SkipRefresh leaves the cached indexes of repositories as they are.
	SkipRefresh bool
	// Offline fetches nothing: what is in the caches and in the charts folder
	// has to do.
	Offline bool
	// ModTime is given to all files of archives that are made of local charts;
	// see chart.ArchiveOptions.
	ModTime time.Time
}

const defaultParallel = 32

// Manager looks after the dependencies of charts. It is safe for concurrent use
// with different charts.
type Manager struct {
	cfg Config
}

// New returns a Manager. It does nothing yet.
func New(cfg Config) *Manager {
	if cfg.Parallel <= 0 {
		cfg.Parallel = defaultParallel
	}
	if cfg.Fetcher == nil {
		cfg.Fetcher = repo.NewFetcher(repo.FetcherConfig{
			Getter: cfg.Getter, Registry: cfg.Registry, Repositories: cfg.Repositories, Indexes: cfg.Indexes, Content: cfg.Content, Log: cfg.Log,
		})
	}
	if cfg.Now == nil {
		cfg.Now = func() time.Time { return time.Time{} }
	}
	if cfg.Tell == nil {
		cfg.Tell = func(string) {}
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	return &Manager{cfg: cfg}
}

// Update settles the dependencies that the chart in a folder declares, by their
// constraints, puts their archives into its charts folder and writes the lock
// file. Archives there that are not needed any more are removed; folders stay.
// If anything fails, nothing there has changed.
func (m *Manager) Update(ctx context.Context, dir string, opts Options) error {
	c, err := m.loadFolder(dir)
	if err != nil || c.Metadata().Dependencies == nil {
		return err
	}
	w, err := m.newWork(c, dir, opts)
	if err != nil {
		return err
	}
	if err := w.refresh(ctx); err != nil {
		return err
	}
	if err := w.resolve(ctx); err != nil {
		return err
	}
	return w.vendor(ctx, w.lockFile)
}

// Build puts the archives that the lock file of the chart in a folder names into
// its charts folder. Without a lock file it is Update. The error wraps
// ErrOutOfSync if the lock file does not fit what the chart declares, and
// repo.ErrDigest if an archive is not the one that was locked.
func (m *Manager) Build(ctx context.Context, dir string, opts Options) error {
	c, err := m.loadFolder(dir)
	if err != nil {
		return err
	}
	if c.Lock() == nil {
		return m.Update(ctx, dir, opts)
	}
	w, err := m.newWork(c, dir, opts)
	if err != nil {
		return err
	}
	if err := w.useLock(); err != nil {
		return err
	}
	if err := w.checkConfigured(); err != nil {
		return err
	}
	if err := w.refresh(ctx); err != nil {
		return err
	}
	return w.vendor(ctx, nil)
}

// vendor gets the archives, puts them into the charts folder once all are there,
// and writes the lock file, if there is one to write.
func (w *work) vendor(ctx context.Context, lock func() (path string, data []byte, err error)) error {
	folder, err := w.chartsDir()
	if err != nil {
		return err
	}
	list, err := w.fetchAll(ctx)
	if err != nil {
		w.m.cfg.Tell(fmt.Sprintf("Save error occurred:  %s", err))
		return err
	}
	var path string
	var data []byte
	if lock != nil {
		w.tellChanged()
		if path, data, err = lock(); err != nil {
			return err
		}
	}
	if err := w.replace(folder, list); err != nil {
		return err
	}
	if data == nil {
		return nil
	}
	return atomicfile.Bytes(path, 0o644, data)
}

// Complete returns a chart with the dependencies that its lock file names, or
// without one, that it declares. Nothing is written but caches. dir is where
// the chart lies; empty for one that is no folder. Of that only what is missing
// is fetched, and none of it can be in folders.
func (m *Manager) Complete(ctx context.Context, c *chart.Chart, dir string, opts Options) (*chart.Chart, error) {
	if len(c.Metadata().Dependencies) == 0 || dir == "" && c.MissingDependencies() == nil {
		return c, nil
	}
	w, err := m.newWork(c, dir, opts)
	if err != nil {
		return nil, err
	}
	return w.complete(ctx)
}

func (w *work) complete(ctx context.Context) (*chart.Chart, error) {
	w.keep = true
	if w.chart.Lock() != nil {
		if err := w.useLock(); err != nil {
			return nil, err
		}
	}
	if w.dir == "" {
		w.only(w.chart.MissingDependencies())
	}
	if err := w.refresh(ctx); err != nil {
		return nil, err
	}
	if w.locked == nil {
		if err := w.resolve(ctx); err != nil {
			return nil, err
		}
	}
	list, err := w.fetchAll(ctx)
	if err != nil {
		return nil, err
	}
	return withSubcharts(w.chart, list), nil
}

// loadFolder reads the chart in a folder.
func (m *Manager) loadFolder(dir string) (*chart.Chart, error) {
	info, err := os.Stat(dir)
	switch {
	case err != nil:
		return nil, fmt.Errorf("could not find %s: %w", dir, err)
	case !info.IsDir():
		return nil, errors.New("only unpacked charts can be updated")
	}
	return m.load(dir)
}
