package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/seed-0d4f92cc/pack/internal/atomicfile"
	"github.com/seed-0d4f92cc/pack/internal/yamlio"
	"github.com/seed-0d4f92cc/pack/pkg/plugin"
	"github.com/seed-0d4f92cc/pack/pkg/provenance/openpgp"
)

type pluginPackageOptions struct {
	signing     signFlags
	destination string
}

func newPluginPackageCmd(s *session) *cobra.Command {
	o := pluginPackageOptions{}
	cmd := &cobra.Command{
		Use:   "package [PATH]",
		Short: "pack the folder of a plugin into an archive",
		Long: `Pack the folder of a plugin into an archive (.tgz), and sign it with a secret
OpenPGP key: the signature is in a provenance file beside it (.prov). A keyring
with one secret key needs no --key.

The archive depends only on the names, the contents and the execute bits of the
files. SOURCE_DATE_EPOCH, if set, is the time that all files in it are given.`,
		Args: exactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return o.run(cmd.Context(), s, args[0])
		},
	}
	f := cmd.Flags()
	o.signing.add(s, f)
	// Unlike charts, plugins are signed unless somebody does not want that.
	o.signing.sign = true
	sign := f.Lookup("sign")
	sign.DefValue, sign.Usage = "true", "sign the archive: write a provenance file beside it"
	f.StringVarP(&o.destination, "destination", "d", ".", "folder that the archive is written to")
	return cmd
}

func (o *pluginPackageOptions) run(ctx context.Context, s *session, path string) error {
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
	signer, err := o.signer(ctx, s)
	if err != nil {
		return err
	}
	date, err := s.sourceDate()
	if err != nil {
		return err
	}
	var archive bytes.Buffer
	if err := p.Pack(&archive, plugin.PackOptions{ModTime: date}); err != nil {
		return fmt.Errorf("failed to create plugin tarball: %w", err)
	}
	if err := os.MkdirAll(s.folder(o.destination), 0o755); err != nil {
		return err
	}
	file := filepath.Join(o.destination, p.ArchiveName())
	if err := o.save(s, file, p, archive.Bytes(), signer); err != nil {
		return err
	}
	s.print("Successfully packaged plugin and saved it to: %s\n", file)
	return nil
}

// signer is what signs, nil for nothing.
func (o *pluginPackageOptions) signer(ctx context.Context, s *session) (*openpgp.Signer, error) {
	if !o.signing.sign {
		s.print("WARNING: Skipping plugin signing. This is not recommended for plugins intended for distribution.\n")
		return nil, nil
	}
	k, err := s.openKeyring(o.signing.keyring)
	if err != nil {
		return nil, fmt.Errorf("error reading from keyring: %w", err)
	}
	return k.Signer(o.signing.key, s.passphrase(ctx, o.signing.passphraseFile))
}

// save writes the archive, and its provenance file before it, so that there never
// is a new archive with an old signature.
func (o *pluginPackageOptions) save(s *session, file string, p *plugin.Plugin, archive []byte, signer *openpgp.Signer) error {
	prov := s.path(file) + ".prov"
	if signer == nil {
		if err := os.Remove(prov); err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
		return atomicfile.Bytes(s.path(file), 0o644, archive)
	}
	metadata, err := yamlio.Marshal(map[string]any{
		"apiVersion": p.APIVersion, "name": p.Name, "version": p.Version, "type": p.Type, "runtime": p.Runtime, "sourceURL": p.SourceURL,
	})
	if err != nil {
		return err
	}
	text, err := signer.Sign(archive, filepath.Base(file), metadata)
	if err != nil {
		return fmt.Errorf("failed to sign plugin: %w", err)
	}
	if err := atomicfile.Bytes(prov, 0o644, text); err != nil {
		return err
	}
	if err := atomicfile.Bytes(s.path(file), 0o644, archive); err != nil {
		return err
	}
	s.print("Successfully signed. Signature written to: %s.prov\n", file)
	return nil
}
