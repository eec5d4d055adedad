package openpgp_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	pgp "github.com/ProtonMail/go-crypto/openpgp"
	"github.com/ProtonMail/go-crypto/openpgp/armor"
	"github.com/ProtonMail/go-crypto/openpgp/packet"
	"github.com/google/go-cmp/cmp"

	"github.com/seed-0d4f92cc/pack/pkg/provenance"
	"github.com/seed-0d4f92cc/pack/pkg/provenance/openpgp"
)

const (
	metadata = "apiVersion: v2\nkeywords:\n- a list\nname: web\nversion: 1.0.0\n"
	fileName = "web-1.0.0.tgz"
)

// newKey makes a key, fast: one of an elliptic curve.
func newKey(t *testing.T, name string) *pgp.Entity {
	t.Helper()
	e, err := pgp.NewEntity(name, "", strings.ToLower(name)+"@example.com", &packet.Config{Algorithm: packet.PubKeyAlgoEdDSA})
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func serialize(t *testing.T, secret bool, entities ...*pgp.Entity) []byte {
	t.Helper()
	var buf bytes.Buffer
	for _, e := range entities {
		write := e.Serialize
		if secret {
			write = func(w io.Writer) error { return e.SerializePrivateWithoutSigning(w, nil) }
		}
		if err := write(&buf); err != nil {
			t.Fatal(err)
		}
	}
	return buf.Bytes()
}

func armored(t *testing.T, kind string, data []byte) []byte {
	t.Helper()
	var buf bytes.Buffer
	w, err := armor.Encode(&buf, kind, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(data); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return append(buf.Bytes(), '\n')
}

// keybox packs keys as GnuPG does.
func keybox(keys ...[]byte) []byte {
	blob := func(kind byte, head, key []byte) []byte {
		b := make([]byte, 16)
		binary.BigEndian.PutUint32(b, uint32(16+len(head)+len(key)))
		b[4], b[5] = kind, 1
		binary.BigEndian.PutUint32(b[8:], uint32(16+len(head)))
		binary.BigEndian.PutUint32(b[12:], uint32(len(key)))
		return append(append(b, head...), key...)
	}
	first := blob(1, make([]byte, 16), nil)
	copy(first[8:], "KBXf")
	out := first
	for _, key := range keys {
		out = append(out, blob(2, []byte("index"), key)...)
		out = append(out, blob(3, nil, []byte("a certificate"))...)
	}
	return out
}

func ring(t *testing.T, data []byte) *openpgp.Keyring {
	t.Helper()
	k, err := openpgp.ReadKeyring(data)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func noPassphrase(string) ([]byte, error) { return nil, errors.New("asked for a passphrase") }

func sign(t *testing.T, k *openpgp.Keyring, id string, archive []byte) []byte {
	t.Helper()
	s, err := k.Signer(id, noPassphrase)
	if err != nil {
		t.Fatal(err)
	}
	prov, err := s.Sign(archive, fileName, []byte(metadata))
	if err != nil {
		t.Fatal(err)
	}
	return prov
}

func TestSignAndVerify(t *testing.T) {
	t.Parallel()
	ann, bob := newKey(t, "Ann"), newKey(t, "Bob")
	archive := []byte("an archive")
	prov := sign(t, ring(t, serialize(t, true, bob, ann)), "Ann", archive)
	for _, want := range []string{"-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512\n", "\n...\nfiles:\n  web-1.0.0.tgz: sha256:", "\n- - a list\n"} {
		if !bytes.Contains(prov, []byte(want)) {
			t.Errorf("there is no %q in\n%s", want, prov)
		}
	}
	public := serialize(t, false, bob, ann)
	for name, data := range map[string][]byte{
		"binary":         public,
		"armored":        armored(t, pgp.PublicKeyType, public),
		"several blocks": append(armored(t, pgp.PublicKeyType, serialize(t, false, bob)), armored(t, pgp.PublicKeyType, serialize(t, false, ann))...),
		"secret":         armored(t, pgp.PrivateKeyType, serialize(t, true, ann)),
		"keybox":         keybox(serialize(t, false, bob), serialize(t, false, ann)),
	} {
		v, err := ring(t, data).Verify(archive, fileName, prov)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		want := &provenance.Verification{
			SignedBy: []string{"Ann <ann@example.com>"}, Fingerprint: fmt.Sprintf("%X", ann.PrimaryKey.Fingerprint),
			Digest: fmt.Sprintf("sha256:%x", sha256.Sum256(archive)), FileName: fileName,
		}
		if diff := cmp.Diff(want, v); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestVerifyErrors(t *testing.T) {
	t.Parallel()
	ann, bob := newKey(t, "Ann"), newKey(t, "Bob")
	anns := ring(t, serialize(t, true, ann))
	archive := []byte("an archive")
	prov := sign(t, anns, "Ann", archive)
	for name, c := range map[string]struct {
		k       *openpgp.Keyring
		archive []byte
		name    string
		prov    []byte
		want    string
	}{
		"another key":     {ring(t, serialize(t, false, bob)), archive, fileName, prov, "signature made by unknown entity"},
		"another archive": {anns, []byte("other"), fileName, prov, "sha256 sum does not match for web-1.0.0.tgz"},
		"another name":    {anns, archive, "other.tgz", prov, `provenance does not contain a SHA for a file named "other.tgz"`},
		"changed":         {anns, archive, fileName, bytes.Replace(prov, []byte("1.0.0"), []byte("1.0.1"), 1), "invalid signature"},
		"no signature":    {anns, archive, fileName, []byte("name: web"), "signature block not found"},
		"cut off":         {anns, archive, fileName, prov[:len(prov)-60], ""},
		"empty":           {anns, archive, fileName, nil, "signature block not found"},
		"too long":        {anns, archive, fileName, bytes.Repeat([]byte("x"), 5<<20), "longer than"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			v, err := c.k.Verify(c.archive, c.name, c.prov)
			if err == nil || !strings.Contains(err.Error(), c.want) || v != nil {
				t.Errorf("%v, error %v, want %q", v, err, c.want)
			}
		})
	}
}

func TestSigner(t *testing.T) {
	t.Parallel()
	ann, anna := newKey(t, "Ann"), newKey(t, "Anna")
	locked := newKey(t, "Locked")
	if err := locked.EncryptPrivateKeys([]byte("sesame"), nil); err != nil {
		t.Fatal(err)
	}
	k := ring(t, serialize(t, true, ann, anna, locked))
	public := ring(t, serialize(t, false, ann))
	open := func(secret string) func(string) ([]byte, error) {
		return func(identity string) ([]byte, error) {
			if identity != "Locked <locked@example.com>" {
				t.Errorf("asked for the passphrase of %q", identity)
			}
			return []byte(secret), nil
		}
	}
	for name, c := range map[string]struct {
		k          *openpgp.Keyring
		id         string
		passphrase func(string) ([]byte, error)
		want       string
	}{
		"a part":           {k, "Anna", noPassphrase, ""},
		"the whole":        {k, "Ann <ann@example.com>", noPassphrase, ""},
		"two":              {k, "Ann", noPassphrase, `more than one key contain the id "Ann"`},
		"none":             {k, "Carl", noPassphrase, "private key not found"},
		"public":           {public, "Ann", noPassphrase, "provided key is not a private key. Try providing a keyring with secret keys"},
		"passphrase":       {k, "Locked", open("sesame"), ""},
		"wrong passphrase": {k, "Locked", open("wrong"), "private key checksum failure"},
		"no passphrase":    {k, "Locked", noPassphrase, "asked for a passphrase"},
	} {
		_, err := c.k.Signer(c.id, c.passphrase)
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%s: error %v, want %q", name, err, c.want)
		}
	}
}

func TestReadKeyringErrors(t *testing.T) {
	t.Parallel()
	box := keybox([]byte("no key"))
	public := serialize(t, false, newKey(t, "Ann"))
	for name, c := range map[string]struct {
		data []byte
		want string
	}{
		"no keys":         {[]byte("hello"), "openpgp"},
		"message":         {armored(t, "PGP MESSAGE", public), "expected a public or private key block"},
		"keybox cut off":  {box[:len(box)-3], "a blob does not fit into it"},
		"keybox, short":   {append(bytes.Clone(box), 1, 2, 3), "cut off"},
		"keybox, no size": {append(bytes.Clone(box), make([]byte, 32)...), "a blob does not fit"},
		"too long":        {make([]byte, openpgp.MaxKeyring+1), "longer than"},
	} {
		if _, err := openpgp.ReadKeyring(c.data); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want %q", name, err, c.want)
		}
	}
}
