package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/seed-0d4f92cc/pack/internal/lightfs"
	"github.com/seed-0d4f92cc/pack/pkg/lint"
	"github.com/seed-0d4f92cc/pack/pkg/render"
)

type lintOptions struct {
	values        valueFlags
	strict        bool
	withSubcharts bool
	quiet         bool
	skipSchema    bool
	kubeVersion   string
	output        lintFormat
	timeout       renderTimeout
	// user are the values that the flags gave, without environments.
	user collected
}

func newLintCmd(s *session) *cobra.Command {
	o := lintOptions{}
	cmd := &cobra.Command{
		Use:   "lint PATH",
		Short: "check a chart for mistakes",
		Long: `Run a series of checks on charts, given as folders or archives.

What will make a chart fail is printed as [ERROR], what goes against convention
or recommendation as [WARNING], and advice as [INFO]. Errors make the command
fail, and with --strict warnings do too.`,
		Args:              atLeastOneArg,
		ValidArgsFunction: completeFolder,
		RunE: func(cmd *cobra.Command, args []string) error {
			return o.run(cmd.Context(), s, args)
		},
	}
	f := cmd.Flags()
	o.values.add(f)
	o.timeout.add(f)
	s.completeEnvironments(cmd)
	f.VarP(&o.output, "output", "o", "form of the output: text, or json")
	f.BoolVar(&o.strict, "strict", false, "count warnings as failures")
	f.BoolVar(&o.withSubcharts, "with-subcharts", false, "check the subcharts too")
	f.BoolVar(&o.quiet, "quiet", false, "print only charts with warnings or errors")
	f.BoolVar(&o.skipSchema, "skip-schema-validation", false, "do not check values against the charts' schemas")
	f.StringVar(&o.kubeVersion, "kube-version", "", "the version of Kubernetes to check for")
	return cmd
}

// lintReport is what came out for one path.
type lintReport struct {
	path string
	// root stands for the chart as a whole in what is printed.
	root     string
	findings []lint.Finding
	err      error
}

func (o *lintOptions) run(ctx context.Context, s *session, paths []string) error {
	opts, err := o.options(ctx, s)
	if err != nil {
		return err
	}
	if o.withSubcharts {
		if paths, err = s.addSubcharts(paths); err != nil {
			return err
		}
	}
	failed, printed := 0, 0
	var all []lintJSON
	for _, path := range paths {
		report, err := o.lint(ctx, s, path, opts)
		if err != nil {
			return err
		}
		if o.failed(report) {
			failed++
		}
		if o.output.json() {
			all = append(all, o.asJSON(report))
			continue
		}
		n, err := o.print(s, report)
		if err != nil {
			return err
		}
		printed += n
	}
	summary := fmt.Sprintf("%d chart(s) linted, %d chart(s) failed", len(paths), failed)
	if o.output.json() {
		if err := json.NewEncoder(s.Out).Encode(map[string]any{"charts": all}); err != nil {
			return err
		}
	}
	switch {
	case failed > 0:
		return errors.New(summary)
	case o.output.json():
		return nil
	}
	if o.quiet && printed == 0 {
		return nil
	}
	_, err = fmt.Fprintln(s.Out, summary)
	return err
}

func (o *lintOptions) options(ctx context.Context, s *session) (lint.Options, error) {
	opts := lint.Options{
		SkipSchema:    o.skipSchema,
		FetchSchema:   s.fetchSchemas(ctx),
		Namespace:     s.namespace(),
		Notice:        func(text string) { s.Log.Info(text) },
		RenderTimeout: o.timeout.config(),
	}
	var err error
	if o.kubeVersion != "" {
		if opts.KubeVersion, err = render.ParseKubeVersion(o.kubeVersion); err != nil {
			return opts, err
		}
	}
	if len(o.values.environmentNames(s)) == 0 {
		o.user, err = o.values.collect(ctx, s, nil)
	}
	return opts, err
}

// valuesFor are the values to check the chart at a path with; an environment is
// the chart's own.
func (o *lintOptions) valuesFor(ctx context.Context, s *session, path string) (collected, error) {
	if len(o.values.environmentNames(s)) == 0 {
		return o.user, nil
	}
	c, err := s.readChart(path)
	if err != nil {
		return collected{}, err
	}
	return o.values.collect(ctx, s, c)
}

// lint examines one path. What is wrong with the chart is in the report; the
// error is for what ends the command.
func (o *lintOptions) lint(ctx context.Context, s *session, path string, opts lint.Options) (lintReport, error) {
	report := lintReport{path: path}
	var err error
	if report.root, err = filepath.Abs(s.path(path)); err != nil {
		return report, err
	}
	user, err := o.valuesFor(ctx, s, report.root)
	if err != nil {
		return report, err
	}
	opts.Values = user.tree
	if o.values.strict {
		c, err := s.readChart(report.root)
		if err != nil {
			return report, err
		}
		if err := o.values.check(c, user); err != nil {
			report.err = err
			return report, nil
		}
	}
	if isArchive(path) {
		report.findings, report.err = lintArchive(ctx, s, path, opts)
	} else if _, err := os.Stat(filepath.Join(report.root, "Chart.yaml")); err != nil {
		report.err = fmt.Errorf("unable to check Chart.yaml file in chart: %w", shownAs(err, filepath.Join(path, "Chart.yaml")))
	} else {
		report.findings, report.err = lint.Run(ctx, lightfs.Dir(report.root), opts)
	}
	for i, f := range report.findings {
		report.findings[i].Err = withOrigins(f.Err, user.layers)
	}
	return report, ctx.Err()
}

func lintArchive(ctx context.Context, s *session, path string, opts lint.Options) ([]lint.Finding, error) {
	f, err := os.Open(s.path(path))
	if err != nil {
		return nil, fmt.Errorf("unable to open tarball: %w", shownAs(err, path))
	}
	defer f.Close()
	return lint.RunArchive(ctx, f, opts)
}

func isArchive(path string) bool {
	return strings.HasSuffix(path, ".tgz") || strings.HasSuffix(path, ".tar.gz")
}

func (o *lintOptions) failed(r lintReport) bool {
	if r.err != nil {
		return true
	}
	for _, f := range r.findings {
		if f.Extra {
			continue
		}
		if f.Severity == lint.Error || o.strict && f.Severity == lint.Warning {
			return true
		}
	}
	return false
}

// print writes a report, in Helm's form, and returns how many lines it has to
// tell.
func (o *lintOptions) print(s *session, r lintReport) (int, error) {
	var lines []string
	var details []string
	for _, f := range r.findings {
		if f.Extra {
			// The standard output is that of helm lint.
			s.logFinding(r.path, f)
			continue
		}
		if o.quiet && f.Severity < lint.Warning {
			continue
		}
		if f.Path == lint.Root {
			f.Path = r.root
		}
		lines = append(lines, f.String())
		details = append(details, s.lintDetail(f))
	}
	if r.err != nil {
		lines = append(lines, fmt.Sprintf("Error %v", r.err))
	}
	if o.quiet && len(lines) == 0 {
		return 0, nil
	}
	report := append([]string{"==> Linting " + r.path}, lines...)
	_, err := fmt.Fprintf(s.Out, "%s\n\n", visible(strings.Join(report, "\n")))
	fmt.Fprint(s.Err, strings.Join(details, ""))
	return len(lines), err
}

// logFinding tells of a finding on the standard error.
func (s *session) logFinding(path string, f lint.Finding) {
	log := s.Log.Info
	if f.Severity >= lint.Warning {
		log = s.Log.Warn
	}
	log(f.Message, "file", filepath.Join(path, f.Path))
}

// lintDetail are the lines that show where a finding comes from. They go to the
// standard error: the standard output is that of helm lint.
func (s *session) lintDetail(f lint.Finding) string {
	var b strings.Builder
	diagnosisPrinter{w: &b, paint: s.paintError}.print(f.Err)
	if b.Len() == 0 {
		return ""
	}
	return f.Path + ":\n" + b.String()
}

// addSubcharts adds to the paths the charts below their charts folders, folders
// and archives, at any depth.
func (s *session) addSubcharts(paths []string) ([]string, error) {
	all := slices.Clone(paths)
	for _, path := range paths {
		root := filepath.Join(path, "charts")
		if _, err := os.Stat(s.path(root)); err != nil {
			continue // an archive, or a chart without subcharts
		}
		err := filepath.WalkDir(s.path(root), func(found string, d fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			rel, err := filepath.Rel(s.path(root), found)
			if err != nil {
				return err
			}
			switch {
			case d.Name() == "Chart.yaml":
				all = append(all, filepath.Join(root, filepath.Dir(rel)))
			case !d.IsDir() && isArchive(found):
				all = append(all, filepath.Join(root, rel))
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return all, nil
}
