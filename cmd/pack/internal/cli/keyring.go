package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/seed-0d4f92cc/pack/pkg/provenance"
	"github.com/seed-0d4f92cc/pack/pkg/provenance/openpgp"
	"github.com/seed-0d4f92cc/pack/pkg/repo"
)

// defaultKeyring is the file of GnuPG with public keys: pubring.gpg, or
// pubring.kbx if only that is there.
func (s *session) defaultKeyring() string {
	home, ok := s.Env("GNUPGHOME")
	if !ok {
		home = filepath.Join(s.Home, ".gnupg")
	}
	old := filepath.Join(home, "pubring.gpg")
	if _, err := os.Stat(s.path(old)); !errors.Is(err, fs.ErrNotExist) {
		return old
	}
	box := filepath.Join(home, "pubring.kbx")
	if _, err := os.Stat(s.path(box)); !errors.Is(err, fs.ErrNotExist) {
		return box
	}
	return old
}

// readKeyring reads the keys that may have signed.
func (s *session) readKeyring(path string) (repo.Verifier, error) {
	k, err := s.openKeyring(path)
	if err != nil {
		return nil, fmt.Errorf("failed to load keyring: %w", err)
	}
	return k, nil
}

// openKeyring reads a keyring.
func (s *session) openKeyring(path string) (*openpgp.Keyring, error) {
	defer s.opening(path)()
	k, err := openpgp.ReadKeyringFile(s.path(path))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, &advisedError{err, "--keyring names the file with the keys. 'gpg --export >pubring.gpg' writes GnuPG's public ones into one, 'gpg --export-secret-keys >secring.gpg' the secret ones."}
	}
	return k, err
}

// verifyArchive checks the provenance file beside an archive.
func (s *session) verifyArchive(path, keyring string) (*provenance.Verification, error) {
	signed, err := openpgp.ReadSigned(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, &advisedError{err, "A provenance file lies beside its archive: 'pack pull --prov' fetches it, 'pack package --sign' makes it."}
	}
	if err != nil {
		return nil, err
	}
	k, err := s.openKeyring(keyring)
	if err != nil {
		return nil, fmt.Errorf("failed to load keyring: %w", err)
	}
	return signed.Verify(k)
}

// printVerification prints what a provenance file proved.
func printVerification(s *session, v *provenance.Verification) {
	for _, name := range v.SignedBy {
		s.print("Signed by: %s\n", name)
	}
	s.print("Using Key With Fingerprint: %s\n", v.Fingerprint)
	s.print("Chart Hash Verified: %s\n", v.Digest)
}

// passphrase is what asks for the passphrase of a key: the first line of a file,
// or of the standard input for "-"; without a file somebody at the terminal.
func (s *session) passphrase(ctx context.Context, file string) func(identity string) ([]byte, error) {
	return func(identity string) ([]byte, error) {
		if file == "" {
			if s.Terminal.Password == nil {
				return nil, fmt.Errorf("the key %q has a passphrase, and there is no terminal to ask for it: give it with --passphrase-file", identity)
			}
			text, err := s.askPassword(ctx, fmt.Sprintf("Password for key %q >  ", identity))
			return []byte(text), err
		}
		in := s.In
		if file == "-" {
			if s.Terminal.In {
				return nil, errors.New("specified reading passphrase from stdin, without input on stdin")
			}
		} else {
			f, err := os.Open(s.path(file))
			if err != nil {
				return nil, shownAs(err, file)
			}
			defer f.Close()
			in = f
		}
		data, err := io.ReadAll(io.LimitReader(in, maxPassword))
		line, _, _ := bytes.Cut(data, []byte("\n"))
		return bytes.TrimSuffix(line, []byte("\r")), err
	}
}
