package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"strings"

	"github.com/spf13/cobra"

	"github.com/seed-0d4f92cc/pack/pkg/repo"
)

const searchHubLong = `Search for charts in the Artifact Hub, or in another hub that answers as
Monocular did.

KEYWORD is a word, or a query in the language of the hub: the Artifact Hub's is
described at https://artifacthub.github.io/hub/api/.`

type searchHubOptions struct {
	endpoint       string
	maxColumnWidth uint
	listRepoURL    bool
	failIfNone     bool
	output         outputFormat
}

func newSearchHubCmd(s *session) *cobra.Command {
	var o searchHubOptions
	cmd := &cobra.Command{
		Use:   "hub [KEYWORD]",
		Short: "search for charts in the Artifact Hub or your own hub instance",
		Long:  searchHubLong,
		RunE: func(cmd *cobra.Command, args []string) error {
			return o.run(cmd.Context(), s, strings.Join(args, " "))
		},
	}
	f := cmd.Flags()
	f.StringVar(&o.endpoint, "endpoint", "https://hub.helm.sh", "URL of the hub")
	f.UintVar(&o.maxColumnWidth, "max-col-width", 50, "width that columns of the table are cut to; 0 cuts none")
	f.BoolVar(&o.listRepoURL, "list-repo-url", false, "show the URL of the repository of each chart")
	f.BoolVar(&o.failIfNone, "fail-on-no-result", false, "fail if nothing is found")
	s.addOutputFlag(cmd, &o.output)
	return cmd
}

func (o *searchHubOptions) run(ctx context.Context, s *session, query string) error {
	charts, err := repo.SearchHub(ctx, hubGetter{s}, o.endpoint, query)
	if err != nil {
		return err
	}
	if len(charts) == 0 && o.failIfNone {
		return errors.New("no results found")
	}
	return o.output.write(s.Out, charts, func(w io.Writer) error { return o.table(w, charts) })
}

// hubGetter finds the getter for an endpoint once it is known to be a URL.
type hubGetter struct{ s *session }

func (g hubGetter) Get(ctx context.Context, req repo.Request) (*repo.Response, error) {
	u, err := url.Parse(req.URL)
	if err != nil {
		return nil, err
	}
	getter, err := g.s.getter(u.Scheme)
	if err != nil {
		return nil, err
	}
	return getter.Get(ctx, req)
}

func (o *searchHubOptions) table(w io.Writer, charts []repo.HubChart) error {
	if len(charts) == 0 {
		_, err := fmt.Fprintln(w, "No results found")
		return err
	}
	t := &table{maxWidth: o.maxColumnWidth}
	add := func(c repo.HubChart, cells ...string) {
		if o.listRepoURL {
			cells = append(cells, c.Repository.URL)
		}
		for i, cell := range cells {
			cells[i] = strings.Map(printable, cell)
		}
		t.add(cells...)
	}
	add(repo.HubChart{Repository: repo.HubRepository{URL: "REPO URL"}}, "URL", "CHART VERSION", "APP VERSION", "DESCRIPTION")
	for _, c := range charts {
		add(c, c.URL, c.Version, c.AppVersion, c.Description)
	}
	return t.write(w)
}
