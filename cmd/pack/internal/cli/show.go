package cli

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"

	"github.com/spf13/cobra"
	"k8s.io/client-go/util/jsonpath"

	"github.com/seed-0d4f92cc/pack/internal/yamlio"
	"github.com/seed-0d4f92cc/pack/pkg/chart"
)

type showOptions struct {
	chart chartFlags
	// print writes the part of the chart that the command is about.
	print    func(o *showOptions, w io.Writer, c *chart.Chart) error
	jsonPath string
}

func newShowCmd(s *session) *cobra.Command {
	cmd := &cobra.Command{
		Use:     "show",
		Aliases: []string{"inspect"},
		Short:   "show parts of a chart",
		Long:    "Print what a chart holds: its definition, its default values, its README and its CRDs.",
	}
	subcommandsOnly(cmd)
	cmd.AddCommand(
		newShowPartCmd(s, "all", "show all information of the chart",
			"Print the definition of a chart (Chart.yaml), its default values (values.yaml), its README and its CRDs.", printAll),
		newShowPartCmd(s, "chart", "show the chart's definition",
			"Print the definition of a chart (Chart.yaml).", printDefinition),
		newShowPartCmd(s, "crds", "show the chart's CRDs",
			"Print the CustomResourceDefinition files of a chart and of its subcharts.", printCRDs),
		newShowPartCmd(s, "readme", "show the chart's README",
			"Print the README of a chart.", printReadme),
		newShowPartCmd(s, "values", "show the chart's values",
			"Print the default values of a chart (values.yaml), or a part of them that --jsonpath selects.", printValues),
		newShowEnvironmentsCmd(s),
	)
	return cmd
}

func newShowPartCmd(s *session, name, short, long string, print func(*showOptions, io.Writer, *chart.Chart) error) *cobra.Command {
	o := showOptions{print: print, chart: chartFlags{anyVersion: true}}
	cmd := &cobra.Command{
		Use:               name + " [CHART]",
		Short:             short,
		Long:              long,
		Args:              exactArgs(1),
		ValidArgsFunction: s.completeChartAt(0),
		RunE: func(cmd *cobra.Command, args []string) error {
			c, err := s.loadChart(cmd.Context(), args[0], &o.chart)
			if _, ok := errors.AsType[*noMetadataError](err); ok && errors.Is(err, fs.ErrNotExist) {
				return chart.ErrNoMetadata // In Helm only these commands say so.
			}
			if err != nil {
				return err
			}
			return o.print(&o, s.Out, c)
		},
	}
	o.chart.add(s, cmd)
	if name == "values" {
		cmd.Flags().StringVar(&o.jsonPath, "jsonpath", "", "JSONPath expression over the values")
	}
	return cmd
}

func printAll(o *showOptions, w io.Writer, c *chart.Chart) error {
	if err := printDefinition(o, w, c); err != nil {
		return err
	}
	if c.RawValues() != nil {
		if _, err := io.WriteString(w, "---\n"); err != nil {
			return err
		}
		if err := printValues(o, w, c); err != nil {
			return err
		}
	}
	if _, ok := readme(c); ok {
		if _, err := io.WriteString(w, "---\n"); err != nil {
			return err
		}
	}
	if err := printReadme(o, w, c); err != nil {
		return err
	}
	return printCRDs(o, w, c)
}

func printDefinition(_ *showOptions, w io.Writer, c *chart.Chart) error {
	text, err := yamlio.Marshal(c.Metadata())
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(w, "%s\n", text)
	return err
}

func printValues(o *showOptions, w io.Writer, c *chart.Chart) error {
	if o.jsonPath != "" {
		return printJSONPath(w, o.jsonPath, c.Values())
	}
	if c.RawValues() == nil {
		return nil
	}
	_, err := fmt.Fprintf(w, "%s\n", c.RawValues())
	return err
}

// printJSONPath prints what kubectl's JSONPath selects. What is missing prints
// as nothing.
func printJSONPath(w io.Writer, expression string, data any) error {
	j := jsonpath.New("pack").AllowMissingKeys(true)
	if err := j.Parse(expression); err != nil {
		return fmt.Errorf("error parsing jsonpath %s: %w", expression, err)
	}
	var b strings.Builder
	if err := j.Execute(&b, data); err != nil {
		return fmt.Errorf("selecting %s: %w", expression, err)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func printReadme(_ *showOptions, w io.Writer, c *chart.Chart) error {
	f, ok := readme(c)
	if !ok {
		return nil
	}
	_, err := fmt.Fprintf(w, "%s\n", f.Data)
	return err
}

func readme(c *chart.Chart) (chart.File, bool) {
	for _, f := range c.Files() {
		switch strings.ToLower(f.Name) {
		case "readme.md", "readme.txt", "readme":
			return f, true
		}
	}
	return chart.File{}, false
}

func printCRDs(_ *showOptions, w io.Writer, c *chart.Chart) error {
	var errs []error
	for _, f := range c.CRDs() {
		separator := "---\n"
		if strings.HasPrefix(string(f.Data), "---") {
			separator = ""
		}
		_, err := fmt.Fprintf(w, "%s%s\n", separator, f.Data)
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}
