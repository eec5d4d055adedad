package cosign

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/opencontainers/go-digest"
)

// bundle is a Sigstore bundle, as far as keys are concerned.
type bundle struct {
	MediaType string   `json:"mediaType"`
	Material  material `json:"verificationMaterial"`
	Envelope  envelope `json:"dsseEnvelope"`
}

type material struct {
	PublicKey publicKeyHint `json:"publicKey"`
}

type publicKeyHint struct {
	Hint string `json:"hint"`
}

// envelope is a DSSE envelope: see the specification of secure-systems-lab.
type envelope struct {
	Payload     []byte              `json:"payload"`
	PayloadType string              `json:"payloadType"`
	Signatures  []envelopeSignature `json:"signatures"`
}

type envelopeSignature struct {
	Sig   []byte `json:"sig"`
	KeyID string `json:"keyid,omitempty"`
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

// encoded is what of an envelope is signed: its pre-authentication encoding.
func (e *envelope) encoded() []byte {
	return fmt.Appendf(nil, "DSSEv1 %d %s %d %s", len(e.PayloadType), e.PayloadType, len(e.Payload), e.Payload)
}

// newBundle signs the digest ("sha256:…") of a manifest.
func newBundle(digest string, key *PrivateKey) ([]byte, error) {
	payload, err := json.Marshal(statement{
		Type: statementType, PredicateType: signPredicate, Predicate: map[string]any{},
		Subject: []subject{{Digest: map[string]string{"sha256": strings.TrimPrefix(digest, "sha256:")}}},
	})
	if err != nil {
		return nil, err
	}
	e := envelope{Payload: payload, PayloadType: statementPayload}
	signature, err := key.sign(e.encoded())
	if err != nil {
		return nil, err
	}
	e.Signatures = []envelopeSignature{{Sig: signature}}
	return json.Marshal(bundle{
		MediaType: bundleType, Envelope: e,
		Material: material{PublicKey: publicKeyHint{Hint: key.public.Hint()}},
	})
}

// checkBundle checks that a bundle is a signature of a digest by a key. The
// signature is checked first: nothing of what it should prove is believed before.
func checkBundle(data []byte, digest string, key *PublicKey) error {
	var b bundle
	if err := json.Unmarshal(data, &b); err != nil {
		return fmt.Errorf("the bundle cannot be read: %w", err)
	}
	e := &b.Envelope
	if len(e.Signatures) == 0 || len(e.Payload) == 0 {
		return errors.New("the bundle holds no signed statement")
	}
	if len(e.Signatures) > maxSignatures {
		return fmt.Errorf("the bundle has more than %d signatures", maxSignatures)
	}
	message, good := e.encoded(), false
	for _, s := range e.Signatures {
		good = good || key.verify(message, s.Sig)
	}
	if !good {
		return errWrongKey
	}
	if e.PayloadType != statementPayload {
		return fmt.Errorf("the bundle is about a %q", e.PayloadType)
	}
	var st statement
	if err := json.Unmarshal(e.Payload, &st); err != nil {
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
