package dependency

import (
	"fmt"
	"strings"
	"unicode"

	"github.com/seed-0d4f92cc/pack/pkg/chart"
	"github.com/seed-0d4f92cc/pack/pkg/repo"
)

// maxDependencies bounds how many dependencies a chart may declare.
const maxDependencies = 1000

const (
	chartsFolder  = "charts"
	archiveSuffix = ".tgz"
	provSuffix    = ".prov"
)

// key is what an archive is called without its suffix.
func key(d *chart.Dependency) string { return d.Name + "-" + d.Version }

// checkNames refuses names and versions that could not be parts of file names,
// or would disturb a terminal.
func checkNames(deps []*chart.Dependency) error {
	if len(deps) > maxDependencies {
		return fmt.Errorf("the chart declares %d dependencies, at most %d are settled", len(deps), maxDependencies)
	}
	for _, d := range deps {
		if d.Name == "" || d.Name == "." || d.Name == ".." || !plain(d.Name) {
			return fmt.Errorf("dependency %q: no chart can have this name", d.Name)
		}
		if !plain(d.Version) {
			return fmt.Errorf("dependency %q: %q is no version and no constraint", d.Name, d.Version)
		}
		if strings.ContainsFunc(d.Repository, unicode.IsControl) {
			return fmt.Errorf("dependency %q: %q is no repository", d.Name, d.Repository)
		}
	}
	return nil
}

// plain says whether a text can be part of a file name.
func plain(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r == '/' || r == '\\' || !unicode.IsPrint(r) })
}

// shown is a repository without what may be secret in its URL.
func shown(repository string) string { return repo.Redact(repository) }
