package cli

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"
)

type repoListOptions struct {
	noHeaders bool
	output    outputFormat
}

// repoRow is a repository in the output of "repo list".
type repoRow struct {
	Name string `json:"name"`
	URL  string `json:"url"`
}

func newRepoListCmd(s *session) *cobra.Command {
	var o repoListOptions
	cmd := &cobra.Command{
		Use:               "list",
		Aliases:           []string{"ls"},
		Short:             "list chart repositories",
		Args:              noArgs,
		RunE:              func(*cobra.Command, []string) error { return o.run(s) },
		ValidArgsFunction: noMoreArgs,
	}
	cmd.Flags().BoolVar(&o.noHeaders, "no-headers", false, "print tables without their header")
	s.addOutputFlag(cmd, &o.output)
	return cmd
}

func (o *repoListOptions) run(s *session) error {
	configured, err := s.repositories()
	if err != nil {
		return err
	}
	rows := make([]repoRow, 0, configured.Len())
	for e := range configured.All() {
		rows = append(rows, repoRow{Name: e.Name, URL: e.URL})
	}
	if len(rows) == 0 && o.output == formatTable {
		_, err := fmt.Fprintln(s.Err, "no repositories to show")
		return err
	}
	opts := printOptions{noHeaders: o.noHeaders}
	return o.output.writeWith(s.Out, rows, opts, func(w io.Writer) error {
		t := &table{}
		if !o.noHeaders {
			t.add("NAME", "URL")
		}
		for _, r := range rows {
			t.add(r.Name, r.URL)
		}
		return t.write(w)
	})
}
