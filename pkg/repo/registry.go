package repo

import "context"

// Registry reads charts from OCI registries; *oci.Client is one. References are
// without the scheme: "host:5000/charts/web:1.2.3", and "+" in versions is "+"
// here: whoever implements it writes tags with "_".
type Registry interface {
	// Versions lists the tags of a repository ("host/path") that are versions,
	// the highest first.
	Versions(ctx context.Context, repository string, access Access) ([]string, error)
	// Resolve returns the digest ("sha256:…") of the manifest that a reference
	// with a tag or a digest names, without fetching it.
	Resolve(ctx context.Context, ref string, access Access) (string, error)
	// Pull fetches the chart that a reference with a tag, a digest, or both
	// (which must agree) names. Sizes and digests are checked.
	Pull(ctx context.Context, ref string, opts PullOptions) (*Pulled, error)
}

// PullOptions is how a chart is pulled from a registry.
type PullOptions struct {
	Access Access
	// Provenance asks for the provenance file too. That there is none is no
	// error: Pulled.Provenance is nil then.
	Provenance bool
	// Cached returns content by its digest ("sha256:…") if it is at hand, so
	// that it need not be fetched; nil has nothing.
	Cached func(digest string) ([]byte, bool)
	// MaxBytes bounds the archive; 0 means DefaultMaxBytes.
	MaxBytes int64
	// Take is told how long the archive is before it is fetched: an error ends
	// the pull. nil takes all.
	Take func(bytes int) error
}

// Pulled is a chart as a registry has it.
type Pulled struct {
	// Ref is the reference that was pulled, "host/path:tag" or
	// "host/path@sha256:…".
	Ref string
	// Digest is that of the manifest, "sha256:…".
	Digest string
	// Name and Version are the chart's, from the config of the artifact.
	Name    string
	Version string
	// Chart is the archive, Provenance its provenance file or nil.
	Chart      []byte
	Provenance []byte
}
