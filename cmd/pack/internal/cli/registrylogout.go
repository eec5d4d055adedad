package cli

import "github.com/spf13/cobra"

func newRegistryLogoutCmd(s *session) *cobra.Command {
	return &cobra.Command{
		Use:   "logout [host]",
		Short: "log out of a registry",
		Long: `Remove the login for a registry from the file that --registry-config names, or
from the credential helper that is named there.`,
		Args:              atLeastOneArg,
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := s.registries().Logout(cmd.Context(), args[0]); err != nil {
				return err
			}
			s.print("Removing login credentials for %s\n", args[0])
			return nil
		},
	}
}
