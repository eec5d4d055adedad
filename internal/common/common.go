// Package common holds the objects that templates see. Templates can ask for
// the name of a type (typeOf, printf "%T") and get it in error messages, so
// the names of the package and of its types are those of Helm 4.
package common

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/seed-0d4f92cc/pack/internal/yamlio"
)

// Values is the object .Values, and every other map of a template's top level
// that is not Go's plain map in Helm.
type Values map[string]any

// AsMap is the map without methods; never nil.
func (v Values) AsMap() map[string]any {
	if len(v) == 0 {
		return map[string]any{}
	}
	return v
}

// YAML is the tree as YAML text.
func (v Values) YAML() (string, error) {
	data, err := yamlio.Marshal(v)
	return string(data), err
}

// Encode writes the tree as YAML text.
func (v Values) Encode(w io.Writer) error {
	data, err := yamlio.Marshal(v)
	if err != nil {
		return err
	}
	_, err = w.Write(data)
	return err
}

// Table is the map at a dotted path.
func (v Values) Table(name string) (Values, error) {
	table := v
	for _, key := range strings.Split(name, ".") {
		next, ok := asValues(table[key])
		if !ok {
			return Values{}, fmt.Errorf("%q is not a table", key)
		}
		table = next
	}
	return table, nil
}

// PathValue is what is at a dotted path, which must not be a map.
func (v Values) PathValue(path string) (any, error) {
	if path == "" {
		return nil, errNoPath()
	}
	table, key := v, path
	if dot := strings.LastIndexByte(path, '.'); dot >= 0 {
		var err error
		if table, err = v.Table(path[:dot]); err != nil {
			return nil, fmt.Errorf("%q is not a value", path[dot+1:])
		}
		key = path[dot+1:]
	}
	value, ok := table[key]
	if _, isTable := asValues(value); !ok || isTable {
		return nil, fmt.Errorf("%q is not a value", key)
	}
	return value, nil
}

func errNoPath() error { return fmt.Errorf("YAML path cannot be empty") }

func asValues(value any) (Values, bool) {
	switch m := value.(type) {
	case Values:
		return m, true
	case map[string]any:
		return m, true
	}
	return nil, false
}

// Capabilities is the object .Capabilities.
type Capabilities struct {
	KubeVersion KubeVersion
	APIVersions VersionSet
	HelmVersion BuildInfo
}

// VersionSet is a list of group versions and kinds.
type VersionSet []string

// Has says whether a group version, or one of its kinds, is in the list.
func (v VersionSet) Has(version string) bool { return slices.Contains(v, version) }

// KubeVersion is the version of the cluster. A template that prints the object
// itself gets the normalised version; one that hands it to a function hands
// over the struct, as in Helm, because the methods are the pointer's.
type KubeVersion struct {
	Version    string
	normalized string
	Major      string
	Minor      string
}

// NewKubeVersion makes the object. An empty normalised version stands for the
// version itself.
func NewKubeVersion(version, normalized, major, minor string) KubeVersion {
	return KubeVersion{Version: version, normalized: normalized, Major: major, Minor: minor}
}

// String is the normalised version.
func (v *KubeVersion) String() string {
	if v.normalized != "" {
		return v.normalized
	}
	return v.Version
}

// GitVersion is the whole version.
func (v *KubeVersion) GitVersion() string { return v.Version }

// BuildInfo is the version of Helm that a chart sees.
type BuildInfo struct {
	Version           string `json:"version,omitempty"`
	GitCommit         string `json:"git_commit,omitempty"`
	GitTreeState      string `json:"git_tree_state,omitempty"`
	GoVersion         string `json:"go_version,omitempty"`
	KubeClientVersion string `json:"kube_client_version"`
}

// IsMethod says whether Values has a method of that name, which templates then
// call instead of reading the key.
func IsMethod(name string) bool {
	switch name {
	case "AsMap", "YAML", "Encode", "Table", "PathValue":
		return true
	}
	return false
}
