package lightfs_test

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"testing/fstest"

	"github.com/seed-0d4f92cc/pack/internal/lightfs"
)

func TestLikeDirFS(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	files := map[string]string{"a.txt": "text", "empty": "", "sub/b.yaml": "a: 1\n", "sub/deep/c": string(bytes.Repeat([]byte("0123456789"), 100_000))}
	names := make([]string, 0, len(files))
	for name, text := range files {
		names = append(names, name)
		path := filepath.Join(root, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := fstest.TestFS(lightfs.Dir(root), names...); err != nil {
		t.Error(err)
	}
	for name, text := range files {
		got, err := fs.ReadFile(lightfs.Dir(root), name)
		if err != nil || string(got) != text {
			t.Errorf("%s: %d bytes, %v; want %d", name, len(got), err, len(text))
		}
		ours, theirs := stat(t, lightfs.Dir(root), name), stat(t, os.DirFS(root), name)
		if ours.Name() != theirs.Name() || ours.Size() != theirs.Size() || ours.Mode() != theirs.Mode() || !ours.ModTime().Equal(theirs.ModTime()) {
			t.Errorf("%s: %v, want %v", name, ours, theirs)
		}
	}
	for _, name := range []string{"absent", "../a.txt", "/a.txt", "sub/../a.txt", "a.txt/b", ""} {
		_, ours := lightfs.Dir(root).Open(name)
		_, theirs := os.DirFS(root).Open(name)
		if ours == nil || theirs == nil || ours.Error() != theirs.Error() {
			t.Errorf("open %q: %v, want %v", name, ours, theirs)
		}
		for _, target := range []error{fs.ErrNotExist, fs.ErrInvalid} {
			if errors.Is(ours, target) != errors.Is(theirs, target) {
				t.Errorf("open %q: %v is %v, not so for %v", name, ours, target, theirs)
			}
		}
	}
}

func stat(t *testing.T, fsys fs.FS, name string) fs.FileInfo {
	t.Helper()
	f, err := fsys.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	fi, err := f.Stat()
	if err != nil {
		t.Fatal(err)
	}
	return fi
}

// TestGrowingFile reads a file that somebody writes to: its end is where it is
// when it is read, not where it was.
func TestGrowingFile(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	path := filepath.Join(root, "log")
	if err := os.WriteFile(path, []byte("one "), 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := lightfs.Dir(root).Open("log")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := os.WriteFile(path, []byte("one two three"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got, err := io.ReadAll(f); err != nil || string(got) != "one two three" {
		t.Errorf("got %q, %v", got, err)
	}
}
