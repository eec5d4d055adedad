package cli

import (
	"context"
	"errors"

	"github.com/spf13/cobra"

	"github.com/seed-0d4f92cc/pack/pkg/plugin"
)

func newPluginUninstallCmd(s *session) *cobra.Command {
	return &cobra.Command{
		Use:     "uninstall <plugin>...",
		Aliases: []string{"rm", "remove"},
		Short:   "remove plugins",
		Long: `Remove plugins, and then run what they want to be run after that. Of a plugin
that was installed from a folder only the link goes.`,
		Args:              pluginNames("uninstall"),
		ValidArgsFunction: completePlugins(s),
		RunE: func(cmd *cobra.Command, args []string) error {
			in := s.installer()
			return s.eachPlugin(cmd.Context(), args, "uninstall", func(ctx context.Context, p *plugin.Plugin) error {
				if err := in.Remove(p); err != nil {
					return err
				}
				if err := p.RunHook(ctx, plugin.HookDelete, s.pluginProcess()); err != nil {
					return err
				}
				s.print("Uninstalled plugin: %s\n", p.Name)
				return nil
			})
		},
	}
}

// pluginNames wants at least one name.
func pluginNames(verb string) cobra.PositionalArgs {
	return func(_ *cobra.Command, args []string) error {
		if len(args) == 0 {
			return errors.New("please provide plugin name to " + verb)
		}
		return nil
	}
}
