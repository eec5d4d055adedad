package cli

import (
	"github.com/spf13/cobra"
)

func newPluginListCmd(s *session) *cobra.Command {
	kind := ""
	cmd := &cobra.Command{
		Use:     "list",
		Aliases: []string{"ls"},
		Short:   "list the installed plugins",
		Long: `List the installed plugins.

PROVENANCE says whether the archive that a plugin was installed from is signed,
"local dev" for one that is a link to a folder. Signatures are checked when a
plugin is installed, and by "pack plugin verify".`,
		Args:              noArgs,
		ValidArgsFunction: noMoreArgs,
		RunE: func(*cobra.Command, []string) error {
			return listPlugins(s, kind)
		},
	}
	cmd.Flags().StringVar(&kind, "type", "", "list only those of a type: cli/v1, getter/v1 or postrenderer/v1")
	return cmd
}

func listPlugins(s *session, kind string) error {
	all, err := s.allPlugins()
	if err != nil {
		return err
	}
	var t table
	t.add("NAME", "VERSION", "TYPE", "APIVERSION", "PROVENANCE", "SOURCE")
	for _, p := range all {
		if kind != "" && p.Type != kind {
			continue
		}
		source := p.SourceURL
		if source == "" {
			source = "unknown"
		}
		t.add(p.Name, p.Version, p.Type, p.APIVersion, p.SigningStatus(), source)
	}
	return t.write(s.Out)
}
