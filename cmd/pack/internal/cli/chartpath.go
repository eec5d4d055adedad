package cli

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/seed-0d4f92cc/pack/internal/lightfs"
	"github.com/seed-0d4f92cc/pack/pkg/chart"
)

// noChartError says that the CHART argument names nothing that is there.
type noChartError struct {
	ref string
	// text is Helm's message, which scripts match on.
	text string
}

func (e *noChartError) Error() string { return e.text }

// locateChart finds the folder or the archive that a CHART argument names and
// returns its absolute path. The error is a *noChartError.
func (s *session) locateChart(ref string) (string, error) {
	name := strings.TrimSpace(ref)
	if name != "" {
		if _, err := os.Stat(s.path(name)); err == nil {
			return filepath.Abs(s.path(name))
		}
	}
	fail := func(format string, args ...any) (string, error) {
		return "", &noChartError{ref: name, text: fmt.Sprintf(format, args...)}
	}
	if filepath.IsAbs(name) || strings.HasPrefix(name, ".") {
		return fail("path %q not found", name)
	}
	u, err := url.Parse(name)
	if err != nil {
		return fail("invalid chart URL format: %s", name)
	}
	if u.Scheme != "" {
		return fail("%q cannot be loaded: the chart must be a folder or a .tgz file", u.Redacted())
	}
	repository, _, ok := strings.Cut(u.Path, "/")
	if !ok {
		return fail("non-absolute URLs should be in form of repo_name/path_to_chart, got: %s", u)
	}
	return fail("repo %s not found", repository)
}

// loadChart finds and reads the chart that a CHART argument names, without its
// subcharts being complete: see chart.CheckDependencies.
func (s *session) loadChart(ref string) (*chart.Chart, error) {
	path, err := s.locateChart(ref)
	if err != nil {
		return nil, err
	}
	s.Log.Debug("Chart path", "path", path)
	return s.readChart(path)
}

// loadInstallable is loadChart for a chart that is to be rendered: it is no
// library and its dependencies are there.
func (s *session) loadInstallable(ref string) (*chart.Chart, error) {
	c, err := s.loadChart(ref)
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

// readChart reads the chart in a folder or an archive.
func (s *session) readChart(path string) (*chart.Chart, error) {
	opts := chart.LoadOptions{Warn: func(text string) { s.Log.Warn(text) }}
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if info.IsDir() {
		file := filepath.Join(path, "Chart.yaml")
		if err := readable(file); err != nil {
			return nil, fmt.Errorf("unable to detect chart at %s: %w", file, err)
		}
		return chart.Load(lightfs.Dir(path), opts)
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	c, err := chart.Read(f, opts)
	if errors.Is(err, chart.ErrNotArchive) {
		return nil, notArchive(f, path)
	}
	return c, err
}

// readable says whether a file can be opened.
func readable(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	return nil
}

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

// completeChart completes a CHART argument: with files.
func completeChart(*cobra.Command, []string, string) ([]cobra.Completion, cobra.ShellCompDirective) {
	return nil, cobra.ShellCompDirectiveDefault
}
