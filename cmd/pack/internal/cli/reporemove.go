package cli

import (
	"fmt"

	"github.com/spf13/cobra"
)

func newRepoRemoveCmd(s *session) *cobra.Command {
	return &cobra.Command{
		Use:     "remove [REPO1 [REPO2 ...]]",
		Aliases: []string{"rm"},
		Short:   "remove one or more chart repositories",
		Args:    atLeastOneArg,
		RunE: func(cmd *cobra.Command, args []string) error {
			local := s.local(0)
			for _, name := range args {
				if err := local.Remove(cmd.Context(), name); err != nil {
					return err
				}
				if _, err := fmt.Fprintf(s.Out, "%q has been removed from your repositories\n", name); err != nil {
					return err
				}
			}
			return nil
		},
		ValidArgsFunction: s.completeRepositories,
	}
}
