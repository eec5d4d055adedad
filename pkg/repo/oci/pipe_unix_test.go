//go:build unix

package oci_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/seed-0d4f92cc/pack/pkg/repo/oci"
)

// TestPipesInLayouts copies from layouts with pipes to which nobody writes: that must
// not wait.
func TestPipesInLayouts(t *testing.T) {
	t.Parallel()
	for name, pattern := range map[string]string{"index": "index.json", "version": "oci-layout", "blobs": "blobs/sha256/*"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, dir := copyOut(t)
			paths, err := filepath.Glob(filepath.Join(dir, pattern))
			if err != nil || len(paths) == 0 {
				t.Fatalf("no files (%v)", err)
			}
			for _, path := range paths {
				if err := errors.Join(os.Remove(path), syscall.Mkfifo(path, 0o600)); err != nil {
					t.Fatal(err)
				}
			}
			_, err = c.Copy(t.Context(), "oci-layout:"+dir, "oci-layout:"+t.TempDir(), oci.CopyOptions{})
			if err == nil || !strings.Contains(err.Error(), "not a regular file") {
				t.Errorf("error %v", err)
			}
		})
	}
}
