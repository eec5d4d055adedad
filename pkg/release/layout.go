package release

import (
	"cmp"
	"fmt"
	"maps"
	"strconv"
	"strings"
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
	if text := noteOf(rel.Summary()); text != "" {
		annotations[annotationSummary] = text
	}
	return annotations
}

// NewHead reads the head of a record off the name, the labels and the annotations
// of the object that holds it. The name says which revision of which release it is,
// for records are read by it. An object with another kind of name is an error.
func NewHead(namespace, objectName string, labels, annotations map[string]string) (Head, error) {
	name, revision, ok := parseRecordName(objectName)
	if !ok {
		return Head{}, fmt.Errorf("object %s/%s is not a release record, although its label %q says so",
			namespace, objectName, RecordSelector)
	}
	return Head{
		Key:         Key{Namespace: namespace, Name: name},
		Revision:    revision,
		Status:      Status(cmp.Or(labels[labelStatus], string(StatusUnknown))),
		Labels:      labels,
		Annotations: annotations,
	}, nil
}

// CheckLabels is an error if the labels are those of another record, or there are
// none: then lists of a single release do not find it.
func (h Head) CheckLabels() error {
	name, revision := h.Labels[labelName], h.Labels[labelVersion]
	if name == h.Key.Name && revision == strconv.Itoa(h.Revision) {
		return nil
	}
	return fmt.Errorf("the labels of the record of revision %d of release %s/%s are wrong: they name release %q, revision %q",
		h.Revision, h.Key.Namespace, h.Key.Name, name, revision)
}

// parseRecordName undoes RecordName.
func parseRecordName(objectName string) (name string, revision int, ok bool) {
	rest, ok := strings.CutPrefix(objectName, recordNamePrefix)
	i := strings.LastIndex(rest, ".v")
	if !ok || i < 1 {
		return "", 0, false
	}
	name = rest[:i]
	revision, err := strconv.Atoi(rest[i+len(".v"):])
	return name, revision, err == nil && revision > 0 && RecordName(name, revision) == objectName
}

func (r *Release) status() Status {
	if r.Info == nil || r.Info.Status == "" {
		return StatusUnknown
	}
	return r.Info.Status
}
