// Package tarsafe reads the gzipped tar archives of charts from strangers:
// names cannot leave the chart, and neither bytes nor entries go beyond a
// budget.
package tarsafe

import (
	"archive/tar"
	"errors"
	"fmt"
	"io"
	"path"
	"time"
)

// Errors of archives that are not what they should be.
var (
	// ErrNotGzip is returned when the input does not begin as gzip does.
	ErrNotGzip = errors.New("does not appear to be a gzipped archive")
	// ErrEmpty is returned for an archive without a single file.
	ErrEmpty = errors.New("no files in chart archive")
	// ErrAmbiguous is returned for an archive with two files named Chart.yaml.
	ErrAmbiguous = errors.New("chart archive has more than one Chart.yaml")
	// ErrTooLarge is returned when a Budget is used up.
	ErrTooLarge = errors.New("chart is too large")
)

// perEntry is what an entry may take up in the stream beside its data: header,
// padding and extended headers.
const perEntry = 4096

// Budget is how much may still be read. One budget serves an archive and the
// archives inside it, so that they cannot multiply. It is not safe for
// concurrent use.
type Budget struct {
	bytes, maxBytes int64
	files, maxFiles int
}

// NewBudget returns a budget of so many bytes of file data, and so many files
// and folders.
func NewBudget(maxBytes int64, maxFiles int) *Budget {
	return &Budget{bytes: maxBytes, maxBytes: maxBytes, files: maxFiles, maxFiles: maxFiles}
}

// Left is how many bytes may still be taken.
func (b *Budget) Left() int64 { return b.bytes }

// TakeBytes takes n bytes from the budget; the error wraps ErrTooLarge.
func (b *Budget) TakeBytes(n int64) error {
	if n > b.bytes {
		return b.errBytes()
	}
	b.bytes -= n
	return nil
}

// TakeFile takes one file or folder; the error wraps ErrTooLarge.
func (b *Budget) TakeFile() error {
	if b.files <= 0 {
		return fmt.Errorf("%w: more than %d files and folders", ErrTooLarge, b.maxFiles)
	}
	b.files--
	return nil
}

func (b *Budget) errBytes() error {
	return &sizeError{max: b.maxBytes}
}

// sizeError says that the sum of the files is over the limit, in Helm's words.
type sizeError struct{ max int64 }

func (e *sizeError) Error() string {
	return fmt.Sprintf("decompressed chart is larger than the maximum size %d", e.max)
}

func (e *sizeError) Is(target error) bool { return target == ErrTooLarge }

// File is a regular file of an archive. Name is relative to the archive's top
// folder, slash-separated and clean.
type File struct {
	Name    string
	Data    []byte
	ModTime time.Time
}

// Read returns the regular files of a gzipped tar archive, in its order, the
// top folder taken off their names as Helm does it. Where a name comes twice
// the last one counts. What is neither a regular file nor a folder (links,
// devices) is left out, and warn is told of it.
func Read(r io.Reader, b *Budget, warn func(string)) ([]File, error) {
	zr, err := openGzip(r)
	if err != nil {
		return nil, err
	}
	s := &stream{r: zr, left: b.bytes + int64(b.files+1)*perEntry, err: b.errBytes()}
	files, err := readTar(tar.NewReader(s), b, warn)
	if err != nil {
		return nil, err
	}
	if len(files) == 0 {
		return nil, ErrEmpty
	}
	return lastOfEach(files, warn)
}

func readTar(tr *tar.Reader, b *Budget, warn func(string)) ([]File, error) {
	var files []File
	dirs := map[string]bool{".": true}
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
		switch h.Typeflag {
		case tar.TypeDir, tar.TypeXGlobalHeader, tar.TypeXHeader:
			continue
		}
		name, err := Name(h.Name)
		if err != nil {
			return nil, err
		}
		if err := takeName(name, dirs, b); err != nil {
			return nil, err
		}
		if !isRegular(h.Typeflag) {
			warn(fmt.Sprintf("left out %q: the archive has it as %s", name, kind(h.Typeflag)))
			continue
		}
		data, err := readData(tr, h.Size, b)
		if err != nil {
			return nil, err
		}
		files = append(files, File{Name: name, Data: data, ModTime: h.ModTime})
	}
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

// readData reads one entry. The declared size is checked first, but only bytes
// that are there are allocated.
func readData(tr *tar.Reader, size int64, b *Budget) ([]byte, error) {
	if size > b.bytes {
		return nil, b.errBytes()
	}
	data, err := io.ReadAll(io.LimitReader(tr, b.bytes+1))
	if err != nil {
		return nil, err
	}
	if err := b.TakeBytes(int64(len(data))); err != nil {
		return nil, err
	}
	return data, nil
}

// lastOfEach drops all but the last file of each name. Two files that say what
// the chart is are an error: whoever checks the one must not get the other.
func lastOfEach(files []File, warn func(string)) ([]File, error) {
	last := make(map[string]int, len(files))
	for i, f := range files {
		last[f.Name] = i
	}
	if len(last) == len(files) {
		return files, nil
	}
	out := make([]File, 0, len(last))
	for i, f := range files {
		if last[f.Name] != i && f.Name == "Chart.yaml" {
			return nil, ErrAmbiguous
		}
		if last[f.Name] != i {
			warn(fmt.Sprintf("the archive has %q more than once: the last one counts", f.Name))
			continue
		}
		out = append(out, f)
	}
	return out, nil
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

// stream bounds how much is decompressed in all, skipped entries included.
type stream struct {
	r    io.Reader
	left int64
	err  error
}

func (s *stream) Read(p []byte) (int, error) {
	if s.left <= 0 {
		return 0, s.err
	}
	if int64(len(p)) > s.left {
		p = p[:s.left]
	}
	n, err := s.r.Read(p)
	s.left -= int64(n)
	return n, err
}
