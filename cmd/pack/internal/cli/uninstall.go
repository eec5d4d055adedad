package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/seed-0d4f92cc/pack/pkg/release"
	"github.com/seed-0d4f92cc/pack/pkg/render"
)

const uninstallLong = `Remove the objects of releases, and their records.

With --keep-history the records stay, marked as uninstalled: "pack rollback" can
bring the release back. Objects with the annotation "helm.sh/resource-policy:
keep", and objects that the release does not own any more, are left and listed.`

type uninstallOptions struct {
	wait           waitFlags
	dryRun         bool
	noHooks        bool
	ignoreNotFound bool
	keepHistory    bool
	cascade        string
	description    string
	lock           lockFlag
}

func newUninstallCmd(s *session) *cobra.Command {
	o := uninstallOptions{}
	cmd := &cobra.Command{
		Use:     "uninstall RELEASE_NAME [...]",
		Aliases: []string{"del", "delete", "un"},
		Short:   "remove releases",
		Long:    uninstallLong,
		Args:    atLeastOneArg,
		RunE: func(cmd *cobra.Command, args []string) error {
			return o.run(cmd.Context(), s, args)
		},
		ValidArgsFunction: s.completeReleases,
	}
	f := cmd.Flags()
	o.wait.addWait(f)
	o.wait.addTimeout(f)
	o.wait.addFailFast(f)
	o.lock.add(f)
	f.BoolVar(&o.dryRun, "dry-run", false, "say what would be removed, and remove nothing")
	f.BoolVar(&o.noHooks, "no-hooks", false, "run no hooks")
	f.BoolVar(&o.ignoreNotFound, "ignore-not-found", false, `a release that is not there is fine`)
	f.BoolVar(&o.keepHistory, "keep-history", false, "keep the records, marked as uninstalled")
	f.StringVar(&o.cascade, "cascade", "background", `what becomes of dependents: "background", "foreground" or "orphan"`)
	f.StringVar(&o.description, "description", "", "what the revision says of itself in the history")
	return cmd
}

func (o *uninstallOptions) run(ctx context.Context, s *session, names []string) error {
	defer s.onOneProcessor()()
	c, err := s.connect(render.Config{})
	if err != nil {
		return err
	}
	for _, name := range names {
		if err := o.one(ctx, s, c, name); err != nil {
			return err
		}
	}
	return nil
}

func (o *uninstallOptions) one(ctx context.Context, s *session, c *connection, name string) error {
	var plan *release.Plan
	s.applies = true
	opts, done := s.applyOptions(&o.wait)
	_, err := c.engine.CarryOut(ctx, o.lock.options(), func(ctx context.Context, lock release.LockOptions) (_ *release.Plan, err error) {
		plan, err = c.engine.PlanUninstall(ctx, release.UninstallRequest{
			Key: c.key(name), KeepHistory: o.keepHistory, SkipHooks: o.noHooks,
			Propagation: stated(o.cascade), Description: o.description, Lock: lock,
		})
		if err != nil || o.dryRun {
			return nil, err
		}
		return plan, nil
	}, opts)
	done()
	switch {
	case plan == nil && errors.Is(err, release.ErrNotFound) && o.ignoreNotFound:
		s.print("release %q uninstalled\n", name)
		return nil
	case plan == nil && errors.Is(err, release.ErrNotFound) && !o.dryRun:
		return fmt.Errorf("uninstall: Release not loaded: %s: %w", name, err)
	case err != nil:
		return err
	}
	s.print("%srelease %q uninstalled\n", keptText(plan), name)
	return nil
}

// keptText lists the objects that were left, as Helm does.
func keptText(plan *release.Plan) string {
	byReason := map[string][]string{}
	for _, step := range plan.Deletes {
		if step.Action == release.StepKeep {
			byReason[step.Reason] = append(byReason[step.Reason], fmt.Sprintf("[%s] %s", step.Ref.Kind, step.Ref.Name))
		}
	}
	var b strings.Builder
	if kept := byReason[release.KeptByPolicy]; len(kept) > 0 {
		fmt.Fprintf(&b, "These resources were kept due to the resource policy:\n%s\n", strings.Join(kept, "\n"))
	}
	if kept := byReason[release.KeptNotOwned]; len(kept) > 0 {
		if b.Len() > 0 {
			b.WriteString("\n")
		}
		fmt.Fprintf(&b, "%d resource(s) were not deleted because they are not owned by this release:\n%s\n",
			len(kept), strings.Join(kept, "\n"))
	}
	if b.Len() > 0 {
		b.WriteString("\n")
	}
	return b.String()
}
