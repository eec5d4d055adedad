package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/pflag"

	"github.com/seed-0d4f92cc/pack/internal/atomicfile"
	"github.com/seed-0d4f92cc/pack/internal/yamlio"
	"github.com/seed-0d4f92cc/pack/pkg/chart"
	"github.com/seed-0d4f92cc/pack/pkg/provenance/openpgp"
)

// signFlags say with which key an archive is signed.
type signFlags struct {
	sign           bool
	key            string
	keyring        string
	passphraseFile string
}

func (o *signFlags) add(s *session, f *pflag.FlagSet) {
	f.BoolVar(&o.sign, "sign", false, "sign the archive: write a provenance file beside it")
	f.StringVar(&o.key, "key", "", "with --sign: name of the key, or a part of its name that no other has")
	f.StringVar(&o.keyring, "keyring", s.defaultKeyring(), "file with the keys: the secret ones for --sign")
	f.StringVar(&o.passphraseFile, "passphrase-file", "", `file whose first line is the passphrase of the key; "-" reads the standard input`)
}

// signer is what signs, once it can; nil if nothing is to be signed.
func (o *signFlags) signer(ctx context.Context, s *session) (*openpgp.Signer, error) {
	switch {
	case !o.sign:
		return nil, nil
	case o.key == "":
		return nil, &advisedError{errors.New("--key is required for signing a package"), "It is the name of the key, or a part of it: 'gpg --list-secret-keys' shows those of GnuPG."}
	case o.keyring == "":
		return nil, errors.New("--keyring is required for signing a package")
	}
	k, err := s.openKeyring(o.keyring)
	if err != nil {
		return nil, err
	}
	return k.Signer(o.key, s.passphrase(ctx, o.passphraseFile))
}

// writeProvenance signs the archive in a file.
func writeProvenance(signer *openpgp.Signer, path string) error {
	archive, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	c, err := chart.Read(bytes.NewReader(archive), chart.LoadOptions{})
	if err != nil {
		return err
	}
	metadata, err := yamlio.Marshal(c.Metadata())
	if err != nil {
		return err
	}
	prov, err := signer.Sign(archive, filepath.Base(path), metadata)
	if err != nil {
		return fmt.Errorf("failed to sign %s: %w", path, err)
	}
	return atomicfile.Bytes(path+".prov", 0o644, prov)
}
