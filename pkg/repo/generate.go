package repo

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"time"

	"github.com/seed-0d4f92cc/pack/internal/atomicfile"
	"github.com/seed-0d4f92cc/pack/internal/bounded"
	"github.com/seed-0d4f92cc/pack/internal/parallel"
	"github.com/seed-0d4f92cc/pack/pkg/chart"
)

// indexFile is what the index of a folder is called.
const indexFile = "index.yaml"

// GenerateOptions is how the index of a folder is made. The zero value makes one
// with relative URLs, in YAML.
type GenerateOptions struct {
	// URL is below which the archives will be found; empty means beside the
	// index.
	URL string
	// Merge is the path of another index, of which the versions are kept that
	// the folder does not have. Where there is none an empty one is written.
	// Empty means no other index.
	Merge string
	// JSON writes JSON. The name of the file is the same.
	JSON bool
	// Workers is how many archives are read at once; 0 means one for each
	// processor.
	Workers int
	// Now is the clock; nil means time.Now.
	Now func() time.Time
	// Log is told of archives that are passed over; nil tells nobody.
	Log *slog.Logger
}

// GenerateIndex writes the index of the charts that lie packed in a folder, and
// in the folders in it, into its index.yaml. Archives that are no charts are
// passed over.
func GenerateIndex(ctx context.Context, dir string, opts GenerateOptions) error {
	if opts.Workers <= 0 {
		opts.Workers = runtime.GOMAXPROCS(0)
	}
	if opts.Now == nil {
		opts.Now = time.Now
	}
	if opts.Log == nil {
		opts.Log = slog.New(slog.DiscardHandler)
	}
	g := &generator{opts: opts, now: opts.Now(), charts: map[string][]*looseVersion{}}
	if err := g.readArchives(ctx, dir); err != nil {
		return err
	}
	if opts.Merge != "" {
		if err := g.openMerged(ctx); err != nil {
			return fmt.Errorf("merge failed: %w", err)
		}
		if g.merged != nil {
			defer g.merged.Close() // again, unless all goes well
		}
	}
	return g.writeFile(ctx, filepath.Join(dir, indexFile))
}

// generator makes the index of a folder.
type generator struct {
	opts GenerateOptions
	now  time.Time
	// readers are *chart.MetadataReader.
	readers sync.Pool
	// charts are the versions in the folder, in the order of the archives. Charts
	// that only the other index has are here without any.
	charts map[string][]*looseVersion
	// merged is the other index; nil if there is none.
	merged *Index
	// strays are the versions in it that do not stand below their names.
	strays map[string][]rowView
}

// place is where an archive is: in a folder in the folder, or with dir "" in
// itself.
type place struct{ dir, file string }

// findArchives lists the archives: first those in the folder, then those one
// level below. A folder that cannot be read has none.
func findArchives(root string) []place {
	const suffix = ".tgz"
	var found []place
	list := func(dir string) (below []string) {
		entries, err := os.ReadDir(filepath.Join(root, dir))
		if err != nil {
			return nil
		}
		for _, e := range entries {
			isDir := e.IsDir()
			if e.Type()&fs.ModeSymlink != 0 {
				info, err := os.Stat(filepath.Join(root, dir, e.Name()))
				isDir = err == nil && info.IsDir()
			}
			switch {
			case isDir:
				below = append(below, e.Name())
			case strings.HasSuffix(e.Name(), suffix):
				found = append(found, place{dir, e.Name()})
			}
		}
		return below
	}
	for _, dir := range list("") {
		list(dir)
	}
	return found
}

func (g *generator) readArchives(ctx context.Context, root string) error {
	places := findArchives(root)
	versions := make([]*looseVersion, len(places))
	errs := make([]error, len(places))
	read := parallel.Do(g.opts.Workers, len(places), func(i int) bool {
		if errs[i] = ctx.Err(); errs[i] == nil {
			versions[i], errs[i] = g.readArchive(root, places[i])
		}
		return errs[i] == nil
	})
	if read < len(places) {
		return errs[read]
	}
	for _, v := range versions {
		if v != nil {
			g.charts[v.Name] = append(g.charts[v.Name], v)
		}
	}
	return nil
}

// readArchive reads what an index says of an archive; nil if it is no chart.
func (g *generator) readArchive(root string, at place) (*looseVersion, error) {
	file := filepath.Join(root, at.dir, at.file)
	f, err := bounded.Open(file)
	if err != nil {
		g.passOver(file, err)
		return nil, nil
	}
	defer f.Close()
	info, err := f.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = errors.New("not a regular file")
	}
	if err != nil {
		g.passOver(file, err)
		return nil, nil
	}
	sum := sha256.New()
	in := io.TeeReader(f, sum)
	reader, _ := g.readers.Get().(*chart.MetadataReader)
	if reader == nil {
		reader = new(chart.MetadataReader)
	}
	defer g.readers.Put(reader)
	metadata, err := reader.Read(in, chart.LoadOptions{})
	if err != nil {
		g.passOver(file, err)
		return nil, nil
	}
	// What stands behind the archive belongs to the file.
	if _, err := io.Copy(io.Discard, in); err != nil {
		return nil, err
	}
	return &looseVersion{ChartVersion: ChartVersion{
		Metadata: *metadata, URLs: []string{g.url(at)}, Created: g.now, Digest: hex.EncodeToString(sum.Sum(nil)),
	}}, nil
}

func (g *generator) passOver(file string, reason error) {
	g.opts.Log.Warn("passing over what is no chart", "file", file, "error", reason)
}

// url is that of an archive.
func (g *generator) url(at place) string {
	base := joinURL(g.opts.URL, at.dir)
	if base == "" {
		return at.file
	}
	return joinURL(base, at.file)
}

// joinURL adds an element to the path of a URL.
func joinURL(base, element string) string {
	u, err := url.Parse(base)
	if err != nil {
		return path.Join(base, element)
	}
	u.Path = path.Join(u.Path, element)
	return u.String()
}

// writeFile writes the index.
func (g *generator) writeFile(ctx context.Context, file string) error {
	return atomicfile.Write(file, 0o644, func(w io.Writer) error {
		out := bufio.NewWriterSize(w, 128<<10)
		if err := g.write(ctx, out); err != nil {
			return err
		}
		if g.merged != nil { // which may be the file: Windows does not replace what is open
			_ = g.merged.Close()
		}
		return out.Flush()
	})
}
