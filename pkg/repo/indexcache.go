package repo

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/seed-0d4f92cc/pack/internal/atomicfile"
	"github.com/seed-0d4f92cc/pack/internal/bounded"
)

// IndexCache keeps the indexes of repositories in a folder: as they were
// served, under Helm's names, and in a compact form beside them, which is made
// anew whenever it does not fit. It is safe for concurrent use, by several
// processes too.
type IndexCache struct {
	// Dir is made when something is put into it.
	Dir string
	// Log is told of entries that are passed over, and of what cannot be kept;
	// nil tells nobody.
	Log *slog.Logger
}

// errNoIndexes is what comes of a nil IndexCache.
var errNoIndexes = errors.New("there is no cache for indexes of repositories")

func (c *IndexCache) path(name, suffix string) string {
	return filepath.Join(c.Dir, name+suffix)
}

// The files of a repository in the cache. The first two are Helm's.
const (
	indexSuffix   = "-index.yaml"
	chartsSuffix  = "-charts.txt"
	compactSuffix = "-index.pack"
)

// UnmanagedName is the name in an IndexCache of a repository that is not
// configured. It is Helm's.
func UnmanagedName(repoURL string) string {
	sum := sha256.Sum256([]byte(repoURL))
	return "helm-manager-" + hex.EncodeToString(sum[:])
}

// Open opens the index of a configured repository as it was fetched last. Where
// there is none the error is the file system's.
func (c *IndexCache) Open(name string) (*Index, error) {
	if c == nil {
		return nil, errNoIndexes
	}
	source, err := bounded.Open(c.path(name, indexSuffix))
	if err != nil {
		return nil, err
	}
	index, err := c.open(name, source)
	if err != nil {
		return nil, errors.Join(err, source.Close())
	}
	index.remake = func() (*Index, error) {
		if err := c.forget(name); err != nil {
			return nil, err
		}
		return c.Open(name)
	}
	return index, nil
}

// open opens the compact form of source, and makes it if there is none that
// fits.
func (c *IndexCache) open(name string, source *os.File) (*Index, error) {
	info, err := source.Stat()
	if err != nil {
		return nil, err
	}
	if index := c.openCompact(name, source, info); index != nil {
		return index, nil
	}
	origin := indexOrigin{Size: info.Size(), ModTime: info.ModTime()}
	// Who may not write here still may read.
	var made bytes.Buffer
	var bad error
	err = atomicfile.Write(c.path(name, compactSuffix), 0o644, func(w io.Writer) error {
		bad = c.build(source, w, func() (indexOrigin, error) { return origin, nil })
		return bad
	})
	if err == nil {
		if index := c.openCompact(name, source, info); index != nil {
			return index, nil
		}
	}
	if _, onFile := errors.AsType[*fs.PathError](bad); bad != nil && !onFile {
		return nil, fmt.Errorf("error loading %s: %w", source.Name(), bad)
	}
	if _, err := source.Seek(0, io.SeekStart); err != nil {
		return nil, err
	}
	if err := c.build(source, &made, func() (indexOrigin, error) { return origin, nil }); err != nil {
		return nil, fmt.Errorf("error loading %s: %w", source.Name(), err)
	}
	return openCompact(bytes.NewReader(made.Bytes()), int64(made.Len()), source, source)
}

// openCompact opens the compact form, if it is that of source.
func (c *IndexCache) openCompact(name string, source *os.File, info fs.FileInfo) *Index {
	f, err := bounded.Open(c.path(name, compactSuffix))
	if err != nil {
		return nil
	}
	var index *Index
	stat, err := f.Stat()
	if err == nil {
		index, err = openCompact(f, stat.Size(), source, f, source)
	}
	if err != nil || index.files.footer.Size != info.Size() || !index.files.footer.ModTime.Equal(info.ModTime()) {
		_ = f.Close()
		return nil
	}
	return index
}

// build writes the compact form of the index in a file. origin is asked at the
// end.
func (c *IndexCache) build(source *os.File, out io.Writer, origin func() (indexOrigin, error)) error {
	return newIndexBuilder(out, c.log(), source.Name()).buildFrom(source, origin)
}

func (c *IndexCache) log() *slog.Logger {
	if c.Log == nil {
		return slog.New(slog.DiscardHandler)
	}
	return c.Log
}

// forget drops the compact form, which is damaged.
func (c *IndexCache) forget(name string) error {
	err := os.Remove(c.path(name, compactSuffix))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// Remove forgets the index of a repository.
func (c *IndexCache) Remove(name string) error {
	var errs []error
	for _, suffix := range []string{indexSuffix, chartsSuffix, compactSuffix} {
		if err := os.Remove(c.path(name, suffix)); !errors.Is(err, fs.ErrNotExist) {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

// Fetch opens the current index of a repository that need not be configured. It
// is kept under a name made of the URL.
func (c *IndexCache) Fetch(ctx context.Context, getter Getter, e Entry) (*Index, error) {
	e.Name = UnmanagedName(e.URL)
	if _, err := c.Update(ctx, getter, e); err != nil {
		return nil, err
	}
	return c.Open(e.Name)
}

// Update fetches the index of a repository, unless it is still the one that is
// in the cache, and says whether it was fetched. If it fails, the cache is as
// it was.
func (c *IndexCache) Update(ctx context.Context, getter Getter, e Entry) (bool, error) {
	if c == nil {
		return false, errNoIndexes
	}
	if err := checkRepoName(e.Name); err != nil {
		return false, err
	}
	at, err := ResolveURL(e.URL, "index.yaml")
	if err != nil {
		return false, err
	}
	req := Request{URL: at, Home: e.URL, Access: e.Access, Compressed: true, MaxBytes: maxIndexBytes}
	if index, err := c.current(e.Name); err == nil {
		if index.files.footer.URL == at {
			req.ETag, req.LastModified = index.files.footer.ETag, index.files.footer.LastModified
		}
		_ = index.Close()
	}
	if err := os.MkdirAll(c.Dir, 0o755); err != nil {
		return false, err
	}
	changed := false
	err = whole(func() (err error) {
		changed, err = c.updateOnce(ctx, getter, req, e)
		return err
	})
	return changed, err
}

func (c *IndexCache) updateOnce(ctx context.Context, getter Getter, req Request, e Entry) (bool, error) {
	res, err := getter.Get(ctx, req)
	if err != nil || res.NotModified {
		return false, err
	}
	defer res.Body.Close()
	err = c.receive(e, req.URL, res)
	return err == nil, err
}

// current opens the index in the cache if its compact form fits.
func (c *IndexCache) current(name string) (*Index, error) {
	source, err := bounded.Open(c.path(name, indexSuffix))
	if err != nil {
		return nil, err
	}
	info, err := source.Stat()
	if err == nil {
		if index := c.openCompact(name, source, info); index != nil {
			return index, nil
		}
		err = errCompact
	}
	return nil, errors.Join(err, source.Close())
}

// receive writes what was served, reading it on the way, and then the files
// that are made of it.
func (c *IndexCache) receive(e Entry, at string, res *Response) error {
	source, err := os.CreateTemp(c.Dir, ".pack-*")
	if err != nil {
		return err
	}
	// Once the file is in its place there is nothing to remove.
	defer func() { _ = os.Remove(source.Name()) }()
	defer source.Close()
	var written time.Time
	origin := func() (indexOrigin, error) {
		info, err := source.Stat()
		if err != nil {
			return indexOrigin{}, err
		}
		written = info.ModTime()
		return indexOrigin{
			Size: info.Size(), ModTime: written, URL: at, ETag: short(res.ETag), LastModified: short(res.LastModified),
		}, nil
	}
	var b *indexBuilder
	err = atomicfile.Write(c.path(e.Name, compactSuffix), 0o644, func(w io.Writer) error {
		b = newIndexBuilder(w, c.log(), Redact(e.URL))
		if err := b.buildFrom(&teeFile{r: res.Body, f: source}, origin); err != nil {
			return err
		}
		// Windows does not rename what is open, and may set the time of a file when it
		// is closed. The index first: a compact form that does not fit is made anew.
		return errors.Join(source.Chmod(0o644), source.Close(), os.Chtimes(source.Name(), time.Time{}, written),
			os.Rename(source.Name(), c.path(e.Name, indexSuffix)))
	})
	if err != nil {
		return err
	}
	names := strings.Join(slices.Sorted(maps.Keys(b.names)), "\n")
	if names != "" {
		names += "\n"
	}
	return atomicfile.Bytes(c.path(e.Name, chartsSuffix), 0o644, []byte(names))
}

// short drops what a server says at too great length.
func short(header string) string {
	if len(header) > 1024 {
		return ""
	}
	return header
}

// teeFile writes what is read of r into a file, and reads that when it is read
// again.
type teeFile struct {
	r      io.Reader
	f      *os.File
	reread bool
}

func (t *teeFile) Read(p []byte) (int, error) {
	if t.reread {
		return t.f.Read(p)
	}
	n, err := t.r.Read(p)
	if n > 0 {
		if _, err := t.f.Write(p[:n]); err != nil {
			return 0, err
		}
	}
	return n, err
}

// Seek goes back to the beginning, once all has been read.
func (t *teeFile) Seek(offset int64, whence int) (int64, error) {
	if !t.reread {
		if _, err := io.Copy(io.Discard, t); err != nil {
			return 0, err
		}
		t.reread = true
	}
	return t.f.Seek(offset, whence)
}
