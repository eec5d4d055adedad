package cli

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"
)

// shell is one that completion scripts can be made for.
type shell struct {
	name string
	// now and always are the commands that load the script.
	now, always string
	generate    func(root *cobra.Command, w io.Writer, descriptions bool) error
	// names adds to the script what else the program is called; name is empty
	// if it was called by its own name.
	names func(name string) string
}

func shells() []shell {
	return []shell{
		{
			name:     "bash",
			now:      "source <(pack completion bash)",
			always:   "pack completion bash > /etc/bash_completion.d/pack",
			generate: (*cobra.Command).GenBashCompletionV2,
			names:    bashNames,
		},
		{
			name:   "fish",
			now:    "pack completion fish | source",
			always: "pack completion fish > ~/.config/fish/completions/pack.fish",
			generate: func(root *cobra.Command, w io.Writer, descriptions bool) error {
				return root.GenFishCompletion(w, descriptions)
			},
			names: namesIn("complete -c %s -w pack\n"),
		},
		{
			name:   "powershell",
			now:    "pack completion powershell | Out-String | Invoke-Expression",
			always: "pack completion powershell >> $PROFILE",
			generate: func(root *cobra.Command, w io.Writer, descriptions bool) error {
				if descriptions {
					return root.GenPowerShellCompletionWithDesc(w)
				}
				return root.GenPowerShellCompletion(w)
			},
			names: namesIn("Register-ArgumentCompleter -CommandName '%s' -ScriptBlock ${__packCompleterBlock}\n"),
		},
		{
			name:   "zsh",
			now:    "source <(pack completion zsh)",
			always: `pack completion zsh > "${fpath[1]}/_pack"`,
			generate: func(root *cobra.Command, w io.Writer, descriptions bool) error {
				if descriptions {
					return root.GenZshCompletion(w)
				}
				return root.GenZshCompletionNoDesc(w)
			},
			names: namesIn("compdef _pack %s\n"),
		},
	}
}

func newCompletionCmd(s *session) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "completion",
		Short: "print a completion script for a shell",
		Long:  "Generate autocompletion scripts for pack for the specified shell.",
	}
	subcommandsOnly(cmd)
	for _, sh := range shells() {
		cmd.AddCommand(newShellCmd(s, sh))
	}
	return cmd
}

func newShellCmd(s *session, sh shell) *cobra.Command {
	noDescriptions := false
	cmd := &cobra.Command{
		Use:   sh.name,
		Short: "print the completion script for " + sh.name,
		Long: fmt.Sprintf(`Generate the autocompletion script for pack for the %s shell.

To load completions in your current shell session:

    %s

To load completions for every new session, execute once:

    %s
`, sh.name, sh.now, sh.always),
		Args:              noArgs,
		ValidArgsFunction: noMoreArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := sh.generate(cmd.Root(), s.Out, !noDescriptions); err != nil {
				return err
			}
			_, err := io.WriteString(s.Out, sh.names(s.otherName()))
			return err
		},
	}
	cmd.Flags().BoolVar(&noDescriptions, "no-descriptions", false, "complete without descriptions")
	return cmd
}
