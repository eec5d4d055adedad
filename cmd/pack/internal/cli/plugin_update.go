package cli

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/seed-0d4f92cc/pack/pkg/plugin"
)

func newPluginUpdateCmd(s *session) *cobra.Command {
	return &cobra.Command{
		Use:     "update <plugin>...",
		Aliases: []string{"up"},
		Short:   "update plugins that came from git repositories",
		Long: `Bring plugins to what the branch of their git repository has by now. One that
was installed at a tag or a commit stays there, and one that came from elsewhere
cannot be updated: remove and install it.`,
		Args:              pluginNames("update"),
		ValidArgsFunction: completePlugins(s),
		RunE: func(cmd *cobra.Command, args []string) error {
			in := s.installer()
			return s.eachPlugin(cmd.Context(), args, "update", func(ctx context.Context, p *plugin.Plugin) error {
				updated, err := in.Update(ctx, p)
				if err != nil {
					return err
				}
				if err := updated.RunHook(ctx, plugin.HookUpdate, s.pluginProcess()); err != nil {
					return err
				}
				s.print("Updated plugin: %s\n", p.Name)
				return nil
			})
		},
	}
}
