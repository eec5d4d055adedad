package repo

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"iter"
	"sync"

	"github.com/Masterminds/semver/v3"
)

// Index is the index of a repository, opened for reading. It holds two files
// open, and reads of them what it is asked for. It is safe for concurrent use.
type Index struct {
	mu    sync.Mutex
	files *indexFiles
	// remake opens the index anew where the compact form is found to be damaged;
	// nil where that cannot be.
	remake  func() (*Index, error)
	closers []io.Closer
}

// indexFiles are the two files of an index: the compact form and what it was made
// of.
type indexFiles struct {
	compact io.ReaderAt
	source  io.ReaderAt
	footer  indexFooter
}

// openCompact opens a compact index of so many bytes, made of source.
func openCompact(compact io.ReaderAt, size int64, source io.ReaderAt, closers ...io.Closer) (*Index, error) {
	footer, err := readFooter(compact, size)
	if err != nil {
		return nil, err
	}
	return &Index{files: &indexFiles{compact, source, footer}, closers: closers}, nil
}

// Close closes the files.
func (x *Index) Close() error {
	var errs []error
	for _, c := range x.closers {
		errs = append(errs, c.Close())
	}
	return errors.Join(errs...)
}

func (x *Index) current() *indexFiles {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.files
}

// do does something with the files, and once more if they turn out to be damaged
// and can be made anew.
func (x *Index) do(what func(*indexFiles) error) error {
	files := x.current()
	err := what(files)
	if !errors.Is(err, errCompact) {
		return err
	}
	if files, err = x.mended(files, err); err != nil {
		return err
	}
	return what(files)
}

// mended returns files in place of damaged ones.
func (x *Index) mended(damaged *indexFiles, why error) (*indexFiles, error) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.files != damaged {
		return x.files, nil // another caller was faster
	}
	if x.remake == nil {
		return nil, why
	}
	fresh, err := x.remake()
	if err != nil {
		return nil, err
	}
	x.files, x.remake = fresh.files, nil
	x.closers = append(x.closers, fresh.closers...)
	return x.files, nil
}

// Len is how many charts there are, and how many versions of them in all.
func (x *Index) Len() (charts, versions int) {
	footer := x.current().footer
	return footer.Charts, footer.Versions
}

// errEnough ends what a caller of an iterator wants no more of.
var errEnough = errors.New("enough")

// Names are the names of the charts, sorted.
func (x *Index) Names() iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		last, begun := "", false
		err := x.do(func(f *indexFiles) error {
			for i := range f.footer.Charts {
				g, err := f.group(i)
				if err != nil {
					return err
				}
				if begun && g.name <= last {
					continue
				}
				if !yield(g.name, nil) {
					return errEnough
				}
				last, begun = g.name, true
			}
			return nil
		})
		if err != nil && !errors.Is(err, errEnough) {
			yield("", err)
		}
	}
}

// Versions are the versions of a chart, the highest first; there are none of a
// chart that the index does not have.
func (x *Index) Versions(name string) iter.Seq2[*ChartVersion, error] {
	return func(yield func(*ChartVersion, error) bool) {
		done := 0
		err := x.do(func(f *indexFiles) error {
			return f.each(name, func(i int, row *rowView) error {
				if i < done {
					return nil
				}
				v, err := f.version(row)
				if err != nil {
					return err
				}
				if !yield(v, nil) {
					return errEnough
				}
				done = i + 1
				return nil
			})
		})
		if err != nil && !errors.Is(err, errEnough) && !errors.Is(err, ErrNotFound) {
			yield(nil, err)
		}
	}
}

// group reads the i-th group in the order of the names.
func (f *indexFiles) group(i int) (*group, error) {
	var at [8]byte
	if _, err := f.compact.ReadAt(at[:], f.footer.Table+8*int64(i)); err != nil {
		return nil, err
	}
	return f.readGroup(int64(binary.LittleEndian.Uint64(at[:])))
}

// The texts are Helm's.
var (
	errNoChartName    = fmt.Errorf("no chart name found%w", silent{ErrNotFound})
	errNoChartVersion = fmt.Errorf("no chart version found%w%w", silent{ErrNotFound}, silent{ErrNoVersion})
)

// find reads the group of a chart.
func (f *indexFiles) find(name string) (*group, error) {
	low, high := 0, f.footer.Charts
	for low < high {
		middle := (low + high) / 2
		g, err := f.group(middle)
		if err != nil {
			return nil, err
		}
		switch {
		case g.name == name:
			return g, nil
		case g.name < name:
			low = middle + 1
		default:
			high = middle
		}
	}
	return nil, errNoChartName
}

// each calls do for each row of a chart, the highest version first.
func (f *indexFiles) each(name string, do func(i int, row *rowView) error) error {
	g, err := f.find(name)
	if err != nil {
		return err
	}
	for i := range g.count {
		if !g.rows.next() {
			return g.rows.err
		}
		if err := do(i, &g.rows.row); err != nil {
			return err
		}
	}
	return nil
}

// Find returns the version of a chart that a constraint means: the one whose
// version it is, or else the highest that satisfies it. An empty one means the
// highest, without prereleases unless devel says otherwise. The error wraps
// ErrNotFound, or is about the constraint.
func (x *Index) Find(name, constraint string, devel bool) (*ChartVersion, error) {
	var v *ChartVersion
	err := x.do(func(f *indexFiles) (err error) {
		v, err = f.findVersion(name, constraint, devel)
		return err
	})
	return v, err
}

func (f *indexFiles) findVersion(name, constraint string, devel bool) (*ChartVersion, error) {
	g, err := f.find(name)
	if err != nil {
		return nil, err
	}
	if g.count == 0 {
		return nil, errNoChartVersion
	}
	wanted := constraint
	switch {
	case wanted == "" && devel:
		wanted = anyVersion
	case wanted == "":
		wanted = "*"
	}
	check, err := semver.NewConstraint(wanted)
	if err != nil {
		return nil, err
	}
	var found *rowView
	for range g.count {
		if !g.rows.next() {
			return nil, g.rows.err
		}
		row := g.rows.row
		if string(row.version) == constraint {
			found = &row
			break
		}
		if found == nil && satisfies(string(row.version), check) {
			found = &row
		}
		if found != nil && constraint == "" {
			break
		}
	}
	if found == nil {
		return nil, fmt.Errorf("no chart version found for %s-%s%w%w", name, constraint, silent{ErrNotFound}, silent{ErrNoVersion})
	}
	return f.version(found)
}

// Choose returns the highest version of a chart that suits a caller, who is told
// of each the version and whether it has a URL. The error wraps ErrNotFound.
func (x *Index) Choose(name string, suits func(version string, hasURLs bool) bool) (*ChartVersion, error) {
	var v *ChartVersion
	err := x.do(func(f *indexFiles) error {
		err := f.each(name, func(_ int, row *rowView) (err error) {
			if !suits(string(row.version), row.hasURLs) {
				return nil
			}
			if v, err = f.version(row); err != nil {
				return err
			}
			return errEnough
		})
		switch {
		case err == nil:
			return errNoChartVersion
		case errors.Is(err, errEnough):
			return nil
		}
		return err
	})
	return v, err
}

func satisfies(version string, check *semver.Constraints) bool {
	v, err := semver.NewVersion(version)
	return err == nil && check.Check(v)
}
