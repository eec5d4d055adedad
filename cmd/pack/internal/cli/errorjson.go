package cli

import (
	"encoding/json"
	"errors"
	"io"

	"github.com/seed-0d4f92cc/pack/pkg/chart"
	"github.com/seed-0d4f92cc/pack/pkg/manifest"
	"github.com/seed-0d4f92cc/pack/pkg/render"
	"github.com/seed-0d4f92cc/pack/pkg/values"
)

// errorJSON is an error as data: docs/errors.md describes it.
type errorJSON struct {
	// Kind is template, yaml, schema, values, chart or other.
	Kind    string `json:"kind"`
	Message string `json:"message"`
	*placeJSON
	Chain      []placeJSON     `json:"chain,omitempty"`
	Rendered   []renderedJSON  `json:"rendered,omitempty"`
	Violations []violationJSON `json:"violations,omitempty"`
	Hints      []string        `json:"hints,omitempty"`
}

type placeJSON struct {
	File       string `json:"file,omitempty"`
	Line       int    `json:"line,omitempty"`
	Column     int    `json:"column,omitempty"`
	Source     string `json:"source,omitempty"`
	Expression string `json:"expression,omitempty"`
}

type renderedJSON struct {
	Line  int    `json:"line"`
	Text  string `json:"text"`
	Fault bool   `json:"fault,omitempty"`
}

type violationJSON struct {
	Chart   string `json:"chart"`
	Path    string `json:"path"`
	Message string `json:"message"`
}

// asErrorJSON takes an error apart.
func asErrorJSON(err error) errorJSON {
	e := errorJSON{Kind: errorKind(err), Message: err.Error()}
	if d, ok := errors.AsType[*render.DiagnosedError](err); ok {
		e.diagnosis(d.Diagnosis)
	}
	if file, ok := errors.AsType[*values.FileError](err); ok {
		e.placeJSON = &placeJSON{File: file.Name, Line: file.Line()}
	}
	if bad, ok := errors.AsType[*chart.Error](err); ok && bad.Path != "" {
		e.placeJSON = &placeJSON{File: bad.Path, Line: bad.Line}
	}
	if schema, ok := errors.AsType[*chart.SchemaError](err); ok {
		for _, v := range schema.Violations {
			e.Violations = append(e.Violations, violationJSON{Chart: v.Chart, Path: values.JoinPath(v.Path), Message: v.Message})
		}
	}
	if o, ok := errors.AsType[*originsError](err); ok {
		e.Hints = append(e.Hints, o.notes...)
	}
	if h := hint(err); h != "" && e.Hints == nil {
		e.Hints = append(e.Hints, h)
	}
	return e
}

func (e *errorJSON) diagnosis(d render.Diagnosis) {
	at := asPlace(d.Where)
	e.placeJSON = &at
	for _, l := range d.Chain {
		e.Chain = append(e.Chain, asPlace(l))
	}
	for _, l := range d.Rendered {
		e.Rendered = append(e.Rendered, renderedJSON{Line: l.Number, Text: l.Text, Fault: l.Fault})
	}
	for _, h := range d.Hints {
		e.Hints = append(e.Hints, h.Text)
	}
}

func asPlace(l render.Location) placeJSON {
	return placeJSON{File: l.File, Line: l.Line, Column: l.Column, Source: l.Source, Expression: l.Expression}
}

func errorKind(err error) string {
	switch {
	case isA[*manifest.ParseError](err):
		return "yaml"
	case isA[*render.Error](err):
		return "template"
	case isA[*chart.SchemaError](err):
		return "schema"
	case isA[*values.SyntaxError](err), isA[*values.FileError](err), isA[*chart.UnknownEnvironmentError](err):
		return "values"
	case isA[*chart.Error](err), isA[*chart.MissingError](err), isA[*noChartError](err):
		return "chart"
	}
	return "other"
}

func isA[E error](err error) bool {
	_, ok := errors.AsType[E](err)
	return ok
}

// templateJSON is what "template -o json" prints.
type templateJSON struct {
	Error     *errorJSON     `json:"error,omitempty"`
	CRDs      []crdJSON      `json:"crds,omitempty"`
	Manifests []manifestJSON `json:"manifests,omitempty"`
	Hooks     []manifestJSON `json:"hooks,omitempty"`
	Notes     string         `json:"notes,omitempty"`
}

type crdJSON struct {
	Path    string `json:"path"`
	Content string `json:"content"`
}

type manifestJSON struct {
	Path       string           `json:"path"`
	APIVersion string           `json:"apiVersion"`
	Kind       string           `json:"kind"`
	Namespace  string           `json:"namespace,omitempty"`
	Name       string           `json:"name"`
	Events     []manifest.Event `json:"events,omitempty"`
	Weight     int              `json:"weight,omitempty"`
	Content    string           `json:"content"`
}

func asManifestJSON(m manifest.Manifest) manifestJSON {
	return manifestJSON{
		Path: m.Path, APIVersion: m.Ref.APIVersion, Kind: m.Ref.Kind,
		Namespace: m.Ref.Namespace, Name: m.Ref.Name, Content: m.Content,
	}
}

// asTemplateJSON is a result as data; opts say what of it is wanted.
func asTemplateJSON(res *render.Result, opts render.OutputOptions) templateJSON {
	out := templateJSON{Notes: res.Notes}
	if opts.IncludeCRDs {
		for _, c := range res.CRDs {
			out.CRDs = append(out.CRDs, crdJSON{Path: c.Path, Content: string(c.Content)})
		}
	}
	for _, m := range res.Manifests {
		out.Manifests = append(out.Manifests, asManifestJSON(m))
	}
	for _, h := range res.VisibleHooks(opts) {
		j := asManifestJSON(h.Manifest)
		j.Events, j.Weight = h.Events, h.Weight
		out.Hooks = append(out.Hooks, j)
	}
	return out
}

// writeErrorJSON prints an error as data.
func writeErrorJSON(w io.Writer, err error) error {
	e := asErrorJSON(err)
	return json.NewEncoder(w).Encode(templateJSON{Error: &e})
}
