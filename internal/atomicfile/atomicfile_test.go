package atomicfile_test

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/seed-0d4f92cc/pack/internal/atomicfile"
)

func TestWrite(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "f")
	if err := atomicfile.Bytes(path, 0o600, []byte("one")); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Fatalf("%v, %v", info, err)
	}
	failed := errors.New("failed")
	err = atomicfile.Write(path, 0o644, func(w io.Writer) error {
		if _, err := io.WriteString(w, "tw"); err != nil {
			return err
		}
		return failed
	})
	if !errors.Is(err, failed) {
		t.Errorf("error %v", err)
	}
	if data, err := os.ReadFile(path); err != nil || string(data) != "one" {
		t.Errorf("content %q, %v", data, err)
	}
	none := filepath.Join(dir, "none", "f")
	if err := atomicfile.Bytes(none, 0o644, nil); !errors.Is(err, os.ErrNotExist) || !strings.HasPrefix(err.Error(), "open "+none+": ") {
		t.Errorf("error %v", err)
	}
	if err := atomicfile.Bytes(dir, 0o644, nil); err == nil || !strings.HasPrefix(err.Error(), "rename "+dir+": ") {
		t.Errorf("a folder was replaced, or error %v", err)
	}
	left, err := os.ReadDir(dir)
	if err != nil || len(left) != 1 {
		t.Errorf("files were left: %v, %v", left, err)
	}
}
