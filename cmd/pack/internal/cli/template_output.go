package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"

	"github.com/spf13/cobra"

	"github.com/seed-0d4f92cc/pack/pkg/manifest"
	"github.com/seed-0d4f92cc/pack/pkg/render"
)

// templateOutput says what of a chart is printed, and where.
type templateOutput struct {
	showOnly    []string
	dir         string
	releaseName bool
	includeCRDs bool
	skipTests   bool
	skipHooks   bool
	format      templateFormat
}

// templateFormat is -o of template: a stream of YAML, or JSON.
type templateFormat string

func (f *templateFormat) String() string { return string(*f) }
func (f *templateFormat) Type() string   { return "format" }

// Set takes yaml and json.
func (f *templateFormat) Set(text string) error {
	switch outputFormat(text) {
	case formatYAML, formatJSON:
		*f = templateFormat(text)
		return nil
	}
	return errors.New("invalid format type")
}

// json says whether what is printed, errors too, is to be JSON.
func (o *templateOutput) json() bool { return outputFormat(o.format) == formatJSON }

func (o *templateOutput) add(cmd *cobra.Command) {
	f := cmd.Flags()
	f.VarP(&texts{value: &o.showOnly}, "show-only", "s", "print only what comes from these templates, for example templates/web.yaml; repeatable")
	f.StringVar(&o.dir, "output-dir", "", "write files below this folder instead of printing")
	f.BoolVar(&o.releaseName, "release-name", false, "with --output-dir: in a folder named as the release")
	f.BoolVar(&o.includeCRDs, "include-crds", false, "print the definitions in crds/ too")
	f.BoolVar(&o.skipTests, "skip-tests", false, "leave tests out")
	f.BoolVar(&o.skipHooks, "no-hooks", false, "leave hooks out")
	o.format = templateFormat(formatYAML)
	f.VarP(&o.format, "output", "o", "form of the output: yaml, or json, which has errors as data, too")
	for _, other := range []string{"output-dir", "output"} {
		cmd.MarkFlagsMutuallyExclusive("show-only", other)
	}
	cmd.MarkFlagsMutuallyExclusive("output", "output-dir")
}

func (o *templateOutput) options() render.OutputOptions {
	return render.OutputOptions{IncludeCRDs: o.includeCRDs, SkipHooks: o.skipHooks, SkipTests: o.skipTests}
}

// print writes a result to the standard output or to files.
func (o *templateOutput) print(s *session, release string, res *render.Result) error {
	if o.json() {
		return json.NewEncoder(s.Out).Encode(asTemplateJSON(res, o.options()))
	}
	if o.dir != "" {
		return o.writeFiles(s, release, res.Documents(o.options()))
	}
	if len(o.showOnly) == 0 {
		return res.WriteText(s.Out, o.options())
	}
	return o.printText(s.Out, res.Text(o.options()))
}

// printText writes a stream, or what --show-only picks of it.
func (o *templateOutput) printText(w io.Writer, text string) error {
	if len(o.showOnly) == 0 {
		_, err := io.WriteString(w, text)
		return err
	}
	patterns := make([]string, len(o.showOnly))
	for i, p := range o.showOnly {
		patterns[i] = filepath.ToSlash(p)
	}
	documents, err := manifest.ShowOnly(text, patterns)
	if err != nil {
		return err
	}
	for _, d := range documents {
		if _, err := fmt.Fprintf(w, "---\n%s\n", d); err != nil {
			return err
		}
	}
	return nil
}

// failed deals with a chart that did not render: with --debug what was rendered
// is printed.
func (o *templateOutput) failed(s *session, res *render.Result, err error) error {
	if !s.Debug || o.json() {
		return &renderFailedError{err: err}
	}
	if res == nil {
		res = &render.Result{}
	}
	printErr := o.printText(s.Out, res.FilesText())
	if _, ok := errors.AsType[*manifest.NoTemplateError](printErr); ok {
		// What --show-only names may be what did not render.
		return err
	}
	return errors.Join(err, printErr)
}

// renderFailedError is the error of a chart that did not render, of which
// --debug would tell more.
type renderFailedError struct{ err error }

func (e *renderFailedError) Error() string { return e.err.Error() }

func (e *renderFailedError) Unwrap() error { return e.err }

// writeFiles writes the documents into a folder, those of one template into one
// file. As in Helm there is a line for each document, and an empty one.
func (o *templateOutput) writeFiles(s *session, release string, docs []render.File) error {
	dir := o.dir
	if o.releaseName {
		dir = filepath.Join(dir, release)
	}
	if len(docs) > 0 {
		if err := writeDocuments(s.path(dir), docs); err != nil {
			return err
		}
	}
	for _, d := range docs {
		if _, err := fmt.Fprintf(s.Out, "wrote %s\n", filepath.Join(dir, d.Path)); err != nil {
			return err
		}
	}
	_, err := fmt.Fprintln(s.Out)
	return err
}

func writeDocuments(dir string, docs []render.File) error {
	texts := map[string]string{}
	for _, d := range docs {
		texts[d.Path] += manifest.Manifest{Path: d.Path, Content: d.Content}.String()
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return err
	}
	defer root.Close()
	for _, name := range slices.Sorted(maps.Keys(texts)) {
		if err := writeIn(root, name, texts[name]); err != nil {
			return err
		}
	}
	return nil
}

// writeIn writes a file below a folder, out of which no name leads.
func writeIn(root *os.Root, name, text string) error {
	if err := root.MkdirAll(path.Dir(name), 0o755); err != nil {
		return err
	}
	return root.WriteFile(name, []byte(text), 0o644)
}

// addIgnoredFlags declares the flags that scripts hand to template because
// install has them.
func (o *templateOptions) addIgnoredFlags(cmd *cobra.Command) {
	f := cmd.Flags()
	const usage = "accepted because install has it; without effect on template"
	for _, name := range []string{
		"create-namespace", "force-conflicts", "force-replace", "replace", "rollback-on-failure",
		"skip-crds", "wait-for-jobs",
	} {
		f.Bool(name, false, usage)
	}
	f.Bool("server-side", true, usage)
	f.String("description", "", usage)
	f.StringToStringP("labels", "l", nil, usage)
	f.Duration("timeout", defaultTimeout, usage)
	o.wait.addWait(f)
	f.Lookup("wait").Usage = usage
	for name, notice := range map[string]string{
		"atomic":                "use --rollback-on-failure instead",
		"force":                 "use --force-replace instead",
		"hide-notes":            "template prints no notes",
		"render-subchart-notes": "template prints no notes",
	} {
		f.Bool(name, false, usage)
		deprecate(f, name, notice)
	}
	cmd.MarkFlagsMutuallyExclusive("force-replace", "force-conflicts")
	cmd.MarkFlagsMutuallyExclusive("force", "force-conflicts")
}
