package cosign

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"

	"github.com/sigstore/sigstore/pkg/cryptoutils"
)

// maxKey bounds files with keys, minRSA the keys that count as such.
const (
	maxKey = 64 << 10
	minRSA = 2048
)

// PublicKey checks signatures.
type PublicKey struct {
	key crypto.PublicKey
	// der is the key as it is hashed for its hint.
	der []byte
}

// ParsePublicKey reads a key (PEM, "PUBLIC KEY" or "RSA PUBLIC KEY"): ECDSA, RSA of
// at least 2048 bits, or Ed25519.
func ParsePublicKey(data []byte) (*PublicKey, error) {
	block, data, err := onlyBlock(data)
	if err != nil {
		return nil, err
	}
	if block.Type != "PUBLIC KEY" && block.Type != "RSA PUBLIC KEY" {
		return nil, fmt.Errorf("expected a PUBLIC KEY, got %q", block.Type)
	}
	key, err := cryptoutils.UnmarshalPEMToPublicKey(data)
	if err != nil {
		return nil, err
	}
	return newPublicKey(key)
}

func newPublicKey(key crypto.PublicKey) (*PublicKey, error) {
	if err := usable(key); err != nil {
		return nil, err
	}
	der, err := cryptoutils.MarshalPublicKeyToDER(key)
	return &PublicKey{key: key, der: der}, err
}

// onlyBlock returns the key that a file holds, and the file from there on.
func onlyBlock(data []byte) (*pem.Block, []byte, error) {
	if len(data) > maxKey {
		return nil, nil, fmt.Errorf("the key is longer than %d bytes", maxKey)
	}
	block, rest := pem.Decode(data)
	if block != nil && block.Type == "EC PARAMETERS" {
		// OpenSSL writes these before a key.
		data = rest
		block, rest = pem.Decode(data)
	}
	if block == nil {
		return nil, nil, errors.New("the file holds no key in PEM form")
	}
	if second, _ := pem.Decode(rest); second != nil {
		return nil, nil, errors.New("the file holds more than one key: each has to be in a file of its own")
	}
	return block, data, nil
}

// usable says whether a key is of a sort that signatures are made with.
func usable(key crypto.PublicKey) error {
	switch k := key.(type) {
	case *ecdsa.PublicKey:
		if k.Curve == elliptic.P224() {
			return errors.New("the curve P-224 is not used for signatures")
		}
		return nil
	case *rsa.PublicKey:
		if bits := k.N.BitLen(); bits < minRSA {
			return fmt.Errorf("an RSA key of %d bits is too short, at least %d are needed", bits, minRSA)
		}
		return nil
	case ed25519.PublicKey:
		return nil
	}
	return fmt.Errorf("keys of the type %T are not used for signatures", key)
}

// Hint names the key without telling it: Base64 of the SHA-256 of its DER form.
func (p *PublicKey) Hint() string {
	sum := sha256.Sum256(p.der)
	return base64.StdEncoding.EncodeToString(sum[:])
}

// verify checks a signature of a message. Of ECDSA keys Cosign signs the digest
// that is as long as the curve, and takes by default only that of SHA-256; of
// Ed25519 keys it signs the digest of SHA-512 (Ed25519ph), and takes by default
// only the message itself. All of these are good.
func (p *PublicKey) verify(message, signature []byte) bool {
	sum := sha256.Sum256(message)
	switch k := p.key.(type) {
	case *ecdsa.PublicKey:
		return ecdsa.VerifyASN1(k, sum[:], signature) || verifyLong(k, message, signature)
	case *rsa.PublicKey:
		return rsa.VerifyPKCS1v15(k, crypto.SHA256, sum[:], signature) == nil
	case ed25519.PublicKey:
		long := sha512.Sum512(message)
		return ed25519.Verify(k, message, signature) ||
			ed25519.VerifyWithOptions(k, long[:], signature, &ed25519.Options{Hash: crypto.SHA512}) == nil
	}
	return false
}

// verifyLong checks a signature of the digest that is as long as the curve.
func verifyLong(k *ecdsa.PublicKey, message, signature []byte) bool {
	switch k.Curve {
	case elliptic.P384():
		sum := sha512.Sum384(message)
		return ecdsa.VerifyASN1(k, sum[:], signature)
	case elliptic.P521():
		sum := sha512.Sum512(message)
		return ecdsa.VerifyASN1(k, sum[:], signature)
	}
	return false
}

// PrivateKey signs.
type PrivateKey struct {
	signer crypto.Signer
	public *PublicKey
}

// ParsePrivateKey reads a key (PEM): one that "cosign generate-key-pair" made,
// which has a passphrase, or a PKCS #8 or EC or RSA one without. passphrase is
// asked if it is needed.
func ParsePrivateKey(data []byte, passphrase func() ([]byte, error)) (*PrivateKey, error) {
	block, data, err := onlyBlock(data)
	if err != nil {
		return nil, err
	}
	key, err := parsePrivate(block, data, passphrase)
	if err != nil {
		return nil, err
	}
	signer, ok := key.(crypto.Signer)
	if !ok {
		return nil, fmt.Errorf("keys of the type %T are not used for signatures", key)
	}
	public, err := newPublicKey(signer.Public())
	if err != nil {
		return nil, err
	}
	return &PrivateKey{signer: signer, public: public}, nil
}

func parsePrivate(block *pem.Block, data []byte, passphrase func() ([]byte, error)) (any, error) {
	if _, locked := block.Headers["DEK-Info"]; locked || block.Type == "ENCRYPTED PRIVATE KEY" {
		return nil, errLocked
	}
	switch block.Type {
	case "ENCRYPTED SIGSTORE PRIVATE KEY", "ENCRYPTED COSIGN PRIVATE KEY":
		secret, err := passphrase()
		if err != nil {
			return nil, err
		}
		key, err := cryptoutils.UnmarshalPEMToPrivateKey(data, password(secret))
		if err != nil {
			return nil, fmt.Errorf("the key cannot be opened with this passphrase: %w", err)
		}
		return key, nil
	case "PRIVATE KEY", "EC PRIVATE KEY", "RSA PRIVATE KEY":
		return cryptoutils.UnmarshalPEMToPrivateKey(data, nil)
	}
	return nil, fmt.Errorf("expected a private key, got %q", block.Type)
}

// errLocked is about keys under passphrases of other sorts. The library would open
// them, but nothing bounds how long that takes, and damaged ones end it in a panic.
var errLocked = errors.New("of keys with a passphrase only those of Cosign are read: " +
	"'openssl pkey -in FILE -out OTHER' writes this one without, of which 'cosign import-key-pair --key OTHER' makes one of Cosign's")

// password hands out a passphrase. nil would be none, and empty is one.
func password(secret []byte) cryptoutils.PassFunc {
	return cryptoutils.StaticPasswordFunc(append([]byte{}, secret...))
}

// Public is the key that checks what this one signs.
func (p *PrivateKey) Public() *PublicKey { return p.public }

// sign makes a signature that Cosign takes by default.
func (p *PrivateKey) sign(message []byte) ([]byte, error) {
	if _, ok := p.public.key.(ed25519.PublicKey); ok {
		return p.signer.Sign(rand.Reader, message, crypto.Hash(0))
	}
	sum := sha256.Sum256(message)
	return p.signer.Sign(rand.Reader, sum[:], crypto.SHA256)
}

// GenerateKey makes a key of the curve P-256, as Cosign does, and returns its two
// halves in PEM form, the private one under a passphrase.
func GenerateKey(passphrase []byte) (private, public []byte, err error) {
	return cryptoutils.GeneratePEMEncodedECDSAKeyPair(elliptic.P256(), password(passphrase))
}
