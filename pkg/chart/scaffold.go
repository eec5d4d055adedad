package chart

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"github.com/seed-0d4f92cc/pack/internal/yamlio"
)

// NameToken stands for the chart's name in the files of a starter.
const NameToken = "<CHARTNAME>"

// maxNameLen is the length of the longest name of a new chart.
const maxNameLen = 250

//go:embed all:scaffold
var scaffoldFiles embed.FS

// ValidateName checks the name of a chart that is to be made. Charts that are
// there already may have other names.
func ValidateName(name string) error {
	if name == "" || len(name) > maxNameLen {
		return fmt.Errorf("chart name must be between 1 and %d characters", maxNameLen)
	}
	if strings.Trim(name, aliasRunes+".") != "" {
		return fmt.Errorf("chart name must match the regular expression %q", "^[a-zA-Z0-9._-]+$")
	}
	if name == "." || name == ".." {
		return fmt.Errorf("chart name %q is not allowed", name)
	}
	return nil
}

// Scaffold returns the files of a new chart that runs a web server, in byte
// order of their names; one whose name ends in a slash is an empty folder.
// The values have the names that charts made by Helm use.
func Scaffold(name string) ([]File, error) {
	if err := ValidateName(name); err != nil {
		return nil, err
	}
	root, err := fs.Sub(scaffoldFiles, "scaffold")
	if err != nil {
		return nil, err
	}
	// A name like "true" or "123" needs quotes to be a string.
	scalar, err := yamlio.Marshal(name)
	if err != nil {
		return nil, err
	}
	scalar = bytes.TrimSpace(scalar)
	var files []File
	err = fs.WalkDir(root, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := fs.ReadFile(root, path)
		if err != nil {
			return err
		}
		if path == metadataFile {
			data = bytes.Replace(data, []byte("name: "+NameToken), append([]byte("name: "), scalar...), 1)
		}
		files = append(files, File{Name: path, Data: named(data, name)})
		return nil
	})
	if err != nil {
		return nil, err
	}
	return append(files, File{Name: subchartsDir}), nil
}

// FromStarter returns the files of a new chart after a starter, one whose name
// ends in a slash being an empty folder. Chart.yaml is made anew, without
// declared dependencies, and NameToken is replaced in the templates and in
// values.yaml. Subcharts come as archives. The rules are Helm's.
func FromStarter(name string, starter *Chart) ([]File, error) {
	if err := ValidateName(name); err != nil {
		return nil, err
	}
	if starter == nil {
		return nil, errors.New("no starter chart is given")
	}
	meta, err := yamlio.Marshal(&Metadata{
		APIVersion: apiV2, Name: name, Description: "A chart for Kubernetes", Type: "application",
		Version: "0.1.0", AppVersion: "0.1.0",
	})
	if err != nil {
		return nil, err
	}
	files := []File{{Name: metadataFile, Data: meta}}
	if starter.rawValues != nil {
		files = append(files, File{Name: valuesFile, Data: named(starter.rawValues, name)})
	}
	if starter.schema != nil {
		files = append(files, *starter.schema)
	}
	for _, f := range starter.templates {
		files = append(files, File{Name: f.Name, Data: named(f.Data, name)})
	}
	files = append(files, starter.files...)
	for _, sub := range starter.dependencies {
		var buf bytes.Buffer
		if err := sub.WriteArchive(&buf, ArchiveOptions{}); err != nil {
			return nil, fmt.Errorf("subchart %s of the starter: %w", sub.Name(), err)
		}
		files = append(files, File{Name: subchartsDir + sub.ArchiveName(), Data: buf.Bytes()})
	}
	if len(starter.dependencies) == 0 {
		files = append(files, File{Name: subchartsDir})
	}
	return files, nil
}

func named(data []byte, name string) []byte {
	return []byte(strings.ReplaceAll(string(data), NameToken, name))
}
