package cli

import (
	"context"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/seed-0d4f92cc/pack/pkg/chart"
	"github.com/seed-0d4f92cc/pack/pkg/repo"
	"github.com/seed-0d4f92cc/pack/pkg/repo/dependency"
)

// dependencyManager looks after the dependencies of charts, and writes what it
// does to w.
func (s *session) dependencyManager(w io.Writer, access repo.Access, offline bool) *dependency.Manager {
	return dependency.New(s.dependencyConfig(w, access, offline))
}

func (s *session) dependencyConfig(w io.Writer, access repo.Access, offline bool) dependency.Config {
	fetcher := s.fetcherConfig()
	fetcher.Offline = offline
	return dependency.Config{
		Fetcher:      repo.NewFetcher(fetcher),
		Repositories: s.repositories,
		Indexes:      s.indexes(),
		Getter:       s.getter,
		Registry:     s.registry,
		Content:      fetcher.Content,
		Access:       access,
		Now:          s.Now,
		Tell:         func(line string) { fmt.Fprintln(w, errorText(line)) },
		Log:          s.Log,
	}
}

// completeFlags settle the dependencies of a chart that is to be rendered.
type completeFlags struct {
	update  bool
	build   bool
	offline bool
}

func (c *completeFlags) add(cmd *cobra.Command) {
	f := cmd.Flags()
	f.BoolVar(&c.update, "dependency-update", false, "if dependencies are missing: fetch them into the chart's folder first, as 'dependency update' does")
	f.BoolVar(&c.build, "dependency-build", false, "use the dependencies that the lock file names, or without one that the chart declares, and write nothing into the chart's folder")
	f.BoolVar(&c.offline, "offline", false, "fetch no charts: use what is in the caches and in the charts folder")
	cmd.MarkFlagsMutuallyExclusive("dependency-update", "dependency-build")
}

// complete settles the dependencies of a chart as the flags say.
func (c *chartFlags) completed(ctx context.Context, s *session, ch *chart.Chart, place chartPlace) (*chart.Chart, error) {
	missing := ch.MissingDependencies() != nil
	if !c.complete.build && (!c.complete.update || !missing) {
		return ch, nil
	}
	m, opts, err := c.manager(s, place)
	if err != nil {
		return nil, err
	}
	folder := place.folder()
	if c.complete.build || folder == "" {
		return m.Complete(ctx, ch, folder, opts)
	}
	if err := m.Update(ctx, folder, opts); err != nil {
		return nil, err
	}
	if ch, err = s.readChart(folder); err != nil {
		return nil, fmt.Errorf("failed reloading chart after repo update: %w", err)
	}
	return ch, nil
}

// manager looks after the dependencies of a chart at a place. What it does goes
// to the standard error: the standard output may be manifests.
func (c *chartFlags) manager(s *session, place chartPlace) (*dependency.Manager, dependency.Options, error) {
	opts := dependency.Options{Offline: c.complete.offline}
	var err error
	if opts.ModTime, err = s.sourceDate(); err != nil {
		return nil, opts, err
	}
	access := c.net.given(s)
	if place.fetched != nil {
		// They belong to where the chart came from.
		access.Username, access.Password, access.PassAll = "", "", false
	}
	out := s.Err
	if c.complete.build {
		out = io.Discard
	}
	cfg := s.dependencyConfig(out, access, c.complete.offline)
	if c.verify {
		if cfg.Keyring, err = s.readKeyring(c.keyring); err != nil {
			return nil, opts, err
		}
		cfg.Provenance = repo.ProvenanceIfPossible
	}
	return dependency.New(cfg), opts, nil
}
