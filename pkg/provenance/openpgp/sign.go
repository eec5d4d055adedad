package openpgp

import (
	"bytes"
	"crypto"
	"errors"
	"fmt"

	pgp "github.com/ProtonMail/go-crypto/openpgp"
	"github.com/ProtonMail/go-crypto/openpgp/clearsign"
	"github.com/ProtonMail/go-crypto/openpgp/packet"

	"github.com/seed-0d4f92cc/pack/pkg/provenance"
)

const (
	hash = crypto.SHA512
	// maxProvenance bounds provenance files: metadata and a signature.
	maxProvenance = 4 << 20
)

// Signer signs archives with one key.
type Signer struct {
	key *packet.PrivateKey
}

// Signer returns what signs with the key that an identity means: the one that
// has exactly this identity, or the only one of which an identity contains it.
// passphrase is asked for that of a key that has one, by its identity. The
// texts of the errors are Helm's.
//
// The main key signs, as in Helm, or a subkey for signing where the main one does
// not: it may be for certifying only, or its secret part be kept elsewhere.
func (k *Keyring) Signer(id string, passphrase func(identity string) ([]byte, error)) (*Signer, error) {
	e, err := k.find(id)
	switch {
	case err != nil:
		return nil, err
	case e == nil:
		return nil, errors.New("private key not found")
	case e.PrivateKey == nil:
		return nil, errors.New("provided key is not a private key. Try providing a keyring with secret keys")
	}
	chosen := signingKey(e)
	if chosen == nil {
		return nil, fmt.Errorf("the key %q cannot sign: it has expired, is revoked, is not for signing, or its secret part is not in the keyring", id)
	}
	// The ring keeps the key as it was.
	key := *chosen
	if key.Encrypted {
		name := "Unknown"
		if names := identities(e); len(names) > 0 {
			name = names[0]
		}
		secret, err := passphrase(name)
		if err != nil {
			return nil, err
		}
		if err := key.Decrypt(secret); err != nil {
			return nil, err
		}
	}
	return &Signer{key: &key}, nil
}

// signingKey is the key of an entity with which signatures are made that will be
// accepted; nil if there is none.
func signingKey(e *pgp.Entity) *packet.PrivateKey {
	ids := []uint64{e.PrimaryKey.KeyId}
	for _, sub := range e.Subkeys {
		ids = append(ids, sub.PublicKey.KeyId)
	}
	now := config().Now()
	for _, id := range ids {
		if k, ok := e.SigningKeyById(now, id); ok && k.PrivateKey != nil && !k.PrivateKey.Dummy() {
			return k.PrivateKey
		}
	}
	return nil
}

// Sign returns the provenance file of an archive with a file name. metadata are
// those of the chart, in YAML.
func (s *Signer) Sign(archive []byte, fileName string, metadata []byte) ([]byte, error) {
	message, err := provenance.NewMessage(archive, fileName, metadata)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	w, err := clearsign.Encode(&out, s.key, config())
	if err != nil {
		return nil, err
	}
	// Closing is what signs: never something incomplete.
	if _, err := w.Write(message); err != nil {
		return nil, fmt.Errorf("failed to write to clearsign encoder: %w", err)
	}
	if err := w.Close(); err != nil {
		return nil, fmt.Errorf("failed to either sign or armor message block: %w", err)
	}
	return out.Bytes(), nil
}

// Verify checks that a provenance file is signed by a key of the ring, and about
// an archive of this name and content. The errors are those of OpenPGP, and
// otherwise have Helm's texts.
func (k *Keyring) Verify(archive []byte, fileName string, prov []byte) (*provenance.Verification, error) {
	if len(prov) > maxProvenance {
		return nil, fmt.Errorf("the provenance file is longer than %d bytes", maxProvenance)
	}
	message, by, err := k.check(prov)
	if err != nil {
		return nil, err
	}
	digest, err := provenance.CheckMessage(message, archive, fileName)
	if err != nil {
		return nil, err
	}
	return &provenance.Verification{
		SignedBy:    identities(by),
		Fingerprint: fmt.Sprintf("%X", by.PrimaryKey.Fingerprint),
		Digest:      digest,
		FileName:    fileName,
	}, nil
}

// check returns the signed text of a provenance file, and whose key signed it.
// What is signed counts, and that has no spaces at the ends of lines: whoever
// adds some cannot change what is read.
func (k *Keyring) check(prov []byte) (message []byte, by *pgp.Entity, err error) {
	defer guard(&err)
	block, _ := clearsign.Decode(prov)
	if block == nil {
		return nil, nil, errors.New("signature block not found")
	}
	signature, by, err := pgp.VerifyDetachedSignature(k.entities, bytes.NewReader(block.Bytes), block.ArmoredSignature.Body, config())
	if err != nil {
		return nil, nil, err
	}
	if config().RejectMessageHashAlgorithm(signature.Hash) {
		return nil, nil, fmt.Errorf("the signature is of a digest of %s, which can be forged: the chart has to be signed anew", signature.Hash)
	}
	return bytes.ReplaceAll(block.Bytes, []byte("\r\n"), []byte("\n")), by, nil
}

// guard makes an error of a panic in the library, which what a stranger sends can
// cause: a signed text without any text does.
func guard(err *error) {
	if r := recover(); r != nil {
		*err = fmt.Errorf("openpgp: the data is damaged: %v", r)
	}
}
