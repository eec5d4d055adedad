package cli

import (
	"time"

	"github.com/spf13/cobra"

	"github.com/seed-0d4f92cc/pack/pkg/repo"
)

// indexTimeout is how long the index of a repository may take to come.
const indexTimeout = 2 * time.Minute

func newRepoCmd(s *session) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "repo",
		Short: "add, list, remove, update, and index chart repositories",
		Long: `Work with chart repositories: web servers that have charts and an index of them.

Which repositories are configured is in a file of Helm's form: Helm's own where
Helm has one; 'pack env HELM_REPOSITORY_CONFIG' says where it is.`,
	}
	subcommandsOnly(cmd)
	cmd.AddCommand(
		newRepoAddCmd(s),
		newRepoIndexCmd(s),
		newRepoListCmd(s),
		newRepoRemoveCmd(s),
		newRepoUpdateCmd(s),
	)
	return cmd
}

// local are the repositories of this machine.
func (s *session) local(timeout time.Duration) repo.Local {
	return repo.Local{
		File:    s.path(s.Paths.RepositoryConfig),
		Indexes: s.indexes(),
		Getter:  s.getter,
		Timeout: timeout,
	}
}

// completeRepositories completes the names of configured repositories that are
// not on the command line yet.
func (s *session) completeRepositories(_ *cobra.Command, args []string, _ string) ([]cobra.Completion, cobra.ShellCompDirective) {
	taken := map[string]bool{}
	for _, name := range args {
		taken[name] = true
	}
	configured, err := s.repositories()
	if err != nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	var names []cobra.Completion
	for e := range configured.All() {
		if !taken[e.Name] {
			names = append(names, cobra.CompletionWithDesc(e.Name, e.Redacted()))
		}
	}
	return names, cobra.ShellCompDirectiveNoFileComp
}
