package bounded

import (
	"errors"
	"io/fs"
	"os"
)

// ErrIrregular is why pipes and devices are not opened.
var ErrIrregular = errors.New("not a regular file")

// Open opens a file that must be a regular one: to open another may take for ever.
func Open(path string) (*os.File, error) {
	info, err := os.Stat(path)
	if err == nil && !info.Mode().IsRegular() {
		return nil, &fs.PathError{Op: "open", Path: path, Err: ErrIrregular}
	}
	return os.Open(path)
}
