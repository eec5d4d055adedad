package bounded

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
)

// ErrIrregular is why pipes and devices are not opened, ErrLarger why files are not
// read.
var (
	ErrIrregular = errors.New("not a regular file")
	ErrLarger    = errors.New("larger")
)

// Open opens a file that must be a regular one: to open another may take for ever.
func Open(path string) (*os.File, error) {
	info, err := os.Stat(path)
	if err == nil && !info.Mode().IsRegular() {
		return nil, &fs.PathError{Op: "open", Path: path, Err: ErrIrregular}
	}
	return os.Open(path)
}

// ReadFile reads a regular file of at most so many bytes; a larger one is an error.
func ReadFile(path string, most int64) ([]byte, error) {
	f, err := Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return read(f, path, most)
}

// ReadFS is ReadFile for a file of fsys. The error for a folder is that of reading
// it.
func ReadFS(fsys fs.FS, name string, most int64) ([]byte, error) {
	info, err := fs.Stat(fsys, name)
	if err == nil && !info.Mode().IsRegular() && !info.IsDir() {
		return nil, &fs.PathError{Op: "open", Path: name, Err: ErrIrregular}
	}
	f, err := fsys.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return read(f, name, most)
}

func read(f fs.File, name string, most int64) ([]byte, error) {
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if info.Size() > most {
		return nil, tooLarge(name, most)
	}
	b := bytes.NewBuffer(make([]byte, 0, max(0, info.Size())+bytes.MinRead))
	// The file may grow, and those of /proc have no size.
	if _, err := b.ReadFrom(io.LimitReader(f, most+1)); err != nil {
		return nil, err
	}
	if int64(b.Len()) > most {
		return nil, tooLarge(name, most)
	}
	return b.Bytes(), nil
}

func tooLarge(path string, most int64) error {
	return fmt.Errorf("%s is %w than %d bytes", path, ErrLarger, most)
}
