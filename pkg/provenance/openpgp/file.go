package openpgp

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/seed-0d4f92cc/pack/internal/bounded"
	"github.com/seed-0d4f92cc/pack/pkg/provenance"
)

// maxArchive is the size of the largest archive that is checked.
const maxArchive = 256 << 20

// Signed is an archive in a file with its provenance file.
type Signed struct {
	archive, prov []byte
	name          string
}

// ReadSigned reads the archive in a file and the provenance file beside it, whose
// name has ".prov" behind it. The texts of the errors are Helm's.
func ReadSigned(path string) (*Signed, error) {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return nil, err
	case info.IsDir():
		return nil, errors.New("unpacked charts cannot be verified")
	case !strings.EqualFold(filepath.Ext(path), ".tgz"):
		return nil, errors.New("chart must be a tgz file")
	}
	s := &Signed{name: filepath.Base(path)}
	if _, err = os.Stat(path + ".prov"); err == nil {
		s.prov, err = bounded.ReadFile(path+".prov", maxProvenance)
	}
	if err != nil {
		return nil, fmt.Errorf("could not load provenance file %s.prov: %w", path, err)
	}
	if s.archive, err = bounded.ReadFile(path, maxArchive); err != nil {
		return nil, fmt.Errorf("failed to read chart archive: %w", err)
	}
	return s, nil
}

// Verify is Keyring.Verify for an archive that was read.
func (s *Signed) Verify(k *Keyring) (*provenance.Verification, error) {
	return k.Verify(s.archive, s.name, s.prov)
}

// ReadKeyringFile is ReadKeyring for a file.
func ReadKeyringFile(path string) (*Keyring, error) {
	f, err := os.Open(path) // which may be a pipe from gpg
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, MaxKeyring+1))
	if err != nil {
		return nil, err
	}
	k, err := ReadKeyring(data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return k, nil
}
