// Package cosign signs what lies in OCI registries with keys, and checks such
// signatures, so that Cosign takes what this package signs and the reverse. No
// service is needed: neither a certificate authority nor a transparency log.
//
// A signature is made of the digest of a manifest. It is kept as a Sigstore
// bundle that refers to the manifest, which is Cosign's form since version 3;
// the older ones, simple signing by tag or by referrer, are read too.
package cosign

import (
	"context"
	"errors"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"oras.land/oras-go/v2/content"
)

// Repository is what is needed of a repository to check signatures in it.
// *remote.Repository and *oci.Store of oras-go are such.
type Repository interface {
	content.ReadOnlyGraphStorage
	Resolve(ctx context.Context, reference string) (ocispec.Descriptor, error)
}

// WritableRepository is what is needed of a repository to sign in it.
type WritableRepository interface {
	Repository
	content.Pusher
}

// ErrNotSigned is wrapped where there is no signature by any of the keys.
var ErrNotSigned = errors.New("not signed")

// The bounds of what is read of a repository, for one verification.
const (
	maxSignatures = 200
	maxReferrers  = 500
	maxManifest   = 1 << 20
	maxPayload    = 4 << 20
	maxBytes      = 64 << 20
)

// The media types and the words of Cosign and of Sigstore's bundles.
const (
	bundleType          = "application/vnd.dev.sigstore.bundle.v0.3+json"
	simpleSigningType   = "application/vnd.dev.cosign.simplesigning.v1+json"
	simpleArtifactType  = "application/vnd.dev.cosign.artifact.sig.v1+json"
	predicateAnnotation = "dev.sigstore.bundle.predicateType"
	signatureAnnotation = "dev.cosignproject.cosign/signature"
	simpleKind          = "cosign container image signature"
	statementType       = "https://in-toto.io/Statement/v1"
	statementPayload    = "application/vnd.in-toto+json"
	signPredicate       = "https://sigstore.dev/cosign/sign/v1"
)
