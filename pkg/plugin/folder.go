package plugin

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/seed-0d4f92cc/pack/internal/bounded"
)

// maxFileBytes bounds a plugin.yaml and a completion.yaml.
const maxFileBytes = 1 << 20

// Plugin is a plugin in a folder.
type Plugin struct {
	Metadata
	// Dir is its folder.
	Dir string
}

// Load reads the plugin in a folder.
func Load(dir string) (*Plugin, error) {
	file := filepath.Join(dir, FileName)
	data, err := readSmall(file)
	if err != nil {
		return nil, fmt.Errorf("failed to read plugin at %q: %w", file, err)
	}
	m, err := Parse(data)
	if err != nil {
		return nil, fmt.Errorf("failed to load plugin %q: %w", dir, err)
	}
	return &Plugin{Metadata: *m, Dir: dir}, nil
}

// LoadAll reads the plugins in the folders of some folders, each in the order of
// their names. Folders that do not exist have none. Those that cannot be read
// are passed over; broken, if not nil, is told of them. Two plugins of one name
// in the same folder are an error.
func LoadAll(dirs []string, broken func(file string, err error)) ([]*Plugin, error) {
	var all []*Plugin
	for _, dir := range dirs {
		found, err := loadFolder(dir, broken)
		if err != nil {
			return nil, err
		}
		all = append(all, found...)
	}
	return all, nil
}

func loadFolder(dir string, broken func(string, error)) ([]*Plugin, error) {
	if dir == "" {
		return nil, nil
	}
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var found []*Plugin
	at := map[string]string{}
	for _, e := range entries {
		if e.Type().IsRegular() {
			continue
		}
		path := filepath.Join(dir, e.Name())
		file := filepath.Join(path, FileName)
		if _, err := os.Lstat(file); err != nil {
			continue
		}
		p, err := Load(path)
		if err != nil {
			if broken != nil {
				broken(file, err)
			}
			continue
		}
		if other, ok := at[p.Name]; ok {
			return nil, fmt.Errorf("two plugins claim the name %q at %q and %q", p.Name, other, path)
		}
		at[p.Name] = path
		found = append(found, p)
	}
	return found, nil
}

// Find returns the first plugin of a name and a type, either of which may be
// empty for any; nil if there is none.
func Find(plugins []*Plugin, name, kind string) *Plugin {
	for _, p := range plugins {
		if (name == "" || p.Name == name) && (kind == "" || p.Type == kind) {
			return p
		}
	}
	return nil
}

// readSmall reads a regular file of at most maxFileBytes.
func readSmall(name string) ([]byte, error) {
	return bounded.ReadFile(name, maxFileBytes)
}
