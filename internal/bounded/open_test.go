package bounded_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/seed-0d4f92cc/pack/internal/bounded"
)

func TestOpen(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := filepath.Join(dir, "f")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]error{
		file: nil, dir: bounded.ErrIrregular, os.DevNull: bounded.ErrIrregular, filepath.Join(dir, "none"): fs.ErrNotExist,
	} {
		f, err := bounded.Open(path)
		if !errors.Is(err, want) {
			t.Errorf("%s: error %v, want %v", path, err, want)
		}
		if err == nil {
			_ = f.Close()
		}
	}
}
