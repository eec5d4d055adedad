package release

import (
	"encoding/json"
	"fmt"
	"maps"
	"strconv"
	"strings"
	"time"
)

// How records lie in a cluster. It is Helm's layout.
const (
	// RecordType is the type of Secrets that hold records.
	RecordType = "helm.sh/release.v1"
	// RecordField is the key below data that holds what Encode returns.
	RecordField = "release"
	// RecordSelector is the label selector for all records.
	RecordSelector = labelOwner + "=" + labelOwnerHelm

	recordNamePrefix = "sh.helm.release.v1."
)

// AnnotationPrefix begins the annotations that pack writes on records, and that it
// reads on objects. Helm drops those of a record when it writes it.
const AnnotationPrefix = "pack.seed-0d4f92cc.github.io/"

// annotationSummary holds what lists show, so that they need not read payloads.
const annotationSummary = AnnotationPrefix + "summary"

// maxSummary bounds the annotation: annotations of an object share 256 KiB.
const maxSummary = 4 << 10

// RecordName is the name of the object that holds a record.
func RecordName(name string, revision int) string {
	return recordNamePrefix + name + ".v" + strconv.Itoa(revision)
}

// RecordLabels are the labels that a store writes on the object that holds rel,
// in a new map: those of the user and Helm's. Timestamps are left to the store,
// which sets the label createdAt or modifiedAt to the time in Unix seconds;
// nothing reads them.
func RecordLabels(rel *Release) map[string]string {
	labels := userLabels(rel.Labels)
	if labels == nil {
		labels = map[string]string{}
	}
	labels[labelName] = rel.Name
	labels[labelOwner] = labelOwnerHelm
	labels[labelStatus] = string(rel.status())
	labels[labelVersion] = strconv.Itoa(rel.Version)
	return labels
}

// RecordAnnotations are the annotations that a store writes on the object that
// holds rel, in a new map: those of rel and what lists show of it.
func RecordAnnotations(rel *Release) map[string]string {
	annotations := maps.Clone(rel.Annotations)
	if annotations == nil {
		annotations = map[string]string{}
	}
	delete(annotations, annotationSummary)
	delete(annotations, annotationRenewed)
	if !rel.status().isBusy() {
		delete(annotations, annotationHolder) // nobody works on it any more
	}
	if text, err := json.Marshal(summaryNote(rel)); err == nil && len(text) <= maxSummary {
		annotations[annotationSummary] = string(text)
	}
	return annotations
}

// NewHead reads the head of a record off the labels and annotations of the
// object that holds it; objectName is used where the label of the revision is
// missing. An object that is not a record is an error.
func NewHead(namespace, objectName string, labels, annotations map[string]string) (Head, error) {
	name, revision := labels[labelName], labels[labelVersion]
	if rest, ok := strings.CutPrefix(objectName, recordNamePrefix); ok {
		if i := strings.LastIndex(rest, ".v"); i > 0 {
			name = orElse(name, rest[:i])
			revision = orElse(revision, rest[i+len(".v"):])
		}
	}
	n, err := strconv.Atoi(revision)
	if err != nil || n < 1 || name == "" {
		return Head{}, fmt.Errorf("object %s/%s is not a release record: its labels name release %q, revision %q",
			namespace, objectName, name, revision)
	}
	return Head{
		Key:         Key{Namespace: namespace, Name: name},
		Revision:    n,
		Status:      Status(orElse(labels[labelStatus], string(StatusUnknown))),
		Labels:      labels,
		Annotations: annotations,
	}, nil
}

func orElse(s, other string) string {
	if s == "" {
		return other
	}
	return s
}

func (r *Release) status() Status {
	if r.Info == nil || r.Info.Status == "" {
		return StatusUnknown
	}
	return r.Info.Status
}

// note is a Summary as the annotation has it.
type note struct {
	Updated    Time   `json:"updated,omitzero"`
	Chart      string `json:"chart"`
	AppVersion string `json:"appVersion,omitempty"`
}

func summaryNote(rel *Release) note {
	s := rel.Summary()
	return note{Updated: Time{s.Updated}, Chart: s.Chart, AppVersion: s.AppVersion}
}

// Summary is what a list shows of a revision.
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
}

// Summary is what a list shows of the revision.
func (r *Release) Summary() Summary {
	s := Summary{
		Key: r.Key(), Revision: r.Version, Status: r.status(),
		Chart: r.Chart.FullName(), AppVersion: r.Chart.AppVersion(),
	}
	if r.Info != nil {
		s.Updated = r.Info.LastDeployed.Time
	}
	return s
}

// Summary is what a list shows of the revision, as far as its annotations tell
// it; false for a record that Helm wrote last.
func (h Head) Summary() (Summary, bool) {
	var n note
	text, ok := h.Annotations[annotationSummary]
	if !ok || len(text) > maxSummary || json.Unmarshal([]byte(text), &n) != nil {
		return Summary{}, false
	}
	return Summary{
		Key: h.Key, Revision: h.Revision, Status: h.Status,
		Updated: n.Updated.Time, Chart: n.Chart, AppVersion: n.AppVersion,
	}, true
}
