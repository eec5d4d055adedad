package memfs_test

import (
	"errors"
	"io/fs"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-0d4f92cc/pack/internal/memfs"
)

func TestFS(t *testing.T) {
	t.Parallel()
	fsys := memfs.New([]memfs.File{
		{Name: "Chart.yaml", Data: []byte("one")},
		{Name: "templates/a/b.yaml", Data: []byte("two"), ModTime: time.Unix(5, 0)},
		{Name: "templates/c.yaml", Data: []byte("old")},
		{Name: "templates/c.yaml", Data: []byte("new")},
		{Name: "../outside", Data: []byte("never")},
		{Name: "/abs", Data: []byte("never")},
		{Name: "templates", Data: []byte("hidden behind the folder")},
	})
	if err := fstest.TestFS(fsys, "Chart.yaml", "templates/a/b.yaml", "templates/c.yaml"); err != nil {
		t.Error(err)
	}
	var names []string
	err := fs.WalkDir(fsys, ".", func(name string, _ fs.DirEntry, err error) error {
		names = append(names, name)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{".", "Chart.yaml", "templates", "templates/a", "templates/a/b.yaml", "templates/c.yaml"}
	if diff := cmp.Diff(want, names); diff != "" {
		t.Errorf("names (-want +got):\n%s", diff)
	}
	if data, err := fs.ReadFile(fsys, "templates/c.yaml"); err != nil || string(data) != "new" {
		t.Errorf("c.yaml is %q, %v", data, err)
	}
}

func TestReadFileIsACopy(t *testing.T) {
	t.Parallel()
	fsys := memfs.New([]memfs.File{{Name: "a", Data: []byte("one")}})
	data, err := fs.ReadFile(fsys, "a")
	if err != nil {
		t.Fatal(err)
	}
	data[0] = 'X'
	if again, _ := fs.ReadFile(fsys, "a"); string(again) != "one" {
		t.Errorf("the file changed to %q", again)
	}
}

func TestErrors(t *testing.T) {
	t.Parallel()
	fsys := memfs.New([]memfs.File{{Name: "d/a"}})
	tests := map[string]struct {
		err  error
		want error
	}{
		"missing":      {second(fs.ReadFile(fsys, "b")), fs.ErrNotExist},
		"invalid path": {second(fs.Stat(fsys, "../b")), fs.ErrInvalid},
	}
	for name, tc := range tests {
		if !errors.Is(tc.err, tc.want) {
			t.Errorf("%s: error is %v, want %v", name, tc.err, tc.want)
		}
	}
	if _, err := fs.ReadFile(fsys, "d"); err == nil {
		t.Error("a folder can be read as a file")
	}
}

func second[T any](_ T, err error) error { return err }
