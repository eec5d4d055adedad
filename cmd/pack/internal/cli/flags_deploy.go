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
	chart             chartFlags
	values            valueFlags
	wait              waitFlags
	dry               dryRunFlag
	output            outputFormat
	labels            map[string]string
	description       string
	crds              crdFlags
	noHooks           bool
	hideNotes         bool
	hideSecret        bool
	subchartNotes     bool
	skipSchema        bool
	skipValidation    bool
	enableDNS         bool
	post              postRenderFlags
	takeOwnership     bool
	apply             applyFlags
	rollbackOnFailure bool
	// cleanupOnFail is upgrade's.
	cleanupOnFail bool
	renderTimeout renderTimeout
	lock          lockFlag
	// user are the values that the flags gave.
	user collected
}

func (d *deployFlags) add(s *session, cmd *cobra.Command, install bool) {
	f := cmd.Flags()
	d.chart.add(s, cmd)
	d.chart.complete.add(cmd)
	d.values.add(f)
	d.wait.add(f)
	d.dry.add(f)
	d.post.add(f)
	d.renderTimeout.add(f)
	d.lock.add(f)
	f.StringToStringVarP(&d.labels, "labels", "l", nil, "labels for the release's record, as key=value pairs with commas between them")
	f.StringVar(&d.description, "description", "", "what the revision says of itself in the history")
	d.crds.add(cmd)
	f.BoolVar(&d.noHooks, "no-hooks", false, "run no hooks")
	f.BoolVar(&d.hideNotes, "hide-notes", false, "do not print the notes; they are recorded all the same")
	f.BoolVar(&d.hideSecret, "hide-secret", false, "leave the contents of Secrets out of what a dry run prints")
	f.BoolVar(&d.subchartNotes, "render-subchart-notes", false, "join the notes of the subcharts to those of the chart")
	f.BoolVar(&d.skipSchema, "skip-schema-validation", false, "do not check values against the charts' schemas")
	f.BoolVar(&d.skipValidation, "disable-openapi-validation", false, "do not check the form of objects before they are sent")
	f.BoolVar(&d.enableDNS, "enable-dns", false, "let templates look up host names")
	f.BoolVar(&d.takeOwnership, "take-ownership", false, "adopt objects that exist, whoever owns them")
	d.apply.add(cmd, install)
	f.BoolVar(&d.rollbackOnFailure, "rollback-on-failure", false, "undo what failed: uninstall a new release, roll an upgrade back; this waits as --wait does")
	f.BoolVar(&d.rollbackOnFailure, "atomic", false, "deprecated")
	deprecate(f, "atomic", "use --rollback-on-failure instead")
}

// request loads the chart and the values.
func (d *deployFlags) request(ctx context.Context, s *session, name, chartArg string) (release.DeployRequest, error) {
	if err := d.wait.readiness.read(ctx, s); err != nil {
		return release.DeployRequest{}, err
	}
	c, err := s.loadChart(ctx, chartArg, &d.chart)
	if err != nil {
		return release.DeployRequest{}, err
	}
	if c.Metadata().Deprecated {
		s.Log.Warn("this chart is deprecated")
	}
	if d.user, err = d.values.collect(ctx, s, c); err != nil {
		return release.DeployRequest{}, err
	}
	if err := d.values.check(c, d.user); err != nil {
		return release.DeployRequest{}, err
	}
	post, err := d.post.function(s, d.renderTimeout.config())
	if err != nil {
		return release.DeployRequest{}, err
	}
	return release.DeployRequest{
		Key:         release.Key{Name: name},
		Chart:       c,
		Values:      d.user.tree,
		Labels:      d.labels,
		Description: d.description,
		Objects: release.ObjectOptions{
			CRDs: d.crds.value(), SkipHooks: d.noHooks, SkipValidation: d.skipValidation,
			TakeOwnership: d.takeOwnership, Method: d.apply.method(),
			ForceConflicts: d.apply.forceConflicts, ForceReplace: d.apply.replaces(), Recreate: d.apply.recreate,
		},
		Rendering: release.RenderOptions{SkipSchema: d.skipSchema, FetchSchema: s.fetchSchemas(ctx), SubchartNotes: d.subchartNotes, PostRender: post},
	}, nil
}

// renderConfig is how templates reach outside, and for how long.
func (d *deployFlags) renderConfig() render.Config {
	cfg := render.Config{Timeout: d.renderTimeout.config()}
	if d.enableDNS {
		cfg.ResolveHost = resolveHost
	}
	return cfg
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
	} else {
		defer s.onOneProcessor()()
	}
	c, err := connect(d.renderConfig())
	if err != nil {
		return nil, "", err
	}
	req.Key = c.key(req.Key.Name)
	req.Preview = mode != dryRunNone
	req.Rendering.SkipLookup = mode == dryRunClient
	var plan *release.Plan
	stop := func() {}
	defer func() { stop() }()
	opts, done := d.applyOptions(s)
	defer done()
	rel, err := c.engine.CarryOut(ctx, d.lock.options(), func(ctx context.Context, lock release.LockOptions) (*release.Plan, error) {
		if req.Lock = lock; s.isMemory() {
			req.Lock.Silent = -1 // what stands there as pending will not come to an end
		}
		first := plan == nil
		if plan, err = c.engine.PlanDeploy(ctx, req); err != nil {
			return nil, err
		}
		if first {
			d.announce(s, plan, req.Mode)
		}
		if mode != dryRunNone {
			return nil, nil
		}
		stop()
		stop = s.cancelNotice(ctx, req.Key.Name)
		return plan, nil
	}, opts)
	switch {
	case plan == nil:
		err = withOrigins(err, d.user.layers)
		if planErr, ok := errors.AsType[*release.PlanError](err); ok {
			return nil, planErr.Operation, err
		}
		return nil, "", err
	case mode != dryRunNone:
		return plan.Preview(), plan.Operation, err
	}
	return rel, plan.Operation, err
}

// announce tells of a plan what is to be known before it is applied.
func (d *deployFlags) announce(s *session, plan *release.Plan, mode release.Mode) {
	for _, w := range plan.Warnings {
		s.Log.Info(w)
	}
	if mode == release.UpgradeOrInstall && plan.Operation == release.OpInstall && d.output == formatTable {
		s.print("Release %q does not exist. Installing it now.\n", plan.Key.Name)
	}
}

func (d *deployFlags) applyOptions(s *session) (opts release.ApplyOptions, done func()) {
	s.applies = true
	opts, done = s.applyOptions(&d.wait)
	opts.CleanupOnFail = d.cleanupOnFail
	opts.RestartPods = d.apply.restartPods
	if d.rollbackOnFailure {
		opts.OnFailure = release.RollBack
		if opts.Wait == release.WaitHooks {
			opts.Wait = release.WaitReady
		}
	}
	return opts, done
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
