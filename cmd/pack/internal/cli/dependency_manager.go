package cli

import (
	"context"
	"fmt"
	"io"

	"github.com/spf13/pflag"

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
		Checked:      fetcher.Trust != nil,
		Access:       access,
		Now:          s.Now,
		Tell:         func(line string) { fmt.Fprintln(w, line) },
		Log:          s.Log,
	}
}

// completeFlags settle the dependencies of a chart that is to be rendered.
type completeFlags struct {
	update  bool
	build   bool
	offline bool
}

func (c *completeFlags) add(f *pflag.FlagSet) {
	f.BoolVar(&c.update, "dependency-update", false, "if dependencies are missing: fetch them into the chart's folder first, as 'dependency update' does")
	f.BoolVar(&c.build, "dependency-build", false, "use the dependencies that the lock file names, or without one that the chart declares, and write nothing into the chart's folder")
	f.BoolVar(&c.offline, "offline", false, "with --dependency-build: fetch nothing, use what is in the caches and in the charts folder")
}

// complete settles the dependencies of a chart as the flags say.
func (c *completeFlags) complete(ctx context.Context, s *session, ch *chart.Chart, place chartPlace, access repo.Access) (*chart.Chart, error) {
	date, err := s.sourceDate()
	if err != nil {
		return nil, err
	}
	opts := dependency.Options{Offline: c.offline, ModTime: date}
	folder := place.folder()
	switch {
	case c.build, c.update && folder == "" && ch.MissingDependencies() != nil:
		return s.dependencyManager(io.Discard, access, c.offline).Complete(ctx, ch, folder, opts)
	case !c.update || ch.MissingDependencies() == nil:
		return ch, nil
	}
	if err := s.dependencyManager(s.Err, access, c.offline).Update(ctx, folder, opts); err != nil {
		return nil, err
	}
	if ch, err = s.readChart(folder); err != nil {
		return nil, fmt.Errorf("failed reloading chart after repo update: %w", err)
	}
	return ch, nil
}
