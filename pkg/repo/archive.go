package repo

import "github.com/seed-0d4f92cc/pack/pkg/provenance"

// Archive is a chart that was fetched.
type Archive struct {
	// Name is the name of the file: "web-1.2.3.tgz".
	Name string
	// URL is where it came from: http(s), oci, or that of a plugin.
	URL string
	// Data is the archive; Digest its digest, "sha256:…".
	Data   []byte
	Digest string
	// Provenance is the provenance file, nil where there is none, or none was
	// asked for.
	Provenance []byte
	// ProvenanceErr is why there is none where the policy goes on without.
	ProvenanceErr error
	// Verification is what the provenance file proved; nil if nothing was
	// checked.
	Verification *provenance.Verification
	// Manifest is the digest of the manifest, and Tag the tag, of a chart from
	// a registry.
	Manifest string
	Tag      string
	// Cached says that nothing was fetched for Data.
	Cached bool

	// Home is the URL of the repository that named it; that of the archive where
	// none did.
	Home string

	// Chart and Version are what the archive should hold, by the index that named
	// it or the reference to a registry; empty where nothing says that.
	Chart, Version string

	signedName string
	// fetchProvenance fetches the provenance file where Provenance is from the cache.
	fetchProvenance func() ([]byte, error)
}

// SignedName is what the archive was called when it was signed.
func (a *Archive) SignedName() string { return a.signedName }
