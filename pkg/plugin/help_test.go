package plugin_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/seed-0d4f92cc/pack/pkg/plugin"
)

// entry is one of an archive; without a type it is a regular file.
type entry struct {
	name, data string
	flag       byte
	mode       int64
	// size is what the archive says of an entry that it breaks off in.
	size int64
}

// tgz makes a gzipped tar archive.
func tgz(t testing.TB, entries ...entry) []byte {
	t.Helper()
	var buf bytes.Buffer
	zw := gzip.NewWriter(&buf)
	tw := tar.NewWriter(zw)
	broken := false
	for _, e := range entries {
		h := &tar.Header{Name: e.name, Size: int64(len(e.data)), Typeflag: e.flag, Mode: e.mode}
		switch e.flag {
		case 0:
			h.Typeflag = tar.TypeReg
		case tar.TypeSymlink, tar.TypeLink:
			h.Linkname = "/etc/passwd"
		}
		if h.Mode == 0 {
			h.Mode = 0o644
		}
		h.Size = max(h.Size, e.size)
		if err := tw.WriteHeader(h); err != nil {
			t.Fatal(err)
		}
		broken = broken || e.size > 0
		if _, err := io.WriteString(tw, e.data); err != nil {
			t.Fatal(err)
		}
	}
	if err := tw.Close(); err != nil && !broken {
		t.Fatal(err)
	}
	if err := zw.Close(); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

// write makes files, those with the mode 0o755 whose text begins like a script.
func write(t testing.TB, dir string, files map[string]string) {
	t.Helper()
	for name, text := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		mode := fs.FileMode(0o644)
		if len(text) > 2 && text[:2] == "#!" {
			mode = 0o755
		}
		if err := os.WriteFile(path, []byte(text), mode); err != nil {
			t.Fatal(err)
		}
	}
}

// load makes a plugin of files in a new folder.
func load(t testing.TB, files map[string]string) *plugin.Plugin {
	t.Helper()
	dir := t.TempDir()
	write(t, dir, files)
	p, err := plugin.Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// names are the files below a folder.
func names(t testing.TB, dir string) []string {
	t.Helper()
	var out []string
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if !d.IsDir() {
			name, err := filepath.Rel(dir, path)
			out = append(out, filepath.ToSlash(name))
			return err
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// text is what an error says, empty for none.
func text(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}
