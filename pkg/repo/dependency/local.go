package dependency

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/Masterminds/semver/v3"

	"github.com/seed-0d4f92cc/pack/internal/bounded"
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

// load reads the chart in a folder.
func (m *Manager) load(folder string) (*chart.Chart, error) {
	return chart.Load(lightfs.Dir(folder), chart.LoadOptions{AnyVersion: true, Warn: func(text string) { m.cfg.Log.Warn(text) }})
}

// checkInCharts sees to it that a dependency without a repository lies in the
// charts folder, in a version that satisfies its constraint.
func (w *work) checkInCharts(d *chart.Dependency) error {
	if w.dir == "" {
		// A chart that was fetched is complete, or not: that is checked later.
		return nil
	}
	path := filepath.Join(w.dir, chartsFolder, d.Name)
	c, err := w.m.load(path)
	if err != nil {
		return fmt.Errorf("unable to load chart '%s': %w", path, err)
	}
	ok, err := satisfies(c, d)
	if err == nil && !ok {
		err = fmt.Errorf("dependency %s at version %s does not satisfy the constraint %s", d.Name, c.Metadata().Version, d.Version)
	}
	return err
}

// satisfies says whether a chart has a version that a dependency wants.
func satisfies(c *chart.Chart, d *chart.Dependency) (bool, error) {
	constraint, err := semver.NewConstraint(d.Version)
	if err != nil {
		return false, fmt.Errorf("dependency %s has an invalid version/constraint format: %w", d.Name, err)
	}
	v, err := semver.NewVersion(c.Metadata().Version)
	if err != nil {
		return false, fmt.Errorf("invalid version %s for dependency %s: %w", c.Metadata().Version, d.Name, err)
	}
	return constraint.Check(v), nil
}

// local is a chart in a folder, complete with what it depends on. The rest is
// made when it is needed.
type local struct {
	chart  *chart.Chart
	data   []byte
	digest string
}

// archiveFolder packs a chart in a folder. What it depends on itself and lacks is
// settled first, so that the archive is complete.
func (w *work) archiveFolder(ctx context.Context, d *chart.Dependency, folder string) (fetched, error) {
	if folder == "" {
		return fetched{}, fmt.Errorf("dependency %q lies at %s, beside a chart that was fetched: it has to be in the charts folder of that", d.Name, d.Repository)
	}
	if err := ctx.Err(); err != nil {
		return fetched{}, err
	}
	l, err := w.local(ctx, d, filepath.Clean(folder))
	if err != nil {
		return fetched{}, err
	}
	ok, err := satisfies(l.chart, d)
	if err != nil {
		return fetched{}, err
	}
	if !ok {
		return fetched{}, fmt.Errorf("can't get a valid version for dependency %s", d.Name)
	}
	d.Version = l.chart.Metadata().Version
	f := fetched{dep: d, name: l.chart.ArchiveName(), chart: l.chart}
	if !w.keep || w.contents[key(d)] != "" {
		if err := l.pack(w.opts.ModTime); err != nil {
			return f, fmt.Errorf("%s: %w", folder, err)
		}
		f.data, f.digest = l.data, l.digest
	}
	return f, w.checkContent(&f, folder)
}

// local is the chart in a folder with what it depends on, made once.
func (w *work) local(ctx context.Context, d *chart.Dependency, folder string) (*local, error) {
	if l := w.shared.locals[folder]; l != nil {
		return l, nil
	}
	c, err := w.m.load(folder)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", folder, err)
	}
	if c.MissingDependencies() != nil {
		if c, err = w.completeFolder(ctx, c, folder); err != nil {
			return nil, fmt.Errorf("dependency %s: %w", d.Name, err)
		}
	}
	if err := w.shared.budget.count(c); err != nil {
		return nil, fmt.Errorf("%s: %w", folder, err)
	}
	l := &local{chart: c}
	w.shared.locals[folder] = l
	return l, nil
}

// pack makes the archive and the digest.
func (l *local) pack(modTime time.Time) error {
	if l.data != nil {
		return nil
	}
	data, err := archiveOf(l.chart, chart.ArchiveOptions{ModTime: modTime})
	if err != nil {
		return err
	}
	plain := data
	if !modTime.IsZero() {
		// The times are not what a chart is.
		if plain, err = archiveOf(l.chart, chart.ArchiveOptions{}); err != nil {
			return err
		}
	}
	if l.digest, err = filesDigest(plain); err != nil {
		return err
	}
	l.data = data
	return nil
}

func archiveOf(c *chart.Chart, opts chart.ArchiveOptions) ([]byte, error) {
	var buf bytes.Buffer
	err := c.WriteArchive(&buf, opts)
	return buf.Bytes(), err
}

// filesPrefix begins the digests of charts in folders. They are over the names
// and contents of the files and not over an archive: how that is compressed may
// change with the program that does it.
const filesPrefix = "files-sha256:"

// filesDigest is the digest of the files in an archive: over a line for each, in
// the order of their names, as sha256sum writes it.
func filesDigest(archive []byte) (string, error) {
	zr, err := gzip.NewReader(bytes.NewReader(archive))
	if err != nil {
		return "", err
	}
	var lines []string
	for tr := tar.NewReader(zr); ; {
		h, err := tr.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return "", err
		}
		sum := sha256.New()
		if _, err := io.Copy(sum, tr); err != nil {
			return "", err
		}
		lines = append(lines, h.Name+"\x00"+hex.EncodeToString(sum.Sum(nil)))
	}
	slices.Sort(lines)
	all := sha256.New()
	for _, line := range lines {
		name, sum, _ := strings.Cut(line, "\x00")
		fmt.Fprintf(all, "%s  %s\n", sum, name)
	}
	return filesPrefix + hex.EncodeToString(all.Sum(nil)), nil
}

// completeFolder settles the dependencies of a local chart that is a dependency
// itself.
func (w *work) completeFolder(ctx context.Context, c *chart.Chart, folder string) (*chart.Chart, error) {
	above := append(slices.Clip(w.above), filepath.Clean(w.dir))
	if slices.Contains(above, folder) {
		return nil, errCircle
	}
	if len(above) > maxLocalDepth {
		return nil, fmt.Errorf("charts in folders depend on each other more than %d deep", maxLocalDepth)
	}
	quiet := *w.m
	quiet.cfg.Tell = func(string) {}
	below, err := quiet.newWork(c, folder, w.opts)
	if err != nil {
		return nil, err
	}
	below.above, below.shared = above, w.shared
	return below.complete(ctx)
}

// readBounded reads a file that is an archive, or belongs to one.
func readBounded(path string) ([]byte, error) { return bounded.ReadFile(path, maxBytes) }
