package lightfs

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// dir is a folder. All but opening a regular file is left to os.DirFS.
type dir struct {
	fs.FS
	root string
}

// Dir returns the files below a folder, as os.DirFS does. What is neither a
// regular file nor a folder is not opened.
func Dir(root string) fs.FS { return dir{os.DirFS(root), root} }

func (d dir) path(name string) string { return filepath.Join(d.root, filepath.FromSlash(name)) }

// ReadDir lists a folder.
func (d dir) ReadDir(name string) ([]fs.DirEntry, error) { return fs.ReadDir(d.FS, name) }

// Stat describes what a name leads to. The error for a symbolic link that leads
// nowhere has Helm's words, with the paths of both ends.
func (d dir) Stat(name string) (fs.FileInfo, error) {
	fi, err := fs.Stat(d.FS, name)
	if err == nil || !fs.ValidPath(name) {
		return fi, err
	}
	link, linkErr := os.Lstat(d.path(name))
	if linkErr != nil || link.Mode()&fs.ModeSymlink == 0 {
		return fi, err
	}
	if _, linkErr = filepath.EvalSymlinks(d.path(name)); linkErr != nil {
		return nil, fmt.Errorf("error evaluating symlink %s: %w", d.path(name), linkErr)
	}
	return fi, err
}
