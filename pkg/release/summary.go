package release

import (
	"encoding/json"
	"time"
)

// Summary is what lists and histories show of a revision.
type Summary struct {
	Key      Key
	Revision int
	// Updated is when the revision was made; zero where the record does not
	// say.
	Updated time.Time
	Status  Status
	// Chart is the chart's name and version, "web-1.2.3".
	Chart      string
	AppVersion string
	// Description and RollbackRevision are as in Info. Lists may leave them out.
	Description      string
	RollbackRevision int
}

// Summary is what lists and histories show of the revision.
func (r *Release) Summary() Summary {
	s := Summary{
		Key: r.Key(), Revision: r.Version, Status: r.status(),
		Chart: r.Chart.FullName(), AppVersion: r.Chart.AppVersion(),
	}
	if s.Chart == "" || s.Chart == "-" { // in Helm's words
		s.Chart, s.AppVersion = "MISSING", "MISSING"
	}
	if r.Info != nil {
		s.Updated = r.Info.LastDeployed.Time
		s.Description, s.RollbackRevision = r.Info.Description, r.Info.RollbackRevision
	}
	return s
}

// annotationSummary holds what lists and histories show, so that they need not read
// payloads.
const annotationSummary = AnnotationPrefix + "summary"

// maxSummary bounds the annotation: annotations of an object share 256 KiB.
const maxSummary = 4 << 10

// note is a Summary as the annotation has it.
type note struct {
	Updated    Time   `json:"updated,omitzero"`
	Chart      string `json:"chart"`
	AppVersion string `json:"appVersion,omitempty"`
	// Description is nil where it would be too long.
	Description      *string `json:"description,omitempty"`
	RollbackRevision int     `json:"rollbackRevision,omitempty"`
}

// noteOf is the annotation, empty if what lists show is too long for it.
func noteOf(s Summary) string {
	n := note{
		Updated: Time{s.Updated}, Chart: s.Chart, AppVersion: s.AppVersion,
		Description: &s.Description, RollbackRevision: s.RollbackRevision,
	}
	text, err := json.Marshal(n)
	if err == nil && len(text) > maxSummary {
		n.Description = nil
		text, err = json.Marshal(n)
	}
	if err != nil || len(text) > maxSummary {
		return ""
	}
	return string(text)
}

// Summary is what lists show of the revision, as far as its annotations tell it;
// false for a record that Helm wrote last.
func (h Head) Summary() (Summary, bool) {
	s, known := h.summary()
	return s, known >= knownToLists
}

// known is how much the annotations of a head tell.
type known int

const (
	knownToNobody known = iota
	knownToLists
	knownToHistories
)

func (h Head) summary() (Summary, known) {
	var n note
	text, ok := h.Annotations[annotationSummary]
	if !ok || h.Touched || len(text) > maxSummary || json.Unmarshal([]byte(text), &n) != nil {
		return Summary{}, knownToNobody
	}
	s := Summary{
		Key: h.Key, Revision: h.Revision, Status: h.Status,
		Updated: n.Updated.Time, Chart: n.Chart, AppVersion: n.AppVersion,
		RollbackRevision: n.RollbackRevision,
	}
	if n.Description == nil {
		return s, knownToLists
	}
	s.Description = *n.Description
	return s, knownToHistories
}
