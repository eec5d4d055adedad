package cli

import "github.com/spf13/cobra"

const searchLong = `Search for charts: in the repositories that are configured, whose indexes are on
this machine, or on a hub; or, with oci://HOST/PATH, list the versions of a chart
that a registry has.

    $ pack search oci://registry.example.com/charts/web --version '^1'`

func newSearchCmd(s *session) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "search",
		Short: "search for charts",
		Long:  searchLong,
	}
	subcommandsOnly(cmd)
	cmd.AddCommand(newSearchHubCmd(s), newSearchRepoCmd(s))
	addSearchOCI(s, cmd)
	return cmd
}
