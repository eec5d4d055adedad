package cosign_test

import (
	"bytes"
	"context"
	"crypto"
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
	"io"
	"strings"
	"testing"
	"time"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"oras.land/oras-go/v2"
	"oras.land/oras-go/v2/errdef"

	"github.com/seed-0d4f92cc/pack/pkg/repo/cosign"
)

const (
	bundleKind = "application/vnd.dev.sigstore.bundle.v0.3+json"
	simpleKind = "application/vnd.dev.cosign.simplesigning.v1+json"
	simpleText = `{"critical":{"identity":{"docker-reference":"example.com/web"},"image":{"docker-manifest-digest":%q},"type":"cosign container image signature"},"optional":null}`
)

// TestCosignsAlgorithms checks signatures of the digests that Cosign signs with
// keys whose digest is not that of SHA-256.
func TestCosignsAlgorithms(t *testing.T) {
	t.Parallel()
	p384, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	p521, err := ecdsa.GenerateKey(elliptic.P521(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	_, ed, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		key  crypto.Signer
		hash crypto.Hash
		good bool
	}{
		"P-384":        {p384, crypto.SHA384, true},
		"P-384 short":  {p384, crypto.SHA256, true},
		"P-384 other":  {p384, crypto.SHA512, false},
		"P-521":        {p521, crypto.SHA512, true},
		"P-521 other":  {p521, crypto.SHA384, false},
		"Ed25519ph":    {ed, crypto.SHA512, true},
		"Ed25519 pure": {ed, crypto.Hash(0), true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			private, public := encode(t, c.key, c.key.Public())
			_, pub := parsePair(t, private, public)
			s, manifest := newStore(t)
			payload := fmt.Appendf(nil, simpleText, manifest)
			message := payload
			if c.hash != 0 {
				h := c.hash.New()
				h.Write(payload)
				message = h.Sum(nil)
			}
			sig, err := c.key.Sign(rand.Reader, message, c.hash)
			if err != nil {
				t.Fatal(err)
			}
			layer := put(t, s, simpleKind, payload)
			layer.Annotations = signature(sig)
			tagSignatures(t, s, manifest, layer)
			if _, err = cosign.Verify(t.Context(), s, manifest, pub); (err == nil) != c.good {
				t.Errorf("error %v, good: %v", err, c.good)
			}
		})
	}
}

func signature(sig []byte) map[string]string {
	return map[string]string{"dev.cosignproject.cosign/signature": base64.StdEncoding.EncodeToString(sig)}
}

// tagSignatures puts signatures where Cosign 2 does.
func tagSignatures(t *testing.T, s store, manifest string, layers ...ocispec.Descriptor) {
	t.Helper()
	data, err := json.Marshal(ocispec.Manifest{MediaType: ocispec.MediaTypeImageManifest, Layers: layers})
	if err != nil {
		t.Fatal(err)
	}
	// The store wants to have what a manifest names.
	d := put(t, s, "application/octet-stream", data)
	if err := s.Tag(t.Context(), d, strings.Replace(manifest, ":", "-", 1)+".sig"); err != nil {
		t.Fatal(err)
	}
}

// TestSpoiltRepository has bad signatures of every sort beside a good one, which
// is found all the same, or else more of them than are looked at.
func TestSpoiltRepository(t *testing.T) {
	t.Parallel()
	ec, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	private, public := encode(t, ec, ec.Public())
	_, pub := parsePair(t, private, public)
	sum := digest.FromString("nothing")
	for name, c := range map[string]struct {
		bad  []ocispec.Descriptor
		want string
	}{
		"no digest":        {[]ocispec.Descriptor{{MediaType: simpleKind, Digest: "none", Size: 3}}, ""},
		"digest with path": {[]ocispec.Descriptor{{MediaType: simpleKind, Digest: "sha256:../../etc/passwd", Size: 3}}, ""},
		"empty digest":     {[]ocispec.Descriptor{{MediaType: simpleKind}}, ""},
		"missing":          {[]ocispec.Descriptor{{MediaType: simpleKind, Digest: sum, Size: 7}}, ""},
		"huge":             {[]ocispec.Descriptor{{MediaType: simpleKind, Digest: sum, Size: 1 << 40}}, ""},
		"negative":         {[]ocispec.Descriptor{{MediaType: simpleKind, Digest: sum, Size: -1}}, ""},
		"a few":            {make([]ocispec.Descriptor, 199), ""},
		"a thousand":       {make([]ocispec.Descriptor, 1000), "more than 200 signatures"},
		"other layers":     {[]ocispec.Descriptor{{MediaType: "application/octet-stream", Digest: "none"}}, ""},
		"much": {[]ocispec.Descriptor{
			{MediaType: simpleKind, Digest: sum, Size: 4 << 20}, {MediaType: simpleKind, Digest: sum, Size: 4 << 20},
		}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, manifest := newStore(t)
			payload := fmt.Appendf(nil, simpleText, manifest)
			hash := crypto.SHA256.New()
			hash.Write(payload)
			sig, err := ecdsa.SignASN1(rand.Reader, ec, hash.Sum(nil))
			if err != nil {
				t.Fatal(err)
			}
			good := put(t, s, simpleKind, payload)
			bad := c.bad
			for i := range bad {
				if bad[i].MediaType == "" {
					bad[i] = good
					bad[i].Annotations = signature([]byte("bad"))
				}
			}
			good.Annotations = signature(sig)
			tagSignatures(t, s, manifest, append(bad, good)...)
			_, err = cosign.Verify(t.Context(), s, manifest, pub)
			if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
				t.Errorf("error %v, want %q", err, c.want)
			}
		})
	}
}

// TestMuch reads no more than a bound of what a registry has.
func TestMuch(t *testing.T) {
	t.Parallel()
	_, pub := keyPair(t)
	s, manifest := newStore(t)
	var layers []ocispec.Descriptor
	for i := range 17 {
		d := put(t, s, simpleKind, fmt.Appendf(bytes.Repeat([]byte(" "), 4<<20-2), "%02d", i))
		layers = append(layers, d)
	}
	tagSignatures(t, s, manifest, layers...)
	if _, err := cosign.Verify(t.Context(), s, manifest, pub); err == nil || errors.Is(err, cosign.ErrNotSigned) || !strings.Contains(err.Error(), "more than 67108864 bytes") {
		t.Errorf("error %v", err)
	}
}

// TestAttestations does not read what says that it is no signature.
func TestAttestations(t *testing.T) {
	t.Parallel()
	key, pub := keyPair(t)
	s, manifest := newStore(t)
	subject, err := s.Resolve(t.Context(), manifest)
	if err != nil {
		t.Fatal(err)
	}
	layer := put(t, s, bundleKind, bytes.Repeat([]byte("x"), 5<<20))
	if _, err := oras.PackManifest(t.Context(), s, oras.PackManifestVersion1_1, bundleKind, oras.PackManifestOptions{
		Subject: &subject, Layers: []ocispec.Descriptor{layer},
		ManifestAnnotations: map[string]string{"dev.sigstore.bundle.predicateType": "https://spdx.dev/Document"},
	}); err != nil {
		t.Fatal(err)
	}
	unsigned := &cosign.UnsignedError{}
	if _, err := cosign.Verify(t.Context(), s, manifest, pub); !errors.As(err, &unsigned) || len(unsigned.Reasons) != 0 {
		t.Errorf("error %v", err)
	}
	if _, err := cosign.Sign(t.Context(), s, manifest, key, time.Time{}); err != nil {
		t.Fatal(err)
	}
	if _, err := cosign.Verify(t.Context(), s, manifest, pub); err != nil {
		t.Error(err)
	}
}

// lister is a registry that lists what refers to a manifest, page after page.
type lister struct {
	store
	page  func(n int) []ocispec.Descriptor
	pages int
}

func (l *lister) Referrers(_ context.Context, _ ocispec.Descriptor, _ string, each func([]ocispec.Descriptor) error) error {
	for l.pages = 0; ; l.pages++ {
		page := l.page(l.pages)
		if page == nil {
			return nil
		}
		if err := each(page); err != nil {
			return err
		}
	}
}

func TestReferrersWithoutEnd(t *testing.T) {
	t.Parallel()
	_, pub := keyPair(t)
	s, manifest := newStore(t)
	page := make([]ocispec.Descriptor, 100)
	l := &lister{store: s, page: func(int) []ocispec.Descriptor { return page }}
	_, err := cosign.Verify(t.Context(), l, manifest, pub)
	if err == nil || !strings.Contains(err.Error(), "more than 500 manifests refer to it") || l.pages != 5 {
		t.Errorf("error %v after %d pages", err, l.pages)
	}
	// What is of another type does not count, whatever it is.
	l.page = func(n int) []ocispec.Descriptor {
		if n == 0 {
			return make([]ocispec.Descriptor, 3)
		}
		return nil
	}
	if _, err := cosign.Verify(t.Context(), l, manifest, pub); !errors.Is(err, cosign.ErrNotSigned) {
		t.Error(err)
	}
}

// failing is a registry that fails to tell something.
type failing struct {
	store
	err error
}

func (f failing) Fetch(context.Context, ocispec.Descriptor) (io.ReadCloser, error) {
	return nil, f.err
}

// TestAway tells registries that cannot be asked from charts that are not signed.
func TestAway(t *testing.T) {
	t.Parallel()
	key, pub := keyPair(t)
	s, manifest := newStore(t)
	if _, err := cosign.Sign(t.Context(), s, manifest, key, time.Time{}); err != nil {
		t.Fatal(err)
	}
	away := errors.New("the registry is away")
	if _, err := cosign.Verify(t.Context(), failing{s, away}, manifest, pub); !errors.Is(err, away) || errors.Is(err, cosign.ErrNotSigned) {
		t.Errorf("error %v", err)
	}
	for _, bad := range []string{"", "sha256:", "none", "sha512:" + strings.Repeat("0", 128), "sha256:" + strings.Repeat("0", 63)} {
		if _, err := cosign.Verify(t.Context(), s, bad, pub); err == nil || errors.Is(err, errdef.ErrNotFound) {
			t.Errorf("Verify(%q): %v", bad, err)
		}
		if _, err := cosign.Sign(t.Context(), s, bad, key, time.Time{}); err == nil || errors.Is(err, errdef.ErrNotFound) {
			t.Errorf("Sign(%q): %v", bad, err)
		}
	}
	if _, err := cosign.Verify(t.Context(), s, manifest); err == nil {
		t.Error("there is a signature by no key")
	}
}

func TestKeyFiles(t *testing.T) {
	t.Parallel()
	_, public, err := cosign.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := cosign.ParsePublicKey(append(public, public...)); err == nil || !strings.Contains(err.Error(), "more than one key") {
		t.Errorf("two keys: %v", err)
	}
	for _, block := range []*pem.Block{
		{Type: "ENCRYPTED PRIVATE KEY", Bytes: []byte{1}},
		{Type: "EC PRIVATE KEY", Bytes: []byte{1}, Headers: map[string]string{"Proc-Type": "4,ENCRYPTED", "DEK-Info": "AES-256-CBC,00"}},
	} {
		if _, err := cosign.ParsePrivateKey(pem.EncodeToMemory(block), nil); err == nil || !strings.Contains(err.Error(), "openssl pkey") {
			t.Errorf("a key under a passphrase that is not Cosign's: %v", err)
		}
	}
	ec, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalECPrivateKey(ec)
	if err != nil {
		t.Fatal(err)
	}
	openssl := append(pem.EncodeToMemory(&pem.Block{Type: "EC PARAMETERS", Bytes: []byte{6, 1, 0}}),
		pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: der})...)
	if _, err := cosign.ParsePrivateKey(openssl, nil); err != nil {
		t.Errorf("a key as OpenSSL writes it: %v", err)
	}
	rsaKey, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	_, pkix := encode(t, rsaKey, rsaKey.Public())
	hints := map[string]bool{}
	for _, data := range [][]byte{pkix, pem.EncodeToMemory(&pem.Block{Type: "RSA PUBLIC KEY", Bytes: x509.MarshalPKCS1PublicKey(&rsaKey.PublicKey)})} {
		pub, err := cosign.ParsePublicKey(data)
		if err != nil {
			t.Fatal(err)
		}
		hints[pub.Hint()] = true
	}
	if len(hints) != 1 {
		t.Errorf("one key in two forms has the hints %v", hints)
	}
	private, _, err := cosign.GenerateKey(nil)
	if err != nil || !bytes.Contains(private, []byte("BEGIN ENCRYPTED SIGSTORE PRIVATE KEY")) {
		t.Errorf("a key under an empty passphrase is not locked (%v)", err)
	}
	if _, err := cosign.ParsePrivateKey(private, func() ([]byte, error) { return nil, nil }); err != nil {
		t.Errorf("it cannot be opened with an empty one: %v", err)
	}
}
