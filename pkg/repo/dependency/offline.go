package dependency

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/Masterminds/semver/v3"

	"github.com/seed-0d4f92cc/pack/pkg/chart"
	"github.com/seed-0d4f92cc/pack/pkg/repo"
)

// keptOffline is the archive of a dependency where nothing may be fetched: that of
// the charts folder, or that of the cache. There archives have no names, so that
// something has to say which digest it has.
func (w *work) keptOffline(d *chart.Dependency, p *place) ([]byte, error) {
	if data, err := w.vendored(d); err == nil {
		return data, nil
	}
	digest := w.knownDigest(d, p)
	if digest == "" && p.kind == inOCI {
		if data, ok := w.m.cfg.Content.PulledChart(repo.OCIRef{Repository: ociRepository(d), Tag: d.Version}); ok {
			return data, nil
		}
	}
	if digest == "" {
		return nil, fmt.Errorf("%w: %s %s is not in the charts folder, and it cannot be looked up in the cache, since neither the index of its repository nor the lock file has its digest",
			repo.ErrOffline, d.Name, d.Version)
	}
	if data, ok := w.m.cfg.Content.Chart(digest); ok {
		return data, nil
	}
	return nil, fmt.Errorf("%w: %s %s is neither in the cache nor in the charts folder", repo.ErrOffline, d.Name, d.Version)
}

// knownDigest is what the index of its repository says of the digest of an archive,
// or else the lock file, if it locked the same version from the same place.
func (w *work) knownDigest(d *chart.Dependency, p *place) string {
	if digest := w.contents[key(d)]; digest != "" {
		return digest
	}
	if p.kind == inRepo || p.kind == inUnknown {
		if v, err := w.chosen(d, p); err == nil && v.Digest != "" {
			return v.Digest
		}
	}
	lock := w.chart.Lock()
	if lock == nil || !slices.ContainsFunc(lock.Dependencies, func(o *chart.Dependency) bool { return fromSame(o, d) && o.Version == d.Version }) {
		return ""
	}
	return lock.Contents[key(d)]
}

// fromSame says whether two dependencies mean a chart from the same place.
func fromSame(a, b *chart.Dependency) bool {
	return a != nil && a.Name == b.Name && sameURL(a.Repository, b.Repository)
}

// tagsOffline are the versions of a chart in a registry that are at hand, the
// highest first: that of the lock file, those in the charts folder, and those that were
// pulled.
func (w *work) tagsOffline(d *chart.Dependency) ([]string, error) {
	var found []*semver.Version
	add := func(version string) {
		if v, err := semver.StrictNewVersion(version); err == nil {
			found = append(found, v)
		}
	}
	if lock := w.chart.Lock(); lock != nil {
		for _, o := range lock.Dependencies {
			if fromSame(o, d) {
				add(o.Version)
			}
		}
	}
	if w.dir != "" {
		entries, err := os.ReadDir(filepath.Join(w.dir, chartsFolder))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
		for _, e := range entries {
			if name, ok := strings.CutSuffix(e.Name(), archiveSuffix); ok {
				if version, ok := strings.CutPrefix(name, d.Name+"-"); ok {
					add(version)
				}
			}
		}
	}
	for _, version := range w.m.cfg.Content.PulledVersions(ociRepository(d)) {
		add(version)
	}
	if found == nil {
		return nil, fmt.Errorf("%w: which versions of %s there are in %s would have to be asked, and none of the lock file, the charts folder and the cache has one: declare a version without a range, or settle it once with a network",
			repo.ErrOffline, d.Name, shown(d.Repository))
	}
	slices.SortFunc(found, func(a, b *semver.Version) int { return b.Compare(a) })
	var out []string
	for _, v := range found {
		out = append(out, v.Original())
	}
	return out, nil
}
