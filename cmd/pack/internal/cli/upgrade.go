package cli

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/seed-0d4f92cc/pack/pkg/chart"
	"github.com/seed-0d4f92cc/pack/pkg/release"
)

const upgradeLong = `Upgrade a release to a new version of a chart, or to other values.

Without value flags the values of the last revision are used again; with any of
them only the new ones are. --reset-values, --reuse-values and
--reset-then-reuse-values say otherwise.

With --install, a release that does not exist is installed.`

type upgradeOptions struct {
	deployFlags
	install         bool
	createNamespace bool
	reset           bool
	reuse           bool
	resetThenReuse  bool
	historyMax      int
}

func newUpgradeCmd(s *session) *cobra.Command {
	o := upgradeOptions{}
	cmd := &cobra.Command{
		Use:   "upgrade [RELEASE] [CHART]",
		Short: "make a new revision of a release",
		Long:  upgradeLong,
		Args:  exactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			return o.run(cmd.Context(), s, args[0], args[1])
		},
		ValidArgsFunction: func(cmd *cobra.Command, args []string, begun string) ([]cobra.Completion, cobra.ShellCompDirective) {
			if len(args) == 0 {
				return s.completeRelease(cmd, args, begun)
			}
			return s.completeChartAt(1)(cmd, args, begun)
		},
	}
	f := cmd.Flags()
	o.add(s, cmd, false)
	s.addOutputFlag(cmd, &o.output)
	f.BoolVarP(&o.install, "install", "i", false, "install the release if it does not exist")
	f.BoolVar(&o.createNamespace, "create-namespace", false, "with --install: make the namespace if it does not exist")
	f.BoolVar(&o.reset, "reset-values", false, "start from the chart's values alone")
	f.BoolVar(&o.reuse, "reuse-values", false, "start from all values of the last revision, the old chart's defaults included; --reset-values goes first")
	f.BoolVar(&o.resetThenReuse, "reset-then-reuse-values", false, "start from the new chart's values and the user's of the last revision; the other two flags go first")
	f.BoolVar(&o.cleanupOnFail, "cleanup-on-fail", false, "delete what the upgrade has created if it fails")
	f.IntVar(&o.historyMax, "history-max", s.MaxHistory, "how many revisions of the release are kept; 0 keeps all")
	return cmd
}

func (o *upgradeOptions) run(ctx context.Context, s *session, name, chartArg string) error {
	mode, err := o.dry.resolve(s.Log)
	if err != nil {
		return err
	}
	if o.hideSecret && mode == dryRunNone {
		return &advisedError{errors.New("UPGRADE FAILED: hiding Kubernetes secrets requires a dry-run mode"), hideSecretAdvice}
	}
	req, err := o.request(ctx, s, name, chartArg)
	if err != nil {
		return err
	}
	req.Mode = release.Upgrade
	req.Reuse = o.reuseMode()
	req.HistoryMax = o.historyMax
	if o.install {
		req.Mode = release.UpgradeOrInstall
		req.CreateNamespace = o.createNamespace
	}
	rel, op, err := o.deploy(ctx, s, req, mode)
	if err != nil {
		if _, ok := errors.AsType[*chart.MissingError](err); ok || op == release.OpInstall {
			return err
		}
		return fmt.Errorf("UPGRADE FAILED: %w", err)
	}
	if op == release.OpUpgrade && o.output == formatTable {
		s.print("Release %q has been upgraded. Happy Helming!\n", name)
	}
	return o.print(s, rel, mode)
}

// reuseMode is what the flags say; the first that is given in the order of
// Helm's precedence wins.
func (o *upgradeOptions) reuseMode() release.Reuse {
	switch {
	case o.reset:
		return release.ReuseReset
	case o.reuse:
		return release.ReuseValues
	case o.resetThenReuse:
		return release.ReuseResetThen
	default:
		return release.ReuseAuto
	}
}
