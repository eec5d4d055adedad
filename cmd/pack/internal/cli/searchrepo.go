package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"

	"github.com/spf13/cobra"

	"github.com/seed-0d4f92cc/pack/pkg/repo"
)

const searchRepoLong = `Search the configured repositories for charts. What is searched are the indexes
that "pack repo add" and "pack repo update" have left on this machine: nothing is
fetched.

The words, joined by blanks, are looked for in the name of the chart, in
"repository/name", in its description and in its keywords. Charts are listed whose
match is in the name first, and of each chart the highest stable version whose text
matches. Without a word all charts are listed.

    $ pack search repo nginx
    $ pack search repo nginx --versions --devel
    $ pack search repo ingress --version ^1.0.0
    $ pack search repo '^my-.*db' --regexp`

type searchRepoOptions struct {
	query         repo.SearchQuery
	regexp        bool
	maxColWidth   uint
	failOnNothing bool
	output        outputFormat
}

// searchRepoRow is a version in the output of "search repo".
type searchRepoRow struct {
	Name        string `json:"name"`
	Version     string `json:"version"`
	AppVersion  string `json:"app_version"`
	Description string `json:"description"`
}

func newSearchRepoCmd(s *session) *cobra.Command {
	var o searchRepoOptions
	cmd := &cobra.Command{
		Use:   "repo [KEYWORD]",
		Short: "search the configured repositories for charts",
		Long:  searchRepoLong,
		RunE: func(cmd *cobra.Command, args []string) error {
			return o.run(cmd.Context(), s, strings.Join(args, " "))
		},
	}
	f := cmd.Flags()
	f.BoolVarP(&o.regexp, "regexp", "r", false, "the keyword is a regular expression")
	f.BoolVarP(&o.query.AllVersions, "versions", "l", false, "list every version of each chart, on a line of its own")
	f.BoolVar(&o.query.Devel, "devel", false, "take prereleases in too; the same as --version '>0.0.0-0', and without effect beside --version")
	f.StringVar(&o.query.Constraint, "version", "", "versions to list: a range such as ^1.2")
	f.UintVar(&o.maxColWidth, "max-col-width", 50, "the most places a column of the table takes")
	f.BoolVar(&o.failOnNothing, "fail-on-no-result", false, "fail if nothing is found")
	s.addOutputFlag(cmd, &o.output)
	return cmd
}

func (o *searchRepoOptions) run(ctx context.Context, s *session, words string) error {
	s.collectGarbageAt(indexGCPercent)
	configured, err := s.repositories()
	if err != nil {
		return err
	}
	if configured.Len() == 0 {
		return errNoRepositories
	}
	o.query.Text = words
	if o.regexp && words != "" {
		if o.query.Pattern, err = regexp.Compile(words); err != nil {
			return err
		}
	}
	found, err := s.indexes().Search(ctx, configured.All(), o.query)
	if err != nil {
		return err
	}
	if len(found) == 0 && o.failOnNothing {
		return errNoResults
	}
	rows := make([]searchRepoRow, 0, len(found))
	for _, r := range found {
		rows = append(rows, searchRepoRow{r.Name, r.Version, r.AppVersion, r.Description})
	}
	return o.output.write(s.Out, rows, func(w io.Writer) error { return o.table(w, rows) })
}

// errNoResults and errNoRepositories have Helm's texts.
var (
	errNoResults      = errors.New("no results found")
	errNoRepositories = errors.New("no repositories configured")
)

func (o *searchRepoOptions) table(w io.Writer, rows []searchRepoRow) error {
	if len(rows) == 0 {
		_, err := fmt.Fprintln(w, "No results found")
		return err
	}
	t := &table{maxWidth: o.maxColWidth}
	t.add("NAME", "CHART VERSION", "APP VERSION", "DESCRIPTION")
	for _, r := range rows {
		t.add(r.Name, r.Version, r.AppVersion, r.Description)
	}
	return t.write(w)
}
