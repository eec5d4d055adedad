package chart

import "time"

// Metadata is the content of Chart.yaml. The order of the fields is the order
// of Helm's JSON, which release records and OCI configurations carry.
type Metadata struct {
	Name         string            `json:"name,omitempty"`
	Home         string            `json:"home,omitempty"`
	Sources      []string          `json:"sources,omitempty"`
	Version      string            `json:"version,omitempty"`
	Description  string            `json:"description,omitempty"`
	Keywords     []string          `json:"keywords,omitempty"`
	Maintainers  []*Maintainer     `json:"maintainers,omitempty"`
	Icon         string            `json:"icon,omitempty"`
	APIVersion   string            `json:"apiVersion,omitempty"`
	Condition    string            `json:"condition,omitempty"`
	Tags         string            `json:"tags,omitempty"`
	AppVersion   string            `json:"appVersion,omitempty"`
	Deprecated   bool              `json:"deprecated,omitempty"`
	Annotations  map[string]string `json:"annotations,omitempty"`
	KubeVersion  string            `json:"kubeVersion,omitempty"`
	Dependencies []*Dependency     `json:"dependencies,omitempty"`
	Type         string            `json:"type,omitempty"`
}

// Maintainer is a person or a team that looks after a chart.
type Maintainer struct {
	Name  string `json:"name,omitempty"`
	Email string `json:"email,omitempty"`
	URL   string `json:"url,omitempty"`
}

// Dependency is a chart that another one declares that it needs.
type Dependency struct {
	Name string `json:"name"`
	// Version is a constraint, for example "~1.2".
	Version string `json:"version,omitempty"`
	// Repository is a URL, "@name", "alias:name", "file://path", or empty for
	// a chart that lies in charts/ already.
	Repository string `json:"repository"`
	// Condition is a comma-separated list of value paths.
	Condition string   `json:"condition,omitempty"`
	Tags      []string `json:"tags,omitempty"`
	// Enabled is computed when a chart is configured; what a file says of it
	// is of no effect.
	Enabled bool `json:"enabled,omitempty"`
	// ImportValues holds strings and {child, parent} maps.
	ImportValues []any  `json:"import-values,omitempty"`
	Alias        string `json:"alias,omitempty"`
}

// Lock is the content of Chart.lock (or requirements.lock).
type Lock struct {
	Generated    time.Time     `json:"generated"`
	Digest       string        `json:"digest"`
	Dependencies []*Dependency `json:"dependencies"`
	// Contents are the digests ("sha256:…") of the archives of dependencies, by
	// "name-version". Helm does not write them, and passes over them.
	Contents map[string]string `json:"contents,omitempty"`
}

// File is a file of a chart. Nobody may change Data.
type File struct {
	// Name is the slash-separated path below the chart's root.
	Name    string
	Data    []byte
	ModTime time.Time
}
