package release

import (
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
