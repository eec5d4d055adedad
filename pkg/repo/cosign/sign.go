package cosign

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/opencontainers/go-digest"
	"github.com/opencontainers/image-spec/specs-go"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"oras.land/oras-go/v2/errdef"
)

// Sign signs the manifest with a digest ("sha256:…"), which is in the repository,
// and puts the signature there: a bundle that refers to it. created is noted as
// the time of that; zero notes none.
func Sign(ctx context.Context, repo WritableRepository, manifest string, key *PrivateKey, created time.Time) (*Signature, error) {
	if err := checkDigest(manifest); err != nil {
		return nil, err
	}
	subject, err := repo.Resolve(ctx, manifest)
	if err != nil {
		return nil, err
	}
	if subject.Digest.String() != manifest {
		return nil, fmt.Errorf("the repository has %s for %s", subject.Digest, manifest)
	}
	data, err := newBundle(ctx, manifest, key)
	if err != nil {
		return nil, err
	}
	layer, err := push(ctx, repo, bundleType, data)
	if err != nil {
		return nil, err
	}
	config, err := push(ctx, repo, ocispec.MediaTypeEmptyJSON, []byte("{}"))
	if err != nil {
		return nil, err
	}
	annotations := map[string]string{
		"dev.sigstore.bundle.content": "dsse-envelope",
		predicateAnnotation:           signPredicate,
	}
	if !created.IsZero() {
		annotations[ocispec.AnnotationCreated] = created.UTC().Format(time.RFC3339)
	}
	// Not by oras.PackManifest: its package would cost every start of pack 1.5 ms.
	packed, err := json.Marshal(ocispec.Manifest{
		Versioned:    specs.Versioned{SchemaVersion: 2},
		MediaType:    ocispec.MediaTypeImageManifest,
		ArtifactType: bundleType,
		Config:       config,
		Layers:       []ocispec.Descriptor{layer},
		Subject:      &ocispec.Descriptor{MediaType: subject.MediaType, Digest: subject.Digest, Size: subject.Size},
		Annotations:  annotations,
	})
	if err != nil {
		return nil, err
	}
	pushed, err := push(ctx, repo, ocispec.MediaTypeImageManifest, packed)
	if err != nil {
		return nil, err
	}
	return &Signature{Digest: manifest, Manifest: pushed.Digest.String(), Key: key.public.Hint()}, nil
}

// push puts content into a repository, unless it is there.
func push(ctx context.Context, repo WritableRepository, mediaType string, data []byte) (ocispec.Descriptor, error) {
	d := ocispec.Descriptor{MediaType: mediaType, Digest: digest.FromBytes(data), Size: int64(len(data))}
	err := repo.Push(ctx, d, bytes.NewReader(data))
	if errors.Is(err, errdef.ErrAlreadyExists) {
		err = nil
	}
	return d, err
}
