package cluster

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// ErrLocked means that another process holds a lock.
var ErrLocked = errors.New("in use by another process")

// LockFile is the file that a control plane locks in its data directory.
func LockFile(dataDir string) string { return filepath.Join(dataDir, "lock") }

// Lock takes a lock, which ends with this process at the latest, and writes this process's id into its file. The error
// is [ErrLocked] if another process holds it.
func Lock(path string) (unlock func(), err error) {
	f, err := flock(path, os.O_CREATE|os.O_RDWR)
	if err != nil {
		return nil, err
	}
	if err := os.WriteFile(path, fmt.Appendln(nil, os.Getpid()), 0o600); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return func() { f.Close() }, nil
}

// Holder returns the id of the process that holds a lock, or 0 if none does.
func Holder(path string) (pid int, err error) {
	f, err := flock(path, os.O_RDWR)
	switch {
	case err == nil:
		return 0, f.Close()
	case errors.Is(err, fs.ErrNotExist):
		return 0, nil
	case !errors.Is(err, ErrLocked):
		return 0, err
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return 0, err
	}
	return strconv.Atoi(strings.TrimSpace(string(data)))
}

func flock(path string, flags int) (*os.File, error) {
	f, err := os.OpenFile(path, flags, 0o600)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		if errors.Is(err, syscall.EWOULDBLOCK) {
			err = ErrLocked
		}
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}
