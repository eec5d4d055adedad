package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/seed-0d4f92cc/pack/internal/atomicfile"
	"github.com/seed-0d4f92cc/pack/pkg/chart"
	"github.com/seed-0d4f92cc/pack/pkg/provenance/openpgp"
	"github.com/seed-0d4f92cc/pack/pkg/repo/dependency"
)

type packageOptions struct {
	net         netFlags
	update      bool
	offline     bool
	signing     signFlags
	version     string
	appVersion  string
	destination string
}

func newPackageCmd(s *session) *cobra.Command {
	o := packageOptions{}
	cmd := &cobra.Command{
		Use:   "package CHART_PATH...",
		Short: "pack a chart folder into an archive",
		Long: `Package charts, given by their folders, into versioned archives (.tgz).

The archive depends only on the chart: the same files make the same bytes.
SOURCE_DATE_EPOCH, if set, is the time that all files in it are given.`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return errors.New("need at least one argument, the path to the chart")
			}
			return nil
		},
		ValidArgsFunction: completeFolder,
		RunE: func(cmd *cobra.Command, args []string) error {
			signer, err := o.signing.signer(cmd.Context(), s)
			if err != nil {
				return err
			}
			for _, path := range args {
				if err := o.run(cmd.Context(), s, path, signer); err != nil {
					return err
				}
			}
			return nil
		},
	}
	f := cmd.Flags()
	f.StringVar(&o.version, "version", "", "version that the packed chart gets")
	f.StringVar(&o.appVersion, "app-version", "", "appVersion that the packed chart gets")
	f.StringVarP(&o.destination, "destination", "d", ".", "folder that the archive is written to")
	f.BoolVarP(&o.update, "dependency-update", "u", false, "fetch the chart's dependencies into its folder first, as 'dependency update' does")
	f.BoolVar(&o.offline, "offline", false, "with --dependency-update: fetch nothing, use what is in the caches and in the charts folder")
	o.net.add(f, "dependencies")
	o.signing.add(s, f)
	return cmd
}

func (o *packageOptions) run(ctx context.Context, s *session, path string, signer *openpgp.Signer) error {
	date, err := s.sourceDate()
	if err != nil {
		return err
	}
	info, err := os.Stat(s.path(path))
	if err != nil {
		return shownAs(err, path)
	}
	if !info.IsDir() {
		return fmt.Errorf("%s is not the folder of a chart", path)
	}
	root, err := filepath.Abs(s.path(path))
	if err != nil {
		return err
	}
	if o.update {
		m := s.dependencyManager(io.Discard, o.net.given(s), o.offline)
		if err := m.Update(ctx, root, dependency.Options{Offline: o.offline, ModTime: date}); err != nil {
			return err
		}
	}
	c, err := s.readChart(root)
	if err != nil {
		return err
	}
	if c, err = c.WithVersion(o.version, o.appVersion); err != nil {
		return err
	}
	if err := c.CheckDependencies(); err != nil {
		return err
	}
	saved, err := o.save(s, c, chart.ArchiveOptions{ModTime: date})
	if err != nil {
		return fmt.Errorf("failed to save: %w", err)
	}
	if signer != nil {
		if err := writeProvenance(signer, s.path(saved)); err != nil {
			return err
		}
	}
	_, err = fmt.Fprintf(s.Out, "Successfully packaged chart and saved it to: %s\n", saved)
	return err
}

// save writes the archive and returns its path. A file that was there before is
// replaced when the new one is complete.
func (o *packageOptions) save(s *session, c *chart.Chart, opts chart.ArchiveOptions) (string, error) {
	dir := o.destination
	if dir == "." {
		// The path that is printed is the whole one, as in Helm.
		var err error
		if dir, err = filepath.Abs(s.path(dir)); err != nil {
			return "", err
		}
	}
	if err := os.MkdirAll(s.folder(dir), 0o755); err != nil {
		return "", err
	}
	path := filepath.Join(dir, c.ArchiveName())
	return path, atomicfile.Write(s.path(path), 0o644, func(w io.Writer) error { return c.WriteArchive(w, opts) })
}
