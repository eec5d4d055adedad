package chart

import (
	"context"
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
// in charts/ too, with modes 0644 and 0755; names, sizes and counts are bounded as
// for Read. Names that differ in upper and lower case only are an error: there
// are systems on which they are one. If there is something of the chart's name in
// dir, the error wraps fs.ErrExist. When ctx ends, so does the work, and nothing
// is left of it.
func Expand(ctx context.Context, r io.Reader, dir string, opts LoadOptions) (string, error) {
	l := newLoader(opts)
	entries, err := tarsafe.Read(r, l.budget, l.warn)
	if err != nil {
		return "", &Error{Err: err}
	}
	name, err := expandedName(entries)
	if err == nil {
		err = checkCase(entries)
	}
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
	err = writeTree(ctx, temporary, entries)
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
	case strings.HasPrefix(m.Name, "."), m.Name != printable(m.Name):
		// Of a hidden folder, such as .git, other programs make more than files.
		return "", &Error{Path: metadataFile, Err: fmt.Errorf("chart name %q is not allowed", m.Name)}
	case strings.ContainsAny(m.Name, "/\\\x00"):
		return "", &Error{Path: metadataFile, Err: fmt.Errorf("chart name %q must not contain path separators", m.Name)}
	}
	return m.Name, nil
}

// checkCase refuses files of which some systems would make one, or a folder.
func checkCase(entries []tarsafe.File) error {
	spelt := make(map[string]string, len(entries))
	for _, e := range entries {
		key := foldName(e.Name)
		if other, ok := spelt[key]; ok {
			return &Error{Path: e.Name, Err: fmt.Errorf("the archive has %q and %q: on systems that ignore case they are one file", other, e.Name)}
		}
		spelt[key] = e.Name
	}
	for _, e := range entries {
		for dir := path.Dir(e.Name); dir != "."; dir = path.Dir(dir) {
			if file, ok := spelt[foldName(dir)]; ok {
				return &Error{Path: e.Name, Err: fmt.Errorf("the archive has %q as a file, and %q in a folder of that name", file, e.Name)}
			}
		}
	}
	return nil
}

// foldName is one text for the names that can be one file: Windows drops dots and
// spaces at the end too.
func foldName(name string) string {
	parts := strings.Split(strings.ToLower(strings.ToUpper(name)), "/")
	for i, part := range parts {
		parts[i] = strings.TrimRight(part, ". ")
	}
	return strings.Join(parts, "/")
}

// writeTree writes files into a folder, and nowhere else.
func writeTree(ctx context.Context, dir string, entries []tarsafe.File) error {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return err
	}
	defer root.Close()
	made := map[string]bool{".": true}
	for _, e := range entries {
		if err := ctx.Err(); err != nil {
			return err
		}
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
