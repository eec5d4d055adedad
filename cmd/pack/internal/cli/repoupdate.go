package cli

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/seed-0d4f92cc/pack/pkg/repo"
)

const repoUpdateLong = `Fetch the indexes of chart repositories, all of them or those that are named.

An index that has not changed is not fetched again, if the server can tell. What
commands such as 'pack search repo' and 'pack install' know of a repository is
what its index said when it was fetched last.`

type repoUpdateOptions struct {
	timeout time.Duration
	fail    bool
}

func newRepoUpdateCmd(s *session) *cobra.Command {
	var o repoUpdateOptions
	cmd := &cobra.Command{
		Use:     "update [REPO1 [REPO2 ...]]",
		Aliases: []string{"up"},
		Short:   "update information of available charts locally from chart repositories",
		Long:    repoUpdateLong,
		RunE: func(cmd *cobra.Command, args []string) error {
			return o.run(cmd.Context(), s, args)
		},
		ValidArgsFunction: s.completeRepositories,
	}
	f := cmd.Flags()
	f.DurationVar(&o.timeout, "timeout", indexTimeout, "how long each index may take to come")
	f.BoolVar(&o.fail, "fail-on-repo-update-fail", true, "fail if an index cannot be fetched; false only tells of it, as Helm 3 does")
	return cmd
}

func (o *repoUpdateOptions) run(ctx context.Context, s *session, names []string) error {
	local := s.local(o.timeout)
	wanted, err := local.Select(names)
	if err != nil {
		return err
	}
	fmt.Fprintln(s.Out, "Hang tight while we grab the latest from your chart repositories...")
	err = local.Update(ctx, wanted, func(e repo.Entry, err error) {
		if err != nil {
			fmt.Fprintf(s.Out, "...Unable to get an update from the %q chart repository (%s):\n\t%s\n", e.Name, e.Redacted(), errorText(err.Error()))
			return
		}
		fmt.Fprintf(s.Out, "...Successfully got an update from the %q chart repository\n", e.Name)
	})
	if failed, ok := errors.AsType[*repo.UpdateError](err); ok && !o.fail && ctx.Err() == nil {
		s.Log.Debug("some repositories were not updated", "error", failed)
		err = nil
	}
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(s.Out, "Update Complete. ⎈Happy Helming!⎈")
	return err
}
