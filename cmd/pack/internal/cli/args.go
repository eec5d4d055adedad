package cli

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"
)

// argsError says that a command was given the wrong number of arguments.
type argsError struct {
	command string
	want    string
	usage   string
}

func (e *argsError) Error() string {
	return fmt.Sprintf("%q %s\n\nUsage:  %s", e.command, e.want, e.usage)
}

func wrongArgs(cmd *cobra.Command, want string) error {
	return &argsError{command: cmd.CommandPath(), want: want, usage: cmd.UseLine()}
}

func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

func noArgs(cmd *cobra.Command, args []string) error {
	if len(args) > 0 {
		return wrongArgs(cmd, "accepts no arguments")
	}
	return nil
}

func exactArgs(n int) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) != n {
			return wrongArgs(cmd, "requires "+plural(n, "argument"))
		}
		return nil
	}
}

func atLeastOneArg(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return wrongArgs(cmd, "requires at least 1 argument")
	}
	return nil
}

func maxArgs(n int) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) > n {
			return wrongArgs(cmd, "accepts at most "+plural(n, "argument"))
		}
		return nil
	}
}

// unknownCommandError says that there is no such command, and what was meant
// perhaps.
type unknownCommandError struct {
	name        string
	parent      string
	suggestions []string
}

func (e *unknownCommandError) Error() string {
	text := fmt.Sprintf("unknown command %q for %q", e.name, e.parent)
	if len(e.suggestions) == 0 {
		return text
	}
	return text + "\n\nDid you mean this?\n\t" + strings.Join(e.suggestions, "\n\t") + "\n"
}

// subcommandsOnly makes cmd a group: alone it prints its help, and any argument
// is an unknown command.
func subcommandsOnly(cmd *cobra.Command) {
	cmd.SuggestionsMinimumDistance = 2
	cmd.Args = func(cmd *cobra.Command, args []string) error {
		if len(args) == 0 {
			return nil
		}
		return &unknownCommandError{name: args[0], parent: cmd.CommandPath(), suggestions: cmd.SuggestionsFor(args[0])}
	}
	cmd.RunE = func(cmd *cobra.Command, _ []string) error { return cmd.Help() }
}

// refuseUnknownTopics makes "pack help isntall" an error, as "pack isntall" is one. Cobra's
// own help shows that of the group in silence.
func refuseUnknownTopics(root *cobra.Command) {
	root.InitDefaultHelpCmd()
	help, _, err := root.Find([]string{"help"})
	if err != nil || help == root {
		return
	}
	show := help.Run
	help.Run = nil
	help.RunE = func(cmd *cobra.Command, args []string) error {
		if topic, rest, err := root.Find(args); err == nil && topic.HasSubCommands() && len(rest) > 0 {
			if err := topic.Args(topic, rest); err != nil {
				return err
			}
		}
		show(cmd, args)
		return nil
	}
}

// flagError is cobra's handler of flags that cannot be parsed. In "pack isntall
// --set a=b" the command is what is wrong, not the flag.
func flagError(cmd *cobra.Command, err error) error {
	if args := cmd.Flags().Args(); cmd.HasAvailableSubCommands() && len(args) > 0 {
		return cmd.Args(cmd, args)
	}
	return &advisedError{err, fmt.Sprintf("'%s --help' shows the flags and what they take.", cmd.CommandPath())}
}
