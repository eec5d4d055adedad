package cli

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/seed-0d4f92cc/pack/pkg/plugin"
)

func newPluginCmd(s *session) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "plugin",
		Short: "install, list, update and remove plugins",
		Long: `Manage plugins: programs that add commands, fetch charts from other kinds of
places, or change what was rendered. Plugins of Helm work as they are.

They lie in the folders of HELM_PLUGINS. With HELM_NO_PLUGINS=1 no commands are
added.`,
	}
	subcommandsOnly(cmd)
	cmd.AddCommand(
		newPluginInstallCmd(s),
		newPluginListCmd(s),
		newPluginPackageCmd(s),
		newPluginUninstallCmd(s),
		newPluginUpdateCmd(s),
		newPluginVerifyCmd(s),
	)
	return cmd
}

// installer is what installs, updates and removes plugins.
func (s *session) installer() *plugin.Installer {
	return plugin.NewInstaller(plugin.InstallerConfig{
		Dirs: s.pluginDirs(), Web: s.web(), Registry: s.pluginRegistry,
		Process: s.pluginProcess(), Log: s.Log,
	})
}

// eachPlugin does something with the plugins of some names, all of them, and
// returns the errors in the order of the names.
func (s *session) eachPlugin(ctx context.Context, names []string, verb string, do func(context.Context, *plugin.Plugin) error) error {
	all, err := s.allPlugins()
	if err != nil {
		return err
	}
	var problems []error
	for _, name := range names {
		p := plugin.Find(all, name, "")
		if p == nil {
			problems = append(problems, fmt.Errorf("plugin: %s not found", name))
			continue
		}
		if err := do(ctx, p); err != nil {
			problems = append(problems, fmt.Errorf("failed to %s plugin %s, got error (%w)", verb, name, err))
		}
	}
	return errors.Join(problems...)
}

func (s *session) pluginRegistry() (plugin.Registry, error) { return s.registries(), nil }
