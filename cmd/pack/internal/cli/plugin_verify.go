package cli

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
)

func newPluginVerifyCmd(s *session) *cobra.Command {
	keyring := ""
	cmd := &cobra.Command{
		Use:   "verify [PATH]",
		Short: "check the signature of a packed plugin",
		Long: `Check that the provenance file beside a packed plugin (.tgz) belongs to it and was
signed by a key in --keyring.

"pack plugin package" makes both.`,
		Args: exactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			return verifyPlugin(s, args[0], keyring)
		},
	}
	cmd.Flags().StringVar(&keyring, "keyring", s.defaultKeyring(), "file with the public keys")
	return cmd
}

func verifyPlugin(s *session, name, keyring string) error {
	info, err := os.Stat(s.path(name))
	switch {
	case err != nil:
		return shownAs(err, name)
	case info.IsDir():
		return errors.New("directory verification not supported - only plugin tarballs can be verified")
	case !strings.HasSuffix(name, ".tgz") && !strings.HasSuffix(name, ".gz"):
		return errors.New("plugin file must be a gzipped tarball (.tar.gz or .tgz)")
	}
	file := name + ".prov"
	if _, err := os.Stat(s.path(file)); err != nil {
		return fmt.Errorf("could not find provenance file %s: %w", file, shownAs(err, file))
	}
	prov, err := s.readFile(file)
	if err != nil {
		return fmt.Errorf("failed to read provenance file: %w", err)
	}
	archive, err := s.readFile(name)
	if err != nil {
		return fmt.Errorf("failed to read plugin file: %w", err)
	}
	v, err := pluginKeys{s: s, file: keyring}.Verify(archive, filepath.Base(name), prov)
	if err != nil {
		return err
	}
	printPluginVerification(s, v)
	return nil
}
