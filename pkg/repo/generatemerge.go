package repo

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"slices"

	"github.com/Masterminds/semver/v3"
)

// openMerged opens the index that the new one is merged into.
func (g *generator) openMerged(ctx context.Context) error {
	file := g.opts.Merge
	if _, err := os.Stat(file); errors.Is(err, fs.ErrNotExist) {
		empty := &generator{opts: g.opts, now: g.now}
		return empty.writeFile(ctx, file)
	}
	var err error
	if g.merged, err = openIndexFile(file, g.opts.Log); err != nil {
		return err
	}
	if err := g.merged.current().scan(g.meet); err != nil {
		return errors.Join(err, g.merged.Close())
	}
	return nil
}

// openIndexFile opens an index that is in no cache.
func openIndexFile(file string, log *slog.Logger) (*Index, error) {
	source, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	cache := &IndexCache{Log: log}
	var made bytes.Buffer
	if err := cache.build(source, &made, func() (indexOrigin, error) { return indexOrigin{}, nil }); err != nil {
		return nil, errors.Join(fmt.Errorf("error loading %s: %w", file, err), source.Close())
	}
	return openCompact(bytes.NewReader(made.Bytes()), int64(made.Len()), source, source)
}

// meet notes which charts an index has.
func (g *generator) meet(group *group) error {
	for range group.count {
		if !group.rows.next() {
			return group.rows.err
		}
		row := group.rows.row
		name := string(row.name)
		if _, known := g.charts[name]; !known {
			g.charts[name] = nil
		}
		if name == group.name {
			continue
		}
		row.version, row.blob.text = bytes.Clone(row.version), bytes.Clone(row.blob.text)
		if g.strays == nil {
			g.strays = map[string][]rowView{}
		}
		g.strays[name] = append(g.strays[name], row)
	}
	return nil
}

// versions are those of a chart: those of the folder, and those of the other
// index that are not among them, the highest first.
func (g *generator) versions(name string) ([]*looseVersion, error) {
	m := newMerger(g.charts[name])
	if g.merged != nil {
		rows, err := g.merged.current().find(name)
		if err != nil && !errors.Is(err, ErrNotFound) {
			return nil, err
		}
		for i := 0; err == nil && i < rows.count; i++ {
			if !rows.rows.next() {
				return nil, rows.rows.err
			}
			if string(rows.rows.row.name) != name {
				continue
			}
			if err := m.add(g.merged, &rows.rows.row); err != nil {
				return nil, err
			}
		}
		for i := range g.strays[name] {
			if err := m.add(g.merged, &g.strays[name][i]); err != nil {
				return nil, err
			}
		}
	}
	slices.SortStableFunc(m.all, func(a, b mergedVersion) int { return b.parsed.Compare(a.parsed) })
	out := make([]*looseVersion, len(m.all))
	for i, v := range m.all {
		out[i] = v.version
	}
	return out, nil
}

// merger collects the versions of a chart.
type merger struct {
	all []mergedVersion
	// exact are the versions without what does not count in comparisons.
	exact map[string]bool
}

type mergedVersion struct {
	version *looseVersion
	parsed  *semver.Version
}

func newMerger(own []*looseVersion) *merger {
	m := &merger{exact: map[string]bool{}}
	for _, v := range own {
		m.take(v)
	}
	return m
}

func (m *merger) take(v *looseVersion) {
	parsed, err := semver.NewVersion(v.Version)
	if err != nil {
		// It is none that passes a check.
		parsed = semver.New(0, 0, 0, "", "")
	}
	m.all = append(m.all, mergedVersion{v, parsed})
	m.exact[core(parsed)] = true
}

func core(v *semver.Version) string {
	return fmt.Sprintf("%d.%d.%d-%s", v.Major(), v.Minor(), v.Patch(), v.Prerelease())
}

// add takes a version of another index in, unless there is one that it means.
func (m *merger) add(x *Index, row *rowView) error {
	if m.has(string(row.version)) {
		return nil
	}
	v, err := x.current().loose(row)
	if err != nil {
		return err
	}
	m.take(v)
	return nil
}

// has says whether one of the versions is what a text means as a constraint: for
// "1.0" any 1.0.x is, as in Helm.
func (m *merger) has(text string) bool {
	if v, err := semver.StrictNewVersion(text); err == nil {
		return m.exact[core(v)]
	}
	check, err := semver.NewConstraint(text)
	if err != nil {
		return false
	}
	return slices.ContainsFunc(m.all, func(v mergedVersion) bool {
		return v.version.Version == text || check.Check(v.parsed)
	})
}
