package chart

import (
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/seed-0d4f92cc/pack/internal/nearest"
	"github.com/seed-0d4f92cc/pack/pkg/values"
)

// environmentsDir holds a chart's environments: values files of its own, for
// the places it is installed to. Helm takes them for any other files.
const environmentsDir = "environments/"

// Environment is a values file that a chart brings along.
type Environment struct {
	// Name is that of the file without its extension.
	Name string
	// Chart is the full path of the chart that has it, "parent/charts/child".
	Chart string
	// Path is the file, from the root of the outermost chart:
	// "charts/child/environments/prod.yaml".
	Path string

	under []string
	data  []byte
}

// Environments are those of a chart and its subcharts, by name, and for each
// name from the deepest subcharts up: later ones win.
func (c *Chart) Environments() []Environment {
	list := c.environments(c.FullPath(), "", nil)
	slices.SortStableFunc(list, func(a, b Environment) int { return strings.Compare(a.Name, b.Name) })
	return list
}

// environments lists those of the subcharts, then those of the chart. A subchart
// with aliases has a section, and so environments, for each.
func (c *Chart) environments(full, dir string, under []string) []Environment {
	var list []Environment
	for _, sub := range c.dependencies {
		for _, name := range c.sections(sub) {
			list = append(list, sub.environments(full+"/charts/"+name, dir+subchartsDir+sub.Name()+"/", append(slices.Clip(under), name))...)
		}
	}
	for _, f := range c.files {
		base, ok := strings.CutPrefix(f.Name, environmentsDir)
		ext := path.Ext(base)
		if !ok || strings.Contains(base, "/") || ext != ".yaml" && ext != ".yml" || base == ext {
			continue
		}
		list = append(list, Environment{
			Name: strings.TrimSuffix(base, ext), Chart: full, Path: dir + f.Name, under: under, data: f.Data,
		})
	}
	return list
}

// sections are the names under which a subchart takes part.
func (c *Chart) sections(sub *Chart) []string {
	var names []string
	for _, d := range c.metadata.Dependencies {
		if sub.satisfies(d) && !slices.Contains(names, d.effectiveName()) {
			names = append(names, d.effectiveName())
		}
	}
	if names == nil {
		return []string{sub.Name()}
	}
	return names
}

// UnknownEnvironmentError says that no chart of a tree has an environment of a
// name.
type UnknownEnvironmentError struct {
	Name string
	// Known are the names that there are.
	Known []string
}

func (e *UnknownEnvironmentError) Error() string {
	text := fmt.Sprintf("the chart has no environment %q", e.Name)
	if like := nearest.Find(e.Name, e.Known); like != "" {
		text += fmt.Sprintf(" (did you mean %q?)", like)
	}
	if len(e.Known) == 0 {
		return text + ": it has none, they would be files environments/NAME.yaml"
	}
	return text + "; it has " + strings.Join(e.Known, ", ")
}

// EnvironmentLayers are the values of environments, in the order in which they
// are applied: those of the first name first, and of each name those of
// subcharts below those of their parents. They go below a user's own values.
// The error is an *UnknownEnvironmentError.
func (c *Chart) EnvironmentLayers(names ...string) ([]values.Layer, error) {
	if len(names) == 0 {
		return nil, nil
	}
	byName := map[string][]values.Layer{}
	for _, e := range c.Environments() {
		byName[e.Name] = append(byName[e.Name], values.Layer{Name: e.Path, Under: e.under, Data: e.data})
	}
	var layers []values.Layer
	for _, name := range names {
		found, ok := byName[name]
		if !ok {
			return nil, &UnknownEnvironmentError{Name: name, Known: slices.Sorted(maps.Keys(byName))}
		}
		layers = append(layers, found...)
	}
	return layers, nil
}
