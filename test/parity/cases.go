package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

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
	Name         string `json:"name"`
	Dependencies []struct {
		Name string `json:"name"`
	} `json:"dependencies"`
}

// cases finds the charts and what they are rendered with. Charts that lack
// subcharts which lie elsewhere below the folder are put together in work.
func (o *options) cases(work string) ([]testCase, error) {
	var dirs []string
	siblings := map[string]string{}
	err := filepath.WalkDir(o.charts, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.Name() != "Chart.yaml" || d.IsDir() {
			return nil
		}
		dir := filepath.Dir(path)
		if m, ok := readMetadata(dir); ok {
			if _, known := siblings[m.Name]; !known {
				siblings[m.Name] = dir
			}
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
		dir, err = complete(dir, filepath.Join(work, "charts", name), siblings, 0)
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

// complete returns a chart with the subcharts that it declares: the folder
// itself, or a copy to which the charts of those names were added.
func complete(dir, copyTo string, siblings map[string]string, depth int) (string, error) {
	const deepest = 4
	m, ok := readMetadata(dir)
	if !ok || depth > deepest {
		return dir, nil
	}
	for _, d := range m.Dependencies {
		from, known := siblings[d.Name]
		if !known || from == dir || hasSubchart(dir, d.Name) {
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
		if _, err := complete(to, to, siblings, depth+1); err != nil {
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
