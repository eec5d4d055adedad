// Package tarsafe reads the gzipped tar archives of charts from strangers:
// names cannot leave the chart, and neither bytes nor entries go beyond a
// budget.
package tarsafe

import (
	"archive/tar"
	"bufio"
	"compress/flate"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"strings"
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
// devices) is left out, and warn is told of it; a link that leads out of the
// chart is an error, and so is a file behind a link. The whole archive is read,
// so that its checksum is compared; what comes behind it is not looked at.
func Read(r io.Reader, b *Budget, warn func(string)) ([]File, error) {
	return new(Reader).Read(r, b, warn)
}

// blockSize is what the lengths of tar archives are multiples of.
const blockSize = 512

// Reader reads one archive after the other. The zero value is one; it is not safe
// for concurrent use.
type Reader struct {
	// Wanted says whether the content of a file is wanted. The others are read
	// as carefully, but their Data is nil. nil wants all.
	Wanted func(name string) bool

	in   *bufio.Reader
	gzip *gzip.Reader
}

// Read is Read of the package.
func (z *Reader) Read(r io.Reader, b *Budget, warn func(string)) ([]File, error) {
	warn = b.warner(warn)
	if err := z.open(r); err != nil {
		return nil, err
	}
	s := &stream{r: &members{Reader: z}, left: b.bytes + int64(b.files+1)*perEntry, err: b.errBytes()}
	tr := &entries{
		Reader: tar.NewReader(s), budget: b, wanted: z.Wanted, warn: warn,
		dirs: map[string]bool{".": true}, links: map[string]bool{},
	}
	if err := tr.all(); err != nil {
		return nil, damaged(err)
	}
	behind, err := io.Copy(io.Discard, s)
	if err == nil && behind == 0 && s.read%blockSize != 0 {
		err = io.ErrUnexpectedEOF // archive/tar takes a cut in a padding for the end
	}
	if err != nil {
		return nil, damaged(err)
	}
	if len(tr.files) == 0 {
		return nil, ErrEmpty
	}
	if err := tr.checkLinks(); err != nil {
		return nil, err
	}
	return lastOfEach(tr.files, warn)
}

// open reads the head of the gzip stream.
func (z *Reader) open(r io.Reader) error {
	if z.in == nil {
		z.in = bufio.NewReader(r)
	} else {
		z.in.Reset(r)
	}
	magic, err := z.in.Peek(3)
	if err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	if len(magic) < 3 || magic[0] != 0x1f || magic[1] != 0x8b || magic[2] != 8 {
		return ErrNotGzip
	}
	return damaged(z.member())
}

// member begins to read a gzip stream.
func (z *Reader) member() (err error) {
	if z.gzip == nil {
		z.gzip, err = gzip.NewReader(z.in)
	} else {
		err = z.gzip.Reset(z.in)
	}
	if err == nil {
		z.gzip.Multistream(false)
	}
	return err
}

// members reads gzip streams up to what is none. What follows an archive does not
// matter, as in Helm.
type members struct {
	*Reader
	ended bool
}

func (z *members) Read(p []byte) (int, error) {
	for !z.ended {
		n, err := z.gzip.Read(p)
		if n > 0 || !errors.Is(err, io.EOF) {
			if errors.Is(err, io.EOF) {
				err = nil // it comes again
			}
			return n, err
		}
		z.ended = z.member() != nil
	}
	return 0, io.EOF
}

// damaged says what is wrong with an archive of which the libraries tell little.
func damaged(err error) error {
	if err == nil {
		return nil
	}
	_, corrupt := errors.AsType[flate.CorruptInputError](err)
	if corrupt || errors.Is(err, gzip.ErrHeader) || errors.Is(err, gzip.ErrChecksum) || errors.Is(err, io.ErrUnexpectedEOF) ||
		strings.HasPrefix(err.Error(), "archive/tar: ") {
		return fmt.Errorf("the archive is damaged: %w", err)
	}
	return err
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

// stream bounds how much is decompressed in all, skipped entries included.
type stream struct {
	r    io.Reader
	left int64
	read int64
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
	s.read += int64(n)
	return n, err
}
