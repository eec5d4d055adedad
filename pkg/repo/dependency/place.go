package dependency

import (
	"errors"
	"fmt"
	"net/url"
	"path"
	"path/filepath"
	"strings"

	"github.com/seed-0d4f92cc/pack/pkg/chart"
	"github.com/seed-0d4f92cc/pack/pkg/repo"
)

// kind is what sort of place a dependency comes from.
type kind int

const (
	inCharts  kind = iota // it lies in the charts folder
	inFolder              // file://
	inOCI                 // oci://
	inRepo                // a configured repository
	inUnknown             // a repository that is not configured
)

// place is where a dependency comes from.
type place struct {
	kind kind
	// entry is the repository.
	entry repo.Entry
	// folder is the path of a local chart.
	folder string
}

// index is the name of the repository's index in the cache.
func (p *place) index() string {
	if p.kind == inUnknown {
		return repo.UnmanagedName(strings.TrimSuffix(p.entry.URL, "/"))
	}
	return p.entry.Name
}

// placesOf settles where dependencies come from, and puts the URLs of
// repositories into them that are given by name, as Helm does for the lock
// file's digest.
func (m *Manager) placesOf(deps []*chart.Dependency, dir string) ([]place, error) {
	repositories := &repo.Repositories{}
	if m.cfg.Repositories != nil && needsRepositories(deps) {
		var err error
		if repositories, err = m.cfg.Repositories(); err != nil {
			return nil, err
		}
	}
	places := make([]place, len(deps))
	var missing []string
	for i, d := range deps {
		p, err := placeOf(d, dir, repositories)
		if errors.Is(err, errNoRepository) {
			missing = append(missing, shown(d.Repository))
			continue
		}
		if err != nil {
			return nil, err
		}
		if p.kind == inRepo && byName(d.Repository) {
			d.Repository = p.entry.URL
		}
		places[i] = p
	}
	if missing != nil {
		return nil, &MissingRepositoriesError{Repositories: missing}
	}
	return places, nil
}

func needsRepositories(deps []*chart.Dependency) bool {
	for _, d := range deps {
		if d.Repository != "" && !strings.HasPrefix(d.Repository, fileScheme) && !repo.IsOCI(d.Repository) {
			return true
		}
	}
	return false
}

const fileScheme = "file://"

// errNoRepository says that a repository is neither configured nor a URL.
var errNoRepository = errors.New("no such repository")

func placeOf(d *chart.Dependency, dir string, repositories *repo.Repositories) (place, error) {
	switch {
	case d.Repository == "":
		return place{kind: inCharts}, nil
	case strings.HasPrefix(d.Repository, fileScheme):
		folder, err := localPath(d, dir)
		return place{kind: inFolder, folder: folder}, err
	case repo.IsOCI(d.Repository):
		return place{kind: inOCI}, nil
	}
	for e := range repositories.All() {
		if d.Repository == "@"+e.Name || d.Repository == "alias:"+e.Name || sameURL(e.URL, d.Repository) {
			return place{kind: inRepo, entry: e}, nil
		}
	}
	if _, err := url.ParseRequestURI(d.Repository); err != nil {
		return place{}, errNoRepository
	}
	return place{kind: inUnknown, entry: repo.Entry{URL: d.Repository}}, nil
}

func byName(repository string) bool {
	return strings.HasPrefix(repository, "@") || strings.HasPrefix(repository, "alias:")
}

// localPath is the folder of a file:// repository, which is relative to the
// chart that declares it.
func localPath(d *chart.Dependency, dir string) (string, error) {
	if dir == "" {
		// Nothing that was fetched says what is read here.
		return "", nil
	}
	p := filepath.FromSlash(strings.TrimPrefix(d.Repository, fileScheme))
	if !filepath.IsAbs(p) {
		p = filepath.Join(dir, p)
	}
	return p, checkFolder(p)
}

// sameURL says whether two URLs name one repository: a slash at the end and
// dots in the path do not matter.
func sameURL(a, b string) bool {
	x, errX := url.Parse(a)
	y, errY := url.Parse(b)
	if errX != nil || errY != nil {
		return path.Clean(a) == path.Clean(b)
	}
	x.Path, y.Path = cleanPath(x.Path), cleanPath(y.Path)
	x.RawPath, y.RawPath = "", ""
	return x.String() == y.String()
}

func cleanPath(p string) string { return path.Clean("/" + p) }

// MissingRepositoriesError says that dependencies name repositories that are
// neither configured nor URLs.
type MissingRepositoriesError struct {
	// Repositories are in the order of the declarations.
	Repositories []string
	// Locked says that a lock file names them, without the digests of what
	// they serve.
	Locked bool
}

// Error is Helm's text.
func (e *MissingRepositoriesError) Error() string {
	names := strings.Join(e.Repositories, ", ")
	if e.Locked {
		return fmt.Sprintf("no repository definition for %s. Please add the missing repos via 'helm repo add'", names)
	}
	text := fmt.Sprintf("no repository definition for %s. Please add them via 'helm repo add'", names)
	for _, r := range e.Repositories {
		if !strings.Contains(r, "//") && !byName(r) {
			return text + `
Note that repositories must be URLs or aliases. For example, to refer to the "example"
repository, use "https://charts.example.com/" or "@example" instead of
"example". Don't forget to add the repo, too ('helm repo add').`
		}
	}
	return text
}
