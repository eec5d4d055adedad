// Package openpgp signs and checks provenance files with OpenPGP, as Helm does.
package openpgp

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	pgp "github.com/ProtonMail/go-crypto/openpgp"
	"github.com/ProtonMail/go-crypto/openpgp/armor"
	"github.com/ProtonMail/go-crypto/openpgp/packet"
)

// MaxKeyring is the size of the largest keyring that is read.
const MaxKeyring = 64 << 20

// Keyring holds keys. It is safe for concurrent use.
type Keyring struct {
	entities pgp.EntityList
}

// ReadKeyring reads keys as GnuPG exports them, in binary or armored (several
// blocks one after the other, too), or as it keeps them in a keybox
// (pubring.kbx).
func ReadKeyring(data []byte) (k *Keyring, err error) {
	defer guard(&err)
	if len(data) > MaxKeyring {
		return nil, fmt.Errorf("the keyring is longer than %d bytes", MaxKeyring)
	}
	var entities pgp.EntityList
	switch {
	case isKeybox(data):
		if data, err = keyboxKeys(data); err == nil {
			entities, err = pgp.ReadKeyRing(bytes.NewReader(data))
		}
	case isArmored(data):
		entities, err = readArmored(data)
	default:
		entities, err = pgp.ReadKeyRing(bytes.NewReader(data))
	}
	if err != nil {
		return nil, err
	}
	return &Keyring{entities: entities}, nil
}

func isArmored(data []byte) bool {
	return bytes.HasPrefix(bytes.TrimLeft(data, " \t\r\n"), []byte("-----BEGIN PGP"))
}

func readArmored(data []byte) (pgp.EntityList, error) {
	var all pgp.EntityList
	r := bytes.NewReader(data)
	for {
		block, err := armor.Decode(r)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		if block.Type != pgp.PublicKeyType && block.Type != pgp.PrivateKeyType {
			return nil, fmt.Errorf("expected a public or private key block, got %q", block.Type)
		}
		entities, err := pgp.ReadKeyRing(block.Body)
		if err != nil {
			return nil, err
		}
		all = append(all, entities...)
	}
	if len(all) == 0 {
		return nil, errors.New("no keys found")
	}
	return all, nil
}

// A keybox is a list of blobs: length (4 bytes, big endian), type, version. The
// first is a header with a magic word. See doc/keybox-format of GnuPG's kbx.
const (
	blobHead       = 16
	blobOpenPGP    = 2
	keyboxMagic    = "KBXf"
	keyboxMagicPos = 8
)

func isKeybox(data []byte) bool {
	return len(data) >= keyboxMagicPos+len(keyboxMagic) && string(data[keyboxMagicPos:keyboxMagicPos+len(keyboxMagic)]) == keyboxMagic
}

// keyboxKeys joins the OpenPGP keys in a keybox.
func keyboxKeys(data []byte) ([]byte, error) {
	var keys []byte
	for len(data) > 0 {
		if len(data) < blobHead {
			return nil, errors.New("the keybox is cut off")
		}
		size := binary.BigEndian.Uint32(data)
		if size < blobHead || uint64(size) > uint64(len(data)) {
			return nil, errors.New("the keybox is damaged: a blob does not fit into it")
		}
		blob := data[:size]
		data = data[size:]
		if blob[4] != blobOpenPGP {
			continue
		}
		at, length := uint64(binary.BigEndian.Uint32(blob[8:])), uint64(binary.BigEndian.Uint32(blob[12:]))
		if at+length > uint64(len(blob)) {
			return nil, errors.New("the keybox is damaged: a key does not fit into its blob")
		}
		keys = append(keys, blob[at:at+length]...)
	}
	return keys, nil
}

// find returns the key that an identity means: the one that has exactly this, or
// the only one that contains it. nil means that there is none.
func (k *Keyring) find(id string) (*pgp.Entity, error) {
	var found *pgp.Entity
	several := false
	for _, e := range k.entities {
		contains := false
		for name := range e.Identities {
			if name == id {
				return e, nil
			}
			contains = contains || strings.Contains(name, id)
		}
		if contains {
			several = several || found != nil
			found = e
		}
	}
	if several {
		return nil, fmt.Errorf("more than one key contain the id %q", id)
	}
	return found, nil
}

// identities are those of a key, sorted.
func identities(e *pgp.Entity) []string {
	var names []string
	for name := range e.Identities {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// config is how signatures are made and checked.
func config() *packet.Config { return &packet.Config{DefaultHash: hash} }
