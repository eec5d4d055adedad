package kube

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/seed-0d4f92cc/pack/pkg/manifest"
)

// Table shows objects of one kind, as the server prints them.
type Table struct {
	// Title is the version without its group, and the kind: "v1/Deployment".
	// Pods that workloads select are under "v1/Pod(related)".
	Title string
	// Columns are the headings, in capitals.
	Columns []string
	// Rows are the cells of each object as text.
	Rows [][]string
	// Objects are the objects of the rows as JSON; for related pods, a PodList
	// for each workload.
	Objects []json.RawMessage
}

// tableColumn is a column of the server's table; those of another priority than
// 0 are for wide output.
type tableColumn struct {
	Name     string `json:"name"`
	Priority int    `json:"priority"`
}

// Tables reads live objects for the output of status: a table for each version
// and kind in the order of their first refs, and the pods of the workloads
// among them last. Objects that do not exist are left out, and so are those that may not
// be read, which are logged.
func (c *Client) Tables(ctx context.Context, refs []manifest.Ref) ([]Table, error) {
	entries, err := c.fetch(ctx, refs, typeTable)
	if err != nil {
		return nil, err
	}
	var out []*Table
	byTitle := map[string]*Table{}
	for i, e := range entries {
		if e == nil {
			continue
		}
		title := refs[i].Version() + "/" + refs[i].Kind
		if byTitle[title] == nil {
			byTitle[title] = &Table{Title: title}
			out = append(out, byTitle[title])
		}
		byTitle[title].add(e)
		byTitle[title].Objects = append(byTitle[title].Objects, e.object)
	}
	related, err := c.relatedPods(ctx, refs, entries)
	if err != nil {
		return nil, err
	}
	if len(related.Objects) > 0 {
		out = append(out, related)
	}
	tables := make([]Table, len(out))
	for i, t := range out {
		tables[i] = *t
	}
	return tables, nil
}

// add adds a row.
func (t *Table) add(e *entry) {
	var columns, cells []string
	for i, col := range e.columns {
		if col.Priority != 0 || i >= len(e.cells) {
			continue
		}
		columns = append(columns, strings.ToUpper(col.Name))
		cells = append(cells, cellText(e.cells[i]))
	}
	if t.Columns == nil {
		t.Columns = columns
	}
	t.Rows = append(t.Rows, cells)
}

// cellText is a cell as kubectl prints it: of several lines the first.
func cellText(cell any) string {
	if cell == nil {
		return ""
	}
	text := fmt.Sprint(cell)
	if i := strings.IndexAny(text, "\n\r\f"); i >= 0 {
		text = text[:i] + "..."
	}
	return text
}

// addPods adds a row for each pod, and all as one PodList.
func (t *Table) addPods(list []*entry) error {
	if len(list) == 0 {
		return nil
	}
	items := make([]json.RawMessage, len(list))
	for i, e := range list {
		t.add(e)
		items[i] = e.object
	}
	object, err := json.Marshal(map[string]any{"apiVersion": "v1", "kind": "PodList", "metadata": map[string]any{}, "items": items})
	t.Objects = append(t.Objects, object)
	return err
}
