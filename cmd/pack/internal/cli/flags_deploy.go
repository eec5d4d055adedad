package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/seed-0d4f92cc/pack/pkg/manifest"
	"github.com/seed-0d4f92cc/pack/pkg/release"
	"github.com/seed-0d4f92cc/pack/pkg/render"
)

// deployFlags are the flags that install and upgrade have in common.
type deployFlags struct {
	values            valueFlags
	wait              waitFlags
	dry               dryRunFlag
	output            outputFormat
	labels            map[string]string
	description       string
	skipCRDs          bool
	noHooks           bool
	hideNotes         bool
	hideSecret        bool
	subchartNotes     bool
	skipSchema        bool
	skipValidation    bool
	enableDNS         bool
	takeOwnership     bool
	forceConflicts    bool
	rollbackOnFailure bool
}

func (d *deployFlags) add(cmd *cobra.Command) {
	f := cmd.Flags()
	d.values.add(f)
	d.wait.add(f)
	d.dry.add(f)
	addOutputFlag(cmd, &d.output)
	f.StringToStringVarP(&d.labels, "labels", "l", nil, "labels that would be added to release metadata. Should be divided by comma")
	f.StringVar(&d.description, "description", "", "add a custom description")
	f.BoolVar(&d.skipCRDs, "skip-crds", false, "if set, no CRDs will be installed. By default, CRDs are installed if not already present")
	f.BoolVar(&d.noHooks, "no-hooks", false, "prevent hooks from running")
	f.BoolVar(&d.hideNotes, "hide-notes", false, "if set, do not show notes in output. Does not affect presence in chart metadata")
	f.BoolVar(&d.hideSecret, "hide-secret", false, "hide Kubernetes Secrets when also using the --dry-run flag")
	f.BoolVar(&d.subchartNotes, "render-subchart-notes", false, "if set, render subchart notes along with the parent")
	f.BoolVar(&d.skipSchema, "skip-schema-validation", false, "if set, disables JSON schema validation")
	f.BoolVar(&d.skipValidation, "disable-openapi-validation", false, "if set, objects are not validated against the schemas of the Kubernetes API server")
	f.BoolVar(&d.enableDNS, "enable-dns", false, "enable DNS lookups when rendering templates")
	f.BoolVar(&d.takeOwnership, "take-ownership", false, "if set, objects that exist are adopted whoever owns them")
	f.BoolVar(&d.forceConflicts, "force-conflicts", false, "if set server-side apply will force changes against conflicts")
	f.BoolVar(&d.rollbackOnFailure, "rollback-on-failure", false, "if set, a failed operation is undone: an installation is uninstalled, an upgrade is rolled back. The --wait flag will be set automatically to \"watcher\" if it is not")
	f.BoolVar(&d.rollbackOnFailure, "atomic", false, "deprecated")
	// It fails only for a flag that does not exist.
	_ = f.MarkDeprecated("atomic", "use --rollback-on-failure instead")
}

// request loads the chart and the values.
func (d *deployFlags) request(ctx context.Context, s *session, name, chartArg string) (release.DeployRequest, error) {
	c, err := s.loadChart(chartArg)
	if err != nil {
		return release.DeployRequest{}, err
	}
	if c.Metadata().Deprecated {
		s.Log.Warn("this chart is deprecated")
	}
	user, err := d.values.collect(ctx, s)
	if err != nil {
		return release.DeployRequest{}, err
	}
	return release.DeployRequest{
		Key:         release.Key{Name: name},
		Chart:       c,
		Values:      user,
		Labels:      d.labels,
		Description: d.description,
		Objects: release.ObjectOptions{
			SkipCRDs: d.skipCRDs, SkipHooks: d.noHooks, SkipValidation: d.skipValidation,
			TakeOwnership: d.takeOwnership, ForceConflicts: d.forceConflicts,
		},
		Rendering: release.RenderOptions{SkipSchema: d.skipSchema, SubchartNotes: d.subchartNotes},
	}, nil
}

// renderConfig is how templates reach outside.
func (d *deployFlags) renderConfig() render.Config {
	if d.enableDNS {
		return render.Config{ResolveHost: resolveHost}
	}
	return render.Config{}
}

// deploy plans the request and, unless this is a dry run, applies the plan. A
// client dry run of an install reaches no cluster; one of an upgrade has to, for
// the revision that it starts from. The error of an upgrade or of an install
// has Helm's prefix; one of "upgrade --install" that installs has none.
func (d *deployFlags) deploy(ctx context.Context, s *session, req release.DeployRequest, mode dryRun) (*release.Release, release.Operation, error) {
	connect := s.connect
	if mode == dryRunClient && req.Mode == release.Install {
		req.Offline = true
		connect = s.offline
	}
	c, err := connect(d.renderConfig())
	if err != nil {
		return nil, "", err
	}
	req.Key = c.key(req.Key.Name)
	req.Preview = mode != dryRunNone
	req.Rendering.SkipLookup = mode == dryRunClient
	plan, err := c.engine.PlanDeploy(ctx, req)
	if err != nil {
		if planErr, ok := errors.AsType[*release.PlanError](err); ok {
			return nil, planErr.Operation, err
		}
		return nil, "", err
	}
	for _, w := range plan.Warnings {
		s.Log.Info(w)
	}
	if req.Mode == release.UpgradeOrInstall && plan.Operation == release.OpInstall && d.output == formatTable {
		s.print("Release %q does not exist. Installing it now.\n", req.Key.Name)
	}
	if mode != dryRunNone {
		return plan.Preview(), plan.Operation, nil
	}
	defer s.cancelNotice(ctx, req.Key.Name)()
	rel, err := c.engine.Apply(ctx, plan, d.applyOptions(s))
	return rel, plan.Operation, err
}

func (d *deployFlags) applyOptions(s *session) release.ApplyOptions {
	opts := s.applyOptions(&d.wait)
	if d.rollbackOnFailure {
		opts.OnFailure = release.RollBack
		if opts.Wait == release.WaitHooks {
			opts.Wait = release.WaitReady
		}
	}
	return opts
}

// hideSecrets takes the bodies of Secrets out of what a dry run prints.
func hideSecrets(rel *release.Release) {
	docs, err := manifest.ParseText(rel.Manifest)
	if err != nil {
		// What cannot be read cannot be shown either.
		rel.Manifest = "# HIDDEN: The manifest could not be read\n"
		return
	}
	var b strings.Builder
	for _, doc := range docs {
		if doc.Ref.Kind == "Secret" && doc.Ref.APIVersion == "v1" {
			fmt.Fprintf(&b, "---\n# Source: %s\n# HIDDEN: The Secret output has been suppressed\n", doc.Path)
			continue
		}
		b.WriteString(manifest.Text([]manifest.Manifest{doc}))
	}
	rel.Manifest = b.String()
}
