package cosign

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"oras.land/oras-go/v2/content"
	"oras.land/oras-go/v2/errdef"
	"oras.land/oras-go/v2/registry"
)

// Signature is one that was found good.
type Signature struct {
	// Digest is that of the manifest which is signed.
	Digest string
	// Manifest is the digest of the manifest that holds the signature.
	Manifest string
	// Key is the hint of the key that made it.
	Key string
}

// UnsignedError says that no signature of a manifest is by one of the keys. It is
// ErrNotSigned.
type UnsignedError struct {
	// Digest is that of the manifest.
	Digest string
	// Reasons are what is wrong with the signatures that there are, one each.
	Reasons []error
}

func (e *UnsignedError) Error() string {
	if len(e.Reasons) == 0 {
		return fmt.Sprintf("%s is not signed", e.Digest)
	}
	return fmt.Sprintf("%s is not signed by a key that counts: of %d signatures that there are, the first fails because %s",
		e.Digest, len(e.Reasons), e.Reasons[0])
}

// Is says that the error is ErrNotSigned.
func (e *UnsignedError) Is(target error) bool { return target == ErrNotSigned }

// Verify finds a signature of the manifest with a digest ("sha256:…") by one of
// the keys. The error is an *UnsignedError if there is none, and otherwise of
// the repository.
func Verify(ctx context.Context, repo Repository, digest string, keys ...*PublicKey) (*Signature, error) {
	if len(keys) == 0 {
		return nil, errors.New("no key is given to check signatures with")
	}
	if err := checkDigest(digest); err != nil {
		return nil, err
	}
	v := &verifier{repo: repo, digest: digest, keys: keys}
	for _, look := range []func(context.Context) error{v.bundles, v.byTag, v.simpleReferrers} {
		err := look(ctx)
		if v.found != nil {
			return v.found, nil
		}
		if err != nil {
			return nil, fmt.Errorf("looking for signatures of %s: %w", digest, err)
		}
	}
	return nil, &UnsignedError{Digest: digest, Reasons: v.reasons}
}

// verifier looks for one signature.
type verifier struct {
	repo   Repository
	digest string
	keys   []*PublicKey
	// manifests and signatures are how many were looked at, bytes how much of
	// them was read.
	manifests, signatures int
	bytes                 int64
	reasons               []error
	found                 *Signature
}

// bundles looks at the bundles that refer to the manifest.
func (v *verifier) bundles(ctx context.Context) error {
	return v.referrers(ctx, bundleType, func(manifest *ocispec.Manifest, at string) error {
		// Attestations are bundles too, and can be large.
		if kind := manifest.Annotations[predicateAnnotation]; kind != "" && kind != signPredicate {
			return nil
		}
		return v.layers(ctx, manifest, bundleType, at, func(_ ocispec.Descriptor, data []byte, k *PublicKey) error {
			return checkBundle(ctx, data, v.digest, k)
		})
	})
}

// simpleReferrers looks at signatures in the older form that refer to the
// manifest.
func (v *verifier) simpleReferrers(ctx context.Context) error {
	return v.referrers(ctx, simpleArtifactType, func(manifest *ocispec.Manifest, at string) error {
		return v.simple(ctx, manifest, at)
	})
}

// referrers calls look for the manifests of a type that refer to the signed one,
// until a signature is found. A registry without referrers has none.
func (v *verifier) referrers(ctx context.Context, artifactType string, look func(*ocispec.Manifest, string) error) error {
	subject, err := v.repo.Resolve(ctx, v.digest)
	if err != nil {
		return err
	}
	list, err := v.list(ctx, subject, artifactType)
	if errors.Is(err, errdef.ErrNotFound) || errors.Is(err, errdef.ErrUnsupported) {
		return nil
	}
	if err != nil {
		return err
	}
	for _, d := range list {
		if d.ArtifactType != artifactType {
			continue
		}
		if err := v.manifest(ctx, d, look); err != nil || v.found != nil {
			return err
		}
	}
	return nil
}

// list lists what refers to the signed manifest. It stops where a registry has
// more than is looked at.
func (v *verifier) list(ctx context.Context, subject ocispec.Descriptor, artifactType string) ([]ocispec.Descriptor, error) {
	lister, ok := v.repo.(registry.ReferrerLister)
	if !ok {
		return registry.Referrers(ctx, v.repo, subject, artifactType)
	}
	var list []ocispec.Descriptor
	err := lister.Referrers(ctx, subject, artifactType, func(page []ocispec.Descriptor) error {
		if list = append(list, page...); len(list) > maxReferrers {
			return fmt.Errorf("more than %d manifests refer to it", maxReferrers)
		}
		return nil
	})
	return list, err
}

// manifest calls look for the manifest with signatures that a descriptor names.
func (v *verifier) manifest(ctx context.Context, d ocispec.Descriptor, look func(*ocispec.Manifest, string) error) error {
	if v.manifests++; v.manifests > maxReferrers {
		return fmt.Errorf("more than %d manifests refer to it", maxReferrers)
	}
	data, err := v.fetch(ctx, d, maxManifest)
	if err != nil || data == nil {
		return err
	}
	var manifest ocispec.Manifest
	if err := json.Unmarshal(data, &manifest); err != nil {
		v.reasons = append(v.reasons, fmt.Errorf("its manifest cannot be read: %w", err))
		return nil
	}
	return look(&manifest, d.Digest.String())
}

// byTag looks at the signatures under the tag that Cosign makes of the digest.
func (v *verifier) byTag(ctx context.Context) error {
	d, err := v.repo.Resolve(ctx, signatureTag(v.digest))
	if errors.Is(err, errdef.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	return v.manifest(ctx, d, func(manifest *ocispec.Manifest, at string) error {
		return v.simple(ctx, manifest, at)
	})
}

// signatureTag is where Cosign keeps the signatures of a digest.
func signatureTag(digest string) string { return strings.Replace(digest, ":", "-", 1) + ".sig" }

// simple looks at the signatures in the layers of a manifest.
func (v *verifier) simple(ctx context.Context, manifest *ocispec.Manifest, at string) error {
	return v.layers(ctx, manifest, simpleSigningType, at, func(layer ocispec.Descriptor, data []byte, k *PublicKey) error {
		return checkSimple(data, layer.Annotations[signatureAnnotation], v.digest, k)
	})
}

// layers checks the layers of a type, until a signature is found.
func (v *verifier) layers(ctx context.Context, manifest *ocispec.Manifest, mediaType, at string, check func(ocispec.Descriptor, []byte, *PublicKey) error) error {
	for _, layer := range manifest.Layers {
		if layer.MediaType != mediaType {
			continue
		}
		if v.signatures++; v.signatures > maxSignatures {
			return fmt.Errorf("there are more than %d signatures", maxSignatures)
		}
		data, err := v.fetch(ctx, layer, maxPayload)
		if err != nil {
			return err
		}
		if data == nil {
			continue
		}
		if v.try(at, func(k *PublicKey) error { return check(layer, data, k) }) {
			return nil
		}
	}
	return nil
}

// try checks a signature with each key.
func (v *verifier) try(at string, check func(*PublicKey) error) bool {
	var err error
	for _, key := range v.keys {
		if err = check(key); err == nil {
			v.found = &Signature{Digest: v.digest, Manifest: at, Key: key.Hint()}
			return true
		}
		if !errors.Is(err, errWrongKey) {
			break
		}
	}
	v.reasons = append(v.reasons, err)
	return false
}

// fetch reads content, whose digest and size are checked. nil without an error
// means that what there is cannot be used, which is noted: whoever may write to
// a repository could else spoil the signatures of all others.
func (v *verifier) fetch(ctx context.Context, d ocispec.Descriptor, limit int64) ([]byte, error) {
	if err := d.Digest.Validate(); err != nil || d.Size < 0 || d.Size > limit {
		if err == nil {
			err = fmt.Errorf("%s has %d bytes, at most %d are read", d.Digest, d.Size, limit)
		}
		v.reasons = append(v.reasons, err)
		return nil, nil
	}
	if v.bytes += d.Size; v.bytes > maxBytes {
		return nil, fmt.Errorf("the signatures have more than %d bytes", maxBytes)
	}
	data, err := content.FetchAll(ctx, v.repo, d)
	if err == nil && data == nil {
		data = []byte{}
	}
	for _, damage := range []error{errdef.ErrNotFound, content.ErrMismatchedDigest, content.ErrTrailingData} {
		if errors.Is(err, damage) {
			v.reasons = append(v.reasons, err)
			return nil, nil
		}
	}
	return data, err
}
