package tarsafe

import (
	"archive/tar"
	"bufio"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"
)

// maxNameDepth bounds how deep the folders of a tree nest.
const maxNameDepth = 64

// Entry is a file of a tree.
type Entry struct {
	File
	// Exec says that it may be executed.
	Exec bool
}

// ReadTree returns the regular files of a gzipped tar archive in its order, with
// their whole names. Whatever is not plain is an error: names that lead
// elsewhere, stand twice or are of a file and a folder, links, devices.
func ReadTree(r io.Reader, b *Budget) ([]Entry, error) {
	zr, err := openGzip(r)
	if err != nil {
		return nil, err
	}
	tr := tar.NewReader(&stream{r: zr, left: b.bytes + int64(b.files+1)*perEntry, err: b.errBytes()})
	var files []Entry
	isDir := map[string]bool{".": true}
	isFile := map[string]bool{}
	for {
		h, err := tr.Next()
		if errors.Is(err, io.EOF) {
			return files, nil
		}
		if err != nil {
			return nil, err
		}
		if err := b.TakeFile(); err != nil {
			return nil, err
		}
		if h.Typeflag == tar.TypeXGlobalHeader {
			continue
		}
		name, err := plainName(h.Name)
		if err != nil {
			return nil, err
		}
		if err := takeName(name, isDir, b); err != nil {
			return nil, err
		}
		if err := checkFolders(name, h.Typeflag, isFile); err != nil {
			return nil, err
		}
		if h.Typeflag == tar.TypeDir {
			isDir[name] = true
			continue
		}
		if !isRegular(h.Typeflag) {
			return nil, fmt.Errorf("the archive has %q as %s: only files and folders are allowed", name, kind(h.Typeflag))
		}
		if isFile[name] || isDir[name] {
			return nil, fmt.Errorf("the archive has %q more than once", name)
		}
		isFile[name] = true
		data, err := readData(tr, h.Size, b)
		if err != nil {
			return nil, err
		}
		files = append(files, Entry{File: File{Name: name, Data: data, ModTime: h.ModTime}, Exec: h.Mode&0o111 != 0})
	}
}

// checkFolders says whether a file stands where an entry needs a folder: above it, or in
// its place if it is one.
func checkFolders(name string, flag byte, isFile map[string]bool) error {
	dir := name
	if flag != tar.TypeDir {
		dir = path.Dir(name)
	}
	for ; dir != "."; dir = path.Dir(dir) {
		if isFile[dir] {
			return fmt.Errorf("the archive has %q as a file and as a folder", dir)
		}
	}
	return nil
}

func openGzip(r io.Reader) (io.Reader, error) {
	br := bufio.NewReader(r)
	magic, err := br.Peek(3)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	if len(magic) < 3 || magic[0] != 0x1f || magic[1] != 0x8b || magic[2] != 8 {
		return nil, ErrNotGzip
	}
	return gzip.NewReader(br)
}

// plainName cleans the name of an entry, which must stay below the folder that
// it is unpacked into on every system.
func plainName(entry string) (string, error) {
	bad := func(why string) (string, error) {
		return "", fmt.Errorf("the archive has a file named %.100q: %s", entry, why)
	}
	if len(entry) > maxNameLen {
		return bad(fmt.Sprintf("%d bytes long, at most %d are allowed", len(entry), maxNameLen))
	}
	if strings.ContainsAny(entry, ":\x00") {
		return bad("colons and null bytes are not allowed")
	}
	name := strings.ReplaceAll(entry, `\`, "/")
	parts := strings.Split(name, "/")
	switch {
	case path.IsAbs(name):
		return bad("absolute paths are not allowed")
	case slices.Contains(parts, ".."):
		return bad("it leads out of its folder")
	case len(parts) > maxNameDepth:
		return bad(fmt.Sprintf("folders nest deeper than %d", maxNameDepth))
	case name == "":
		return bad("it has no name")
	}
	return path.Clean(name), nil
}
