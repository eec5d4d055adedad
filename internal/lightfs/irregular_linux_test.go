package lightfs_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/seed-0d4f92cc/pack/internal/lightfs"
)

// TestPipe opens a pipe to which nobody writes: that must not wait.
func TestPipe(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	if err := syscall.Mkfifo(filepath.Join(root, "pipe"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := lightfs.Dir(root).Open("pipe")
	if err == nil || !strings.Contains(err.Error(), "neither a regular file nor a folder") {
		t.Errorf("got %v", err)
	}
}

// TestBrokenLink asks what a symbolic link leads to that leads nowhere.
func TestBrokenLink(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	if err := os.Symlink("nowhere", filepath.Join(root, "link")); err != nil {
		t.Fatal(err)
	}
	_, err := fs.Stat(lightfs.Dir(root), "link")
	want := "error evaluating symlink " + filepath.Join(root, "link") + ": lstat " + filepath.Join(root, "nowhere") + ": no such file or directory"
	if err == nil || err.Error() != want || !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got %v, want %s", err, want)
	}
}
