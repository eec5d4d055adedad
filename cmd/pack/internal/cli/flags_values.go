package cli

import (
	"context"
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/seed-0d4f92cc/pack/pkg/chart"
	"github.com/seed-0d4f92cc/pack/pkg/lint"
	"github.com/seed-0d4f92cc/pack/pkg/values"
)

// valueFlags are the flags with which users set values.
type valueFlags struct {
	values.UserOptions
	environments []string
	strict       bool
}

func (v *valueFlags) add(f *pflag.FlagSet) {
	f.StringSliceVarP(&v.Files, "values", "f", nil, "YAML file or URL with values; repeatable, later ones win")
	textsVar(f, &v.Set, "set", "set values: a.b=1,c=text,d={x,y}; repeatable")
	textsVar(f, &v.String, "set-string", "set values as --set does, all of them as strings; repeatable")
	textsVar(f, &v.File, "set-file", "set values to the contents of files: a.b=path; repeatable")
	textsVar(f, &v.JSON, "set-json", `set values to JSON: a.b={"c":1}, or one object for all: {"a":1}; repeatable`)
	textsVar(f, &v.Literal, "set-literal", "set one value to the text as it stands, without escapes; repeatable")
	f.BoolVar(&v.strict, "strict-values", false, "refuse values of files and flags that no template reads, and keys that stand twice in a file")
	f.StringSliceVar(&v.environments, "env", nil, "use an environment of the chart (environments/NAME.yaml), below the files of --values; repeatable, later ones win")
}

// collected are a user's values and what they are made of.
type collected struct {
	tree   values.Map
	layers []values.Layer
}

// collect reads what the flags name and returns the user's values. The
// environments are those of c.
func (v *valueFlags) collect(ctx context.Context, s *session, c *chart.Chart) (collected, error) {
	opts := v.UserOptions
	var err error
	if names := v.environmentNames(s); len(names) > 0 {
		if opts.Below, err = c.EnvironmentLayers(names...); err != nil {
			return collected{}, err
		}
	}
	var u collected
	u.tree, u.layers, err = values.CollectLayers(ctx, opts, func(name string) ([]byte, error) {
		return s.readInput(ctx, name)
	})
	return u, err
}

// environmentNames are those of --env, or else of PACK_ENV.
func (v *valueFlags) environmentNames(s *session) []string {
	if len(v.environments) > 0 {
		return v.environments
	}
	var names []string
	list, _ := s.Env("PACK_ENV")
	for name := range strings.SplitSeq(list, ",") {
		if name = strings.TrimSpace(name); name != "" {
			names = append(names, name)
		}
	}
	return names
}

// completeEnvironments completes --env with the environments of the chart that
// was given.
func (s *session) completeEnvironments(cmd *cobra.Command) {
	// It fails only for a flag that does not exist or has one already.
	_ = cmd.RegisterFlagCompletionFunc("env", func(_ *cobra.Command, args []string, _ string) ([]cobra.Completion, cobra.ShellCompDirective) {
		if len(args) == 0 {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		// Pressing a key is no reason to fetch a chart.
		path := s.path(args[len(args)-1])
		if _, err := os.Stat(path); err != nil {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		c, err := s.readChart(path)
		if err != nil {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		var names []cobra.Completion
		for _, e := range c.Environments() {
			if len(names) == 0 || names[len(names)-1] != e.Name {
				names = append(names, e.Name)
			}
		}
		return names, cobra.ShellCompDirectiveNoFileComp
	})
}

// strictValuesError says which of a user's values nothing reads, and which keys
// stand twice.
type strictValuesError struct{ unread, twice []string }

func (e *strictValuesError) Error() string {
	lines := e.twice
	if e.unread != nil {
		lines = append([]string{"no template reads these values:\n- " + strings.Join(e.unread, "\n- ")}, lines...)
	}
	return strings.Join(lines, "\n")
}

// check refuses values that nothing in the chart reads, if --strict-values asks
// for it.
func (v *valueFlags) check(c *chart.Chart, u collected) error {
	if !v.strict {
		return nil
	}
	configured, err := c.Configure(u.tree, chart.ConfigureOptions{SkipSchema: true})
	if err != nil {
		return err
	}
	explainer := configured.Explainer(u.layers)
	var lines, twice []string
	for _, unread := range lint.Unread(c, u.tree, configured.Values) {
		line := values.JoinPath(unread.Path)
		if origins := explainer.Explain(unread.Path); len(origins) > 0 {
			line += ", " + setAt(origins[0])
		}
		if unread.Like != "" {
			line += fmt.Sprintf("; did you mean %s?", unread.Like)
		}
		lines = append(lines, line)
	}
	for _, l := range u.layers {
		for _, d := range values.Duplicates(l.Data) {
			twice = append(twice, fmt.Sprintf("%s: key %q stands twice, in lines %d and %d", l.Name, d.Key, d.First, d.Second))
		}
	}
	if lines == nil && twice == nil {
		return nil
	}
	return &strictValuesError{unread: lines, twice: twice}
}
