// Package render turns a configured chart into manifests, hooks and notes. It
// does no I/O of its own.
//
// The templates of a chart are parsed once by a Renderer and rendered
// concurrently, with the result that Helm 4 gets by rendering them one after
// another. A rendering never changes the chart or its values: a chart can be
// shared by any number of renderings at once.
package render

import (
	"context"
	"text/template"
	"time"

	"github.com/seed-0d4f92cc/pack/pkg/manifest"
)

// LookupFunc answers the template function lookup: one object, or a list
// object when name is empty. It returns an empty map when there is nothing.
// The map becomes the template's. The function is called concurrently.
type LookupFunc func(ctx context.Context, apiVersion, kind, namespace, name string) (map[string]any, error)

// Config is with what a Renderer works. The zero Config reaches nothing but
// clock and entropy.
type Config struct {
	// Lookup answers lookup; nil means that it finds nothing.
	Lookup LookupFunc
	// ResolveHost answers getHostByName; nil means that it returns "". It is
	// called concurrently.
	ResolveHost func(ctx context.Context, host string) (string, error)
	// Funcs are added to the functions of templates, and may replace them.
	// They are called concurrently, and must not change their arguments.
	Funcs template.FuncMap
	// Now is the clock of sprig's now; nil means time.Now.
	Now func() time.Time
	// Timeout bounds how long one rendering may take, beside what the context
	// says; 0 means DefaultTimeout, less than 0 that only the context counts.
	// What lookups and host names take is in it, PostRender is not.
	Timeout time.Duration
	// MaxBytes bounds the text that one rendering produces, the length of what
	// one function returns and takes, and, four times as much, what all functions
	// make for one file; 0 means DefaultMaxBytes.
	MaxBytes int64
	// MaxCode bounds the code in the templates of a chart and its subcharts:
	// what stands between braces; 0 means DefaultMaxCode. A file with the same
	// text as another counts an eighth. One file may have a MiB of it.
	MaxCode int
	// MaxDepth bounds how deep templates call each other: a call of template is
	// one level, one of include or tpl eight; 0 means DefaultMaxDepth. A template
	// is included in itself at most 1,000 times, as in Helm.
	MaxDepth int
	// Parallel bounds how many files are rendered at once; 0 means the number
	// of processors, but at most 8.
	Parallel int
	// Lint makes required and fail harmless, as lint has it: what they say is
	// in Result.Warnings.
	Lint bool
}

// Input is what one rendering is told beside the chart.
type Input struct {
	Release      Release
	Capabilities Capabilities
	// SubchartNotes joins the notes of all charts instead of the root's alone.
	SubchartNotes bool
	// PostRender may change the rendered files before they are split and read
	// as manifests; nil leaves them as they are.
	PostRender func(context.Context, []File) ([]File, error)
}

// Release is the object .Release of templates.
type Release struct {
	Name      string
	Namespace string
	Revision  int
	IsInstall bool
	IsUpgrade bool
}

// Capabilities is what the cluster is known to be. What is zero in it stands
// for that of DefaultCapabilities.
type Capabilities struct {
	KubeVersion KubeVersion
	// APIVersions are group versions ("apps/v1") and, from a live cluster,
	// kinds ("apps/v1/Deployment").
	APIVersions []string
}

// File is a rendered template before it is split.
type File = manifest.File

// CRD is a file of a chart's crds folder.
type CRD struct {
	// Path is the name for output, "parent/charts/child/crds/x.yaml".
	Path    string
	Content []byte
}

// Result is what a chart renders to.
type Result struct {
	// CRDs are the definitions of the chart and its subcharts, parents first.
	CRDs      []CRD
	Manifests []manifest.Manifest
	Hooks     []manifest.Hook
	Notes     string
	// Files are the rendered templates, notes and partials excluded, by name.
	Files []File
	// Warnings are what lint mode did not make an error, and objects that were
	// left out.
	Warnings []string
}
