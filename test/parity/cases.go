package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/Masterminds/semver/v3"
	"sigs.k8s.io/yaml"
)

// testCase is one rendering.
type testCase struct {
	// name is the chart's path below the folder, and what is special.
	name string
	// args are those of both programs.
	args []string
}

// metadata is what is read of a Chart.yaml.
type metadata struct {
	Name         string       `json:"name"`
	Version      string       `json:"version"`
	Dependencies []dependency `json:"dependencies"`
}

type dependency struct {
	Name    string `json:"name"`
	Version string `json:"version"`
}

// sibling is a chart below the folder that others may depend on.
type sibling struct {
	dir     string
	version *semver.Version
}

// siblings are the charts by name.
type siblings map[string][]sibling

func (s siblings) add(m metadata, dir string) {
	if v, err := semver.NewVersion(m.Version); err == nil {
		s[m.Name] = append(s[m.Name], sibling{dir, v})
	}
}

// find is the chart that a dependency of the chart in dir asks for: one of the
// same repository first.
func (s siblings) find(d dependency, dir string) (string, bool) {
	constraint, err := semver.NewConstraint(d.Version)
	if err != nil {
		return "", false
	}
	if dir, ok := s.nearest(d.Name, dir, constraint.Check); ok {
		return dir, true
	}
	// The version is not there; another one makes a case, too.
	return s.nearest(d.Name, dir, func(*semver.Version) bool { return true })
}

// nearest is the chart of a name and of a fitting version whose folder begins
// most like dir.
func (s siblings) nearest(name, dir string, fits func(*semver.Version) bool) (string, bool) {
	best, length := "", -1
	for _, c := range s[name] {
		if c.dir == dir || !fits(c.version) {
			continue
		}
		n := 0
		for n < len(c.dir) && n < len(dir) && c.dir[n] == dir[n] {
			n++
		}
		if n > length {
			best, length = c.dir, n
		}
	}
	return best, best != ""
}

// cases finds the charts and what they are rendered with. Charts that lack
// subcharts which lie elsewhere below the folder are put together in work.
func (o *options) cases(work string) ([]testCase, error) {
	var dirs []string
	known := siblings{}
	err := filepath.WalkDir(o.charts, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.Name() != "Chart.yaml" || d.IsDir() {
			return nil
		}
		dir := filepath.Dir(path)
		if m, ok := readMetadata(dir); ok {
			known.add(m, dir)
		}
		dirs = append(dirs, dir)
		return nil
	})
	if err != nil {
		return nil, err
	}
	slices.Sort(dirs)
	var cases []testCase
	for _, dir := range dirs {
		name, err := filepath.Rel(o.charts, dir)
		if err != nil {
			return nil, err
		}
		if !o.run.MatchString(name) {
			continue
		}
		dir, err = completer{known, dir}.complete(dir, filepath.Join(work, "charts", name), 0)
		if err != nil {
			return nil, err
		}
		cases = append(cases, o.variations(name, dir)...)
	}
	return cases, nil
}

func readMetadata(dir string) (metadata, bool) {
	var m metadata
	data, err := os.ReadFile(filepath.Join(dir, "Chart.yaml"))
	if err != nil || yaml.Unmarshal(data, &m) != nil {
		return m, false
	}
	if data, err = os.ReadFile(filepath.Join(dir, "requirements.yaml")); err == nil {
		_ = yaml.Unmarshal(data, &m) // a chart that cannot be read is a case, too
	}
	return m, true
}

// completer puts charts together. origin is where the chart lies of which this
// is a part: charts near it are preferred.
type completer struct {
	siblings siblings
	origin   string
}

// complete returns a chart with the subcharts that it declares: the folder
// itself, or a copy to which the charts of those names were added.
func (c completer) complete(dir, copyTo string, depth int) (string, error) {
	const deepest = 4
	m, ok := readMetadata(dir)
	if !ok || depth > deepest {
		return dir, nil
	}
	for _, d := range m.Dependencies {
		from, known := c.siblings.find(d, c.origin)
		if !known || hasSubchart(dir, d.Name) {
			continue
		}
		if dir != copyTo {
			if err := os.CopyFS(copyTo, os.DirFS(dir)); err != nil {
				return dir, nil // links that lead nowhere; the chart as it is
			}
			dir = copyTo
		}
		to := filepath.Join(copyTo, "charts", d.Name)
		if err := os.CopyFS(to, os.DirFS(from)); err != nil {
			return dir, nil
		}
		if _, err := c.complete(to, to, depth+1); err != nil {
			return dir, err
		}
	}
	return dir, nil
}

func hasSubchart(dir, name string) bool {
	found, _ := filepath.Glob(filepath.Join(dir, "charts", name+"*"))
	return len(found) > 0
}

// variations are the renderings of one chart.
func (o *options) variations(name, dir string) []testCase {
	base := []string{"template", "rel", dir, "--namespace", "space"}
	if o.crds {
		base = append(base, "--include-crds")
	}
	base = append(base, o.args...)
	cases := []testCase{{name: name, args: base}}
	files, _ := filepath.Glob(filepath.Join(dir, "ci", "*.yaml"))
	for _, f := range files {
		if strings.Contains(filepath.Base(f), "values") {
			cases = append(cases, testCase{name: name + " -f " + filepath.Base(f), args: append(slices.Clip(base), "-f", f)})
		}
	}
	if o.flip {
		if file := flipped(filepath.Join(dir, "values.yaml")); file != "" {
			cases = append(cases, testCase{name: name + " flipped", args: append(slices.Clip(base), "--set-json", file)})
		}
	}
	if o.lint {
		cases = append(cases, testCase{name: name + " lint", args: []string{"lint", dir}})
	}
	return cases
}

// flipped is a JSON object that turns on what a values file has as false.
func flipped(file string) string {
	data, err := os.ReadFile(file)
	if err != nil {
		return ""
	}
	var tree map[string]any
	if yaml.Unmarshal(data, &tree) != nil {
		return ""
	}
	on := turnOn(tree)
	if len(on) == 0 {
		return ""
	}
	text, err := yaml.Marshal(on)
	if err != nil {
		return ""
	}
	if text, err = yaml.YAMLToJSON(text); err != nil || len(text) > 100_000 {
		return ""
	}
	return string(text)
}

func turnOn(tree map[string]any) map[string]any {
	out := map[string]any{}
	for key, v := range tree {
		switch v := v.(type) {
		case bool:
			if !v {
				out[key] = true
			}
		case map[string]any:
			if below := turnOn(v); len(below) > 0 {
				out[key] = below
			}
		}
	}
	return out
}
