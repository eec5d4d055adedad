package chart

import (
	"io/fs"
	"iter"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/seed-0d4f92cc/pack/internal/memfs"
	"github.com/seed-0d4f92cc/pack/pkg/values"
)

// All yields the chart and all charts below it with their full paths, each
// chart before its subcharts, those in the order of Dependencies.
func (c *Chart) All() iter.Seq2[string, *Chart] {
	return func(yield func(string, *Chart) bool) {
		c.walk(c.FullPath(), yield)
	}
}

func (c *Chart) walk(full string, yield func(string, *Chart) bool) bool {
	if !yield(full, c) {
		return false
	}
	for _, sub := range c.dependencies {
		if !sub.walk(full+"/"+subchartsDir+sub.Name(), yield) {
			return false
		}
	}
	return true
}

// FS shows all files of the chart as they were read, subcharts and their
// archives included, files left out by .helmignore excluded.
func (c *Chart) FS() fs.FS {
	files := make([]memfs.File, 0, len(c.raw))
	for _, f := range c.raw {
		files = append(files, memfs.File(f))
	}
	return memfs.New(files)
}

// ModTime is that of Chart.yaml; zero where it is not known.
func (c *Chart) ModTime() time.Time {
	for _, f := range c.raw {
		if f.Name == metadataFile {
			return f.ModTime
		}
	}
	return time.Time{}
}

// CRDs are the manifests below crds/ of the chart and of all below it, in the
// order of All. Their names are full paths, "parent/charts/child/crds/x.yaml".
// In a configured chart disabled subcharts have none.
func (c *Chart) CRDs() []File {
	var out []File
	for full, sub := range c.All() {
		for _, f := range sub.files {
			if strings.HasPrefix(f.Name, crdsDir) && isManifest(f.Name) {
				out = append(out, File{Name: full + "/" + f.Name, Data: f.Data, ModTime: f.ModTime})
			}
		}
	}
	return out
}

func isManifest(name string) bool {
	switch strings.ToLower(path.Ext(name)) {
	case ".yaml", ".yml", ".json":
		return true
	}
	return false
}

// MissingDependencies are the names of the declared dependencies that have no
// chart of that name in charts/, in the order of the declarations. Versions and
// aliases do not matter, and neither does whether the chart would be enabled:
// that is Helm's rule. It is for charts as they were loaded.
func (c *Chart) MissingDependencies() []string {
	var missing []string
	for _, d := range c.metadata.Dependencies {
		if !slices.ContainsFunc(c.dependencies, func(sub *Chart) bool { return sub.Name() == d.Name }) {
			missing = append(missing, d.Name)
		}
	}
	return missing
}

// CheckDependencies returns a *MissingError if there are MissingDependencies.
func (c *Chart) CheckDependencies() error {
	if missing := c.MissingDependencies(); missing != nil {
		return &MissingError{Names: missing}
	}
	return nil
}

// CheckInstallable returns ErrNotInstallable for a library chart.
func (c *Chart) CheckInstallable() error {
	if c.IsLibrary() {
		return ErrNotInstallable
	}
	return nil
}

// IsLibrary says whether the chart only lends its named templates to others.
func (c *Chart) IsLibrary() bool { return c.metadata.Type == "library" }

// WithDependencies returns the chart with other subcharts, in the order in which
// they are declared; those that are not declared follow as they are given.
func (c *Chart) WithDependencies(subs ...*Chart) *Chart {
	out := c.clone(c.parent)
	out.dependencies = nil
	place := map[string]int{}
	for i, d := range out.metadata.Dependencies {
		if _, ok := place[d.Name]; !ok {
			place[d.Name] = i
		}
	}
	for _, sub := range subs {
		out.dependencies = append(out.dependencies, sub.clone(out))
	}
	slices.SortStableFunc(out.dependencies, func(a, b *Chart) int {
		i, declaredA := place[a.Name()]
		j, declaredB := place[b.Name()]
		switch {
		case declaredA && declaredB:
			return i - j
		case declaredA:
			return -1
		case declaredB:
			return 1
		}
		return 0
	})
	return out
}

// WithValues returns the chart with other defaults. Its subcharts, and the
// bytes of its files, stay.
func (c *Chart) WithValues(defaults values.Map) *Chart {
	out := c.clone(c.parent)
	out.values = values.Clone(defaults)
	return out
}

// clone copies the tree from c on, to be put under parent. What is below the
// level of the charts themselves is shared, but for the metadata, which
// configuring writes to.
func (c *Chart) clone(parent *Chart) *Chart {
	out := *c
	out.parent = parent
	out.metadata = c.metadata.clone()
	out.dependencies = make([]*Chart, 0, len(c.dependencies))
	for _, sub := range c.dependencies {
		out.dependencies = append(out.dependencies, sub.clone(&out))
	}
	return &out
}

// clone copies the metadata and its dependencies; other fields are shared.
func (m *Metadata) clone() *Metadata {
	out := *m
	out.Dependencies = slices.Clone(m.Dependencies)
	for i, d := range out.Dependencies {
		copied := *d
		out.Dependencies[i] = &copied
	}
	return &out
}
