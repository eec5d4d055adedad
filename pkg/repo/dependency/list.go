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

	"github.com/seed-0d4f92cc/pack/internal/bounded"
	"github.com/seed-0d4f92cc/pack/internal/lightfs"
	"github.com/seed-0d4f92cc/pack/pkg/chart"
)

// Status is what is known of a declared dependency.
type Status struct {
	Name       string `json:"name"`
	Version    string `json:"version"`
	Repository string `json:"repository"`
	// Status is Helm's word: "ok", "unpacked", "missing", "wrong version",
	// "invalid version", "corrupt", "misnamed", "too many matches" or "bad
	// pattern".
	Status string `json:"status"`
}

// List compares what the chart at a path, a folder or an archive, declares with
// what is in its charts folder; the list is nil if it declares nothing at all.
// warnings are about what else lies there.
func List(path string) (list []Status, warnings []string, err error) {
	c, err := loadPath(path)
	if err != nil {
		return nil, nil, err
	}
	deps := c.Metadata().Dependencies
	if deps != nil {
		list = []Status{}
	}
	for _, d := range deps {
		list = append(list, Status{Name: d.Name, Version: d.Version, Repository: d.Repository, Status: status(path, d, c)})
	}
	warnings, err = undeclared(path, deps)
	return list, warnings, err
}

// loadPath reads the chart in a folder or an archive.
func loadPath(path string) (*chart.Chart, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if info.IsDir() {
		return chart.Load(lightfs.Dir(path), chart.LoadOptions{AnyVersion: true})
	}
	f, err := bounded.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return chart.Read(f, chart.LoadOptions{AnyVersion: true})
}

// status looks at the archives that may be a dependency, and then at the
// subcharts that were loaded.
func status(path string, d *chart.Dependency, c *chart.Chart) string {
	archives, err := filepath.Glob(filepath.Join(escapeGlob(filepath.Join(path, chartsFolder)), d.Name+"-*"+archiveSuffix))
	if err != nil {
		return "bad pattern"
	}
	if len(archives) > 1 {
		archives = slices.DeleteFunc(archives, func(name string) bool {
			version := strings.TrimPrefix(strings.TrimSuffix(filepath.Base(name), archiveSuffix), d.Name+"-")
			_, err := semver.StrictNewVersion(version)
			return err != nil
		})
	}
	switch len(archives) {
	case 0:
	case 1:
		return archiveStatus(archives[0], d)
	default:
		return "too many matches"
	}
	for _, sub := range slices.Backward(c.Dependencies()) {
		if sub.Name() == d.Name {
			return versionStatus(sub, d, "unpacked")
		}
	}
	return "missing"
}

// escapeGlob makes a path a pattern for itself.
func escapeGlob(path string) string {
	return strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`).Replace(path)
}

func archiveStatus(archive string, d *chart.Dependency) string {
	c, err := loadPath(archive)
	switch {
	case err != nil:
		return "corrupt"
	case c.Name() != d.Name:
		return "misnamed"
	}
	return versionStatus(c, d, "ok")
}

func versionStatus(c *chart.Chart, d *chart.Dependency, good string) string {
	version := c.Metadata().Version
	if version == d.Version {
		return good
	}
	constraint, err := semver.NewConstraint(d.Version)
	if err != nil {
		return "invalid version"
	}
	v, err := semver.NewVersion(version)
	switch {
	case err != nil:
		return "invalid version"
	case !constraint.Check(v):
		return "wrong version"
	}
	return good
}

// undeclared tells what lies in the charts folder and is no dependency.
func undeclared(path string, deps []*chart.Dependency) ([]string, error) {
	folder := filepath.Join(path, chartsFolder)
	entries, err := os.ReadDir(folder)
	if info, statErr := os.Stat(path); errors.Is(err, fs.ErrNotExist) || statErr == nil && !info.IsDir() {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var warnings []string
	for _, e := range entries {
		name := filepath.Join(folder, e.Name())
		info, err := os.Stat(name)
		if err != nil || !info.IsDir() && filepath.Ext(name) != archiveSuffix {
			continue
		}
		c, err := loadPath(name)
		if err != nil {
			warnings = append(warnings, fmt.Sprintf("%q is not a chart.", name))
			continue
		}
		if !slices.ContainsFunc(deps, func(d *chart.Dependency) bool { return d.Name == c.Name() }) {
			warnings = append(warnings, fmt.Sprintf("%q is not in Chart.yaml.", name))
		}
	}
	return warnings, nil
}
