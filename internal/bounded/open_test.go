package bounded_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"testing/fstest"

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

func TestReadFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := filepath.Join(dir, "f")
	if err := os.WriteFile(file, []byte("12345"), 0o600); err != nil {
		t.Fatal(err)
	}
	for most, want := range map[int64]string{6: "12345", 5: "12345", 4: ""} {
		data, err := bounded.ReadFile(file, most)
		if string(data) != want || (err == nil) != (want != "") {
			t.Errorf("at most %d: %q, error %v", most, data, err)
		}
	}
	if _, err := bounded.ReadFile("/proc/self/environ", 0); err == nil && runtime.GOOS == "linux" {
		t.Error("a file that says it is empty is read without a bound")
	}
	for path, want := range map[string]error{dir: bounded.ErrIrregular, filepath.Join(dir, "none"): fs.ErrNotExist} {
		if _, err := bounded.ReadFile(path, 5); !errors.Is(err, want) {
			t.Errorf("%s: error %v, want %v", path, err, want)
		}
	}
}

func TestReadFS(t *testing.T) {
	t.Parallel()
	fsys := fstest.MapFS{"f": {Data: []byte("12345")}, "dir/f": {}, "device": {Mode: fs.ModeDevice}}
	if data, err := bounded.ReadFS(fsys, "f", 5); string(data) != "12345" || err != nil {
		t.Errorf("%q, error %v", data, err)
	}
	for name, want := range map[string]error{"none": fs.ErrNotExist, "device": bounded.ErrIrregular, "f": bounded.ErrLarger, "dir": fs.ErrInvalid} {
		if _, err := bounded.ReadFS(fsys, name, 4); !errors.Is(err, want) {
			t.Errorf("%s: error %v, want %v", name, err, want)
		}
	}
}
