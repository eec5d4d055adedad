package render

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"time"

	"github.com/Masterminds/semver/v3"

	"github.com/seed-0d4f92cc/pack/internal/gotmpl"
	"github.com/seed-0d4f92cc/pack/internal/tmplfuncs"
	"github.com/seed-0d4f92cc/pack/pkg/chart"
	"github.com/seed-0d4f92cc/pack/pkg/manifest"
)

// The bounds that a zero Config stands for.
const (
	DefaultTimeout  = time.Minute
	DefaultMaxBytes = 64 << 20
	DefaultMaxCode  = 8 << 20
	DefaultMaxDepth = gotmpl.DefaultMaxDepth
)

// maxParallel is how many files are rendered at once where nothing is said: each
// may hold several times MaxBytes.
const maxParallel = 8

// ErrTimeout is wrapped by the error of a rendering that takes longer than
// Config.Timeout, beside context.DeadlineExceeded.
var ErrTimeout = errors.New("rendering takes too long")

// ErrTooLarge is wrapped by the error of a rendering that produces more than
// Config.MaxBytes.
var ErrTooLarge = gotmpl.ErrTooLarge

// ErrTooDeep is wrapped by the error of a rendering whose templates call each
// other without end.
var ErrTooDeep = gotmpl.ErrTooDeep

// Renderer renders charts. It keeps what it parsed, and is safe for concurrent
// use.
type Renderer struct {
	cfg     Config
	library *gotmpl.Library
	trees   *treeCache
}

// New makes a Renderer. The error is about cfg.Funcs.
func New(cfg Config) (*Renderer, error) {
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.MaxBytes <= 0 {
		cfg.MaxBytes = DefaultMaxBytes
	}
	if cfg.Timeout == 0 {
		cfg.Timeout = DefaultTimeout
	}
	if cfg.MaxCode <= 0 {
		cfg.MaxCode = DefaultMaxCode
	}
	if cfg.Parallel <= 0 {
		cfg.Parallel = min(runtime.GOMAXPROCS(0), maxParallel)
	}
	r := &Renderer{cfg: cfg, trees: newTreeCache()}
	funcs := tmplfuncs.New(tmplfuncs.Options{
		Now:      cfg.Now,
		MaxBytes: int(cfg.MaxBytes),
		Change:   beforeChange,
	})
	r.addFuncs(funcs)
	for name, fn := range cfg.Funcs {
		funcs[name] = fn
	}
	library, err := gotmpl.NewLibrary(funcs)
	if err != nil {
		return nil, err
	}
	r.library = library
	return r, nil
}

// Render renders a chart with its values. Errors are *Error for what templates
// did, *manifest.ParseError for what they produced, and the context's. With a
// *manifest.ParseError comes a Result that holds the rendered files.
//
// The chart's kubeVersion is checked first, but not for lint; whether the chart can be installed
// at all is the caller's to check.
func (r *Renderer) Render(ctx context.Context, c *chart.Configured, in Input) (*Result, error) {
	in.Capabilities = in.Capabilities.orDefault()
	if !r.cfg.Lint {
		if err := checkKubeVersion(c.Chart, in.Capabilities.KubeVersion); err != nil {
			return nil, err
		}
	}
	res, e, err := r.renderFiles(ctx, c, in)
	if err != nil || in.PostRender == nil {
		return res, err
	}
	return e.postRendered(ctx, res)
}

// bounded is a context that ends with ctx, or when rendering has taken too long.
func (r *Renderer) bounded(ctx context.Context) (context.Context, context.CancelFunc) {
	if r.cfg.Timeout < 0 {
		return context.WithCancel(ctx)
	}
	cause := fmt.Errorf("%w: more than %v, and %w", ErrTimeout, r.cfg.Timeout, context.DeadlineExceeded)
	return context.WithTimeoutCause(ctx, r.cfg.Timeout, cause)
}

// renderFiles renders the files of a chart and, unless they are changed after
// that, reads them as manifests.
func (r *Renderer) renderFiles(ctx context.Context, c *chart.Configured, in Input) (*Result, *execution, error) {
	ctx, cancel := r.bounded(ctx)
	defer cancel()
	charts := flatten(c.Chart)
	list := sources(charts)
	set, err := r.parse(ctx, list)
	if err != nil {
		return nil, nil, err
	}
	e := &execution{
		renderer:   r,
		set:        set,
		configured: c,
		charts:     charts,
		sources:    list,
		files:      rendered(list),
		in:         in,
	}
	outcomes, err := e.run(ctx)
	if err != nil {
		return nil, nil, err
	}
	res, err := e.result(ctx, outcomes)
	return res, e, err
}

// checkKubeVersion holds a chart's constraint against the version of the
// cluster.
func checkKubeVersion(c *chart.Chart, cluster KubeVersion) error {
	want := c.Metadata().KubeVersion
	if want == "" {
		return nil
	}
	constraint, err := semver.NewConstraint(want)
	if err == nil {
		var version *semver.Version
		version, err = semver.NewVersion(cluster.String())
		if err == nil && constraint.Check(version) {
			return nil
		}
	}
	return fmt.Errorf("chart requires kubeVersion: %s which is incompatible with Kubernetes %s", want, cluster.Version)
}

// result puts together what the files rendered to.
func (e *execution) result(ctx context.Context, outcomes []outcome) (*Result, error) {
	res := &Result{CRDs: crds(e.charts[0]), Notes: e.notes(outcomes)}
	for _, o := range outcomes {
		res.Warnings = append(res.Warnings, o.warnings...)
	}
	byName := e.manifestFiles(outcomes)
	res.Files = make([]File, 0, len(byName))
	for _, o := range byName {
		res.Files = append(res.Files, o.file)
	}
	if e.in.PostRender != nil {
		return res, nil
	}
	sets := make([]manifest.Set, 0, len(byName))
	for _, o := range byName {
		if o.parseErr != nil {
			return res, e.diagnoseYAML(ctx, o.file, o.parseErr)
		}
		sets = append(sets, o.set)
	}
	res.take(manifest.Join(sets))
	return res, nil
}

func (e *execution) postRendered(ctx context.Context, res *Result) (*Result, error) {
	files, err := e.in.PostRender(ctx, res.Files)
	if err != nil {
		return nil, err
	}
	res.Files = files
	set, err := manifest.FromFiles(files)
	if err != nil {
		return res, err
	}
	res.take(set)
	return res, nil
}

func (res *Result) take(set manifest.Set) {
	res.Manifests, res.Hooks = set.Manifests, set.Hooks
	res.Warnings = append(res.Warnings, set.Notices...)
}
