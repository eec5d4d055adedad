package cli

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/seed-0d4f92cc/pack/internal/atomicfile"
	"github.com/seed-0d4f92cc/pack/pkg/plugin"
)

type pluginPackageOptions struct {
	sign        bool
	destination string
}

func newPluginPackageCmd(s *session) *cobra.Command {
	o := pluginPackageOptions{}
	cmd := &cobra.Command{
		Use:   "package [PATH]",
		Short: "pack the folder of a plugin into an archive",
		Long: `Pack the folder of a plugin into an archive (.tgz), and sign it with a private
OpenPGP key: the signature is in a provenance file beside it (.prov).

The archive depends only on the names, the contents and the execute bits of the
files. SOURCE_DATE_EPOCH, if set, is the time that all files in it are given.`,
		Args: exactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			return o.run(s, args[0])
		},
	}
	f := cmd.Flags()
	f.BoolVar(&o.sign, "sign", true, "sign the archive")
	f.StringVarP(&o.destination, "destination", "d", ".", "folder that the archive is written to")
	return cmd
}

func (o *pluginPackageOptions) run(s *session, path string) error {
	info, err := os.Stat(s.path(path))
	if err != nil {
		return shownAs(err, path)
	}
	if !info.IsDir() {
		return errors.New("plugin package only supports directories, not tarballs")
	}
	p, err := plugin.Load(s.path(path))
	if err != nil {
		return fmt.Errorf("invalid plugin directory: %w", err)
	}
	date, err := s.sourceDate()
	if err != nil {
		return err
	}
	var archive bytes.Buffer
	if err := p.Pack(&archive, plugin.PackOptions{ModTime: date}); err != nil {
		return fmt.Errorf("failed to create plugin tarball: %w", err)
	}
	if err := os.MkdirAll(s.path(o.destination), 0o755); err != nil {
		return err
	}
	file := filepath.Join(o.destination, p.ArchiveName())
	if err := atomicfile.Bytes(s.path(file), 0o644, archive.Bytes()); err != nil {
		return err
	}
	s.print("Successfully packaged plugin and saved it to: %s\n", file)
	return nil
}
