package cli

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/seed-0d4f92cc/pack/pkg/kube"
	"github.com/seed-0d4f92cc/pack/pkg/render"
)

// completeFlags completes the global flags whose values can be known, and the flags of
// all commands that take one of some words.
func (s *session) completeFlags(root *cobra.Command) {
	// These fail only for flags that do not exist or have one already.
	_ = root.RegisterFlagCompletionFunc("namespace", s.completeNamespace)
	_ = root.RegisterFlagCompletionFunc("kube-context", s.completeContext)
	completeWords(root, flagWords())
}

// completeNamespace completes the namespaces of the cluster, if it answers in time.
func (s *session) completeNamespace(cmd *cobra.Command, _ []string, _ string) ([]cobra.Completion, cobra.ShellCompDirective) {
	ctx, cancel := context.WithTimeout(cmd.Context(), completionTimeout)
	defer cancel()
	client, _, err := s.newClient()
	if err != nil {
		return nil, cobra.ShellCompDirectiveDefault
	}
	names, err := kube.NewSecretStore(client).Namespaces(ctx)
	if err != nil {
		return nil, cobra.ShellCompDirectiveDefault
	}
	return names, cobra.ShellCompDirectiveNoFileComp
}

// completeContext completes the contexts of the kubeconfig, with their clusters.
func (s *session) completeContext(*cobra.Command, []string, string) ([]cobra.Completion, cobra.ShellCompDirective) {
	contexts, err := kube.Contexts(s.kubeOptions())
	if err != nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	var out []cobra.Completion
	for _, c := range contexts {
		out = append(out, cobra.CompletionWithDesc(c.Name, c.Cluster))
	}
	return out, cobra.ShellCompDirectiveNoFileComp
}

// flagWords are the words that flags take one of, whichever command they are of.
func flagWords() map[string][]cobra.Completion {
	colors := []cobra.Completion{string(colorAuto), string(colorAlways), string(colorNever)}
	return map[string][]cobra.Completion{
		"cascade":                {"background", "foreground", "orphan"},
		"color":                  colors,
		"colour":                 colors,
		"crds":                   {"create", "upgrade", "skip"},
		"dry-run":                {string(dryRunNone), string(dryRunClient), string(dryRunServer)},
		"post-renderer-strategy": {postAuto, string(render.PostCombined), string(render.PostSeparate), string(render.PostNoHooks)},
		"server-side":            {"auto", "true", "false"},
		"wait":                   {string(waitWatcher), string(waitLegacy), string(waitHookOnly)},
	}
}

// completeWords completes those flags of cmd and of the commands below it.
func completeWords(cmd *cobra.Command, words map[string][]cobra.Completion) {
	for name, of := range words {
		f := cmd.Flags().Lookup(name)
		if f == nil {
			f = cmd.PersistentFlags().Lookup(name)
		}
		if f != nil && f.Value.Type() != "bool" {
			// It fails only for a flag that does not exist or has one already.
			_ = cmd.RegisterFlagCompletionFunc(name, cobra.FixedCompletions(of, cobra.ShellCompDirectiveNoFileComp))
		}
	}
	for _, sub := range cmd.Commands() {
		completeWords(sub, words)
	}
}
