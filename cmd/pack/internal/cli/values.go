package cli

import (
	"context"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/seed-0d4f92cc/pack/internal/yamlio"
	"github.com/seed-0d4f92cc/pack/pkg/chart"
	"github.com/seed-0d4f92cc/pack/pkg/values"
)

const valuesLong = `Show the values that a chart and its subcharts would be rendered with, without
rendering: the chart's defaults with environments, files and flags over them.

PATH selects a part, as --set writes it: image.tag, list[0].name.

--explain adds where each value was set, and what that overrides:

    $ pack values ./web --env prod --explain
    $ pack values ./web --env prod --explain image.tag`

type valuesOptions struct {
	chart      chartFlags
	user       valueFlags
	output     outputFormat
	explain    bool
	skipSchema bool
}

func newValuesCmd(s *session) *cobra.Command {
	o := valuesOptions{}
	cmd := &cobra.Command{
		Use:               "values CHART [PATH]",
		Short:             "show the values that a chart is rendered with, and where they come from",
		Long:              valuesLong,
		Args:              cobra.MatchAll(atLeastOneArg, maxArgs(2)),
		ValidArgsFunction: s.completeChartAt(0),
		RunE: func(cmd *cobra.Command, args []string) error {
			return o.run(cmd.Context(), s, args)
		},
	}
	f := cmd.Flags()
	o.user.add(f)
	o.chart.add(s, cmd)
	s.completeEnvironments(cmd)
	o.output = formatYAML
	s.addOutputFlagOf(cmd, &o.output, formatYAML, formatJSON)
	f.BoolVar(&o.explain, "explain", false, "add where each value was set, and what that overrides")
	f.BoolVar(&o.skipSchema, "skip-schema-validation", false, "do not check values against the charts' schemas")
	return cmd
}

func (o *valuesOptions) run(ctx context.Context, s *session, args []string) error {
	c, err := s.loadChart(ctx, args[0], &o.chart)
	if err != nil {
		return err
	}
	user, err := o.user.collect(ctx, s, c)
	if err != nil {
		return err
	}
	if err := o.user.check(c, user); err != nil {
		return err
	}
	configured, err := c.Configure(user.tree, chart.ConfigureOptions{SkipSchema: o.skipSchema, FetchSchema: s.fetchSchemas(ctx)})
	if err != nil {
		return withOrigins(err, user.layers)
	}
	for _, w := range configured.Warnings {
		s.Log.Info(w)
	}
	var path []string
	if len(args) > 1 {
		if path, err = values.ParsePath(args[1]); err != nil {
			return err
		}
	}
	v := valuesView{tree: configured.Values, explain: configured.Explainer(user.layers).Explain}
	return v.write(s.Out, path, o.output, o.explain)
}

// valuesView prints values.
type valuesView struct {
	tree    map[string]any
	explain func(path []string) []chart.Origin
}

func (v valuesView) write(w io.Writer, path []string, output outputFormat, explain bool) error {
	x, exists := values.At(v.tree, path)
	switch {
	case explain && len(path) > 0 && !output.structured():
		return v.story(w, path, x, exists)
	case !exists:
		return &noValueError{path: path, like: v.like(path)}
	case explain && output.structured():
		return output.write(w, v.explained(path, x), nil)
	case explain:
		_, err := io.WriteString(w, v.annotated(x, path))
		return err
	}
	return output.write(w, x, nil)
}

// noValueError says that no value has a path.
type noValueError struct {
	path []string
	like string
}

func (e *noValueError) Error() string {
	text := fmt.Sprintf("there is no value %s", values.JoinPath(e.path))
	if e.like != "" {
		text += fmt.Sprintf("; did you mean %s?", e.like)
	}
	return text
}

// story tells all that is known of one path.
func (v valuesView) story(w io.Writer, path []string, x any, exists bool) error {
	origins := v.explain(path)
	if !exists {
		fmt.Fprintf(w, "%s is not set\n", values.JoinPath(path))
		if like := v.like(path); like != "" {
			fmt.Fprintf(w, "  did you mean %s?\n", like)
		}
		fmt.Fprintf(w, "  it can be set in values.yaml, in an environment, with -f, or with --set %s=…\n", values.JoinPath(path))
	} else {
		text, err := yamlio.Marshal(map[string]any{values.JoinPath(path): x})
		if err != nil {
			return err
		}
		if _, err := w.Write(text); err != nil {
			return err
		}
	}
	for i, o := range origins {
		word := "overrides"
		if i == 0 {
			word = "set by"
		}
		if _, err := fmt.Fprintf(w, "  %s %s: %s\n", word, o, oneLine(o.Value)); err != nil {
			return err
		}
	}
	return nil
}
