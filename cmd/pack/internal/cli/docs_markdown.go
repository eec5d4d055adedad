package cli

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// markdownOf is the page of a command in the reference. cobra has a generator of its
// own, which links a reader of markdown whose expressions every start would compile.
func markdownOf(cmd *cobra.Command) string {
	var b strings.Builder
	fmt.Fprintf(&b, "## %s\n\n%s\n\n", cmd.CommandPath(), cmd.Short)
	if cmd.Long != "" {
		fmt.Fprintf(&b, "### Synopsis\n\n%s\n\n", cmd.Long)
	}
	if cmd.Runnable() {
		fmt.Fprintf(&b, "```\n%s\n```\n\n", cmd.UseLine())
	}
	if cmd.Example != "" {
		fmt.Fprintf(&b, "### Examples\n\n```\n%s\n```\n\n", cmd.Example)
	}
	markdownFlags(&b, "Options", cmd.NonInheritedFlags())
	markdownFlags(&b, "Options inherited from parent commands", cmd.InheritedFlags())
	if related := relatedOf(cmd); len(related) > 0 {
		b.WriteString("### SEE ALSO\n\n")
		for _, c := range related {
			fmt.Fprintf(&b, "* [%s](%s)\t - %s\n", c.CommandPath(), fileOf(c, "_", ".md"), c.Short)
		}
		b.WriteString("\n")
	}
	return b.String()
}

func markdownFlags(b *strings.Builder, title string, flags *pflag.FlagSet) {
	if flags.HasAvailableFlags() {
		fmt.Fprintf(b, "### %s\n\n```\n%s```\n\n", title, flags.FlagUsages())
	}
}

// relatedOf are the command above and those below, of which there are pages.
func relatedOf(cmd *cobra.Command) []*cobra.Command {
	var related []*cobra.Command
	if cmd.HasParent() {
		related = append(related, cmd.Parent())
	}
	for _, c := range cmd.Commands() { // in the order of their names
		if hasPage(c) {
			related = append(related, c)
		}
	}
	return related
}

// hasPage says whether a command is in the reference: what is hidden or deprecated is
// not, nor is "help".
func hasPage(cmd *cobra.Command) bool {
	return cmd.IsAvailableCommand() && !cmd.IsAdditionalHelpTopicCommand()
}

func fileOf(cmd *cobra.Command, between, ending string) string {
	return strings.ReplaceAll(cmd.CommandPath(), " ", between) + ending
}
