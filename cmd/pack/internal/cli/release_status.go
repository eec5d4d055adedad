package cli

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/seed-0d4f92cc/pack/internal/yamlio"
	"github.com/seed-0d4f92cc/pack/pkg/manifest"
	"github.com/seed-0d4f92cc/pack/pkg/release"
)

// statusBlock is the text that tells of a revision after an operation, and in
// "status" and "get all". The form is Helm's, line by line.
type statusBlock struct {
	rel *release.Release
	// chart adds the chart's name and versions.
	chart bool
	// resources are tables of the live objects, for "status".
	resources string
	// values adds the user's and the computed values.
	values bool
	// fresh says that the revision was made just now and not read: Helm prints {} for
	// no values then.
	fresh bool
	// manifest adds hooks and manifest.
	manifest bool
	// hideNotes leaves the notes out.
	hideNotes bool
	// mask takes what Secrets hold out of values, hooks and manifest; nil shows it.
	mask *strings.Replacer
}

func (b *statusBlock) write(s *session, w io.Writer) error {
	var out strings.Builder
	b.writeHead(s, &out)
	if b.resources != "" {
		out.WriteString("RESOURCES:\n" + b.resources + "\n")
	}
	writeTests(&out, b.rel)
	contents, err := b.contents()
	if err != nil {
		return err
	}
	out.WriteString(contents)
	if notes := b.rel.Info.Notes; notes != "" && !b.hideNotes {
		fmt.Fprintf(&out, "NOTES:\n%s\n", strings.TrimSpace(notes))
	}
	_, err = io.WriteString(w, out.String())
	return err
}

// debugMask hides what the Secrets of a revision hold from what --debug adds.
func (s *session) debugMask(rel *release.Release) *strings.Replacer {
	if !s.Debug {
		return nil
	}
	return rel.SecretMask()
}

// contents are the values, hooks and manifest, as far as they are wanted.
func (b *statusBlock) contents() (string, error) {
	var out strings.Builder
	if b.values {
		if err := b.writeValues(&out); err != nil {
			return "", err
		}
	}
	if b.manifest {
		out.WriteString("HOOKS:\n")
		writeHooks(&out, b.rel.Hooks)
		fmt.Fprintf(&out, "MANIFEST:\n%s\n", b.rel.Manifest)
	}
	if b.mask != nil {
		return b.mask.Replace(out.String()), nil
	}
	return out.String(), nil
}

func (b *statusBlock) writeHead(s *session, out *strings.Builder) {
	rel := b.rel
	fmt.Fprintf(out, "NAME: %s\n", rel.Name)
	if !rel.Info.LastDeployed.IsZero() {
		fmt.Fprintf(out, "LAST DEPLOYED: %s\n", rel.Info.LastDeployed.Format(time.ANSIC))
	}
	fmt.Fprintf(out, "NAMESPACE: %s\n", s.paint(styleCyan, rel.Namespace))
	fmt.Fprintf(out, "STATUS: %s\n", s.paintStatus(string(rel.Info.Status)))
	fmt.Fprintf(out, "REVISION: %d\n", rel.Version)
	if b.chart && rel.Chart != nil && rel.Chart.Metadata != nil {
		m := rel.Chart.Metadata
		fmt.Fprintf(out, "CHART: %s\nVERSION: %s\nAPP_VERSION: %s\n", m.Name, m.Version, m.AppVersion)
	}
	fmt.Fprintf(out, "DESCRIPTION: %s\n", rel.Info.Description)
}

// writeTests tells how the test hooks went. As in Helm nothing is said where
// there are tests and none has run.
func writeTests(out *strings.Builder, rel *release.Release) {
	tests := 0
	for _, h := range rel.Hooks {
		if !hasEvent(h, manifest.EventTest) {
			continue
		}
		tests++
		if h.LastRun.StartedAt.IsZero() {
			continue
		}
		fmt.Fprintf(out, "TEST SUITE:     %s\nLast Started:   %s\nLast Completed: %s\nPhase:          %s\n",
			h.Name, h.LastRun.StartedAt.Format(time.ANSIC), h.LastRun.CompletedAt.Format(time.ANSIC), h.LastRun.Phase)
	}
	if tests == 0 {
		out.WriteString("TEST SUITE: None\n")
	}
}

func hasEvent(h *release.Hook, event manifest.Event) bool {
	for _, e := range h.Events {
		if e == event {
			return true
		}
	}
	return false
}

func (b *statusBlock) writeValues(out *strings.Builder) error {
	user := userValues(b.rel)
	if user == nil && b.fresh {
		user = map[string]any{}
	}
	for _, part := range []struct {
		title string
		tree  any
	}{{"USER-SUPPLIED VALUES:", user}, {"COMPUTED VALUES:", release.ComputedValues(b.rel)}} {
		text, err := yamlio.Marshal(part.tree)
		if err != nil {
			return err
		}
		fmt.Fprintf(out, "%s\n%s\n", part.title, text)
	}
	return nil
}

// userValues are a revision's values as Helm prints them: null for none.
func userValues(rel *release.Release) any {
	if len(rel.Config) == 0 {
		return nil
	}
	return rel.Config
}

func writeHooks(out *strings.Builder, hooks []*release.Hook) {
	for _, h := range hooks {
		fmt.Fprintf(out, "---\n# Source: %s\n%s\n", h.Path, h.Manifest)
	}
}

// paintColumns colours the cells of a listing: its status column as the status
// block does, its namespace column, and the first row if it is a header. A
// column of -1 is none.
func (s *session) paintColumns(header bool, status, namespace int) func(row, column int, cell string) string {
	if !s.colored() {
		return nil
	}
	return func(row, column int, cell string) string {
		text := strings.TrimRight(cell, " ")
		blanks := cell[len(text):]
		switch {
		case row == 0 && header:
			return s.paint(styleBold, text) + blanks
		case column == status:
			return s.paintStatus(text) + blanks
		case column == namespace:
			return s.paint(styleCyan, text) + blanks
		}
		return cell
	}
}
