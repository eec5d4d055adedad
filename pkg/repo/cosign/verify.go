package cosign

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/opencontainers/go-digest"
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
	repo    Repository
	digest  string
	keys    []*PublicKey
	seen    int
	reasons []error
	found   *Signature
}

// bundles looks at the bundles that refer to the manifest.
func (v *verifier) bundles(ctx context.Context) error {
	return v.referrers(ctx, bundleType, func(manifest *ocispec.Manifest, at string) error {
		for _, layer := range manifest.Layers {
			if layer.MediaType != bundleType {
				continue
			}
			data, err := fetch(ctx, v.repo, layer, maxPayload)
			if err != nil {
				return err
			}
			if v.try(at, func(k *PublicKey) error { return checkBundle(data, v.digest, k) }) {
				return nil
			}
		}
		return nil
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
	list, err := registry.Referrers(ctx, v.repo, subject, artifactType)
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
		if err := v.count(); err != nil {
			return err
		}
		if err := v.manifest(ctx, d, look); err != nil || v.found != nil {
			return err
		}
	}
	return nil
}

func (v *verifier) count() error {
	if v.seen++; v.seen > maxSignatures {
		return fmt.Errorf("there are more than %d signatures", maxSignatures)
	}
	return nil
}

func (v *verifier) manifest(ctx context.Context, d ocispec.Descriptor, look func(*ocispec.Manifest, string) error) error {
	data, err := fetch(ctx, v.repo, d, maxManifest)
	if err != nil {
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
	for _, layer := range manifest.Layers {
		if layer.MediaType != simpleSigningType {
			continue
		}
		if err := v.count(); err != nil {
			return err
		}
		payload, err := fetch(ctx, v.repo, layer, maxPayload)
		if err != nil {
			return err
		}
		signature := layer.Annotations[signatureAnnotation]
		if v.try(at, func(k *PublicKey) error { return checkSimple(payload, signature, v.digest, k) }) {
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

// fetch reads content, whose digest and size are checked.
func fetch(ctx context.Context, from content.Fetcher, d ocispec.Descriptor, limit int64) ([]byte, error) {
	if d.Size > limit || d.Size < 0 {
		return nil, fmt.Errorf("%s has %d bytes, at most %d are read", d.Digest, d.Size, limit)
	}
	if d.Digest.Algorithm() != digest.SHA256 {
		return nil, fmt.Errorf("digest %s: only sha256 is supported", d.Digest)
	}
	r, err := from.Fetch(ctx, d)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	return content.ReadAll(io.LimitReader(r, limit+1), d)
}
