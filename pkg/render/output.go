package render

import (
	"io"
	"slices"
	"strings"

	"github.com/seed-0d4f92cc/pack/pkg/manifest"
)

// OutputOptions say which parts of a Result are printed. The zero value prints
// manifests and hooks.
type OutputOptions struct {
	// IncludeCRDs prints the files of crds folders, first.
	IncludeCRDs bool
	// SkipHooks leaves out all hooks, SkipTests those of the event test.
	SkipHooks bool
	SkipTests bool
}

// Documents are the parts of a result that are printed, in order: CRDs (whole
// files), manifests, hooks.
func (r *Result) Documents(opts OutputOptions) []File {
	docs := r.objects(opts)
	for _, h := range r.VisibleHooks(opts) {
		docs = append(docs, File{Path: h.Path, Content: h.Content})
	}
	return docs
}

// Text is the stream that helm template prints, byte for byte: all Documents,
// the blanks around those before the hooks trimmed. Nothing prints as an empty
// line.
func (r *Result) Text(opts OutputOptions) string {
	var b strings.Builder
	_ = r.WriteText(&b, opts) // a builder takes everything
	return b.String()
}

// WriteText writes Text without putting it together first. The error is w's.
func (r *Result) WriteText(w io.Writer, opts OutputOptions) error {
	objects := r.Manifests
	if opts.IncludeCRDs && len(r.CRDs) > 0 {
		objects = make([]manifest.Manifest, 0, len(r.CRDs)+len(r.Manifests))
		for _, crd := range r.CRDs {
			objects = append(objects, manifest.Manifest{Path: crd.Path, Content: string(crd.Content)})
		}
		objects = append(objects, r.Manifests...)
	}
	var hooks []manifest.Manifest
	for _, h := range r.VisibleHooks(opts) {
		hooks = append(hooks, h.Manifest)
	}
	for _, text := range []string{strings.TrimSpace(manifest.Text(objects)), "\n", manifest.Text(hooks)} {
		if _, err := io.WriteString(w, text); err != nil {
			return err
		}
	}
	return nil
}

// FilesText is the stream of the rendered files as they are, for a person to
// see why they cannot be read: helm template --debug prints it with the error.
func (r *Result) FilesText() string {
	files := slices.DeleteFunc(slices.Clone(r.Files), func(f File) bool { return strings.TrimSpace(f.Content) == "" })
	return strings.TrimSpace(text(files)) + "\n"
}

func (r *Result) objects(opts OutputOptions) []File {
	var docs []File
	if opts.IncludeCRDs {
		for _, crd := range r.CRDs {
			docs = append(docs, File{Path: crd.Path, Content: string(crd.Content)})
		}
	}
	for _, m := range r.Manifests {
		docs = append(docs, File{Path: m.Path, Content: m.Content})
	}
	return docs
}

// VisibleHooks are the hooks that opts does not leave out.
func (r *Result) VisibleHooks(opts OutputOptions) []manifest.Hook {
	if opts.SkipHooks {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(r.Hooks), func(h manifest.Hook) bool {
		return opts.SkipTests && slices.Contains(h.Events, manifest.EventTest)
	})
}

func text(docs []File) string {
	var b strings.Builder
	for _, d := range docs {
		b.WriteString(manifest.Manifest{Path: d.Path, Content: d.Content}.String())
	}
	return b.String()
}
