package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/seed-0d4f92cc/pack/pkg/release"
	"github.com/seed-0d4f92cc/pack/pkg/render"
)

const statusLong = `Show the status of a release: when it was deployed last, its objects in the
cluster, how its tests went, and its notes.`

type statusOptions struct {
	revision revisionFlag
	output   outputFormat
}

func newStatusCmd(s *session) *cobra.Command {
	o := statusOptions{}
	cmd := &cobra.Command{
		Use:   "status RELEASE_NAME",
		Short: "show the state of a release",
		Long:  statusLong,
		Args:  exactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return o.run(cmd.Context(), s, args[0])
		},
		ValidArgsFunction: s.completeRelease,
	}
	o.revision.add(s, cmd)
	s.addOutputFlag(cmd, &o.output)
	alwaysOn(cmd.Flags(), "show-desc", "the description is always shown")
	alwaysOn(cmd.Flags(), "show-resources", "the resources are always shown")
	return cmd
}

func (o *statusOptions) run(ctx context.Context, s *session, name string) error {
	c, err := s.connect(render.Config{})
	if err != nil {
		return err
	}
	rel, err := c.engine.Get(ctx, c.key(name), o.revision.number())
	if err != nil {
		return err
	}
	live, err := c.liveObjects(ctx, rel)
	if err != nil {
		return err
	}
	out := *rel
	info := *rel.Info
	info.Resources = live.objects
	out.Info, out.Chart = &info, nil
	return o.output.write(s.Out, &out, func(w io.Writer) error {
		block := statusBlock{rel: rel, resources: live.tables, values: s.Debug, manifest: s.Debug, mask: s.debugMask(rel)}
		return block.write(s, w)
	})
}

// liveObjects are a revision's objects as the cluster has them.
type liveObjects struct {
	// tables is the text of kubectl-like tables.
	tables string
	// objects are the objects themselves, by "version/Kind".
	objects map[string][]json.RawMessage
}

func (c *connection) liveObjects(ctx context.Context, rel *release.Release) (liveObjects, error) {
	refs, err := c.engine.Refs(ctx, rel)
	if err != nil {
		return liveObjects{}, err
	}
	if c.client == nil {
		return liveObjects{}, nil
	}
	tables, err := c.client.Tables(ctx, refs)
	if err != nil {
		return liveObjects{}, err
	}
	live := liveObjects{objects: make(map[string][]json.RawMessage, len(tables))}
	var b strings.Builder
	for _, t := range tables {
		live.objects[t.Title] = t.Objects
		fmt.Fprintf(&b, "==> %s\n", t.Title)
		w := tabwriter.NewWriter(&b, 6, 4, 3, ' ', 0) // as kubectl has it
		for _, row := range append([][]string{t.Columns}, t.Rows...) {
			fmt.Fprintln(w, strings.Join(row, "\t"))
		}
		if err := w.Flush(); err != nil {
			return liveObjects{}, err
		}
		b.WriteString("\n")
	}
	live.tables = b.String()
	return live, nil
}
