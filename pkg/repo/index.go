package repo

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"iter"
	"net/url"
	"strings"

	"github.com/Masterminds/semver/v3"
)

// Index is the index of a repository, opened for reading. It holds two files
// open, and reads of them what it is asked for. It is safe for concurrent use.
type Index struct {
	compact io.ReaderAt
	source  io.ReaderAt
	footer  indexFooter
	closers []io.Closer
}

// openCompact opens a compact index of so many bytes, made of source.
func openCompact(compact io.ReaderAt, size int64, source io.ReaderAt, closers ...io.Closer) (*Index, error) {
	footer, err := readFooter(compact, size)
	if err != nil {
		return nil, err
	}
	return &Index{compact: compact, source: source, footer: footer, closers: closers}, nil
}

// Close closes the files.
func (x *Index) Close() error {
	var errs []error
	for _, c := range x.closers {
		errs = append(errs, c.Close())
	}
	return errors.Join(errs...)
}

// Len is how many charts there are, and how many versions of them in all.
func (x *Index) Len() (charts, versions int) { return x.footer.Charts, x.footer.Versions }

// Names are the names of the charts, sorted.
func (x *Index) Names() iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		for i := range x.footer.Charts {
			g, err := x.group(i)
			if err != nil {
				yield("", err)
				return
			}
			if !yield(g.name, nil) {
				return
			}
		}
	}
}

// Versions are the versions of a chart, the highest first; there are none of a
// chart that the index does not have.
func (x *Index) Versions(name string) iter.Seq2[*ChartVersion, error] {
	return func(yield func(*ChartVersion, error) bool) {
		g, err := x.find(name)
		if errors.Is(err, ErrNotFound) {
			return
		}
		if err != nil {
			yield(nil, err)
			return
		}
		for range g.count {
			if !g.rows.next() {
				yield(nil, g.rows.err)
				return
			}
			v, err := x.version(&g.rows.row)
			if !yield(v, err) || err != nil {
				return
			}
		}
	}
}

// group reads the i-th group in the order of the names.
func (x *Index) group(i int) (*group, error) {
	var at [8]byte
	if _, err := x.compact.ReadAt(at[:], x.footer.Table+8*int64(i)); err != nil {
		return nil, err
	}
	return x.readGroup(int64(binary.LittleEndian.Uint64(at[:])))
}

// The texts are Helm's.
var (
	errNoChartName    = fmt.Errorf("no chart name found%w", silent{ErrNotFound})
	errNoChartVersion = fmt.Errorf("no chart version found%w%w", silent{ErrNotFound}, silent{ErrNoVersion})
)

// find reads the group of a chart.
func (x *Index) find(name string) (*group, error) {
	low, high := 0, x.footer.Charts
	for low < high {
		middle := (low + high) / 2
		g, err := x.group(middle)
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

// Find returns the version of a chart that a constraint means: the one whose
// version it is, or else the highest that satisfies it. An empty one means the
// highest, without prereleases unless devel says otherwise. The error wraps
// ErrNotFound, or is about the constraint.
func (x *Index) Find(name, constraint string, devel bool) (*ChartVersion, error) {
	g, err := x.find(name)
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
	return x.version(found)
}

// Choose returns the highest version of a chart that suits a caller, who is told
// of each the version and whether it has a URL. The error wraps ErrNotFound.
func (x *Index) Choose(name string, suits func(version string, hasURLs bool) bool) (*ChartVersion, error) {
	g, err := x.find(name)
	if err != nil {
		return nil, err
	}
	for range g.count {
		if !g.rows.next() {
			return nil, g.rows.err
		}
		if row := &g.rows.row; suits(row.version, row.hasURLs) {
			return x.version(row)
		}
	}
	return nil, errNoChartVersion
}

func satisfies(version string, check *semver.Constraints) bool {
	v, err := semver.NewVersion(version)
	return err == nil && check.Check(v)
}

// ResolveURL returns the URL of a chart that an index names: an absolute one as
// it is, a relative one below the URL of the repository, with the query of that.
func ResolveURL(repoURL, chartURL string) (string, error) {
	ref, err := url.Parse(chartURL)
	if err != nil {
		return "", errors.New("the URL of the chart cannot be parsed")
	}
	if ref.IsAbs() {
		return chartURL, nil
	}
	base, err := url.Parse(repoURL)
	if err != nil {
		return "", errors.New("the URL of the repository cannot be parsed")
	}
	if base.RawPath != "" {
		base.RawPath = strings.TrimSuffix(base.RawPath, "/") + "/"
	}
	base.Path = strings.TrimSuffix(base.Path, "/") + "/"
	out := base.ResolveReference(ref)
	out.RawQuery = base.RawQuery
	return out.String(), nil
}
