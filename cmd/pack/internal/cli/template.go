package cli

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync"

	"github.com/spf13/cobra"

	"github.com/seed-0d4f92cc/pack/pkg/chart"
	"github.com/seed-0d4f92cc/pack/pkg/release"
	"github.com/seed-0d4f92cc/pack/pkg/render"
)

type templateOptions struct {
	values      valueFlags
	name        nameFlags
	dry         dryRunFlag
	validate    bool
	isUpgrade   bool
	skipSchema  bool
	post        postRenderFlags
	enableDNS   bool
	chart       chartFlags
	kubeVersion string
	apiVersions []string
	output      templateOutput
	// These are of effect with --dry-run=server.
	skipValidation, takeOwnership bool
	timeout                       renderTimeout
	// postRender is what post asks for.
	postRender func(context.Context, []render.File) ([]render.File, error)
	// wait is only told of if it is in a form of old.
	wait waitFlags
	// user are the values that the flags gave.
	user collected
}

const templateLong = `Render the templates of a chart locally and print the result.

What would be looked up in a cluster is assumed: the version of Kubernetes that
pack knows best and its APIs, with no objects in it. --kube-version and
--api-versions change the assumption:

    $ pack template --api-versions networking.k8s.io/v1,cert-manager.io/v1 web ./web

With --dry-run=server the cluster is asked instead, and the objects are checked as
an install checks them: their form, and whose those are that exist.`

func newTemplateCmd(s *session) *cobra.Command {
	o := templateOptions{}
	cmd := &cobra.Command{
		Use:               "template [NAME] [CHART]",
		Short:             "render a chart and print the result",
		Long:              templateLong,
		Args:              atLeastOneArg,
		ValidArgsFunction: s.completeNameAndChart(&o.name),
		RunE: func(cmd *cobra.Command, args []string) error {
			err := o.run(cmd.Context(), s, args)
			if err != nil && o.output.json() {
				return errors.Join(writeErrorJSON(s.Out, err), err)
			}
			return err
		},
	}
	f := cmd.Flags()
	o.values.add(f)
	o.chart.add(s, cmd)
	o.chart.complete.add(cmd)
	o.name.add(f)
	o.output.add(cmd)
	o.post.add(f)
	o.dry.addClient(f)
	o.timeout.add(f)
	f.BoolVar(&o.validate, "validate", false, "deprecated")
	f.BoolVar(&o.isUpgrade, "is-upgrade", false, "render as an upgrade does: .Release.IsUpgrade is true")
	f.BoolVar(&o.skipSchema, "skip-schema-validation", false, "do not check values against the charts' schemas")
	f.BoolVar(&o.enableDNS, "enable-dns", false, "let templates look up host names")
	f.BoolVar(&o.skipValidation, "disable-openapi-validation", false, "with --dry-run=server: do not check the form of objects")
	f.BoolVar(&o.takeOwnership, "take-ownership", false, "with --dry-run=server: do not check who owns objects that exist")
	f.StringVar(&o.kubeVersion, "kube-version", "", "version of Kubernetes that templates see; with --dry-run=server it is the cluster's")
	f.StringSliceVarP(&o.apiVersions, "api-versions", "a", nil, "API version that templates see beside the usual ones; repeatable; with --dry-run=server they are the cluster's")
	s.completeEnvironments(cmd)
	o.addIgnoredFlags(cmd)
	deprecate(f, "validate", "use '--dry-run=server' instead")
	cmd.MarkFlagsMutuallyExclusive("validate", "dry-run")
	return cmd
}

func (o *templateOptions) run(ctx context.Context, s *session, args []string) error {
	mode, err := o.mode(s)
	if err != nil {
		return err
	}
	o.wait.resolve(s.Log)
	if o.postRender, err = o.post.function(s, o.timeout.config()); err != nil {
		return err
	}
	caps, err := o.capabilities()
	if err != nil {
		return err
	}
	name, chartArg, err := o.nameAndChart(ctx, s, args)
	if err != nil {
		return err
	}
	place := renderPlace{namespace: s.namespace(), caps: caps}
	r, err := o.renderer(s, &place)
	if err != nil {
		return err
	}
	configured, err := o.configure(ctx, s, chartArg, r)
	if err != nil {
		return err
	}
	if err := release.ValidateName(name); err != nil {
		return fmt.Errorf("release name check failed: %w", err)
	}
	if mode == dryRunServer {
		if place, err = s.livePlace(ctx); err != nil {
			return err
		}
	}
	res, err := o.render(ctx, s, configured, name, place, r)
	if err != nil {
		return o.output.failed(s, res, withOrigins(err, o.user.layers))
	}
	if place.client != nil {
		if err := o.check(ctx, place, name, res); err != nil {
			return err
		}
	}
	return o.output.print(s, name, res)
}

// mode is where the chart is rendered: dryRunClient or dryRunServer.
func (o *templateOptions) mode(s *session) (dryRun, error) {
	if o.validate {
		return dryRunServer, nil
	}
	if b, err := strconv.ParseBool(o.dry.text); o.dry.text == string(dryRunNone) || err == nil && !b {
		return "", fmt.Errorf(`invalid dry-run value (%q). Must be "server" or "client"`, o.dry.text)
	}
	return o.dry.resolve(s.Log)
}

func (o *templateOptions) capabilities() (render.Capabilities, error) {
	caps := render.DefaultCapabilities()
	if o.kubeVersion != "" {
		var err error
		if caps.KubeVersion, err = render.ParseKubeVersion(o.kubeVersion); err != nil {
			return caps, err
		}
	}
	return caps.WithAPIVersions(o.apiVersions...), nil
}

// defaultReleaseName is that of a release which nobody named.
const defaultReleaseName = "release-name"

func (o *templateOptions) nameAndChart(ctx context.Context, s *session, args []string) (name, chartArg string, err error) {
	if len(args) == 1 && o.name.template == "" {
		return defaultReleaseName, args[0], nil
	}
	return o.name.nameAndChart(ctx, args, s.Now)
}

// configure reads the chart and the values. Meanwhile r gets to know the
// templates.
func (o *templateOptions) configure(ctx context.Context, s *session, chartArg string, r *render.Renderer) (*chart.Configured, error) {
	c, err := s.loadInstallable(ctx, chartArg, &o.chart)
	if err != nil {
		return nil, err
	}
	defer preload(ctx, r, c)()
	if o.user, err = o.values.collect(ctx, s, c); err != nil {
		return nil, err
	}
	if err := o.values.check(c, o.user); err != nil {
		return nil, err
	}
	configured, err := c.Configure(o.user.tree, chart.ConfigureOptions{SkipSchema: o.skipSchema, FetchSchema: s.fetchSchemas(ctx)})
	if err != nil {
		return nil, withOrigins(err, o.user.layers)
	}
	for _, w := range configured.Warnings {
		s.Log.Info(w)
	}
	return configured, nil
}

// preload has r parse the templates of c while something else is done. The
// function that it returns ends that.
func preload(ctx context.Context, r *render.Renderer, c *chart.Chart) func() {
	ctx, cancel := context.WithCancel(ctx)
	var group sync.WaitGroup
	group.Go(func() { r.Preload(ctx, c) })
	return func() {
		cancel()
		group.Wait()
	}
}

// renderer makes what renders. It looks up in the cluster that place comes to
// have, if any.
func (o *templateOptions) renderer(s *session, place *renderPlace) (*render.Renderer, error) {
	cfg := render.Config{Now: s.Now, Timeout: o.timeout.config()}
	cfg.Lookup = func(ctx context.Context, apiVersion, kind, namespace, name string) (map[string]any, error) {
		if place.client == nil {
			return nil, nil
		}
		return place.client.Lookup(ctx, apiVersion, kind, namespace, name)
	}
	if o.enableDNS {
		cfg.ResolveHost = resolveHost
	}
	return render.New(cfg)
}

// render renders the chart. Beside an error there can be a result, with what
// was rendered until then.
func (o *templateOptions) render(ctx context.Context, s *session, c *chart.Configured, name string, place renderPlace, r *render.Renderer) (*render.Result, error) {
	res, err := r.Render(ctx, c, render.Input{
		PostRender: o.postRender,
		Release: render.Release{
			Name: name, Namespace: place.namespace, Revision: 1,
			IsInstall: !o.isUpgrade, IsUpgrade: o.isUpgrade,
		},
		Capabilities: place.caps,
	})
	if res != nil {
		for _, w := range res.Warnings {
			s.Log.Info(w)
		}
	}
	return res, err
}
