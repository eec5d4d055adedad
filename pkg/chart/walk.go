package chart

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"

	"github.com/seed-0d4f92cc/pack/internal/ignore"
)

// walker collects the files of a folder.
type walker struct {
	*loader
	fsys  fs.FS
	rules ignore.Rules
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
	return w.files, nil
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
	data, err := w.readFile(ignore.FileName)
	if err != nil {
		return ignore.Rules{}, err
	}
	rules, err := ignore.Parse(data)
	if err != nil {
		e := &Error{Path: ignore.FileName, Err: err}
		if se, ok := errors.AsType[*ignore.SyntaxError](err); ok {
			e.Line = se.Line
		}
		return ignore.Rules{}, e
	}
	return rules, nil
}

func (w *walker) dir(name string, fi fs.FileInfo) error {
	if len(w.above) > w.maxDepth {
		return &Error{Path: name, Err: fmt.Errorf("%s: %w: folders lie more than %d deep", name, ErrTooLarge, w.maxDepth)}
	}
	for _, up := range w.above {
		if os.SameFile(up, fi) {
			return &Error{Path: name, Err: fmt.Errorf("%s: symbolic link leads back to a folder that it lies in", name)}
		}
	}
	w.above = append(w.above, fi)
	defer func() { w.above = w.above[:len(w.above)-1] }()
	entries, err := fs.ReadDir(w.fsys, name)
	if err != nil {
		return &Error{Path: name, Err: err}
	}
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
	}
	switch {
	case fi.IsDir():
		return w.dir(name, fi)
	case !fi.Mode().IsRegular():
		return irregular(name)
	}
	data, err := w.readFile(name)
	if err != nil {
		return err
	}
	if err := w.budget.TakeBytes(int64(len(data))); err != nil {
		return w.tooLarge(name)
	}
	w.files = append(w.files, File{Name: name, Data: data, ModTime: fi.ModTime()})
	return nil
}

// readFile reads at most what the budget still allows.
func (w *walker) readFile(name string) ([]byte, error) {
	f, err := w.fsys.Open(name)
	if err != nil {
		return nil, &Error{Path: name, Err: err}
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, w.budget.Left()+1))
	if err != nil {
		return nil, &Error{Path: name, Err: fmt.Errorf("error reading %s: %w", name, err)}
	}
	if int64(len(data)) > w.budget.Left() {
		return nil, w.tooLarge(name)
	}
	return data, nil
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
