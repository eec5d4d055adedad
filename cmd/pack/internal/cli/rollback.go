package cli

import (
	"context"
	"fmt"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/seed-0d4f92cc/pack/pkg/release"
	"github.com/seed-0d4f92cc/pack/pkg/render"
)

const rollbackLong = `Roll a release back to an earlier revision.

Without a revision, or with 0, it goes back to the one before the last. The
rollback is a new revision: nothing of the history is lost. "pack history"
lists the revisions.`

type rollbackOptions struct {
	wait          waitFlags
	dry           dryRunFlag
	description   string
	noHooks       bool
	apply         applyFlags
	historyMax    int
	lock          lockFlag
	cleanupOnFail bool
}

func newRollbackCmd(s *session) *cobra.Command {
	o := rollbackOptions{}
	cmd := &cobra.Command{
		Use:   "rollback <RELEASE> [REVISION]",
		Short: "go back to an earlier revision of a release",
		Long:  rollbackLong,
		Args:  atLeastOneArg,
		RunE: func(cmd *cobra.Command, args []string) error {
			return o.run(cmd.Context(), s, args)
		},
		ValidArgsFunction: s.completeRevision,
	}
	f := cmd.Flags()
	o.wait.add(f)
	o.dry.add(f)
	o.lock.add(f)
	f.StringVar(&o.description, "description", "", "what the revision says of itself in the history")
	f.BoolVar(&o.noHooks, "no-hooks", false, "run no hooks")
	o.apply.add(cmd, false)
	f.BoolVar(&o.cleanupOnFail, "cleanup-on-fail", false, "delete what the rollback has created if it fails")
	f.IntVar(&o.historyMax, "history-max", s.MaxHistory, "how many revisions of the release are kept; 0 keeps all")
	return cmd
}

func (o *rollbackOptions) run(ctx context.Context, s *session, args []string) error {
	revision, err := revisionArg(args)
	if err != nil {
		return err
	}
	mode, err := o.dry.resolve(s.Log)
	if err != nil {
		return err
	}
	if err := o.wait.readiness.read(ctx, s); err != nil {
		return err
	}
	defer s.onOneProcessor()()
	c, err := s.connect(render.Config{})
	if err != nil {
		return err
	}
	s.applies = true
	opts, done := s.applyOptions(&o.wait)
	opts.CleanupOnFail = o.cleanupOnFail
	opts.RestartPods = o.apply.restartPods
	_, err = c.engine.CarryOut(ctx, o.lock.options(), func(ctx context.Context, lock release.LockOptions) (*release.Plan, error) {
		plan, err := c.engine.PlanRollback(ctx, release.RollbackRequest{
			Key: c.key(args[0]), Revision: revision, Description: o.description, Lock: lock,
			HistoryMax: o.historyMax, SkipHooks: o.noHooks,
			Method: o.apply.method(), ForceConflicts: o.apply.forceConflicts, ForceReplace: o.apply.replaces(),
			Recreate: o.apply.recreate,
		})
		if err != nil {
			return nil, err
		}
		for _, w := range plan.Warnings {
			s.Log.Info(w)
		}
		if mode != dryRunNone {
			return nil, nil
		}
		return plan, nil
	}, opts)
	done()
	if err != nil {
		return err
	}
	s.print("Rollback was a success! Happy Helming!\n")
	return nil
}

// revisionArg reads the second argument; without one it is 0.
func revisionArg(args []string) (int, error) {
	if len(args) < 2 {
		return 0, nil
	}
	revision, err := strconv.Atoi(args[1])
	if err != nil {
		return 0, &advisedError{fmt.Errorf("could not convert revision to a number: %w", err), historyAdvice}
	}
	return revision, nil
}
