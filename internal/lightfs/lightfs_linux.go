package lightfs

import (
	"errors"
	"io"
	"io/fs"
	"path"
	"syscall"
	"time"
)

// Open opens a file. One that would wait for somebody to write to it is not waited
// for.
func (d dir) Open(name string) (fs.File, error) {
	if !fs.ValidPath(name) {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrInvalid}
	}
	fd, err := open(d.path(name))
	if err != nil {
		return nil, &fs.PathError{Op: "open", Path: name, Err: err}
	}
	f := &file{fd: fd, name: name}
	if err := syscall.Fstat(fd, &f.stat); err != nil {
		_ = f.Close()
		return nil, &fs.PathError{Op: "stat", Path: name, Err: err}
	}
	switch f.stat.Mode & syscall.S_IFMT {
	case syscall.S_IFREG:
		return f, nil
	case syscall.S_IFDIR:
		_ = f.Close()
		return d.FS.Open(name)
	}
	_ = f.Close()
	return nil, &fs.PathError{Op: "open", Path: name, Err: errIrregular}
}

// errIrregular is why pipes and devices are not opened.
var errIrregular = errors.New("neither a regular file nor a folder")

// open opens without waiting: a regular file is not changed by that.
func open(path string) (int, error) {
	for {
		fd, err := syscall.Open(path, syscall.O_RDONLY|syscall.O_CLOEXEC|syscall.O_NONBLOCK, 0)
		if !errors.Is(err, syscall.EINTR) {
			return fd, err
		}
	}
}

// file is an open regular file.
type file struct {
	fd   int
	name string
	stat syscall.Stat_t
	read int64
}

// Stat describes the file as it was when it was opened.
func (f *file) Stat() (fs.FileInfo, error) { return info{f}, nil }

// Close closes the file.
func (f *file) Close() error { return syscall.Close(f.fd) }

// Read reads on. At the size that the file had when it was opened, a read that
// fills not all of p says that this is the end.
func (f *file) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	n, err := syscall.Read(f.fd, p)
	for errors.Is(err, syscall.EINTR) {
		n, err = syscall.Read(f.fd, p)
	}
	if err != nil {
		return 0, &fs.PathError{Op: "read", Path: f.name, Err: err}
	}
	f.read += int64(n)
	if n == 0 || n < len(p) && f.read == f.stat.Size {
		return n, io.EOF
	}
	return n, nil
}

// info is what is known of a regular file.
type info struct{ f *file }

func (i info) Name() string       { return path.Base(i.f.name) }
func (i info) Size() int64        { return i.f.stat.Size }
func (i info) Mode() fs.FileMode  { return fs.FileMode(i.f.stat.Mode & 0o777) }
func (i info) ModTime() time.Time { return time.Unix(i.f.stat.Mtim.Unix()) }
func (i info) IsDir() bool        { return false }
func (i info) Sys() any           { return &i.f.stat }
