package lint

import (
	"context"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/seed-0d4f92cc/pack/pkg/chart"
	"github.com/seed-0d4f92cc/pack/pkg/render"
)

// lintTemplates renders the chart and examines what its own templates make.
func (l *linter) lintTemplates(ctx context.Context) {
	if !l.hasDir(templatesDir) {
		if _, err := fs.Stat(l.fsys, templatesDir[:len(templatesDir)-1]); err != nil {
			l.add(Warning, templatesDir, "directory does not exist")
		}
		return
	}
	if l.loadErr != nil {
		l.add(Error, templatesDir, "%v", l.loadErr)
		return
	}
	rendered, err := l.render(ctx)
	if err != nil {
		l.addCause(Error, templatesDir, err, "%v", err)
		return
	}
	for _, template := range l.chart.Templates() {
		if ctx.Err() != nil {
			return
		}
		l.lintTemplate(template.Name, rendered[l.chart.FullPath()+"/"+template.Name])
	}
}

// render returns the rendered files by name. Files that are no YAML are among
// them: saying so is for lintTemplate.
func (l *linter) render(ctx context.Context) (map[string]string, error) {
	configured, err := l.chart.Configure(l.opts.Values, chart.ConfigureOptions{SkipSchema: l.opts.SkipSchema, FetchSchema: l.opts.FetchSchema, Lint: true})
	if err != nil {
		return nil, err
	}
	for _, w := range configured.Warnings {
		l.opts.Notice(w)
	}
	r, err := render.New(render.Config{Lint: true, Timeout: l.opts.RenderTimeout})
	if err != nil {
		return nil, err
	}
	l.renderer = r
	res, err := r.Render(ctx, configured, render.Input{
		Release:      render.Release{Name: "test-release", Namespace: l.opts.Namespace},
		Capabilities: l.caps,
	})
	if res == nil {
		return nil, err
	}
	l.renderErr = err
	for _, w := range res.Warnings {
		l.opts.Notice(w)
	}
	files := make(map[string]string, len(res.Files))
	for _, f := range res.Files {
		files[f.Path] = f.Content
	}
	return files, nil
}

// lintTemplate examines one template and what it rendered to.
func (l *linter) lintTemplate(name, rendered string) {
	ext := path.Ext(name)
	if !slices.Contains([]string{".yaml", ".yml", ".tpl", ".txt"}, ext) {
		l.add(Error, name, "file extension '%s' not valid. Valid extensions are .yaml, .yml, .tpl, or .txt", ext)
	}
	if ext = strings.ToLower(ext); ext != ".yaml" && ext != ".yml" {
		return
	}
	if strings.TrimSpace(rendered) == "" {
		return
	}
	if line := firstLine(rendered); strings.TrimLeft(line, " \t") != line {
		l.add(Warning, name, "document starts with an illegal indent: %q, which may cause parsing problems", line)
	}
	selects := strings.Contains(rendered, "matchLabels") || strings.Contains(rendered, "matchExpressions")
	docs, err := documents(rendered)
	for _, document := range docs {
		l.lintDocument(name, document, selects)
	}
	if err != nil {
		l.add(Error, name, "unable to parse YAML: %v", err)
	}
}

// firstLine is the first line that is not blank.
func firstLine(text string) string {
	for line := range strings.Lines(text) {
		if strings.TrimSpace(line) != "" {
			return strings.TrimSuffix(line, "\n")
		}
	}
	return ""
}
