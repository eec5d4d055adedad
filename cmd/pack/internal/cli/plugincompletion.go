package cli

import (
	"errors"
	"io/fs"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/seed-0d4f92cc/pack/pkg/plugin"
)

// addPluginCompletion adds what a plugin tells of its command line: commands and
// flags in its completion.yaml, and the program that it has for completions.
func (s *session) addPluginCompletion(cmd *cobra.Command, p *plugin.Plugin) {
	top, err := p.Subcommands()
	if err != nil {
		if !errors.Is(err, fs.ErrNotExist) {
			s.Log.Debug("the completion file of a plugin cannot be read", "plugin", p.Name, "error", err)
		}
		top = new(plugin.Subcommand)
	}
	s.describe(cmd, p, top)
}

// describe gives a command what a completion.yaml says of it.
func (s *session) describe(cmd *cobra.Command, p *plugin.Plugin, of *plugin.Subcommand) {
	cmd.ValidArgs = of.ValidArgs
	if len(of.Commands) == 0 {
		// Where there are commands the program is not asked: that makes it
		// simpler to write.
		cmd.ValidArgsFunction = func(cmd *cobra.Command, args []string, toComplete string) ([]cobra.Completion, cobra.ShellCompDirective) {
			return s.askPlugin(cmd, p, args, toComplete)
		}
	}
	addNamedFlags(cmd, of.Flags)
	for i := range of.Commands {
		sub := &of.Commands[i]
		if strings.TrimSpace(sub.Name) == "" {
			s.Log.Debug("a command in a completion file has no name", "plugin", p.Name, "below", cmd.CommandPath())
			continue
		}
		child := &cobra.Command{
			Use:                sub.Name,
			DisableFlagParsing: true, // the program is to see the flags
			Run:                func(*cobra.Command, []string) {},
		}
		cmd.AddCommand(child)
		s.describe(child, p, sub)
	}
}

// addNamedFlags declares flags of which only the names are known. pflag has no
// short flag without a long one, so they are paired in their order; what is left
// over of the short ones is its own long name.
func addNamedFlags(cmd *cobra.Command, names []string) {
	var shorts, longs []string
	for _, name := range names {
		switch {
		case name == "" || strings.ContainsAny(name, "= "):
		case len(name) == 1:
			shorts = append(shorts, name)
		default:
			longs = append(longs, name)
		}
	}
	f := cmd.Flags()
	for i := range max(len(shorts), len(longs)) {
		var short, long string
		if i < len(shorts) {
			short, long = shorts[i], shorts[i]
		}
		if i < len(longs) {
			long = longs[i]
		}
		// A name that stands twice would be a panic.
		if f.Lookup(long) == nil && (short == "" || f.ShorthandLookup(short) == nil) {
			f.BoolP(long, short, false, "")
		}
	}
}

// askPlugin has the plugin's own program complete a command line.
func (s *session) askPlugin(cmd *cobra.Command, p *plugin.Plugin, args []string, toComplete string) ([]cobra.Completion, cobra.ShellCompDirective) {
	others, err := s.takeGlobalFlags(cmd.Root(), args)
	if err != nil {
		return nil, cobra.ShellCompDirectiveError
	}
	// The names of the commands below that of the plugin come first.
	argv := strings.Split(cmd.CommandPath(), " ")[2:]
	if !p.CLI.IgnoreFlags {
		argv = append(append(argv, others...), toComplete)
	}
	words, directive, err := p.Complete(cmd.Context(), argv, s.pluginProcess())
	if err != nil {
		cobra.CompDebugln("no completions of plugin "+p.Name+": "+err.Error(), s.Debug)
		return nil, cobra.ShellCompDirectiveDefault
	}
	return words, cobra.ShellCompDirective(directive)
}

// completePlugins completes names of plugins that add commands and are not among
// args: as Helm does, so that what is completed has a description.
func completePlugins(s *session) cobra.CompletionFunc {
	return func(_ *cobra.Command, args []string, _ string) ([]cobra.Completion, cobra.ShellCompDirective) {
		all, err := s.allPlugins()
		if err != nil {
			return nil, cobra.ShellCompDirectiveError
		}
		var names []cobra.Completion
		for _, p := range all {
			if p.HasCommand() && !slices.Contains(args, p.Name) {
				names = append(names, cobra.CompletionWithDesc(p.Name, p.CLI.ShortHelp))
			}
		}
		return names, cobra.ShellCompDirectiveNoFileComp
	}
}
