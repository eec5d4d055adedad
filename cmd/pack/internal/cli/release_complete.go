package cli

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"github.com/seed-0d4f92cc/pack/pkg/release"
	"github.com/seed-0d4f92cc/pack/pkg/render"
)

// completionTimeout bounds what a completion may wait for the cluster.
const completionTimeout = 3 * time.Second

// completeRelease completes the name of one release.
func (s *session) completeRelease(cmd *cobra.Command, args []string, _ string) ([]cobra.Completion, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return noMoreArgs(cmd, args, "")
	}
	return s.releaseNames(cmd.Context(), nil)
}

// completeReleases completes the names of several releases.
func (s *session) completeReleases(cmd *cobra.Command, args []string, _ string) ([]cobra.Completion, cobra.ShellCompDirective) {
	return s.releaseNames(cmd.Context(), args)
}

// completeRevision completes a release and one of its revisions.
func (s *session) completeRevision(cmd *cobra.Command, args []string, _ string) ([]cobra.Completion, cobra.ShellCompDirective) {
	switch len(args) {
	case 0:
		return s.releaseNames(cmd.Context(), nil)
	case 1:
		return s.revisions(cmd.Context(), args[0])
	default:
		return noMoreArgs(cmd, args, "")
	}
}

// completeRevisionFlag completes --revision with the revisions of the release that
// was given.
func (s *session) completeRevisionFlag(cmd *cobra.Command) {
	// It fails only for a flag that does not exist or has one already.
	_ = cmd.RegisterFlagCompletionFunc("revision", func(cmd *cobra.Command, args []string, _ string) ([]cobra.Completion, cobra.ShellCompDirective) {
		if len(args) != 1 {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		return s.revisions(cmd.Context(), args[0])
	})
}

func (s *session) releaseNames(ctx context.Context, taken []string) ([]cobra.Completion, cobra.ShellCompDirective) {
	ctx, cancel := context.WithTimeout(ctx, completionTimeout)
	defer cancel()
	c, err := s.connect(render.Config{})
	if err != nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	found, err := c.engine.List(ctx, release.ListFilter{Namespace: c.namespace})
	if err != nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	var names []cobra.Completion
	for _, sum := range found {
		if !slices.Contains(taken, sum.Key.Name) {
			names = append(names, fmt.Sprintf("%s\t%s -> %s", sum.Key.Name, sum.Chart, sum.Status))
		}
	}
	return names, cobra.ShellCompDirectiveNoFileComp
}

// revisions are those of a release; for one that is not there shells are told of an
// error, as Helm tells them.
func (s *session) revisions(ctx context.Context, name string) ([]cobra.Completion, cobra.ShellCompDirective) {
	ctx, cancel := context.WithTimeout(ctx, completionTimeout)
	defer cancel()
	c, err := s.connect(render.Config{})
	if err != nil {
		return nil, cobra.ShellCompDirectiveError
	}
	history, err := c.engine.Summaries(ctx, c.key(name), 0)
	if err != nil {
		return nil, cobra.ShellCompDirectiveError
	}
	var out []cobra.Completion
	for _, sum := range history {
		out = append(out, fmt.Sprintf("%s\tApp: %s, Chart: %s",
			strconv.Itoa(sum.Revision), sum.AppVersion, sum.Chart))
	}
	return out, cobra.ShellCompDirectiveNoFileComp
}
