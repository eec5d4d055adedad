package cli

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"github.com/seed-0d4f92cc/pack/pkg/repo"
)

// maxInputBytes bounds what is read on behalf of a flag.
const maxInputBytes = 100 << 20

// path is where a path of the command line lies.
func (a App) path(name string) string {
	if a.Dir == "" || filepath.IsAbs(name) {
		return name
	}
	return filepath.Join(a.Dir, name)
}

// folder is where a folder of the command line lies that is written to; as in Helm an
// empty path is the folder that the program runs in.
func (a App) folder(name string) string { return a.path(cmp.Or(name, ".")) }

// readInput reads what a flag names: a file, a URL that pack or a plugin can
// open, or "-" for the standard input.
func (s *session) readInput(ctx context.Context, name string) ([]byte, error) {
	if strings.TrimSpace(name) == "-" {
		return readLimited(s.In, "standard input", 0)
	}
	if u, err := url.Parse(name); err == nil && u.Scheme != "" {
		getter, err := s.findGetter(u.Scheme)
		if err != nil {
			return nil, err
		}
		if getter != nil {
			return repo.ReadAll(ctx, getter, repo.Request{URL: name, MaxBytes: maxInputBytes})
		}
		// It may be a file all the same, but not one whose name an error repeats.
		data, err := s.readFile(name)
		return data, shownAs(err, repo.Entry{URL: name}.Redacted())
	}
	if isIrregular(s.path(name)) {
		return s.readPipe(ctx, name)
	}
	return s.readFile(name)
}

// readFile reads a file.
func (s *session) readFile(name string) ([]byte, error) {
	f, err := os.Open(s.path(name))
	if err != nil {
		return nil, shownAs(err, name)
	}
	defer f.Close()
	size := 0
	if info, err := f.Stat(); err == nil {
		size = int(min(info.Size(), maxInputBytes))
	}
	return readLimited(f, name, size)
}

// shownAs is the error of a file under the path that the user knows.
func shownAs(err error, name string) error {
	if pe, ok := errors.AsType[*fs.PathError](err); ok {
		return &fs.PathError{Op: pe.Op, Path: name, Err: pe.Err}
	}
	return err
}

// readLimited reads all of r. size is how much that will be, as far as is known.
func readLimited(r io.Reader, name string, size int) ([]byte, error) {
	var b bytes.Buffer
	b.Grow(size + bytes.MinRead)
	n, err := b.ReadFrom(io.LimitReader(r, maxInputBytes+1))
	if isA[*fs.PathError](err) {
		return nil, shownAs(err, name)
	}
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", name, err)
	}
	if n > maxInputBytes {
		return nil, fmt.Errorf("%s is too large: at most %d bytes are read", name, maxInputBytes)
	}
	return b.Bytes(), nil
}

// resolveHost answers the template function getHostByName: with the first
// address of a host.
func resolveHost(ctx context.Context, host string) (string, error) {
	addresses, err := net.DefaultResolver.LookupHost(ctx, host)
	if err != nil {
		return "", err
	}
	return addresses[0], nil
}
