package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/seed-0d4f92cc/pack/pkg/release"
)

const installLong = `Install a chart into the cluster as a new release.

CHART is a folder or a packaged chart, REPOSITORY/NAME, https://… or oci://…, or
NAME with --repo URL. Values are taken from the chart, then from -f files in their
order, then from --set-json, --set, --set-string, --set-file and --set-literal,
each over what came before:

  pack install web ./web -f production.yaml --set image.tag=1.2.3

The release is recorded in the namespace before anything is applied, and stays
recorded as failed if something goes wrong. Everything that can be checked
before that is: what fails there leaves nothing behind.

--dry-run=client renders without reaching the cluster; --dry-run=server plans
against it: with its versions, its schemas, lookup, and the owners of objects.`

type installOptions struct {
	deployFlags
	createNamespace bool
	replace         bool
	naming          nameFlags
}

func newInstallCmd(s *session) *cobra.Command {
	o := installOptions{}
	cmd := &cobra.Command{
		Use:               "install [NAME] [CHART]",
		Short:             "install a chart as a new release",
		Long:              installLong,
		Args:              atLeastOneArg,
		ValidArgsFunction: s.completeNameAndChart(&o.naming),
		RunE: func(cmd *cobra.Command, args []string) error {
			return o.run(cmd.Context(), s, args)
		},
	}
	f := cmd.Flags()
	o.add(s, cmd, true)
	s.addOutputFlag(cmd, &o.output)
	o.naming.add(f)
	f.BoolVar(&o.createNamespace, "create-namespace", false, "make the namespace if it does not exist")
	f.BoolVar(&o.replace, "replace", false, "allow the name of a release that is uninstalled or failed")
	return cmd
}

func (o *installOptions) run(ctx context.Context, s *session, args []string) error {
	mode, err := o.dry.resolve(s.Log)
	if err != nil {
		return err
	}
	rel, err := o.install(ctx, s, args, mode)
	if err != nil {
		return fmt.Errorf("INSTALLATION FAILED: %w", err)
	}
	return o.print(s, rel, mode)
}

// hideSecretAdvice is for --hide-secret where nothing is printed.
const hideSecretAdvice = "--hide-secret goes with --dry-run=client or --dry-run=server."

// install plans and, unless this is a dry run, applies.
func (o *installOptions) install(ctx context.Context, s *session, args []string, mode dryRun) (*release.Release, error) {
	if o.hideSecret && mode == dryRunNone {
		return nil, &advisedError{errors.New("hiding Kubernetes secrets requires a dry-run mode"), hideSecretAdvice}
	}
	name, chartArg, err := o.naming.nameAndChart(ctx, args, s.Now)
	if err != nil {
		return nil, err
	}
	req, err := o.request(ctx, s, name, chartArg)
	if err != nil {
		return nil, err
	}
	req.Mode = release.Install
	req.CreateNamespace = o.createNamespace
	req.Replace = o.replace
	rel, _, err := o.deploy(ctx, s, req, mode)
	// A name that was made up is the second's: the next one is free unless many are made.
	for later := time.Second; o.naming.made() && errors.Is(err, release.ErrNameInUse) && later < maxNameAttempts*time.Second; later += time.Second {
		req.Key.Name = release.GenerateName(chartArg, s.Now().Add(later))
		rel, _, err = o.deploy(ctx, s, req, mode)
	}
	return rel, err
}

// maxNameAttempts is how many names are made up until one is free.
const maxNameAttempts = 20

// print shows the outcome.
func (f *deployFlags) print(s *session, rel *release.Release, mode dryRun) error {
	var mask *strings.Replacer
	if mode == dryRunNone {
		mask = s.debugMask(rel)
	}
	if f.hideSecret {
		mask = rel.SecretMask()
		hideSecrets(rel)
	}
	return f.output.write(s.Out, rel, func(w io.Writer) error {
		block := statusBlock{
			rel: rel, values: s.Debug, fresh: true, manifest: s.Debug || mode != dryRunNone, hideNotes: f.hideNotes,
			mask: mask,
		}
		return block.write(s, w)
	})
}
