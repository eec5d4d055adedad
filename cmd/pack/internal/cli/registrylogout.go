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
			defer s.opening(s.Paths.RegistryConfig)()
			names := []string{args[0]}
			if host := hostOf(args[0]); host != args[0] {
				// That of Docker's registry is kept under a URL, others under the host.
				names = append(names, host)
			}
			for _, name := range names {
				if err := s.registries().Logout(cmd.Context(), name); err != nil {
					return err
				}
			}
			s.print("Removing login credentials for %s\n", args[0])
			return nil
		},
	}
}
