// Package lint examines charts for what will fail, or what goes against
// convention. What it finds are values: printing them is for the caller.
//
// The rules and their words are those of helm lint.
package lint

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"time"

	"github.com/seed-0d4f92cc/pack/internal/bounded"
	"github.com/seed-0d4f92cc/pack/internal/memfs"
	"github.com/seed-0d4f92cc/pack/internal/tarsafe"
	"github.com/seed-0d4f92cc/pack/pkg/chart"
	"github.com/seed-0d4f92cc/pack/pkg/manifest"
	"github.com/seed-0d4f92cc/pack/pkg/render"
	"github.com/seed-0d4f92cc/pack/pkg/values"
)

// Severity is how bad a finding is.
type Severity int

// The severities, the mildest first.
const (
	// Info is advice.
	Info Severity = iota
	// Warning is for what goes against convention.
	Warning
	// Error is for what makes a chart fail.
	Error
)

func (s Severity) String() string {
	switch s {
	case Info:
		return "INFO"
	case Warning:
		return "WARNING"
	default:
		return "ERROR"
	}
}

// Finding is one thing that a rule has to say about a chart.
type Finding struct {
	Severity Severity
	// Path is what it is about: a file or a folder ("templates/") below the
	// chart's root, Root for the chart as a whole, or empty where the chart
	// could not be loaded.
	Path string
	// Message can have several lines.
	Message string
	// Err is the error that the message tells of, if it has more to tell: a
	// *render.DiagnosedError or a *chart.SchemaError; nil for most findings.
	Err error
	// Extra marks what helm lint does not look for.
	Extra bool
}

// Root is the Path of findings about the chart as a whole.
const Root = "."

// String is the line that helm lint prints.
func (f Finding) String() string { return fmt.Sprintf("[%s] %s: %s", f.Severity, f.Path, f.Message) }

// Options is how a chart is examined. With the zero value that is with the
// chart's own values, for the newest Kubernetes that pack knows.
type Options struct {
	// Values are the user's values, laid over the chart's.
	Values values.Map
	// KubeVersion is for what templates see and for which APIs count as
	// deprecated; zero means that of render.DefaultCapabilities.
	KubeVersion render.KubeVersion
	// Namespace is what templates see; empty means "default".
	Namespace string
	// SkipSchema leaves out the checks against values.schema.json.
	SkipSchema bool
	// FetchSchema is as in chart.ConfigureOptions.
	FetchSchema func(url string) ([]byte, error)
	// RenderTimeout bounds how long rendering may take; 0 and less than 0 mean
	// what they mean for render.Config.Timeout.
	RenderTimeout time.Duration
	// Notice is told what templates say through required and fail, and what
	// was passed over in loading; nil means that nobody wants to know.
	Notice func(string)
}

// Run examines the chart at the root of fsys. The findings are in the order of
// the rules: Chart.yaml, values.yaml, templates, dependencies, CRDs. It fails
// only where there is no Chart.yaml (fs.ErrNotExist), or when ctx ends.
func Run(ctx context.Context, fsys fs.FS, opts Options) ([]Finding, error) {
	if _, err := fs.Stat(fsys, metadataFile); err != nil {
		return nil, fmt.Errorf("unable to check Chart.yaml file in chart: %w", err)
	}
	if opts.Notice == nil {
		opts.Notice = func(string) {}
	}
	if opts.Namespace == "" {
		opts.Namespace = "default"
	}
	l := &linter{fsys: fsys, opts: opts, caps: render.DefaultCapabilities(), names: nameRules{}, notices: map[string]string{}}
	if opts.KubeVersion != (render.KubeVersion{}) {
		l.caps.KubeVersion = opts.KubeVersion
	}
	l.chart, l.loadErr = chart.Load(fsys, chart.LoadOptions{Warn: opts.Notice, AnyVersion: true})
	for _, rule := range []func(context.Context){
		l.lintMetadata, l.lintValues, l.lintTemplates, l.lintDependencies, l.lintCRDs, l.lintHygiene,
	} {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		rule(ctx)
	}
	return l.findings, ctx.Err()
}

// RunArchive examines the chart in a .tgz, as Run does. It fails also where
// the archive cannot be read.
func RunArchive(ctx context.Context, r io.Reader, opts Options) ([]Finding, error) {
	notice := opts.Notice
	if notice == nil {
		notice = func(string) {}
	}
	budget := tarsafe.NewBudget(chart.DefaultMaxBytes, chart.DefaultMaxFiles)
	entries, err := tarsafe.Read(r, budget, notice)
	if err != nil {
		return nil, fmt.Errorf("unable to extract tarball: %w", err)
	}
	files := make([]memfs.File, 0, len(entries))
	for _, e := range entries {
		files = append(files, memfs.File(e))
	}
	return Run(ctx, memfs.New(files), opts)
}

// The parts of a chart that rules are about.
const (
	metadataFile = "Chart.yaml"
	valuesFile   = "values.yaml"
	schemaFile   = "values.schema.json"
	templatesDir = "templates/"
	crdsDir      = "crds/"
)

// linter is one examination.
type linter struct {
	fsys     fs.FS
	opts     Options
	caps     render.Capabilities
	chart    *chart.Chart // nil where loadErr is set
	loadErr  error
	findings []Finding
	names    nameRules
	// notices are what was found out about APIs.
	notices map[string]string
	// renderer has parsed the templates, where they were rendered.
	renderer *render.Renderer
	// renderErr is why a template could not be read after it was rendered.
	renderErr error
}

func (l *linter) add(s Severity, path, format string, args ...any) {
	l.findings = append(l.findings, Finding{Severity: s, Path: path, Message: fmt.Sprintf(format, args...)})
}

// addCause is add for a finding with an error behind it.
func (l *linter) addCause(s Severity, path string, cause error, format string, args ...any) {
	l.add(s, path, format, args...)
	l.findings[len(l.findings)-1].Err = cause
}

// causeOf is the diagnosis of a template whose output cannot be read, if it is
// the one that there is a diagnosis of.
func (l *linter) causeOf(name string) error {
	bad, ok := errors.AsType[*manifest.ParseError](l.renderErr)
	if !ok || bad.Path != l.chart.FullPath()+"/"+name {
		return nil
	}
	return l.renderErr
}

// read reads a file of the chart. It may be one that chart.Load refuses to read.
func (l *linter) read(name string) ([]byte, error) {
	return bounded.ReadFS(l.fsys, name, chart.DefaultMaxBytes)
}

// hasDir says whether a folder is there to examine, and finds fault with a file
// in its place.
func (l *linter) hasDir(dir string) bool {
	info, err := fs.Stat(l.fsys, dir[:len(dir)-1])
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return false
	case err != nil:
		l.add(Error, dir, "%v", err)
		return false
	case !info.IsDir():
		l.add(Error, dir, "not a directory")
		return false
	}
	return true
}
