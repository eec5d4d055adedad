package kube

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/seed-0d4f92cc/pack/pkg/release"
)

// recordKind is the kind of the objects that hold records.
type recordKind int

const (
	recordSecret recordKind = iota
	recordConfigMap
)

func (k recordKind) String() string {
	if k == recordConfigMap {
		return "ConfigMap"
	}
	return "Secret"
}

// path is where the records of a namespace are, or all if that is empty.
func (k recordKind) path(namespace string) string {
	a := api{groupVersion: "v1", namespaced: true, resource: "secrets"}
	if k == recordConfigMap {
		a.resource = "configmaps"
	}
	return a.path(namespace)
}

// recordMeta is the metadata of an object that holds a record.
type recordMeta struct {
	Name            string            `json:"name"`
	Namespace       string            `json:"namespace,omitempty"`
	UID             string            `json:"uid,omitempty"`
	ResourceVersion string            `json:"resourceVersion,omitempty"`
	Labels          map[string]string `json:"labels,omitempty"`
	Annotations     map[string]string `json:"annotations,omitempty"`
}

// recordObject is a Secret or a ConfigMap that holds a record.
type recordObject struct {
	APIVersion string                     `json:"apiVersion"`
	Kind       string                     `json:"kind"`
	Type       string                     `json:"type,omitempty"`
	Metadata   recordMeta                 `json:"metadata"`
	Data       map[string]json.RawMessage `json:"data"`
}

// payload is what release.Encode returned.
func (o *recordObject) payload(kind recordKind) ([]byte, error) {
	raw, ok := o.Data[release.RecordField]
	if !ok {
		return nil, nil
	}
	if kind == recordConfigMap {
		var text string
		err := json.Unmarshal(raw, &text)
		return []byte(text), err
	}
	var data []byte
	err := json.Unmarshal(raw, &data)
	return data, err
}

// object makes the object that holds a record.
func (s *Store) object(rel *release.Release, payload []byte, timeLabel string) (*recordObject, error) {
	labels := release.RecordLabels(rel)
	for key, value := range labels {
		if problems := append(validation.IsQualifiedName(key), validation.IsValidLabelValue(value)...); len(problems) > 0 {
			return nil, fmt.Errorf("invalid label %q with value %q: %s", key, value, strings.Join(problems, "; "))
		}
	}
	labels[timeLabel] = strconv.FormatInt(s.client.opts.Now().Unix(), 10)
	o := &recordObject{
		APIVersion: "v1", Kind: s.kind.String(),
		Metadata: recordMeta{
			Name: release.RecordName(rel.Name, rel.Version), Namespace: rel.Namespace,
			Labels: labels, Annotations: release.RecordAnnotations(rel),
		},
	}
	var value any = string(payload)
	if s.kind == recordSecret {
		o.Type = release.RecordType
		value = payload // which JSON has as base64
	}
	raw, err := json.Marshal(value)
	o.Data = map[string]json.RawMessage{release.RecordField: raw}
	return o, err
}

// path is where the record of a revision is.
func (s *Store) path(key release.Key, revision int) (string, error) {
	for _, part := range []string{key.Namespace, key.Name} {
		if part == "" || part == "." || part == ".." || strings.ContainsAny(part, "/%") {
			return "", fmt.Errorf("there can be no release %q in namespace %q", key.Name, key.Namespace)
		}
	}
	return s.kind.path(key.Namespace) + "/" + release.RecordName(key.Name, revision), nil
}

// recordSelector is the label selector of a listing.
func recordSelector(opts release.ListOptions) (string, error) {
	selector := release.RecordSelector
	if opts.Name != "" {
		if problems := validation.IsValidLabelValue(opts.Name); len(problems) > 0 {
			return "", fmt.Errorf("invalid label value: %q: %s", opts.Name, strings.Join(problems, "; "))
		}
		selector += ",name=" + opts.Name
	}
	if opts.Selector != "" {
		selector += "," + opts.Selector
	}
	return selector, nil
}
