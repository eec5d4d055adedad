package openpgp_test

import (
	"bytes"
	"crypto"
	"crypto/sha256"
	"fmt"
	"strings"
	"testing"
	"time"

	pgp "github.com/ProtonMail/go-crypto/openpgp"
	"github.com/ProtonMail/go-crypto/openpgp/armor"
	"github.com/ProtonMail/go-crypto/openpgp/clearsign"
	"github.com/ProtonMail/go-crypto/openpgp/packet"

	"github.com/seed-0d4f92cc/pack/pkg/provenance/openpgp"
)

func generate(t *testing.T, cfg *packet.Config) *pgp.Entity {
	t.Helper()
	e, err := pgp.NewEntity("Ann", "", "ann@example.com", cfg)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// signText signs any text.
func signText(t *testing.T, e *pgp.Entity, cfg *packet.Config, text string) []byte {
	t.Helper()
	var out bytes.Buffer
	w, err := clearsign.Encode(&out, e.PrivateKey, cfg)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func message(archive []byte) string {
	return fmt.Sprintf("name: web\n\n...\nfiles:\n  %s: sha256:%x\n", fileName, sha256.Sum256(archive))
}

// TestSortsOfKeys signs and checks with keys of every sort, and refuses what must
// not count.
func TestSortsOfKeys(t *testing.T) {
	t.Parallel()
	archive := []byte("an archive")
	past := func() time.Time { return time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC) }
	curve := packet.Config{Algorithm: packet.PubKeyAlgoEdDSA}
	for name, c := range map[string]struct {
		key, sign packet.Config
		spoil     func(e *pgp.Entity) error
		want      string
	}{
		"RSA":               {packet.Config{RSABits: 2048}, packet.Config{}, nil, ""},
		"Ed25519, v4":       {packet.Config{Algorithm: packet.PubKeyAlgoEd25519}, packet.Config{}, nil, ""},
		"Ed25519, v6":       {packet.Config{Algorithm: packet.PubKeyAlgoEd25519, V6Keys: true}, packet.Config{}, nil, ""},
		"Ed448, v6":         {packet.Config{Algorithm: packet.PubKeyAlgoEd448, V6Keys: true}, packet.Config{}, nil, ""},
		"P-256":             {packet.Config{Algorithm: packet.PubKeyAlgoECDSA, Curve: packet.CurveNistP256}, packet.Config{}, nil, ""},
		"old":               {packet.Config{Algorithm: packet.PubKeyAlgoEdDSA, Time: past}, packet.Config{}, nil, ""},
		"expired key":       {packet.Config{Algorithm: packet.PubKeyAlgoEdDSA, Time: past, KeyLifetimeSecs: 60}, packet.Config{Time: past}, nil, "expired"},
		"expired signature": {packet.Config{Algorithm: packet.PubKeyAlgoEdDSA, Time: past}, packet.Config{Time: past, SigLifetimeSecs: 60}, nil, "expired"},
		"revoked": {curve, packet.Config{}, func(e *pgp.Entity) error {
			return e.RevokeKey(packet.KeyCompromised, "lost", nil)
		}, "revoked"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := generate(t, &c.key)
			if c.sign.DefaultHash == 0 {
				c.sign.DefaultHash = crypto.SHA512
			}
			prov := signText(t, e, &c.sign, message(archive))
			if c.spoil != nil {
				if err := c.spoil(e); err != nil {
					t.Fatal(err)
				}
			}
			v, err := ring(t, serialize(t, false, e)).Verify(archive, fileName, prov)
			if c.want == "" && (err != nil || v == nil) || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
				t.Errorf("error %v, want %q", err, c.want)
			}
		})
	}
}

// TestOldDigest refuses what GnuPG signs with --digest-algo SHA1.
func TestOldDigest(t *testing.T) {
	t.Parallel()
	archive := []byte("an archive")
	e := generate(t, &packet.Config{RSABits: 2048})
	prov := signText(t, e, &packet.Config{DefaultHash: crypto.SHA512}, message(archive))
	text, _ := armoredSignature(t, prov)
	block, _ := clearsign.Decode(prov)
	for h, want := range map[crypto.Hash]string{crypto.SHA1: "a digest of SHA-1, which can be forged", crypto.SHA256: ""} {
		sig := &packet.Signature{
			Version: 4, SigType: packet.SigTypeText, PubKeyAlgo: e.PrimaryKey.PubKeyAlgo, Hash: h,
			CreationTime: time.Now(), IssuerKeyId: &e.PrimaryKey.KeyId,
		}
		digest := h.New()
		digest.Write(block.Bytes)
		if err := sig.Sign(digest, e.PrivateKey, &packet.Config{NonDeterministicSignaturesViaNotation: packet.BoolPointer(false)}); err != nil {
			t.Fatal(err)
		}
		var raw bytes.Buffer
		if err := sig.Serialize(&raw); err != nil {
			t.Fatal(err)
		}
		_, err := ring(t, serialize(t, false, e)).Verify(archive, fileName, withSignatures(t, text, raw.Bytes()))
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%s: error %v, want %q", h, err, want)
		}
	}
}

// subkeyFor adds a subkey for signing, and makes the main key one that only
// certifies.
func subkeyFor(t *testing.T) *pgp.Entity {
	t.Helper()
	e := newKey(t, "Ann")
	if err := e.AddSigningSubkey(&packet.Config{Algorithm: packet.PubKeyAlgoEdDSA}); err != nil {
		t.Fatal(err)
	}
	for _, id := range e.Identities {
		id.SelfSignature.FlagSign = false
		if err := id.SelfSignature.SignUserId(id.UserId.Id, e.PrimaryKey, e.PrivateKey, nil); err != nil {
			t.Fatal(err)
		}
	}
	return e
}

// TestSubkeySigns signs with a subkey where the main key must not sign.
func TestSubkeySigns(t *testing.T) {
	t.Parallel()
	archive := []byte("an archive")
	e := subkeyFor(t)
	secret := serialize(t, true, e)
	prov := sign(t, ring(t, secret), "Ann", archive)
	v, err := ring(t, serialize(t, false, e)).Verify(archive, fileName, prov)
	if err != nil || v.Fingerprint != fmt.Sprintf("%X", e.PrimaryKey.Fingerprint) {
		t.Errorf("%v, error %v", v, err)
	}
	if err := e.EncryptPrivateKeys([]byte("sesame"), nil); err != nil {
		t.Fatal(err)
	}
	locked := ring(t, serialize(t, true, e))
	if _, err := locked.Signer("Ann", func(string) ([]byte, error) { return []byte("sesame"), nil }); err != nil {
		t.Errorf("locked: %v", err)
	}
	for name, spoil := range map[string]func(e *pgp.Entity) error{
		"revoked":   func(e *pgp.Entity) error { return e.RevokeKey(packet.KeyCompromised, "lost", nil) },
		"no subkey": func(e *pgp.Entity) error { e.Subkeys = nil; return nil },
		"old subkey": func(e *pgp.Entity) error {
			return e.RevokeSubkey(&e.Subkeys[len(e.Subkeys)-1], packet.KeyCompromised, "lost", nil)
		},
	} {
		e := subkeyFor(t)
		if err := spoil(e); err != nil {
			t.Fatal(err)
		}
		if _, err := ring(t, serialize(t, true, e)).Signer("Ann", noPassphrase); err == nil || !strings.Contains(err.Error(), `the key "Ann" cannot sign`) {
			t.Errorf("%s: error %v", name, err)
		}
	}
}

// armoredSignature cuts a signed text in two, at its signature.
func armoredSignature(t *testing.T, prov []byte) (text, signature []byte) {
	t.Helper()
	block, _ := clearsign.Decode(prov)
	if block == nil {
		t.Fatal("no signed text")
	}
	var raw bytes.Buffer
	if _, err := raw.ReadFrom(block.ArmoredSignature.Body); err != nil {
		t.Fatal(err)
	}
	at := bytes.Index(prov, []byte("-----BEGIN PGP SIGNATURE-----"))
	return prov[:at], raw.Bytes()
}

func withSignatures(t *testing.T, text []byte, signatures []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	out.Write(text)
	w, err := armor.Encode(&out, pgp.SignatureType, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(signatures); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return append(out.Bytes(), '\n')
}

// TestHostileProvenance has provenance files that somebody without a key wrote,
// or changed.
func TestHostileProvenance(t *testing.T) {
	t.Parallel()
	ann, bob := newKey(t, "Ann"), newKey(t, "Bob")
	anns := ring(t, serialize(t, false, ann))
	archive := []byte("an archive")
	cfg := &packet.Config{DefaultHash: crypto.SHA512}
	good := signText(t, ann, cfg, message(archive))
	text, annsSignature := armoredSignature(t, good)
	_, bobsSignature := armoredSignature(t, signText(t, bob, cfg, message(archive)))
	// Somebody else's text before what Ann signed.
	forged := message([]byte("another"))
	for name, c := range map[string]struct {
		prov    []byte
		archive string
		want    string
	}{
		"two signatures":          {withSignatures(t, text, append(bytes.Clone(bobsSignature), annsSignature...)), "", ""},
		"a thousand":              {withSignatures(t, text, append(bytes.Repeat(bobsSignature, 1000), annsSignature...)), "", ""},
		"only others":             {withSignatures(t, text, bytes.Repeat(bobsSignature, 1000)), "", "signature made by unknown entity"},
		"no packets":              {withSignatures(t, text, nil), "", "unknown entity"},
		"text before":             {append([]byte(forged), good...), "another", "sha256 sum does not match"},
		"text behind":             {append(bytes.Clone(good), forged...), "another", "sha256 sum does not match"},
		"another block before":    {append(signText(t, bob, cfg, forged), good...), "another", "signature made by unknown entity"},
		"another block behind":    {append(bytes.Clone(good), signText(t, bob, cfg, forged)...), "another", "sha256 sum does not match"},
		"spaces at ends of lines": {bytes.ReplaceAll(good, []byte("\n...\n"), []byte("\n... \t\n")), "", ""},
		"line ends of Windows":    {bytes.ReplaceAll(good, []byte("\n"), []byte("\r\n")), "", ""},
		"many lines":              {bytes.Replace(good, []byte("name: web"), bytes.Repeat([]byte("- -\n"), 900_000), 1), "", "invalid signature"},
		"one long line":           {bytes.Replace(good, []byte("name: web"), bytes.Repeat([]byte("-"), 4<<20-2000), 1), "", "invalid signature"},
		"one part":                {signText(t, ann, cfg, "name: web\n"), "", "message block must have at least two parts"},
		"deep YAML":               {signText(t, ann, cfg, "\n...\nfiles: "+strings.Repeat("[", 100_000)), "", "the provenance file: "},
		"bomb": {signText(t, ann, cfg, "\n...\na: &a [x,x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b,*b]\n"+
			"d: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c,*c]\ne: &e [*d,*d,*d,*d,*d,*d,*d,*d,*d,*d]\nf: &f [*e,*e,*e,*e,*e,*e,*e,*e,*e,*e]\nfiles: {a: [*f,*f,*f,*f]}\n"), "", "the provenance file: "},
		"no text": {[]byte("-----BEGIN PGP SIGNED MESSAGE-----\n\n-----BEGIN PGP SIGNATURE-----"), "", "the data is damaged"},
		"no map":  {signText(t, ann, cfg, "\n...\nfiles: [web]\n"), "", "the provenance file: "},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			data := archive
			if c.archive != "" {
				data = []byte(c.archive)
			}
			_, err := anns.Verify(data, fileName, c.prov)
			if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
				t.Errorf("error %v, want %q", err, c.want)
			}
		})
	}
}

// FuzzVerify finds no provenance file that proves another archive.
func FuzzVerify(f *testing.F) {
	e, err := pgp.NewEntity("Ann", "", "ann@example.com", &packet.Config{Algorithm: packet.PubKeyAlgoEdDSA})
	if err != nil {
		f.Fatal(err)
	}
	var public, prov bytes.Buffer
	if err := e.Serialize(&public); err != nil {
		f.Fatal(err)
	}
	w, err := clearsign.Encode(&prov, e.PrivateKey, &packet.Config{DefaultHash: crypto.SHA512})
	if err != nil {
		f.Fatal(err)
	}
	if _, err := w.Write([]byte(message([]byte("an archive")))); err != nil {
		f.Fatal(err)
	}
	if err := w.Close(); err != nil {
		f.Fatal(err)
	}
	k, err := openpgp.ReadKeyring(public.Bytes())
	if err != nil {
		f.Fatal(err)
	}
	f.Add(prov.Bytes())
	f.Add([]byte(strings.Replace(prov.String(), "name: web", "name: web\n...\nfiles:\n", 1)))
	f.Fuzz(func(t *testing.T, prov []byte) {
		if v, err := k.Verify([]byte("another archive"), fileName, prov); err == nil {
			t.Errorf("proved: %+v", v)
		}
	})
}

// FuzzReadKeyring reads any keyring without a panic, and keeps its bounds.
func FuzzReadKeyring(f *testing.F) {
	f.Add([]byte("-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nAAAA\n-----END PGP PUBLIC KEY BLOCK-----\n"))
	f.Add(keybox([]byte{0xc6, 0x01, 0x04}))
	f.Fuzz(func(t *testing.T, data []byte) {
		if k, err := openpgp.ReadKeyring(data); (k == nil) == (err == nil) {
			t.Errorf("keyring %v, error %v", k, err)
		}
	})
}
