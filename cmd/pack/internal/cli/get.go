package cli

import (
	"context"
	"fmt"
	"io"
	"strings"
	"text/template"

	"github.com/spf13/cobra"

	"github.com/Masterminds/sprig/v3"
	"github.com/seed-0d4f92cc/pack/internal/yamlio"
	"github.com/seed-0d4f92cc/pack/pkg/release"
	"github.com/seed-0d4f92cc/pack/pkg/render"
)

const getLong = `Show what is recorded of a release: all of it, or its values, manifest, hooks,
notes or metadata.`

func newGetCmd(s *session) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "get",
		Short: "show what is recorded of a release",
		Long:  getLong,
	}
	subcommandsOnly(cmd)
	cmd.AddCommand(newGetAllCmd(s), newGetValuesCmd(s), newGetManifestCmd(s),
		newGetHooksCmd(s), newGetNotesCmd(s), newGetMetadataCmd(s))
	return cmd
}

// revisionFlag is --revision of status and the get commands.
type revisionFlag struct{ revision int }

// number is the revision that is meant: as in Helm anything below 0 is the newest, too.
func (r *revisionFlag) number() int { return max(r.revision, 0) }

func (r *revisionFlag) add(s *session, cmd *cobra.Command) {
	cmd.Flags().IntVar(&r.revision, "revision", 0, "the revision to show; 0 is the newest")
	s.completeRevisionFlag(cmd)
}

// fetch reads the record.
func (r *revisionFlag) fetch(ctx context.Context, s *session, name string) (*release.Release, error) {
	c, err := s.connect(render.Config{})
	if err != nil {
		return nil, err
	}
	return c.engine.Get(ctx, c.key(name), r.number())
}

// newGetTextCmd is a get command that prints a text made from the record.
func newGetTextCmd(s *session, use, short string, text func(*release.Release) string) *cobra.Command {
	var r revisionFlag
	cmd := &cobra.Command{
		Use:   use + " RELEASE_NAME",
		Short: short,
		Args:  exactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			rel, err := r.fetch(cmd.Context(), s, args[0])
			if err != nil {
				return err
			}
			_, err = io.WriteString(s.Out, text(rel))
			return err
		},
		ValidArgsFunction: s.completeRelease,
	}
	r.add(s, cmd)
	return cmd
}

func newGetManifestCmd(s *session) *cobra.Command {
	return newGetTextCmd(s, "manifest", "show the manifest of a release", func(rel *release.Release) string {
		return rel.Manifest + "\n"
	})
}

func newGetHooksCmd(s *session) *cobra.Command {
	return newGetTextCmd(s, "hooks", "show the hooks of a release", func(rel *release.Release) string {
		var b strings.Builder
		writeHooks(&b, rel.Hooks)
		return b.String()
	})
}

func newGetNotesCmd(s *session) *cobra.Command {
	return newGetTextCmd(s, "notes", "show the notes of a release", func(rel *release.Release) string {
		if rel.Info.Notes == "" {
			return ""
		}
		return "NOTES:\n" + rel.Info.Notes + "\n"
	})
}

func newGetAllCmd(s *session) *cobra.Command {
	var r revisionFlag
	var format string
	cmd := &cobra.Command{
		Use:   "all RELEASE_NAME",
		Short: "show all that is recorded of a release",
		Args:  exactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			rel, err := r.fetch(cmd.Context(), s, args[0])
			if err != nil {
				return err
			}
			if format != "" {
				return writeWithTemplate(s.Out, format, rel)
			}
			block := statusBlock{rel: rel, chart: true, values: true, manifest: true}
			return block.write(s, s.Out)
		},
		ValidArgsFunction: s.completeRelease,
	}
	r.add(s, cmd)
	cmd.Flags().StringVar(&format, "template", "", "Go template to print with, for example {{.Release.Name}}")
	return cmd
}

// writeWithTemplate prints a release with the user's own template.
func writeWithTemplate(w io.Writer, text string, rel *release.Release) error {
	t, err := template.New("get").Funcs(sprig.TxtFuncMap()).Parse(text)
	if err != nil {
		return err
	}
	return t.Execute(w, map[string]any{"Release": rel})
}

func newGetValuesCmd(s *session) *cobra.Command {
	var r revisionFlag
	var all, explain bool
	var output outputFormat
	cmd := &cobra.Command{
		Use:   "values RELEASE_NAME",
		Short: "show the values of a release",
		Args:  exactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			rel, err := r.fetch(cmd.Context(), s, args[0])
			if err != nil {
				return err
			}
			if explain {
				return explainReleaseValues(s.Out, rel, output)
			}
			return printReleaseValues(s.Out, rel, all, output)
		},
		ValidArgsFunction: s.completeRelease,
	}
	r.add(s, cmd)
	cmd.Flags().BoolVarP(&all, "all", "a", false, "the values that were rendered: the chart's defaults too")
	cmd.Flags().BoolVar(&explain, "explain", false, "all values, and whether the user or a chart set each, as far as the record tells")
	s.addOutputFlag(cmd, &output)
	return cmd
}

func printReleaseValues(w io.Writer, rel *release.Release, all bool, output outputFormat) error {
	title, tree := "USER-SUPPLIED VALUES:", userValues(rel)
	if all {
		title, tree = "COMPUTED VALUES:", any(release.ComputedValues(rel))
	}
	return output.write(w, tree, func(w io.Writer) error {
		text, err := yamlio.Marshal(tree)
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(w, "%s\n%s", title, text)
		return err
	})
}
