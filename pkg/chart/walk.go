package chart

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"runtime"
	"slices"
	"sync/atomic"

	"github.com/seed-0d4f92cc/pack/internal/ignore"
	"github.com/seed-0d4f92cc/pack/internal/parallel"
)

// walker collects the files of a folder.
type walker struct {
	*loader
	fsys  fs.FS
	rules ignore.Rules
	// work is what the rules have cost so far.
	work  int
	files []File
	// above are the folders that are being walked, the root first: a symbolic
	// link to one of them would never end.
	above []fs.FileInfo
}

// walk returns the files of fsys in byte order of their names, folder by
// folder, without those that .helmignore leaves out.
func (l *loader) walk(fsys fs.FS) ([]File, error) {
	root, err := fs.Stat(fsys, ".")
	if err != nil {
		return nil, err
	}
	w := &walker{loader: l, fsys: fsys}
	if w.rules, err = w.readRules(); err != nil {
		return nil, err
	}
	if err := w.dir(".", root); err != nil {
		return nil, err
	}
	return w.files, w.readFiles()
}

// readers is how many files are read at once.
const readers = 8

// readFiles reads the files that were found. The error is that of the first
// one that cannot be read.
func (w *walker) readFiles() error {
	var left atomic.Int64
	left.Store(w.budget.Left())
	errs := make([]error, len(w.files))
	first := parallel.Do(min(readers, 2*runtime.GOMAXPROCS(0)), len(w.files), func(i int) bool {
		errs[i] = w.readFile(&w.files[i], &left)
		return errs[i] == nil
	})
	if first < len(errs) {
		return errs[first]
	}
	return w.budget.TakeBytes(w.budget.Left() - left.Load())
}

func (w *walker) readRules() (ignore.Rules, error) {
	fi, err := fs.Stat(w.fsys, ignore.FileName)
	if errors.Is(err, fs.ErrNotExist) {
		return ignore.Rules{}.WithDefaults(), nil
	}
	if err != nil {
		return ignore.Rules{}, &Error{Path: ignore.FileName, Err: err}
	}
	if !fi.Mode().IsRegular() {
		return ignore.Rules{}, irregular(ignore.FileName)
	}
	f := File{Name: ignore.FileName}
	var left atomic.Int64
	left.Store(w.budget.Left())
	if err := w.readFile(&f, &left); err != nil {
		return ignore.Rules{}, err
	}
	rules, err := ignore.Parse(f.Data)
	if err != nil {
		e := &Error{Path: ignore.FileName, Err: err}
		if se, ok := errors.AsType[*ignore.SyntaxError](err); ok {
			// Helm's text names no line; the fields do.
			e.Line, e.Data, e.Err = se.Line, f.Data, se.Err
		}
		return ignore.Rules{}, e
	}
	return rules, nil
}

func (w *walker) dir(name string, fi fs.FileInfo) error {
	if len(w.above) > w.maxDepth {
		return &Error{Path: name, Err: fmt.Errorf("%s: %w: folders lie more than %d deep", name, ErrTooLarge, w.maxDepth)}
	}
	w.above = append(w.above, fi)
	defer func() { w.above = w.above[:len(w.above)-1] }()
	entries, err := fs.ReadDir(w.fsys, name)
	if err != nil {
		return &Error{Path: name, Err: err}
	}
	w.files = slices.Grow(w.files, len(entries))
	for _, e := range entries {
		if err := w.entry(path.Join(name, e.Name()), e); err != nil {
			return err
		}
	}
	return nil
}

func (w *walker) entry(name string, e fs.DirEntry) error {
	if err := w.budget.TakeFile(); err != nil {
		return &Error{Path: name, Err: fmt.Errorf("error reading %s: %w", name, err)}
	}
	if w.work += w.rules.Work(name); w.work > ignore.MaxWork {
		return &Error{Path: ignore.FileName, Err: &limitError{"there are too many rules for so many files"}}
	}
	if e.Type().IsRegular() {
		// Its size and time are asked for when it is read, by several at once.
		if !w.rules.Match(name, false) {
			w.files = append(w.files, File{Name: name})
		}
		return nil
	}
	info := e.Info
	if e.Type()&fs.ModeSymlink != 0 {
		info = func() (fs.FileInfo, error) { return fs.Stat(w.fsys, name) }
	}
	fi, err := info()
	if err != nil {
		return &Error{Path: name, Err: err}
	}
	if w.rules.Match(name, fi.IsDir()) {
		return nil
	}
	if e.Type()&fs.ModeSymlink != 0 {
		w.warn(fmt.Sprintf("%s is a symbolic link: what it leads to is taken into the chart", name))
		if err := w.leadsBack(name, fi); err != nil {
			return err
		}
	}
	switch {
	case fi.IsDir():
		return w.dir(name, fi)
	case !fi.Mode().IsRegular():
		return irregular(name)
	}
	w.files = append(w.files, File{Name: name})
	return nil
}

// leadsBack refuses a link to a folder that it lies in. Only links can lead there, and
// only they are compared: not every file system numbers its folders.
func (w *walker) leadsBack(name string, to fs.FileInfo) error {
	for _, up := range w.above {
		if os.SameFile(up, to) {
			return &Error{Path: name, Err: fmt.Errorf("%s: symbolic link leads back to a folder that it lies in", name)}
		}
	}
	return nil
}

// readFile reads a file, at most what is left, and takes that off. Its size is
// taken first, so that several at once do not need the memory for more.
func (w *walker) readFile(into *File, left *atomic.Int64) error {
	name := into.Name
	f, err := w.fsys.Open(name)
	if err != nil {
		return &Error{Path: name, Err: err}
	}
	defer f.Close()
	fi, err := f.Stat()
	if err != nil {
		return &Error{Path: name, Err: err}
	}
	if !fi.Mode().IsRegular() {
		return irregular(name)
	}
	into.ModTime = fi.ModTime()
	// The size is what somebody said. One byte more shows the end of the file.
	taken := max(0, fi.Size())
	if taken > left.Load() || left.Add(-taken) < 0 {
		return w.tooLarge(name)
	}
	data := make([]byte, 0, taken+1)
	for {
		n, err := f.Read(data[len(data):cap(data)])
		data = data[:len(data)+n]
		if more := int64(len(data)) - taken; more > 0 {
			taken += more
			if left.Add(-more) < 0 {
				return w.tooLarge(name)
			}
		}
		switch {
		case errors.Is(err, io.EOF):
			left.Add(taken - int64(len(data)))
			into.Data = data
			return nil
		case err != nil:
			return &Error{Path: name, Err: fmt.Errorf("error reading %s: %w", name, err)}
		}
		if len(data) == cap(data) {
			data = slices.Grow(data, len(data))
		}
	}
}

func (w *walker) tooLarge(name string) error {
	return &Error{Path: name, Err: &limitError{fmt.Sprintf(
		"error reading %s: chart exceeds maximum decompressed size of %d bytes", name, w.maxBytes)}}
}

func irregular(name string) error {
	return &Error{Path: name, Err: fmt.Errorf("cannot load irregular file %s as it has file mode type bits set", name)}
}

// limitError is ErrTooLarge in Helm's words.
type limitError struct{ text string }

func (e *limitError) Error() string { return e.text }

func (e *limitError) Is(target error) bool { return target == ErrTooLarge }
