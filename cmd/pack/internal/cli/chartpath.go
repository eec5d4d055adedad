package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"

	"github.com/seed-0d4f92cc/pack/internal/lightfs"
	"github.com/seed-0d4f92cc/pack/pkg/chart"
	"github.com/seed-0d4f92cc/pack/pkg/repo"
)

// noChartError says that the CHART argument names nothing that is there.
type noChartError struct {
	ref string
	// text is Helm's message, which scripts match on.
	text string
}

func (e *noChartError) Error() string { return e.text }

// chartPlace is where a chart was found: a path, or an archive that was fetched.
type chartPlace struct {
	path    string
	fetched *repo.Archive
}

// folder is the path of a chart that is a folder; empty for any other.
func (p chartPlace) folder() string {
	if info, err := os.Stat(p.path); p.path == "" || err != nil || !info.IsDir() {
		return ""
	}
	return p.path
}

// locateChart finds the chart that a CHART argument means: a path that exists,
// or else what the flags and the configured repositories say. Errors about paths
// are *noChartError.
func (s *session) locateChart(ctx context.Context, ref string, flags *chartFlags) (chartPlace, error) {
	name := strings.TrimSpace(ref)
	if flags.repoURL == "" {
		if _, err := os.Stat(s.path(name)); err == nil && name != "" {
			return s.localChart(name, flags)
		}
		if filepath.IsAbs(name) || strings.HasPrefix(name, ".") {
			return chartPlace{}, &noChartError{ref: name, text: fmt.Sprintf("path %q not found", name)}
		}
	}
	req, err := flags.request(s, name)
	if err != nil {
		return chartPlace{}, err
	}
	a, err := s.fetch(ctx, req, flags.complete.offline)
	if err != nil {
		return chartPlace{}, err
	}
	s.Log.Debug("fetched chart", "url", repo.Entry{URL: a.URL}.Redacted(), "digest", a.Digest, "cached", a.Cached)
	if a.Manifest != "" {
		// The standard output is for what becomes of the chart.
		printTransfer(s.Err, "Pulled", a.URL[len(repo.OCIScheme):], a.Manifest)
	}
	return chartPlace{fetched: a}, nil
}

// localChart is a chart at a path, once its signature is checked if that is
// asked for.
func (s *session) localChart(name string, flags *chartFlags) (chartPlace, error) {
	path, err := filepath.Abs(s.path(name))
	if err != nil {
		return chartPlace{}, err
	}
	if flags.verify {
		if _, err := s.verifyArchive(path, flags.keyring); err != nil {
			return chartPlace{}, err
		}
	}
	return chartPlace{path: path}, nil
}

// loadChart finds and reads the chart that a CHART argument means, without its
// subcharts being complete: see chart.CheckDependencies.
func (s *session) loadChart(ctx context.Context, ref string, flags *chartFlags) (*chart.Chart, error) {
	place, err := s.locateChart(ctx, ref, flags)
	if err != nil {
		return nil, err
	}
	c, err := s.readPlace(place, flags.anyVersion)
	if err != nil {
		return nil, err
	}
	return flags.completed(ctx, s, c, place)
}

func (s *session) readPlace(place chartPlace, anyVersion bool) (*chart.Chart, error) {
	opts := s.loadOptions()
	opts.AnyVersion = anyVersion
	if place.fetched != nil {
		c, err := chart.Read(bytes.NewReader(place.fetched.Data), opts)
		return c, ofArchive(place.fetched, err)
	}
	s.Log.Debug("Chart path", "path", place.path)
	return readChart(s, place.path, opts)
}

// ofArchive names where an archive came from that something is wrong with.
func ofArchive(a *repo.Archive, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", repo.Entry{URL: a.URL}.Redacted(), err)
}

// loadInstallable is loadChart for a chart that is to be rendered: it is no
// library and its dependencies are there.
func (s *session) loadInstallable(ctx context.Context, ref string, flags *chartFlags) (*chart.Chart, error) {
	c, err := s.loadChart(ctx, ref, flags)
	if err != nil {
		return nil, err
	}
	if err := c.CheckInstallable(); err != nil {
		return nil, err
	}
	if c.Metadata().Deprecated {
		s.Log.Warn("this chart is deprecated")
	}
	if err := c.CheckDependencies(); err != nil {
		return nil, fmt.Errorf("an error occurred while checking for chart dependencies. You may need to run 'helm dependency build' to fetch missing dependencies: %w", err)
	}
	return c, nil
}

func (s *session) loadOptions() chart.LoadOptions {
	return chart.LoadOptions{Warn: func(text string) { s.Log.Warn(text) }}
}

// readChart reads the chart in a folder or an archive.
func (s *session) readChart(path string) (*chart.Chart, error) {
	return readChart(s, path, s.loadOptions())
}

func readChart(s *session, path string, opts chart.LoadOptions) (*chart.Chart, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if info.IsDir() {
		file := filepath.Join(path, "Chart.yaml")
		if err := readable(file); err != nil {
			return nil, &noMetadataError{file: file, err: err}
		}
		return chart.Load(lightfs.Dir(path), opts)
	}
	defer s.opening(path)()
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	c, err := chart.Read(f, opts)
	if e, ok := errors.AsType[*chart.Error](err); ok && e.Path == "" {
		if errors.Is(err, chart.ErrNotArchive) {
			return nil, notArchive(f, path)
		}
		return nil, fmt.Errorf("%s: %w", path, err) // the archive as a whole is at fault
	}
	return c, err
}

// readable says whether a file can be opened. What may wait for ever is not tried.
func readable(path string) error {
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() && !info.IsDir() {
		return &fs.PathError{Op: "open", Path: path, Err: errors.New("not a regular file")}
	}
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	return nil
}

// noMetadataError says that a folder has no Chart.yaml that can be read.
type noMetadataError struct {
	file string
	err  error
}

func (e *noMetadataError) Error() string {
	return fmt.Sprintf("unable to detect chart at %s: %v", e.file, e.err)
}

func (e *noMetadataError) Unwrap() error { return e.err }

// notArchive says what a file is that is no archive, in Helm's words.
func notArchive(f *os.File, path string) error {
	switch filepath.Ext(path) {
	case ".yml", ".yaml":
		return fmt.Errorf("file '%s' seems to be a YAML file, but expected a gzipped archive", path)
	}
	start := make([]byte, 512)
	if _, err := f.ReadAt(start, 0); err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	return fmt.Errorf("file '%s' does not appear to be a gzipped archive; got '%s'", path, http.DetectContentType(start))
}
