package dependency

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"sync"

	"github.com/Masterminds/semver/v3"

	"github.com/seed-0d4f92cc/pack/internal/parallel"
	"github.com/seed-0d4f92cc/pack/pkg/chart"
	"github.com/seed-0d4f92cc/pack/pkg/repo"
)

// errNoVersion says that no version satisfies a constraint.
var errNoVersion = errors.New("no version satisfies the constraint")

// resolve settles which version each dependency means: the highest that there is
// and that satisfies the constraint.
func (w *work) resolve(ctx context.Context) error {
	defer w.close()
	w.locked = make([]*chart.Dependency, len(w.declared))
	errs := make([]error, len(w.declared))
	parallel.Do(w.m.cfg.Parallel, len(w.declared), func(i int) bool {
		var version string
		version, errs[i] = w.version(ctx, i)
		d := w.declared[i]
		w.locked[i] = &chart.Dependency{Name: d.Name, Repository: d.Repository, Version: version}
		return errs[i] == nil || errors.Is(errs[i], errNoVersion)
	})
	var missing []string
	for i, err := range errs {
		if errors.Is(err, errNoVersion) {
			d := w.declared[i]
			missing = append(missing, fmt.Sprintf("%q (repository %q, version %q)", d.Name, shown(d.Repository), d.Version))
		} else if err != nil {
			return err
		}
	}
	if missing != nil {
		return fmt.Errorf("can't get a valid version for %d subchart(s): %s. Make sure a matching chart version exists in the repo, or change the version constraint in Chart.yaml",
			len(missing), strings.Join(missing, ", "))
	}
	return ctx.Err()
}

// version settles the version of a dependency.
func (w *work) version(ctx context.Context, i int) (string, error) {
	d, p := w.declared[i], &w.places[i]
	constraint, err := semver.NewConstraint(d.Version)
	if err != nil {
		return "", fmt.Errorf("dependency %q has an invalid version/constraint format: %w", d.Name, err)
	}
	switch p.kind {
	case inCharts:
		if w.dir == "" {
			return d.Version, nil
		}
		return d.Version, checkFolder(filepath.Join(w.dir, chartsFolder, d.Name))
	case inFolder:
		return w.folderVersion(d, p.folder, constraint)
	case inOCI:
		return w.tag(ctx, d)
	}
	index, err := w.indexOf(p)
	if err != nil {
		return "", err
	}
	return indexVersion(index, d, constraint)
}

// indexVersion is the highest version in an index that satisfies a constraint
// and can be fetched.
func indexVersion(index *repo.Index, d *chart.Dependency, constraint *semver.Constraints) (string, error) {
	v, err := index.Choose(d.Name, func(version string, hasURLs bool) bool {
		parsed, err := semver.NewVersion(version)
		return err == nil && hasURLs && constraint.Check(parsed)
	})
	if errors.Is(err, repo.ErrNoVersion) {
		return "", errNoVersion
	}
	if errors.Is(err, repo.ErrNotFound) {
		return "", fmt.Errorf("%s chart %w in repo %s", d.Name, repo.ErrNotFound, shown(d.Repository))
	}
	if err != nil {
		return "", err
	}
	return v.Version, nil
}

// tag is the version of a dependency in a registry. One that is exact is not
// looked up: fetching it shows whether it is there.
func (w *work) tag(ctx context.Context, d *chart.Dependency) (string, error) {
	if exact(d) {
		return d.Version, nil
	}
	tags, err := w.tagsOf(ctx, d)
	if err != nil {
		return "", err
	}
	tag, err := repo.MatchTag(tags, d.Version)
	if errors.Is(err, repo.ErrNotFound) {
		return "", errNoVersion
	}
	return tag, err
}

func exact(d *chart.Dependency) bool {
	_, err := semver.NewVersion(d.Version)
	return err == nil
}

// tagsToAsk are dependencies for which registries have to be asked.
func (w *work) tagsToAsk() []*chart.Dependency {
	var out []*chart.Dependency
	for i, d := range w.declared {
		if w.locked == nil && w.places[i].kind == inOCI && !exact(d) {
			out = append(out, d)
		}
	}
	return out
}

// tagsOnce are versions that a registry is asked for once.
type tagsOnce struct {
	once sync.Once
	tags []string
	err  error
}

// tagsOf are the versions of a dependency in a registry.
func (w *work) tagsOf(ctx context.Context, d *chart.Dependency) ([]string, error) {
	ref := ociRepository(d)
	w.mu.Lock()
	o := w.tags[ref]
	if o == nil {
		o = new(tagsOnce)
		w.tags[ref] = o
	}
	w.mu.Unlock()
	o.once.Do(func() { o.tags, o.err = w.askForTags(ctx, d, ref) })
	return o.tags, o.err
}

// ociRepository is the repository of a dependency in a registry, "host/path/name".
func ociRepository(d *chart.Dependency) string {
	return strings.TrimSuffix(strings.TrimPrefix(d.Repository, repo.OCIScheme), "/") + "/" + d.Name
}

func (w *work) askForTags(ctx context.Context, d *chart.Dependency, ref string) ([]string, error) {
	if w.opts.Offline {
		return w.tagsOffline(d)
	}
	if w.m.cfg.Registry == nil {
		return nil, fmt.Errorf("there is no client for registries, to look %s up in %s", d.Name, shown(d.Repository))
	}
	registry, err := w.m.cfg.Registry()
	if err != nil {
		return nil, err
	}
	tags, err := registry.Versions(ctx, ref, w.m.cfg.Access)
	if err != nil {
		return nil, fmt.Errorf("could not retrieve list of tags for repository %s: %w", shown(d.Repository), err)
	}
	return tags, nil
}

// folderVersion is the version of a chart in a folder, if it satisfies the
// constraint.
func (w *work) folderVersion(d *chart.Dependency, folder string, constraint *semver.Constraints) (string, error) {
	if folder == "" {
		// Fetching it shows whether it is there.
		return d.Version, nil
	}
	c, err := w.m.load(folder)
	if err != nil {
		return "", fmt.Errorf("%s: %w", folder, err)
	}
	version := c.Metadata().Version
	parsed, err := semver.NewVersion(version)
	if err != nil {
		return "", fmt.Errorf("%s: the version %q: %w", folder, version, err)
	}
	if !constraint.Check(parsed) {
		return "", errNoVersion
	}
	return version, nil
}
