//go:build unix

package openpgp_test

import (
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/seed-0d4f92cc/pack/internal/bounded"
	"github.com/seed-0d4f92cc/pack/pkg/provenance/openpgp"
)

// TestPipes: an archive and its provenance file that are pipes are not waited for.
func TestPipes(t *testing.T) {
	t.Parallel()
	for _, pipe := range []string{"a.tgz", "a.tgz.prov"} {
		dir := t.TempDir()
		for _, name := range []string{"a.tgz", "a.tgz.prov"} {
			if err := os.WriteFile(filepath.Join(dir, name), nil, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		path := filepath.Join(dir, pipe)
		if err := errors.Join(os.Remove(path), syscall.Mkfifo(path, 0o600)); err != nil {
			t.Fatal(err)
		}
		if _, err := openpgp.ReadSigned(filepath.Join(dir, "a.tgz")); !errors.Is(err, bounded.ErrIrregular) {
			t.Errorf("%s: error %v", pipe, err)
		}
	}
}
