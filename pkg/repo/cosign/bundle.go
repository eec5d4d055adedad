package cosign

import (
	"context"
	"crypto"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/opencontainers/go-digest"
	"github.com/secure-systems-lab/go-securesystemslib/dsse"
)

// bundle is a Sigstore bundle, as far as keys are concerned.
type bundle struct {
	MediaType string        `json:"mediaType"`
	Material  material      `json:"verificationMaterial"`
	Envelope  dsse.Envelope `json:"dsseEnvelope"`
}

type material struct {
	PublicKey publicKeyHint `json:"publicKey"`
}

type publicKeyHint struct {
	Hint string `json:"hint"`
}

// statement is an in-toto statement about a manifest.
type statement struct {
	Type          string         `json:"_type"`
	Subject       []subject      `json:"subject"`
	PredicateType string         `json:"predicateType"`
	Predicate     map[string]any `json:"predicate"`
}

type subject struct {
	Name   string            `json:"name,omitempty"`
	Digest map[string]string `json:"digest"`
}

// envelopeSigner is a key as package dsse signs with one. Sigstore's bundles name
// it by its hint, not in the envelope.
type envelopeSigner struct{ key *PrivateKey }

func (s envelopeSigner) Sign(_ context.Context, data []byte) ([]byte, error) { return s.key.sign(data) }

func (envelopeSigner) KeyID() (string, error) { return "", nil }

// envelopeVerifier is a key as package dsse verifies with one.
type envelopeVerifier struct{ key *PublicKey }

func (v envelopeVerifier) Verify(_ context.Context, data, signature []byte) error {
	if !v.key.verify(data, signature) {
		return errWrongKey
	}
	return nil
}

func (envelopeVerifier) KeyID() (string, error) { return "", nil }

func (v envelopeVerifier) Public() crypto.PublicKey { return v.key.key }

// newBundle signs the digest ("sha256:…") of a manifest.
func newBundle(ctx context.Context, digest string, key *PrivateKey) ([]byte, error) {
	payload, err := json.Marshal(statement{
		Type: statementType, PredicateType: signPredicate, Predicate: map[string]any{},
		Subject: []subject{{Digest: map[string]string{"sha256": strings.TrimPrefix(digest, "sha256:")}}},
	})
	if err != nil {
		return nil, err
	}
	signer, err := dsse.NewEnvelopeSigner(envelopeSigner{key})
	if err != nil {
		return nil, err
	}
	envelope, err := signer.SignPayload(ctx, statementPayload, payload)
	if err != nil {
		return nil, err
	}
	return json.Marshal(bundle{
		MediaType: bundleType, Envelope: *envelope,
		Material: material{PublicKey: publicKeyHint{Hint: key.public.Hint()}},
	})
}

// checkBundle checks that a bundle is a signature of a digest by a key. The
// signature is checked first: nothing of what it should prove is believed before.
func checkBundle(ctx context.Context, data []byte, digest string, key *PublicKey) error {
	var b bundle
	if err := json.Unmarshal(data, &b); err != nil {
		return fmt.Errorf("the bundle cannot be read: %w", err)
	}
	e := &b.Envelope
	if len(e.Signatures) == 0 || e.Payload == "" {
		return errors.New("the bundle holds no signed statement")
	}
	if len(e.Signatures) != 1 {
		return fmt.Errorf("the bundle has %d signatures, and must have one", len(e.Signatures))
	}
	if _, err := e.DecodeB64Payload(); err != nil {
		return fmt.Errorf("the bundle cannot be read: %w", err)
	}
	verifier, err := dsse.NewEnvelopeVerifier(envelopeVerifier{key})
	if err != nil {
		return err
	}
	_, payload, err := verifier.VerifyAndDecode(ctx, e)
	if err != nil {
		return errWrongKey
	}
	if e.PayloadType != statementPayload {
		return fmt.Errorf("the bundle is about a %q", e.PayloadType)
	}
	var st statement
	if err := json.Unmarshal(payload, &st); err != nil {
		return fmt.Errorf("the signed statement cannot be read: %w", err)
	}
	return st.check(digest)
}

// check sees to it that a statement says of a digest that it is signed.
func (st *statement) check(digest string) error {
	if st.Type != statementType || st.PredicateType != signPredicate {
		return fmt.Errorf("the statement is no signature, but a %q", st.PredicateType)
	}
	for _, s := range st.Subject {
		if "sha256:"+s.Digest["sha256"] == digest {
			return nil
		}
	}
	return errOtherDigest
}

// checkDigest sees to it that a digest is one that signatures are made of.
func checkDigest(d string) error {
	if err := digest.Digest(d).Validate(); err != nil {
		return fmt.Errorf("digest %q: %w", d, err)
	}
	if !strings.HasPrefix(d, "sha256:") {
		return fmt.Errorf("digest %q: only those of SHA-256 are signed", d)
	}
	return nil
}

// simplePayload is what is signed in the form of simple signing.
type simplePayload struct {
	Critical struct {
		Identity struct {
			Reference string `json:"docker-reference"`
		} `json:"identity"`
		Image struct {
			Digest string `json:"docker-manifest-digest"`
		} `json:"image"`
		Type string `json:"type"`
	} `json:"critical"`
	Optional map[string]any `json:"optional"`
}

// checkSimple checks that a payload is a signature of a digest by a key. The
// reference in it is not looked at, as in Cosign: it is that of where it was
// signed first.
func checkSimple(payload []byte, signature, digest string, key *PublicKey) error {
	raw, err := base64.StdEncoding.DecodeString(signature)
	if err != nil {
		return errors.New("the signature is no Base64")
	}
	if !key.verify(payload, raw) {
		return errWrongKey
	}
	var p simplePayload
	if err := json.Unmarshal(payload, &p); err != nil {
		return fmt.Errorf("the signed payload cannot be read: %w", err)
	}
	if p.Critical.Type != simpleKind {
		return fmt.Errorf("the payload is no signature, but a %q", p.Critical.Type)
	}
	if p.Critical.Image.Digest != digest {
		return errOtherDigest
	}
	return nil
}

// What is wrong with signatures that are such.
var (
	errWrongKey    = errors.New("it was not made with this key")
	errOtherDigest = errors.New("it is of another digest")
)
