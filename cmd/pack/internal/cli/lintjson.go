package cli

import (
	"errors"

	"github.com/seed-0d4f92cc/pack/pkg/lint"
)

// lintFormat is -o of lint: Helm's lines, or JSON.
type lintFormat struct{ asJSON bool }

func (l *lintFormat) String() string {
	if l.asJSON {
		return "json"
	}
	return "text"
}

func (l *lintFormat) Type() string { return "format" }

// Set takes text and json.
func (l *lintFormat) Set(text string) error {
	switch text {
	case "text", "json":
		l.asJSON = text == "json"
		return nil
	}
	return errors.New("invalid format type")
}

func (l *lintFormat) json() bool { return l.asJSON }

// lintJSON is what "lint -o json" prints for one chart.
type lintJSON struct {
	Path     string        `json:"path"`
	Failed   bool          `json:"failed"`
	Findings []findingJSON `json:"findings"`
	// Error is why the chart could not be examined.
	Error string `json:"error,omitempty"`
}

type findingJSON struct {
	Severity string `json:"severity"`
	// File is what the finding is about, "." for the chart.
	File    string     `json:"file"`
	Message string     `json:"message"`
	Error   *errorJSON `json:"error,omitempty"`
}

// asJSON is a report as data.
func (o *lintOptions) asJSON(r lintReport) lintJSON {
	out := lintJSON{Path: r.path, Failed: o.failed(r), Findings: []findingJSON{}}
	if r.err != nil {
		out.Error = r.err.Error()
	}
	for _, f := range r.findings {
		if o.quiet && f.Severity < lint.Warning {
			continue
		}
		j := findingJSON{Severity: f.Severity.String(), File: f.Path, Message: f.Message}
		if f.Err != nil {
			e := asErrorJSON(f.Err)
			j.Error = &e
		}
		out.Findings = append(out.Findings, j)
	}
	return out
}
