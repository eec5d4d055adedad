package cli

import (
	"context"
	"io"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/seed-0d4f92cc/pack/pkg/release"
	"github.com/seed-0d4f92cc/pack/pkg/render"
)

const historyLong = `List the revisions of a release, oldest first.

Only the newest 256 are shown by default; --max says otherwise.`

type historyOptions struct {
	max          int
	showRollback bool
	output       outputFormat
}

// historyRow is a revision in the output of "history".
type historyRow struct {
	Revision         int          `json:"revision"`
	Updated          release.Time `json:"updated,omitzero"`
	Status           string       `json:"status"`
	Chart            string       `json:"chart"`
	AppVersion       string       `json:"app_version"`
	RollbackRevision int          `json:"rollback_revision,omitempty"`
	Description      string       `json:"description"`
}

func newHistoryCmd(s *session) *cobra.Command {
	o := historyOptions{}
	cmd := &cobra.Command{
		Use:     "history RELEASE_NAME",
		Aliases: []string{"hist"},
		Short:   "list the revisions of a release",
		Long:    historyLong,
		Args:    exactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return o.run(cmd.Context(), s, args[0])
		},
		ValidArgsFunction: s.completeRelease,
	}
	cmd.Flags().IntVar(&o.max, "max", 256, "how many revisions to show, the newest")
	cmd.Flags().BoolVar(&o.showRollback, "show-rollback-revision", false, "have a column for the revision that a rollback went back to")
	s.addOutputFlag(cmd, &o.output)
	return cmd
}

func (o *historyOptions) run(ctx context.Context, s *session, name string) error {
	c, err := s.connect(render.Config{})
	if err != nil {
		return err
	}
	found, err := c.engine.Summaries(ctx, c.key(name), o.max)
	if err != nil {
		return err
	}
	rows := make([]historyRow, 0, len(found))
	for _, sum := range found {
		rows = append(rows, historyRowOf(sum))
	}
	return o.output.write(s.Out, rows, func(w io.Writer) error { return o.table(s, w, rows) })
}

func historyRowOf(sum release.Summary) historyRow {
	return historyRow{
		Revision: sum.Revision, Updated: release.Time{Time: sum.Updated}, Status: string(sum.Status),
		Chart: sum.Chart, AppVersion: sum.AppVersion, Description: sum.Description,
		RollbackRevision: sum.RollbackRevision,
	}
}

func (o *historyOptions) table(s *session, w io.Writer, rows []historyRow) error {
	t := &table{}
	head := []string{"REVISION", "UPDATED", "STATUS", "CHART", "APP VERSION"}
	if o.showRollback {
		head = append(head, "ROLLBACK")
	}
	t.add(append(head, "DESCRIPTION")...)
	for _, r := range rows {
		cells := []string{strconv.Itoa(r.Revision), ansic(r.Updated), r.Status, r.Chart, r.AppVersion}
		if o.showRollback {
			cells = append(cells, rollbackCell(r.RollbackRevision))
		}
		t.add(append(cells, r.Description)...)
	}
	t.paint = s.paintColumns(true, 2, -1)
	return t.write(w)
}

func rollbackCell(revision int) string {
	if revision == 0 {
		return ""
	}
	return strconv.Itoa(revision)
}
