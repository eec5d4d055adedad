package cli

import "github.com/spf13/cobra"

const repoLong = `Work with repositories of charts that are served over HTTP: add them, list them,
fetch their indexes anew, and make the index of one.`

func newRepoCmd(s *session) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "repo",
		Short: "work with repositories of charts",
		Long:  repoLong,
	}
	subcommandsOnly(cmd)
	cmd.AddCommand(newRepoIndexCmd(s))
	return cmd
}
