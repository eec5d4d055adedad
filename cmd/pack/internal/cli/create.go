package cli

import (
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/seed-0d4f92cc/pack/pkg/chart"
)

func newCreateCmd(s *session) *cobra.Command {
	return &cobra.Command{
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
there already are overwritten.`,
		Args:              exactArgs(1),
		ValidArgsFunction: completeOneFolder,
		RunE: func(_ *cobra.Command, args []string) error {
			return create(s, args[0])
		},
	}
}

func create(s *session, name string) error {
	if _, err := fmt.Fprintf(s.Out, "Creating %s\n", name); err != nil {
		return err
	}
	files, err := chart.Scaffold(filepath.Base(name))
	if err != nil {
		return err
	}
	dir, err := filepath.Abs(s.path(name))
	if err != nil {
		return err
	}
	info, err := os.Stat(filepath.Dir(dir))
	if err != nil {
		return err
	}
	if !info.IsDir() {
		return fmt.Errorf("no such directory %s", filepath.Dir(dir))
	}
	if info, err := os.Stat(dir); err == nil && !info.IsDir() {
		return fmt.Errorf("file %s already exists and is not a directory", dir)
	}
	for _, f := range files {
		if err := s.createFile(dir, f); err != nil {
			return err
		}
	}
	return nil
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
