package cli

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/seed-0d4f92cc/pack/pkg/chart"
	"github.com/seed-0d4f92cc/pack/pkg/render"
	"github.com/seed-0d4f92cc/pack/pkg/values"
)

// originsError is an error with where the values that it is about were set.
type originsError struct {
	error
	notes []string
}

// Unwrap is the error.
func (e *originsError) Unwrap() error { return e.error }

// withOrigins adds to an error where the values were set that it is about, of
// which layers are the user's.
func withOrigins(err error, layers []values.Layer) error {
	if d, ok := errors.AsType[*render.DiagnosedError](err); ok && d.Configured != nil {
		explainer := d.Configured.Explainer(layers)
		var hints []render.Hint
		for _, h := range d.Hints {
			if h.Value != nil {
				if origins := explainer.Explain(h.Value); len(origins) > 0 {
					h.Text += ", " + setAt(origins[0])
				}
			}
			hints = append(hints, h)
		}
		d.Hints = hints
	}
	schema, ok := errors.AsType[*chart.SchemaError](err)
	if !ok || schema.Configured == nil {
		return err
	}
	return &originsError{error: err, notes: violationNotes(schema, schema.Configured.Explainer(layers))}
}

// violationNotes say of each value that does not meet a schema where it was set.
func violationNotes(err *chart.SchemaError, explainer *chart.Explainer) []string {
	var notes []string
	for _, v := range err.Violations {
		for _, path := range v.Values() {
			origins := explainer.Explain(path)
			note := fmt.Sprintf("%s is not set", values.JoinPath(path))
			if len(path) == 0 {
				continue
			}
			if len(origins) > 0 {
				note = fmt.Sprintf("%s was %s", values.JoinPath(path), setAt(origins[0]))
			}
			if !slices.Contains(notes, note) {
				notes = append(notes, note)
			}
		}
	}
	return notes
}

// setAt says where a value was set: at a place in a file, or by a flag.
func setAt(o chart.Origin) string {
	if strings.HasPrefix(o.Source, "--") {
		return "set by " + o.String()
	}
	return "set at " + o.String()
}
