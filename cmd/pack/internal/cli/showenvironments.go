package cli

import (
	"io"

	"github.com/spf13/cobra"
)

// environmentRow is an environment as "show environments" prints it.
type environmentRow struct {
	Name  string `json:"name"`
	Chart string `json:"chart"`
	File  string `json:"file"`
}

func newShowEnvironmentsCmd(s *session) *cobra.Command {
	var output outputFormat
	var flags chartFlags
	cmd := &cobra.Command{
		Use:   "environments CHART",
		Short: "show the chart's environments",
		Long: `List the environments of a chart and of its subcharts: values files in their
environments folders, which --env selects.`,
		Args:              exactArgs(1),
		ValidArgsFunction: s.completeChartAt(0),
		RunE: func(cmd *cobra.Command, args []string) error {
			c, err := s.loadChart(cmd.Context(), args[0], &flags)
			if err != nil {
				return err
			}
			rows := []environmentRow{}
			for _, e := range c.Environments() {
				rows = append(rows, environmentRow{Name: e.Name, Chart: e.Chart, File: e.Path})
			}
			return output.write(s.Out, rows, func(w io.Writer) error {
				t := &table{}
				t.add("NAME", "CHART", "FILE")
				for _, r := range rows {
					t.add(r.Name, r.Chart, r.File)
				}
				return t.write(w)
			})
		},
	}
	flags.add(s, cmd)
	s.addOutputFlag(cmd, &output)
	return cmd
}
