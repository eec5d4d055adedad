// Package engine holds the object .Files of templates. A template can print the
// name of its type, which is engine.files, as in Helm.
package engine

import (
	"encoding/base64"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/gobwas/glob"

	"github.com/seed-0d4f92cc/pack/internal/yamlio"
)

// files is the object .Files: paths and what the files hold.
type files map[string][]byte

// Files makes the object .Files of the contents of files by path, which become
// the object's.
func Files(contents map[string][]byte) any { return files(contents) }

// GetBytes is the content of a file, empty where there is none.
func (f files) GetBytes(name string) []byte {
	if data, ok := f[name]; ok {
		return data
	}
	return []byte{}
}

// Get is the content of a file as text, empty where there is none.
func (f files) Get(name string) string { return string(f.GetBytes(name)) }

// Glob is the files whose path matches the pattern, in which "*" stays within
// a folder and "**" does not. A pattern that cannot be read counts as "**".
func (f files) Glob(pattern string) files {
	g, err := glob.Compile(pattern, '/')
	if err != nil {
		g = glob.MustCompile("**")
	}
	found := files{}
	for name, data := range f {
		if g.Match(name) {
			found[name] = data
		}
	}
	return found
}

// Lines is a file line by line, without the last line break.
func (f files) Lines(name string) []string {
	data, ok := f[name]
	if !ok || len(data) == 0 {
		return []string{}
	}
	return strings.Split(strings.TrimSuffix(string(data), "\n"), "\n")
}

// AsConfig is the files as the data of a ConfigMap, by base name.
func (f files) AsConfig() string {
	return f.data(func(data []byte) string { return string(data) })
}

// AsSecrets is the files as the data of a Secret, by base name.
func (f files) AsSecrets() string {
	return f.data(base64.StdEncoding.EncodeToString)
}

func (f files) data(encode func([]byte) string) string {
	if f == nil {
		return ""
	}
	m := make(map[string]string, len(f))
	for _, name := range slices.Sorted(maps.Keys(f)) {
		m[path.Base(name)] = encode(f[name])
	}
	text, err := yamlio.Marshal(m)
	if err != nil {
		return ""
	}
	return strings.TrimSuffix(string(text), "\n")
}
