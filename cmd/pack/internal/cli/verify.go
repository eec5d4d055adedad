package cli

import (
	"github.com/spf13/cobra"
)

func newVerifyCmd(s *session) *cobra.Command {
	var keyring string
	cmd := &cobra.Command{
		Use:   "verify PATH",
		Short: "check the signature of an archive",
		Long: `Check that the provenance file beside an archive (PATH.prov) is signed by a key in
the keyring, and that the archive is the one that was signed.

"pack package --sign" makes such files, "pack pull --prov" fetches them. Other
commands check them with --verify.`,
		Args:              exactArgs(1),
		ValidArgsFunction: completeOneFolder,
		RunE: func(_ *cobra.Command, args []string) error {
			v, err := s.verifyArchive(s.path(args[0]), keyring)
			if err != nil {
				return err
			}
			printVerification(s, v)
			return nil
		},
	}
	cmd.Flags().StringVar(&keyring, "keyring", s.defaultKeyring(), "file with the public keys that count")
	return cmd
}
