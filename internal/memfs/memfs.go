// Package memfs shows a list of files as a read-only file system.
package memfs

import (
	"bytes"
	"io"
	"io/fs"
	"path"
	"slices"
	"time"
)

// File is a file to show. Nobody may change Data.
type File struct {
	// Name is a slash-separated path, as fs.ValidPath has it.
	Name    string
	Data    []byte
	ModTime time.Time
}

// New returns a file system with the files, and the folders that they lie in.
// Of files with one name the last is shown; what has no valid path, and a file
// whose name is also a folder's, is not shown. It is safe for concurrent use.
func New(files []File) fs.FS {
	m := memFS{".": &node{name: ".", dir: true}}
	for _, f := range files {
		if fs.ValidPath(f.Name) && f.Name != "." {
			m.addDir(path.Dir(f.Name))
		}
	}
	for _, f := range files {
		if !fs.ValidPath(f.Name) || m[f.Name] != nil && m[f.Name].dir {
			continue
		}
		_, again := m[f.Name]
		m[f.Name] = &node{name: path.Base(f.Name), data: f.Data, modTime: f.ModTime}
		if !again {
			m.link(f.Name)
		}
	}
	for _, n := range m {
		slices.Sort(n.children)
	}
	return m
}

// memFS holds files and folders by their path.
type memFS map[string]*node

// addDir adds a folder, and those that it lies in.
func (m memFS) addDir(dir string) {
	if m[dir] != nil {
		return
	}
	m.addDir(path.Dir(dir))
	m[dir] = &node{name: path.Base(dir), dir: true}
	m.link(dir)
}

// link enters a path into its folder.
func (m memFS) link(name string) {
	parent := m[path.Dir(name)]
	parent.children = append(parent.children, name)
}

// Open implements fs.FS.
func (m memFS) Open(name string) (fs.File, error) {
	n, err := m.find("open", name)
	if err != nil {
		return nil, err
	}
	if n.dir {
		return &openDir{node: n, fsys: m}, nil
	}
	return &openFile{node: n, Reader: bytes.NewReader(n.data)}, nil
}

// ReadFile implements fs.ReadFileFS.
func (m memFS) ReadFile(name string) ([]byte, error) {
	n, err := m.find("read", name)
	if err != nil {
		return nil, err
	}
	if n.dir {
		return nil, &fs.PathError{Op: "read", Path: name, Err: errIsDir}
	}
	return bytes.Clone(n.data), nil
}

// Stat implements fs.StatFS.
func (m memFS) Stat(name string) (fs.FileInfo, error) {
	n, err := m.find("stat", name)
	if err != nil {
		return nil, err
	}
	return n, nil
}

func (m memFS) find(op, name string) (*node, error) {
	if !fs.ValidPath(name) {
		return nil, &fs.PathError{Op: op, Path: name, Err: fs.ErrInvalid}
	}
	n, ok := m[name]
	if !ok {
		return nil, &fs.PathError{Op: op, Path: name, Err: fs.ErrNotExist}
	}
	return n, nil
}

// node is a file or a folder, and its own fs.FileInfo.
type node struct {
	name    string
	dir     bool
	data    []byte
	modTime time.Time
	// children are the paths of what a folder holds, sorted.
	children []string
}

func (n *node) Name() string       { return n.name }
func (n *node) Size() int64        { return int64(len(n.data)) }
func (n *node) ModTime() time.Time { return n.modTime }
func (n *node) IsDir() bool        { return n.dir }
func (n *node) Sys() any           { return nil }

func (n *node) Mode() fs.FileMode {
	if n.dir {
		return fs.ModeDir | 0o555
	}
	return 0o444
}

type dirError string

func (e dirError) Error() string { return string(e) }

const errIsDir = dirError("is a directory")

type openFile struct {
	*node
	*bytes.Reader
}

func (f *openFile) Stat() (fs.FileInfo, error) { return f.node, nil }
func (f *openFile) Size() int64                { return f.node.Size() }
func (f *openFile) Close() error               { return nil }

type openDir struct {
	*node
	fsys memFS
	pos  int
}

func (d *openDir) Stat() (fs.FileInfo, error) { return d.node, nil }
func (d *openDir) Close() error               { return nil }

func (d *openDir) Read([]byte) (int, error) {
	return 0, &fs.PathError{Op: "read", Path: d.name, Err: errIsDir}
}

// ReadDir implements fs.ReadDirFile.
func (d *openDir) ReadDir(n int) ([]fs.DirEntry, error) {
	left := d.children[d.pos:]
	if n > 0 && len(left) == 0 {
		return nil, io.EOF
	}
	if n > 0 && len(left) > n {
		left = left[:n]
	}
	d.pos += len(left)
	out := make([]fs.DirEntry, 0, len(left))
	for _, name := range left {
		out = append(out, fs.FileInfoToDirEntry(d.fsys[name]))
	}
	return out, nil
}
