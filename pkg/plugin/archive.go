package plugin

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/seed-0d4f92cc/pack/internal/bounded"
	"github.com/seed-0d4f92cc/pack/internal/tarsafe"
)

// The bounds of plugins that are packed.
const (
	maxArchive  = 128 << 20
	maxUnpacked = 256 << 20
	maxFiles    = 10000
)

// ErrMissingMetadata says that something is no plugin.
var ErrMissingMetadata = errors.New("plugin metadata (plugin.yaml) missing")

// archive is a plugin as it was packed.
type archive struct {
	meta *Metadata
	// files are those of the plugin, named from its folder.
	files []tarsafe.Entry
}

// readArchive reads a packed plugin, whose plugin.yaml is at the top of the
// archive or in its only folder that has one.
func readArchive(data []byte) (*archive, error) {
	files, err := tarsafe.ReadTree(bytes.NewReader(data), tarsafe.NewBudget(maxUnpacked, maxFiles))
	if errors.Is(err, tarsafe.ErrTooLarge) {
		return nil, fmt.Errorf("the plugin is too large: unpacked at most %d bytes and %d files are allowed", maxUnpacked, maxFiles)
	}
	if err != nil {
		return nil, err
	}
	root, err := findRoot(files)
	if err != nil {
		return nil, err
	}
	a := new(archive)
	for _, f := range files {
		name, inside := strings.CutPrefix(f.Name, root)
		if !inside {
			continue
		}
		f.Name = name
		a.files = append(a.files, f)
		if name != FileName {
			continue
		}
		if len(f.Data) > maxFileBytes {
			return nil, fmt.Errorf("%s is larger than %d bytes", FileName, maxFileBytes)
		}
		if a.meta, err = Parse(f.Data); err != nil {
			return nil, fmt.Errorf("failed to load plugin: %w", err)
		}
	}
	return a, nil
}

// findRoot is what the names of the plugin's files begin with: nothing, or a
// folder.
func findRoot(files []tarsafe.Entry) (string, error) {
	var roots []string
	for _, f := range files {
		dir, name := path.Split(f.Name)
		switch {
		case name != FileName:
		case dir == "":
			return "", nil
		case strings.Count(dir, "/") == 1:
			roots = append(roots, dir)
		}
	}
	switch len(roots) {
	case 0:
		return "", ErrMissingMetadata
	case 1:
		return roots[0], nil
	}
	return "", fmt.Errorf("the archive has more than one plugin: %s", strings.Join(roots, ", "))
}

// unpack writes the plugin into an empty folder. Of their modes files keep only
// whether they may be executed.
func (a *archive) unpack(dir string) error {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return err
	}
	defer root.Close()
	for _, f := range a.files {
		if parent := path.Dir(f.Name); parent != "." {
			if err := root.MkdirAll(parent, 0o755); err != nil {
				return err
			}
		}
		mode := fs.FileMode(0o644)
		if f.Exec {
			mode = 0o755
		}
		if err := writeNew(root, f.Name, mode, f.Data); err != nil {
			return err
		}
	}
	return nil
}

func writeNew(root *os.Root, name string, mode fs.FileMode, data []byte) error {
	// Two names may be one to the file system: neither is to be lost.
	f, err := root.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, mode)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	return errors.Join(err, f.Close())
}

// PackOptions is how a plugin is packed.
type PackOptions struct {
	// ModTime is what all files are given; zero is the time that archives of
	// charts have too.
	ModTime time.Time
}

// ArchiveName is what the archive of the plugin is called.
func (m *Metadata) ArchiveName() string { return m.Name + "-" + m.Version + ".tgz" }

// Pack writes the plugin as an archive, whose bytes depend only on names,
// contents and execute bits of the files. A folder .git and earlier archives of
// the plugin are left out; links are errors, since nobody unpacks them.
func (p *Plugin) Pack(w io.Writer, opts PackOptions) error {
	names, err := p.files()
	if err != nil {
		return err
	}
	when := opts.ModTime
	if when.IsZero() {
		when = time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC)
	}
	zw := gzip.NewWriter(w)
	tw := tar.NewWriter(zw)
	left := int64(maxUnpacked)
	for _, name := range names {
		n, err := p.packFile(tw, name, when, left)
		if err != nil {
			return err
		}
		left -= n
	}
	return errors.Join(tw.Close(), zw.Close())
}

func (p *Plugin) packFile(tw *tar.Writer, name string, when time.Time, left int64) (int64, error) {
	file := filepath.Join(p.Dir, filepath.FromSlash(name))
	info, err := os.Lstat(file)
	if err != nil {
		return 0, err
	}
	if !info.Mode().IsRegular() {
		return 0, fmt.Errorf("%s is neither a file nor a folder: a plugin that is packed cannot have it", file)
	}
	data, err := bounded.ReadFile(file, left)
	if err != nil {
		return 0, err
	}
	h := &tar.Header{
		Typeflag: tar.TypeReg, Name: p.Name + "/" + name, Size: int64(len(data)), Mode: 0o644, ModTime: when,
	}
	if info.Mode()&0o111 != 0 {
		h.Mode = 0o755
	}
	if err := tw.WriteHeader(h); err != nil {
		return 0, err
	}
	_, err = tw.Write(data)
	return h.Size, err
}

// files are the files of the plugin's folder, slash-separated and sorted.
func (p *Plugin) files() ([]string, error) {
	var names []string
	err := filepath.WalkDir(p.Dir, func(file string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name, err := filepath.Rel(p.Dir, file)
		if err != nil {
			return err
		}
		name = filepath.ToSlash(name)
		switch {
		case d.IsDir() && name == ".git":
			return fs.SkipDir
		case d.IsDir(), name == p.ArchiveName(), name == p.ArchiveName()+".prov":
			return nil
		case len(names) >= maxFiles:
			return fmt.Errorf("%s has more than %d files", p.Dir, maxFiles)
		}
		names = append(names, name)
		return nil
	})
	slices.Sort(names)
	return names, err
}

// isNotExist says whether an error means that a file is not there.
func isNotExist(err error) bool { return errors.Is(err, fs.ErrNotExist) }
