package cli

import (
	"context"
	"fmt"
	"io"
	"regexp"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/seed-0d4f92cc/pack/pkg/release"
	"github.com/seed-0d4f92cc/pack/pkg/render"
)

const listLong = `List the releases of a namespace, or of all namespaces with -A.

Of each release the newest revision is shown, whatever its status; the status
flags narrow that down, and can be combined. --filter takes a regular expression
over the names, --selector a label selector over the records' labels.`

type listOptions struct {
	short      bool
	noHeaders  bool
	timeFormat string
	all        bool
	filter     string
	list       release.ListFilter
	states     map[release.Status]*bool
	pending    bool
	allStates  bool
	output     outputFormat
}

// listRow is a release in the output of "list".
type listRow struct {
	Name       string `json:"name"`
	Namespace  string `json:"namespace"`
	Revision   string `json:"revision"`
	Updated    string `json:"updated"`
	Status     string `json:"status"`
	Chart      string `json:"chart"`
	AppVersion string `json:"app_version"`
}

func newListCmd(s *session) *cobra.Command {
	o := listOptions{states: map[release.Status]*bool{}}
	cmd := &cobra.Command{
		Use:     "list",
		Aliases: []string{"ls"},
		Short:   "list the releases",
		Long:    listLong,
		Args:    noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return o.run(cmd.Context(), s)
		},
		ValidArgsFunction: noMoreArgs,
	}
	f := cmd.Flags()
	f.BoolVarP(&o.short, "short", "q", false, "print names only")
	f.BoolVar(&o.noHeaders, "no-headers", false, "print tables without their header")
	f.StringVar(&o.timeFormat, "time-format", "", `Go layout for times, for example "2006-01-02 15:04:05Z0700"`)
	f.BoolVarP(&o.list.ByDate, "date", "d", false, "sort by date, oldest first")
	f.BoolVarP(&o.list.Reverse, "reverse", "r", false, "turn the order around")
	for _, status := range []release.Status{
		release.StatusUninstalled, release.StatusSuperseded, release.StatusUninstalling,
		release.StatusDeployed, release.StatusFailed,
	} {
		o.states[status] = f.Bool(string(status), false, fmt.Sprintf("show %s releases", status))
	}
	f.BoolVar(&o.pending, "pending", false, "show pending releases")
	f.BoolVarP(&o.allStates, "all", "a", false, "show releases of every status")
	deprecate(f, "all", "releases of every status are shown unless a flag narrows that down")
	f.BoolVarP(&o.all, "all-namespaces", "A", false, "list the releases of all namespaces")
	f.IntVarP(&o.list.Max, "max", "m", 256, "how many releases to show; 0 shows all")
	f.IntVar(&o.list.Offset, "offset", 0, "how many releases to leave out at the beginning")
	f.StringVarP(&o.filter, "filter", "f", "", "regular expression that names must match")
	f.StringVarP(&o.list.Selector, "selector", "l", "", "label selector over the records, for example team=a,tier!=b")
	s.addOutputFlag(cmd, &o.output)
	return cmd
}

func (o *listOptions) run(ctx context.Context, s *session) error {
	c, err := s.connect(render.Config{})
	if err != nil {
		return err
	}
	if !o.all {
		o.list.Namespace = c.namespace
	}
	if o.filter != "" {
		if o.list.Name, err = regexp.Compile(o.filter); err != nil {
			return err
		}
	}
	o.list.States = o.chosenStates()
	found, err := c.engine.List(ctx, o.list)
	if err != nil {
		return err
	}
	if o.short {
		return o.writeShort(s, found)
	}
	rows := make([]listRow, 0, len(found))
	for _, sum := range found {
		rows = append(rows, listRow{
			Name: sum.Key.Name, Namespace: sum.Key.Namespace, Revision: strconv.Itoa(sum.Revision),
			Updated: o.updated(sum), Status: string(sum.Status), Chart: sum.Chart, AppVersion: sum.AppVersion,
		})
	}
	opts := printOptions{noHeaders: o.noHeaders}
	return o.output.writeWith(s.Out, rows, opts, func(w io.Writer) error { return o.table(s, w, rows) })
}

func (o *listOptions) chosenStates() []release.Status {
	if o.allStates {
		return nil
	}
	var states []release.Status
	for status, chosen := range o.states {
		if *chosen {
			states = append(states, status)
		}
	}
	if o.pending {
		states = append(states, release.StatusPendingInstall, release.StatusPendingUpgrade, release.StatusPendingRollback)
	}
	return states
}

// updated is the time of the last deployment: Go's own form, which scripts
// around Helm parse, unless --time-format says otherwise.
func (o *listOptions) updated(sum release.Summary) string {
	switch {
	case sum.Updated.IsZero():
		return "-"
	case o.timeFormat != "":
		return sum.Updated.Format(o.timeFormat)
	default:
		return sum.Updated.String()
	}
}

func (o *listOptions) writeShort(s *session, found []release.Summary) error {
	names := make([]string, 0, len(found))
	for _, sum := range found {
		names = append(names, sum.Key.Name)
	}
	return o.output.write(s.Out, names, func(w io.Writer) error {
		for _, name := range names {
			if _, err := fmt.Fprintln(w, name); err != nil {
				return err
			}
		}
		return nil
	})
}

func (o *listOptions) table(s *session, w io.Writer, rows []listRow) error {
	t := &table{}
	if !o.noHeaders {
		t.add("NAME", "NAMESPACE", "REVISION", "UPDATED", "STATUS", "CHART", "APP VERSION")
	}
	for _, r := range rows {
		t.add(r.Name, r.Namespace, r.Revision, r.Updated, r.Status, r.Chart, r.AppVersion)
	}
	t.paint = s.paintColumns(!o.noHeaders, 4, 1)
	return t.write(w)
}
