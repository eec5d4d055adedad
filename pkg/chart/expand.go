package chart

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/seed-0d4f92cc/pack/internal/tarsafe"
)

// Expand unpacks an archive (.tgz) into a new folder below dir, which exists,
// and returns the folder's name: that of the chart. The folder appears with all
// that is in it, or not at all. Files are as they are in the archive, archives
// in charts/ too; names, sizes and counts are bounded as for Read. If there is
// something of that name in dir, the error wraps fs.ErrExist.
func Expand(r io.Reader, dir string, opts LoadOptions) (string, error) {
	l := newLoader(opts)
	entries, err := tarsafe.Read(r, l.budget, l.warn)
	if err != nil {
		return "", &Error{Err: err}
	}
	name, err := expandedName(entries)
	if err != nil {
		return "", err
	}
	target := filepath.Join(dir, name)
	if _, err := os.Lstat(target); err == nil {
		return name, &fs.PathError{Op: "unpack", Path: target, Err: fs.ErrExist}
	}
	temporary, err := os.MkdirTemp(dir, ".pack-*")
	if err != nil {
		return name, err
	}
	err = writeTree(temporary, entries)
	if err == nil {
		err = os.Chmod(temporary, 0o755)
	}
	if err == nil {
		err = os.Rename(temporary, target)
	}
	if err != nil {
		return name, errors.Join(err, os.RemoveAll(temporary))
	}
	return name, nil
}

// expandedName is the name of the chart in an archive, if it can be that of a
// folder.
func expandedName(entries []tarsafe.File) (string, error) {
	var m Metadata
	for _, e := range entries {
		if e.Name != metadataFile {
			continue
		}
		if err := decode(File(e), &m); err != nil {
			return "", err
		}
	}
	switch {
	case m.Name == "":
		return "", &Error{Path: metadataFile, Err: errors.New("chart name not specified")}
	case m.Name == "." || m.Name == "..":
		return "", &Error{Path: metadataFile, Err: fmt.Errorf("chart name %q is not allowed", m.Name)}
	case strings.ContainsAny(m.Name, "/\\\x00"):
		return "", &Error{Path: metadataFile, Err: fmt.Errorf("chart name %q must not contain path separators", m.Name)}
	}
	return m.Name, nil
}

// writeTree writes files into a folder, and nowhere else.
func writeTree(dir string, entries []tarsafe.File) error {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return err
	}
	defer root.Close()
	made := map[string]bool{".": true}
	for _, e := range entries {
		if parent := path.Dir(e.Name); !made[parent] {
			if err := root.MkdirAll(parent, 0o755); err != nil {
				return err
			}
			made[parent] = true
		}
		// Two names may be one to the file system: neither is to be lost.
		f, err := root.OpenFile(e.Name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o644)
		if err != nil {
			return err
		}
		_, err = f.Write(e.Data)
		if err := errors.Join(err, f.Close()); err != nil {
			return err
		}
	}
	return nil
}
