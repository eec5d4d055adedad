package tarsafe

import (
	"archive/tar"
	"errors"
	"fmt"
	"io"
	"maps"
	"path"
	"slices"
)

// entries collects the files of one archive.
type entries struct {
	*tar.Reader
	budget *Budget
	wanted func(string) bool
	warn   func(string)
	files  []File
	// dirs are the folders of files, links what was left out as one.
	dirs, links map[string]bool
}

func (r *entries) all() error {
	for {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if err := r.budget.TakeFile(); err != nil {
			return err
		}
		switch h.Typeflag {
		case tar.TypeDir, tar.TypeXGlobalHeader, tar.TypeXHeader:
			continue
		}
		if err := r.entry(h); err != nil {
			return err
		}
	}
}

// entry takes in what is no folder.
func (r *entries) entry(h *tar.Header) error {
	name, err := Name(h.Name)
	if err != nil {
		return err
	}
	if err := takeName(name, r.dirs, r.budget); err != nil {
		return err
	}
	if !isRegular(h.Typeflag) {
		return r.leaveOut(name, h)
	}
	var data []byte
	if r.wanted == nil || r.wanted(name) {
		data, err = readData(r, h.Size, r.budget)
	} else {
		err = skipData(r, h.Size, r.budget)
	}
	if err != nil {
		return err
	}
	r.files = append(r.files, File{Name: name, Data: data, ModTime: h.ModTime})
	return nil
}

func (r *entries) leaveOut(name string, h *tar.Header) error {
	if h.Typeflag == tar.TypeSymlink || h.Typeflag == tar.TypeLink {
		if linksOut(name, h.Linkname, h.Typeflag == tar.TypeSymlink) {
			return fmt.Errorf("chart illegally links to content outside the base directory: %q leads to %.200q", name, h.Linkname)
		}
		r.links[name] = true
	}
	r.warn(fmt.Sprintf("left out %q: the archive has it as %s", name, kind(h.Typeflag)))
	return nil
}

// checkLinks refuses files that would lie where a link leads.
func (r *entries) checkLinks() error {
	for _, link := range slices.Sorted(maps.Keys(r.links)) {
		if r.dirs[link] {
			return fmt.Errorf("chart illegally has content behind a link: %q is a link and a folder", link)
		}
	}
	return nil
}

// takeName takes a name and the folders that it adds from the budget: an
// archive needs no entries for them.
func takeName(name string, dirs map[string]bool, b *Budget) error {
	for dir := path.Dir(name); !dirs[dir]; dir = path.Dir(dir) {
		dirs[dir] = true
		if err := b.TakeFile(); err != nil {
			return err
		}
	}
	return b.TakeBytes(int64(len(name)))
}

// readData reads one entry. The size is what somebody said, but memory is taken
// up by what is written to it.
func readData(r io.Reader, size int64, b *Budget) ([]byte, error) {
	if err := b.TakeBytes(size); err != nil {
		return nil, err
	}
	data := make([]byte, size)
	_, err := io.ReadFull(r, data)
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	return data, err
}

// skipData is readData for data that nobody wants.
func skipData(r io.Reader, size int64, b *Budget) error {
	if err := b.TakeBytes(size); err != nil {
		return err
	}
	_, err := io.CopyN(io.Discard, r, size)
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	return err
}

func isRegular(flag byte) bool {
	switch flag {
	case tar.TypeReg, 0, tar.TypeCont, tar.TypeGNUSparse:
		return true
	}
	return false
}

func kind(flag byte) string {
	switch flag {
	case tar.TypeSymlink:
		return "a symbolic link"
	case tar.TypeLink:
		return "a hard link"
	case tar.TypeChar, tar.TypeBlock:
		return "a device"
	case tar.TypeFifo:
		return "a named pipe"
	}
	return fmt.Sprintf("type %q", flag)
}
