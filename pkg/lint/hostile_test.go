package lint_test

import (
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/seed-0d4f92cc/pack/pkg/lint"
)

// hugeFS is a chart of which one file is larger than any memory.
type hugeFS struct {
	fs.FS
	name string
}

func (h hugeFS) Open(name string) (fs.File, error) {
	f, err := h.FS.Open(name)
	if err == nil && name == h.name {
		f = hugeFile{f}
	}
	return f, err
}

type hugeFile struct{ fs.File }

func (f hugeFile) Stat() (fs.FileInfo, error) {
	info, err := f.File.Stat()
	return hugeInfo{info}, err
}

type hugeInfo struct{ fs.FileInfo }

func (hugeInfo) Size() int64 { return 1 << 60 }

// TestFilesThatCannotBeRead examines charts that chart.Load refuses to read: lint reads
// some of their files nevertheless.
func TestFilesThatCannotBeRead(t *testing.T) {
	t.Parallel()
	files := with(map[string]string{"values.schema.json": "{}"})
	for _, name := range []string{"Chart.yaml", "values.yaml", "values.schema.json"} {
		t.Run("huge "+name, func(t *testing.T) {
			t.Parallel()
			expect(t, hugeFS{chartFS(files), name}, name+" is larger than 104857600 bytes")
		})
		t.Run("device "+name, func(t *testing.T) {
			t.Parallel()
			fsys := chartFS(files)
			fsys[name] = &fstest.MapFile{Mode: fs.ModeDevice}
			expect(t, fsys, name+": not a regular file")
		})
	}
}

func expect(t *testing.T, fsys fs.FS, want string) {
	t.Helper()
	findings, err := lint.Run(t.Context(), fsys, lint.Options{})
	if all := strings.Join(lines(findings), "\n"); err != nil || !strings.Contains(all, want) {
		t.Errorf("error %v, findings:\n%s\nwant %q", err, all, want)
	}
}
