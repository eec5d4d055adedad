package kube

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"slices"
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
// among them last. Objects that do not exist are left out.
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

// relatedPods are the pods that workloads select by labels.
func (c *Client) relatedPods(ctx context.Context, refs []manifest.Ref, entries []*entry) (*Table, error) {
	out := &Table{Title: "v1/Pod(related)"}
	type selection struct{ namespace, selector string }
	var selections []selection
	for i, e := range entries {
		if e == nil {
			continue
		}
		s := selection{refs[i].Namespace, podSelector(refs[i].Kind, e.object)}
		if s.selector != "" && !slices.Contains(selections, s) {
			selections = append(selections, s)
		}
	}
	lists := make([][]*entry, len(selections))
	pods := api{groupVersion: "v1", resource: "pods", namespaced: true}
	err := c.each(ctx, len(selections), func(ctx context.Context, i int) error {
		r := request{
			path: pods.path(selections[i].namespace), accept: typeTable,
			query: url.Values{"labelSelector": {selections[i].selector}, "includeObject": {"Object"}},
		}
		return c.pages(ctx, r, func(resp *response) (string, error) {
			more, next, err := readEntries(resp)
			if resp.again {
				lists[i] = nil
			}
			lists[i] = append(lists[i], more...)
			return next, err
		})
	})
	if err != nil {
		return nil, fmt.Errorf("listing the pods of workloads: %w", err)
	}
	for _, list := range lists {
		if err := out.addPods(list); err != nil {
			return nil, err
		}
	}
	return out, nil
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

// podSelector is the label selector by which a workload finds its pods; empty
// for other objects. As in Helm it is made of matchLabels alone.
func podSelector(kind string, object json.RawMessage) string {
	var workload struct {
		Spec struct {
			Selector map[string]json.RawMessage `json:"selector"`
		} `json:"spec"`
	}
	switch kind {
	case "Deployment", "ReplicaSet", "StatefulSet", "DaemonSet", "ReplicationController":
	default:
		return ""
	}
	if json.Unmarshal(object, &workload) != nil {
		return ""
	}
	labels := map[string]string{}
	if kind == "ReplicationController" {
		for key, raw := range workload.Spec.Selector {
			var value string
			if json.Unmarshal(raw, &value) == nil {
				labels[key] = value
			}
		}
	} else if json.Unmarshal(workload.Spec.Selector["matchLabels"], &labels) != nil {
		return ""
	}
	parts := make([]string, 0, len(labels))
	for _, key := range slices.Sorted(maps.Keys(labels)) {
		parts = append(parts, key+"="+labels[key])
	}
	return strings.Join(parts, ",")
}
