package release

import (
	"encoding/json"
	"fmt"

	"github.com/seed-0d4f92cc/pack/pkg/chart"
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
	rel, err := o.outline(e, min(firstRevision, h.Revision))
	if err == nil && (rel.Name != h.Key.Name || rel.Version != h.Revision) {
		err = mismatch(rel.Name, rel.Version)
	}
	if err != nil {
		return Summary{}, &RecordError{Key: h.Key, Revision: h.Revision, Err: err}
	}
	rel.Namespace = h.Key.Namespace
	return rel.Summary(), nil
}

// outlined is what is read of a record.
type outlined struct {
	Name    string       `json:"name"`
	Version int          `json:"version"`
	Info    *outlineInfo `json:"info"`
	Chart   *struct {
		Metadata *chart.Metadata `json:"metadata"`
	} `json:"chart"`
}

type outlineInfo struct {
	LastDeployed     Time   `json:"last_deployed"`
	Description      string `json:"description"`
	Status           Status `json:"status"`
	RollbackRevision int    `json:"rollback_revision"`
}

func (o *outlined) release() *Release {
	rel := &Release{Name: o.Name, Version: o.Version}
	if i := o.Info; i != nil {
		rel.Info = &Info{
			LastDeployed: i.LastDeployed, Description: i.Description,
			Status: i.Status, RollbackRevision: i.RollbackRevision,
		}
	}
	if o.Chart != nil {
		rel.Chart = &Chart{Metadata: o.Chart.Metadata}
	}
	return rel
}

// mismatch: a record is not the one that its object is of.
func mismatch(name string, revision int) error {
	return fmt.Errorf("it holds revision %d of release %q", revision, name)
}

// outline reads a record of the revision least or a later one to its end.
func (o *outliner) outline(e []byte, least int) (*Release, error) {
	data, err := o.unpacker.unpack(e)
	if err != nil {
		return nil, err
	}
	if err := checkShape(data); err != nil {
		return nil, err
	}
	var out outlined
	if err := json.Unmarshal(data, &out); err != nil {
		return nil, damagedJSON(err)
	}
	rel := out.release()
	return rel, rel.check(least)
}

func damagedJSON(err error) error { return fmt.Errorf("its JSON is damaged: %w", err) }
