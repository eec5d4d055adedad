package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/seed-0d4f92cc/pack/pkg/chart"
)

type createOptions struct {
	starter    string
	apiVersion string
}

func newCreateCmd(s *session) *cobra.Command {
	o := createOptions{}
	cmd := &cobra.Command{
		Use:   "create NAME",
		Short: "make a new chart to start from",
		Long: `Create a folder with a chart that runs a web server, to start from:

    web/
    ├── .helmignore      files that are left out of the chart
    ├── Chart.yaml       what the chart is
    ├── values.yaml      the default values of the templates
    ├── charts/          charts that this one depends on
    └── templates/       the templates
        └── tests/       tests of a release

The name is the last element of a path, whose folder must exist. Files that are
there already are overwritten.

With --starter the new chart is made after another one, a folder or an archive
in the folder "starters" of the data folder (pack env), or anywhere if its path
is absolute: <CHARTNAME> in its templates and in values.yaml becomes the name,
Chart.yaml is made anew, and subcharts become archives in charts/.`,
		Args:              exactArgs(1),
		ValidArgsFunction: completeOneFolder,
		RunE: func(_ *cobra.Command, args []string) error {
			return o.run(s, args[0])
		},
	}
	f := cmd.Flags()
	f.StringVarP(&o.starter, "starter", "p", "", "the chart to start from: a name in the folder of starters, or an absolute path")
	f.StringVar(&o.apiVersion, "chart-api-version", "v2", "apiVersion of the new chart: v2")
	cobra.CheckErr(f.MarkHidden("chart-api-version"))
	cobra.CheckErr(cmd.RegisterFlagCompletionFunc("starter", s.completeStarter))
	return cmd
}

func (o *createOptions) run(s *session, name string) error {
	if _, err := fmt.Fprintf(s.Out, "Creating %s\n", name); err != nil {
		return err
	}
	if o.apiVersion != "" && o.apiVersion != "v2" {
		return fmt.Errorf("unsupported chart API version: %s (supported: v2)", o.apiVersion)
	}
	files, err := o.files(s, filepath.Base(name))
	if err != nil {
		return err
	}
	dir, err := filepath.Abs(s.path(name))
	if err != nil {
		return err
	}
	if o.starter == "" {
		info, err := os.Stat(filepath.Dir(dir))
		if err != nil {
			return err
		}
		if !info.IsDir() {
			return fmt.Errorf("no such directory %s", filepath.Dir(dir))
		}
	}
	info, err := os.Stat(dir)
	if err == nil && !info.IsDir() {
		return fmt.Errorf("file %s already exists and is not a directory", dir)
	}
	fresh := errors.Is(err, fs.ErrNotExist)
	for _, f := range files {
		if err := s.createFile(dir, f); err != nil && fresh {
			return errors.Join(err, os.RemoveAll(dir)) // half a chart is none
		} else if err != nil {
			return err
		}
	}
	return nil
}

// files are those of the new chart.
func (o *createOptions) files(s *session, name string) ([]chart.File, error) {
	if o.starter == "" {
		return chart.Scaffold(name)
	}
	path := o.starter
	if !filepath.IsAbs(path) {
		path = filepath.Join(s.Paths.Starters, path)
	}
	starter, err := s.readChart(path)
	if err != nil {
		return nil, &advisedError{fmt.Errorf("could not load %s: %w", path, err), "A starter is a chart, given by an absolute path, or by its name in the folder of starters, which 'pack env --files' shows."}
	}
	return chart.FromStarter(name, starter)
}

// completeStarter offers the names of starters, and paths.
func (s *session) completeStarter(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	entries, err := os.ReadDir(s.Paths.Starters)
	if err != nil {
		return nil, cobra.ShellCompDirectiveDefault
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names, cobra.ShellCompDirectiveDefault
}

// createFile writes one file of a new chart; a name that ends in a slash is a
// folder.
func (s *session) createFile(dir string, f chart.File) error {
	if strings.HasSuffix(f.Name, "/") {
		return os.MkdirAll(filepath.Join(dir, filepath.FromSlash(f.Name)), 0o755)
	}
	if err := os.MkdirAll(filepath.Join(dir, filepath.FromSlash(path.Dir(f.Name))), 0o755); err != nil {
		return err
	}
	target := filepath.Join(dir, filepath.FromSlash(f.Name))
	if info, err := os.Stat(target); err == nil && info.Mode().Type() != fs.ModeDir {
		if _, err := fmt.Fprintf(s.Out, "WARNING: File %q already exists. Overwriting.\n", target); err != nil {
			return err
		}
	}
	return os.WriteFile(target, f.Data, 0o644)
}
