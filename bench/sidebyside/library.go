//go:build unix

package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/Masterminds/semver/v3"

	"github.com/seed-0d4f92cc/pack/pkg/values"
)

// maxNesting bounds how deep dependencies are put together.
const maxNesting = 8

// library is a folder of charts, as their repositories have them: what they
// depend on lies elsewhere in it, or nowhere.
type library struct {
	// dirs are the folders of the charts, by the name of the folder.
	dirs  map[string][]string
	notes io.Writer
}

func newLibrary(root string, notes io.Writer) (*library, error) {
	root, err := filepath.EvalSymlinks(root)
	if err != nil {
		return nil, err
	}
	lib := &library{dirs: map[string][]string{}, notes: notes}
	err = filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.Name() == "Chart.yaml" && !d.IsDir() {
			dir := filepath.Dir(path)
			lib.dirs[filepath.Base(dir)] = append(lib.dirs[filepath.Base(dir)], dir)
		}
		return err
	})
	return lib, err
}

// assemble copies a public chart to a folder, with its dependencies. One that
// is not there is left out.
func (l *library) assemble(c publicChart, to string) error {
	best := ""
	for _, dir := range l.dirs[c.name] {
		if best == "" || strings.Contains(dir, c.owner) && !strings.Contains(best, c.owner) {
			best = dir
		}
	}
	if best == "" {
		fmt.Fprintf(l.notes, "%s: there is no such chart\n", c.name)
		return nil
	}
	return l.copy(best, to, 0)
}

func (l *library) copy(from, to string, depth int) error {
	if depth > maxNesting {
		return errors.New("its dependencies are nested too deep")
	}
	if err := os.CopyFS(to, os.DirFS(from)); err != nil {
		return err
	}
	path := filepath.Join(to, "Chart.yaml")
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	meta, err := values.Parse(text)
	if err != nil {
		return err
	}
	declared, _ := meta["dependencies"].([]any)
	if len(declared) == 0 {
		return nil
	}
	var kept []any
	for _, d := range declared {
		dep, _ := d.(map[string]any)
		ok, err := l.provide(dep, from, to, depth)
		if err != nil {
			return err
		}
		if ok {
			kept = append(kept, dep)
		} else {
			fmt.Fprintf(l.notes, "%v: copied without its dependency %v %v, which is not there\n",
				meta["name"], dep["name"], dep["version"])
		}
	}
	meta["dependencies"] = kept
	// JSON is YAML. The lock belongs to the declarations of before.
	if text, err = json.Marshal(meta); err != nil {
		return err
	}
	if err := os.Remove(filepath.Join(to, "Chart.lock")); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return os.WriteFile(path, text, 0o644)
}

// provide puts a dependency into the charts folder of a copy, and says whether
// it is there.
func (l *library) provide(dep map[string]any, from, to string, depth int) (bool, error) {
	name, _ := dep["name"].(string)
	if name == "" || strings.ContainsAny(name, `/\`) {
		return false, nil
	}
	place := filepath.Join(to, "charts", name)
	if _, err := os.Stat(place); err == nil {
		return true, nil
	}
	if packed, _ := filepath.Glob(filepath.Join(to, "charts", name+"-*.tgz")); len(packed) > 0 {
		return true, nil
	}
	constraint, _ := dep["version"].(string)
	best := ""
	for _, dir := range l.dirs[name] {
		if fits(dir, constraint) && (best == "" || common(dir, from) > common(best, from)) {
			best = dir
		}
	}
	if best == "" {
		return false, nil
	}
	return true, l.copy(best, place, depth+1)
}

// fits says whether the version of the chart in dir is one of those asked for.
func fits(dir, constraint string) bool {
	text, err := os.ReadFile(filepath.Join(dir, "Chart.yaml"))
	if err != nil {
		return false
	}
	meta, err := values.Parse(text)
	if err != nil {
		return false
	}
	number, _ := meta["version"].(string)
	version, err := semver.NewVersion(number)
	if err != nil {
		return false
	}
	c, err := semver.NewConstraint(constraint)
	return err == nil && c.Check(version)
}

// common counts the bytes that two paths begin with in common.
func common(a, b string) int {
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	return n
}
