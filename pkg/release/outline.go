package release

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// Summarize reads of the payload of the record of which h is the head what lists
// and histories show. It reads no further than that where the record seems to be as
// Helm or pack have written it; otherwise it refuses what Decode refuses, but for
// members that it does not need. The error is a *RecordError.
func (h Head) Summarize(e []byte) (Summary, error) { return new(outliner).summarize(h, e) }

// outliner reads records without their bulk: most of the time that Decode takes
// goes into values, hooks and files. One of them reads many records, one after the
// other, in the same memory.
type outliner struct{ unpacker unpacker }

func (o *outliner) summarize(h Head, e []byte) (Summary, error) {
	if !h.Touched {
		if rel := o.beginning(e); rel != nil && rel.Name == h.Key.Name {
			rel.Namespace, rel.Version = h.Key.Namespace, h.Revision
			return rel.Summary(), nil
		}
	}
	rel, err := o.outline(e)
	if err == nil && (rel.Name != h.Key.Name || rel.Version != h.Revision) {
		err = mismatch(rel.Name, rel.Version)
	}
	if err != nil {
		return Summary{}, &RecordError{Key: h.Key, Revision: h.Revision, Err: err}
	}
	rel.Namespace = h.Key.Namespace
	return rel.Summary(), nil
}

// outlineInfo is what an outline has of an Info.
type outlineInfo struct {
	LastDeployed     Time   `json:"last_deployed"`
	Description      string `json:"description"`
	Status           Status `json:"status"`
	RollbackRevision int    `json:"rollback_revision"`
}

func (i *outlineInfo) info() *Info {
	return &Info{
		LastDeployed: i.LastDeployed, Description: i.Description,
		Status: i.Status, RollbackRevision: i.RollbackRevision,
	}
}

// mismatch: a record is not the one that its object is of.
func mismatch(name string, revision int) error {
	return fmt.Errorf("it holds revision %d of release %q", revision, name)
}

// outline reads a record to its end.
func (o *outliner) outline(e []byte) (*Release, error) {
	data, err := o.unpacker.unpack(e)
	if err != nil {
		return nil, err
	}
	if len(data) > MaxRecord {
		return nil, tooLarge(len(data), MaxRecord)
	}
	if !json.Valid(data) {
		return nil, damagedJSON(json.Unmarshal(data, new(json.RawMessage)))
	}
	rel := new(Release)
	var info outlineInfo
	var chart json.RawMessage
	err = readMembers(data, map[string]any{
		"name": &rel.Name, "version": &rel.Version, "info": &info, "chart": &chart,
	})
	if err == nil {
		rel.Chart = new(Chart)
		err = readMembers(chart, map[string]any{"metadata": &rel.Chart.Metadata})
	}
	if err != nil {
		return nil, damagedJSON(err)
	}
	rel.Info = info.info()
	return rel, rel.check()
}

func damagedJSON(err error) error { return fmt.Errorf("its JSON is damaged: %w", err) }

// readMembers reads some members of the object in data, which is valid JSON or
// nothing. As in encoding/json their names may be in upper or lower case. A
// json.RawMessage shares its bytes with data.
func readMembers(data []byte, into map[string]any) error {
	var errs []error
	for start, end := range members(data) {
		quoted := data[start.key:end.key]
		if len(quoted) < 2 {
			continue
		}
		v := into[strings.ToLower(string(quoted[1:len(quoted)-1]))]
		switch v := v.(type) {
		case nil:
		case *json.RawMessage:
			*v = data[start.value:end.value]
		default:
			errs = append(errs, json.Unmarshal(data[start.value:end.value], v))
		}
	}
	return errors.Join(errs...)
}
