package dependency

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/Masterminds/semver/v3"

	"github.com/seed-0d4f92cc/pack/internal/lightfs"
	"github.com/seed-0d4f92cc/pack/pkg/chart"
	"github.com/seed-0d4f92cc/pack/pkg/repo"
)

// maxLocalDepth bounds how deep local charts may depend on local charts.
const maxLocalDepth = 16

func checkFolder(path string) error {
	_, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("directory %s %w", path, repo.ErrNotFound)
	}
	return err
}

// checkInCharts sees to it that a dependency without a repository lies in the
// charts folder, in a version that satisfies its constraint.
func (w *work) checkInCharts(d *chart.Dependency) error {
	path := filepath.Join(w.dir, chartsFolder, d.Name)
	if w.dir == "" {
		// A chart that was fetched is complete, or not: that is checked later.
		return nil
	}
	if err := checkFolder(path); err != nil {
		return err
	}
	c, err := chart.Load(lightfs.Dir(path), chart.LoadOptions{})
	if err != nil {
		return fmt.Errorf("unable to load chart '%s': %w", path, err)
	}
	constraint, err := semver.NewConstraint(d.Version)
	if err != nil {
		return fmt.Errorf("dependency %s has an invalid version/constraint format: %w", d.Name, err)
	}
	v, err := semver.NewVersion(c.Metadata().Version)
	if err != nil {
		return fmt.Errorf("invalid version %s for dependency %s: %w", c.Metadata().Version, d.Name, err)
	}
	if !constraint.Check(v) {
		return fmt.Errorf("dependency %s at version %s does not satisfy the constraint %s", d.Name, c.Metadata().Version, d.Version)
	}
	return nil
}

// archiveFolder packs a chart in a folder. What it depends on itself and lacks is
// settled first, so that the archive is complete.
func (w *work) archiveFolder(ctx context.Context, d *chart.Dependency, folder string) (fetched, error) {
	f := fetched{dep: d}
	c, err := chart.Load(lightfs.Dir(folder), chart.LoadOptions{})
	if err != nil {
		return f, fmt.Errorf("%s: %w", folder, err)
	}
	if err := suits(c, d); err != nil {
		return f, err
	}
	if c.MissingDependencies() != nil {
		if c, err = w.completeFolder(ctx, c, folder); err != nil {
			return f, fmt.Errorf("dependency %s: %w", d.Name, err)
		}
	}
	var buf bytes.Buffer
	if err := c.WriteArchive(&buf, chart.ArchiveOptions{ModTime: w.opts.ModTime}); err != nil {
		return f, fmt.Errorf("%s: %w", folder, err)
	}
	d.Version = c.Metadata().Version
	f.name, f.data = c.ArchiveName(), buf.Bytes()
	return f, nil
}

// suits says whether a chart is the one that a dependency means.
func suits(c *chart.Chart, d *chart.Dependency) error {
	constraint, err := semver.NewConstraint(d.Version)
	if err != nil {
		return fmt.Errorf("dependency %s has an invalid version/constraint format: %w", d.Name, err)
	}
	v, err := semver.NewVersion(c.Metadata().Version)
	if err != nil {
		return err
	}
	if !constraint.Check(v) {
		return fmt.Errorf("can't get a valid version for dependency %s", d.Name)
	}
	return nil
}

// completeFolder settles the dependencies of a local chart that is a dependency
// itself.
func (w *work) completeFolder(ctx context.Context, c *chart.Chart, folder string) (*chart.Chart, error) {
	above := append(slices.Clip(w.above), filepath.Clean(w.dir))
	if slices.Contains(above, filepath.Clean(folder)) {
		return nil, errCircle
	}
	if len(above) > maxLocalDepth {
		return nil, fmt.Errorf("charts in folders depend on each other more than %d deep", maxLocalDepth)
	}
	quiet := *w.m
	quiet.cfg.Tell = func(string) {}
	return quiet.complete(ctx, c, folder, w.opts, above)
}

// readBounded reads a file that is an archive.
func readBounded(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, repo.DefaultMaxBytes+1))
	if err == nil && len(data) > repo.DefaultMaxBytes {
		err = fmt.Errorf("%s is longer than %d bytes", path, int64(repo.DefaultMaxBytes))
	}
	return data, err
}
