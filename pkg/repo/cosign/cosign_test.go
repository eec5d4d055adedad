package cosign_test

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"oras.land/oras-go/v2"
	"oras.land/oras-go/v2/content/memory"

	"github.com/seed-0d4f92cc/pack/pkg/repo/cosign"
)

// store is a repository in memory, which resolves digests too.
type store struct{ *memory.Store }

func (s store) Resolve(ctx context.Context, ref string) (ocispec.Descriptor, error) {
	return s.Store.Resolve(ctx, ref)
}

// put pushes content, and tags it with its digest.
func put(t *testing.T, s store, mediaType string, data []byte) ocispec.Descriptor {
	t.Helper()
	d := ocispec.Descriptor{MediaType: mediaType, Digest: digest.FromBytes(data), Size: int64(len(data))}
	if err := s.Push(t.Context(), d, bytes.NewReader(data)); err != nil {
		t.Fatal(err)
	}
	if err := s.Tag(t.Context(), d, d.Digest.String()); err != nil {
		t.Fatal(err)
	}
	return d
}

// newStore is a repository with a manifest, whose digest it returns.
func newStore(t *testing.T) (store, string) {
	t.Helper()
	s := store{memory.New()}
	layer := put(t, s, "application/octet-stream", []byte("a chart"))
	d, err := oras.PackManifest(t.Context(), s, oras.PackManifestVersion1_1, "application/x", oras.PackManifestOptions{Layers: []ocispec.Descriptor{layer}})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Tag(t.Context(), d, d.Digest.String()); err != nil {
		t.Fatal(err)
	}
	return s, d.Digest.String()
}

// keyPair makes a key of Cosign's sort.
func keyPair(t *testing.T) (*cosign.PrivateKey, *cosign.PublicKey) {
	t.Helper()
	private, public, err := cosign.GenerateKey([]byte("sesame"))
	if err != nil {
		t.Fatal(err)
	}
	return parsePair(t, private, public)
}

func parsePair(t *testing.T, private, public []byte) (*cosign.PrivateKey, *cosign.PublicKey) {
	t.Helper()
	key, err := cosign.ParsePrivateKey(private, func() ([]byte, error) { return []byte("sesame"), nil })
	if err != nil {
		t.Fatal(err)
	}
	pub, err := cosign.ParsePublicKey(public)
	if err != nil {
		t.Fatal(err)
	}
	return key, pub
}

func encode(t *testing.T, private, public any) ([]byte, []byte) {
	t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	pub, err := x509.MarshalPKIXPublicKey(public)
	if err != nil {
		t.Fatal(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: pub})
}

func TestSignAndVerify(t *testing.T) {
	t.Parallel()
	edPublic, edPrivate, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	rsaKey, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	ec, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	_, other := keyPair(t)
	for name, pair := range map[string][2]any{
		"Ed25519": {edPrivate, edPublic}, "RSA": {rsaKey, rsaKey.Public()}, "P-384": {ec, ec.Public()},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			private, public := encode(t, pair[0], pair[1])
			key, pub := parsePair(t, private, public)
			checkPair(t, key, pub, other)
		})
	}
	key, pub := keyPair(t)
	checkPair(t, key, pub, other)
}

func checkPair(t *testing.T, key *cosign.PrivateKey, pub, other *cosign.PublicKey) {
	t.Helper()
	s, manifest := newStore(t)
	if _, err := cosign.Verify(t.Context(), s, manifest, pub); !errors.Is(err, cosign.ErrNotSigned) {
		t.Errorf("before: %v", err)
	}
	signed, err := cosign.Sign(t.Context(), s, manifest, key, time.Unix(0, 0))
	if err != nil {
		t.Fatal(err)
	}
	found, err := cosign.Verify(t.Context(), s, manifest, other, pub)
	if err != nil || *found != *signed {
		t.Errorf("found %+v, %v, and signed %+v", found, err, signed)
	}
	_, err = cosign.Verify(t.Context(), s, manifest, other)
	if !errors.Is(err, cosign.ErrNotSigned) || !strings.Contains(err.Error(), "it was not made with this key") {
		t.Errorf("with another key: %v", err)
	}
}

// attach puts a bundle beside a manifest.
func attach(t *testing.T, s store, manifest string, bundle []byte) {
	t.Helper()
	const kind = "application/vnd.dev.sigstore.bundle.v0.3+json"
	subject, err := s.Resolve(t.Context(), manifest)
	if err != nil {
		t.Fatal(err)
	}
	layer := put(t, s, kind, bundle)
	if _, err := oras.PackManifest(t.Context(), s, oras.PackManifestVersion1_1, kind, oras.PackManifestOptions{Subject: &subject, Layers: []ocispec.Descriptor{layer}}); err != nil {
		t.Fatal(err)
	}
}

// bundleOf is the bundle that key makes of a statement, with a change.
func bundleOf(t *testing.T, key *ecdsa.PrivateKey, payloadType string, statement any) []byte {
	t.Helper()
	payload, err := json.Marshal(statement)
	if err != nil {
		t.Fatal(err)
	}
	message := fmt.Sprintf("DSSEv1 %d %s %d %s", len(payloadType), payloadType, len(payload), payload)
	sum := digest.FromString(message)
	raw := make([]byte, 32)
	if _, err := fmt.Sscanf(sum.Encoded(), "%x", &raw); err != nil {
		t.Fatal(err)
	}
	sig, err := ecdsa.SignASN1(rand.Reader, key, raw)
	if err != nil {
		t.Fatal(err)
	}
	data, err := json.Marshal(map[string]any{"dsseEnvelope": map[string]any{
		"payload": payload, "payloadType": payloadType, "signatures": []any{map[string]any{"sig": sig}},
	}})
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestVerifyHostile(t *testing.T) {
	t.Parallel()
	ec, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	private, public := encode(t, ec, ec.Public())
	_, pub := parsePair(t, private, public)
	const inToto = "application/vnd.in-toto+json"
	statement := func(digest string) map[string]any {
		return map[string]any{
			"_type": "https://in-toto.io/Statement/v1", "predicateType": "https://sigstore.dev/cosign/sign/v1",
			"subject": []any{map[string]any{"digest": map[string]string{"sha256": strings.TrimPrefix(digest, "sha256:")}}},
		}
	}
	for name, c := range map[string]struct {
		bundle func(digest string) []byte
		want   string
	}{
		"good":       {func(d string) []byte { return bundleOf(t, ec, inToto, statement(d)) }, ""},
		"other":      {func(string) []byte { return bundleOf(t, ec, inToto, statement("sha256:"+strings.Repeat("0", 64))) }, "it is of another digest"},
		"other type": {func(d string) []byte { return bundleOf(t, ec, "text/plain", statement(d)) }, `the bundle is about a "text/plain"`},
		"attestation": {func(d string) []byte {
			st := statement(d)
			st["predicateType"] = "https://slsa.dev/provenance/v1"
			return bundleOf(t, ec, inToto, st)
		}, "the statement is no signature"},
		"no subject": {func(string) []byte {
			return bundleOf(t, ec, inToto, map[string]any{"_type": "https://in-toto.io/Statement/v1", "predicateType": "https://sigstore.dev/cosign/sign/v1"})
		}, "it is of another digest"},
		"empty":   {func(string) []byte { return []byte("{}") }, "holds no signed statement"},
		"no JSON": {func(string) []byte { return []byte("<html>") }, "cannot be read"},
		"many": {func(string) []byte {
			return []byte(`{"dsseEnvelope":{"payload":"e30=","signatures":[` + strings.Repeat("{},", 300) + `{}]}}`)
		}, "the bundle has 301 signatures, and must have one"},
		"no Base64": {func(d string) []byte {
			return bytes.Replace(bundleOf(t, ec, inToto, statement(d)), []byte(`"payload":"`), []byte(`"payload":"%`), 1)
		}, "the bundle cannot be read"},
		"signature of another form": {func(d string) []byte {
			return bytes.Replace(bundleOf(t, ec, inToto, statement(d)), []byte(`"sig":"`), []byte(`"sig":"%`), 1)
		}, "not made with this key"},
		"key ID": {func(d string) []byte {
			return bytes.Replace(bundleOf(t, ec, inToto, statement(d)), []byte(`"sig":`), []byte(`"keyid":"","sig":`), 1)
		}, ""},
		"other key ID": {func(d string) []byte {
			return bytes.Replace(bundleOf(t, ec, inToto, statement(d)), []byte(`"sig":`), []byte(`"keyid":"other","sig":`), 1)
		}, "not made with this key"},
		"bad signature": {func(d string) []byte {
			return bytes.Replace(bundleOf(t, ec, inToto, statement(d)), []byte(`"sig":"`), []byte(`"sig":"AAAA`), 1)
		}, "not made with this key"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, manifest := newStore(t)
			attach(t, s, manifest, c.bundle(manifest))
			_, err := cosign.Verify(t.Context(), s, manifest, pub)
			if c.want == "" && err != nil || c.want != "" && (!errors.Is(err, cosign.ErrNotSigned) || !strings.Contains(err.Error(), c.want)) {
				t.Errorf("error %v, want %q", err, c.want)
			}
		})
	}
}

// TestSimpleSigning reads what Cosign 2 wrote: by tag.
func TestSimpleSigning(t *testing.T) {
	t.Parallel()
	ec, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	private, public := encode(t, ec, ec.Public())
	_, pub := parsePair(t, private, public)
	payload := func(digest, kind string) []byte {
		return fmt.Appendf(nil, `{"critical":{"identity":{"docker-reference":"example.com/web"},"image":{"docker-manifest-digest":%q},"type":%q},"optional":null}`, digest, kind)
	}
	const kind = "cosign container image signature"
	for name, c := range map[string]struct {
		payload func(digest string) []byte
		spoil   func(signature string) string
		want    string
	}{
		"good":         {func(d string) []byte { return payload(d, kind) }, nil, ""},
		"other digest": {func(string) []byte { return payload("sha256:00", kind) }, nil, "it is of another digest"},
		"other kind":   {func(d string) []byte { return payload(d, "x") }, nil, "the payload is no signature"},
		"no Base64":    {func(d string) []byte { return payload(d, kind) }, func(string) string { return "%%" }, "no Base64"},
		"no signature": {func(d string) []byte { return payload(d, kind) }, func(string) string { return "" }, "not made with this key"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, manifest := newStore(t)
			data := c.payload(manifest)
			sum := digest.FromBytes(data)
			raw := make([]byte, 32)
			if _, err := fmt.Sscanf(sum.Encoded(), "%x", &raw); err != nil {
				t.Fatal(err)
			}
			sig, err := ecdsa.SignASN1(rand.Reader, ec, raw)
			if err != nil {
				t.Fatal(err)
			}
			signature := base64.StdEncoding.EncodeToString(sig)
			if c.spoil != nil {
				signature = c.spoil(signature)
			}
			layer := put(t, s, "application/vnd.dev.cosign.simplesigning.v1+json", data)
			layer.Annotations = map[string]string{"dev.cosignproject.cosign/signature": signature}
			d, err := oras.PackManifest(t.Context(), s, oras.PackManifestVersion1_1, "application/x", oras.PackManifestOptions{Layers: []ocispec.Descriptor{layer}})
			if err != nil {
				t.Fatal(err)
			}
			if err := s.Tag(t.Context(), d, strings.Replace(manifest, ":", "-", 1)+".sig"); err != nil {
				t.Fatal(err)
			}
			_, err = cosign.Verify(t.Context(), s, manifest, pub)
			if c.want == "" && err != nil || c.want != "" && (!errors.Is(err, cosign.ErrNotSigned) || !strings.Contains(err.Error(), c.want)) {
				t.Errorf("error %v, want %q", err, c.want)
			}
		})
	}
}

func TestParseKeyErrors(t *testing.T) {
	t.Parallel()
	short, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		t.Fatal(err)
	}
	shortPrivate, shortPublic := encode(t, short, short.Public())
	locked, public, err := cosign.GenerateKey([]byte("other"))
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		data []byte
		want string
	}{
		"no PEM":           {[]byte("key"), "no key in PEM form"},
		"public":           {public, "expected a private key"},
		"too short":        {shortPrivate, "1024 bits is too short"},
		"wrong passphrase": {locked, "cannot be opened with this passphrase"},
		"too long":         {bytes.Repeat([]byte("x"), 1<<17), "longer than"},
	} {
		_, err := cosign.ParsePrivateKey(c.data, func() ([]byte, error) { return []byte("sesame"), nil })
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want %q", name, err, c.want)
		}
	}
	for name, c := range map[string]struct {
		data []byte
		want string
	}{"private": {locked, "expected a PUBLIC KEY"}, "too short": {shortPublic, "too short"}, "no PEM": {nil, "no key"}} {
		if _, err := cosign.ParsePublicKey(c.data); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want %q", name, err, c.want)
		}
	}
}
