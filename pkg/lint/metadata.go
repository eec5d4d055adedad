package lint

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"path"

	"github.com/Masterminds/semver/v3"

	"github.com/seed-0d4f92cc/pack/internal/yamlio"
	"github.com/seed-0d4f92cc/pack/pkg/chart"
)

// lintMetadata examines Chart.yaml.
func (l *linter) lintMetadata(context.Context) {
	if info, err := fs.Stat(l.fsys, metadataFile); err == nil && info.IsDir() {
		l.add(Error, metadataFile, "should be a file, not a directory")
	}
	data, err := l.read(metadataFile)
	var md chart.Metadata
	if err == nil {
		err = yamlio.Unmarshal(data, &md)
	}
	if err != nil {
		l.add(Error, metadataFile, "unable to parse YAML\n\t%v", yamlio.TypesFrom(err, "chart", "v2"))
		return
	}
	if err := yamlio.UnmarshalStrict(data, new(chart.Metadata)); err != nil {
		l.add(Warning, metadataFile, "failed to strictly parse chart metadata file\n\t%v", yamlio.TypesFrom(err, "chart", "v2"))
	}
	for _, check := range []func(*chart.Metadata) error{checkName, checkAPIVersion} {
		l.addError(check(&md))
	}
	fields := fieldsOf(data)
	l.addError(checkType(fields, "version"))
	l.addError(checkVersion(&md))
	l.addError(checkType(fields, "appVersion"))
	for _, check := range []func(*chart.Metadata) error{checkMaintainers, checkSources} {
		l.addError(check(&md))
	}
	l.lintIcon(&md)
	l.lintV2Fields(&md)
	if _, err := semver.StrictNewVersion(md.Version); err != nil {
		l.add(Warning, metadataFile, "version '%s' is not a valid SemVerV2", md.Version)
	}
}

func (l *linter) addError(err error) {
	if err != nil {
		l.add(Error, metadataFile, "%v", err)
	}
}

func checkName(md *chart.Metadata) error {
	if md.Name == "" {
		return errors.New("name is required")
	}
	if path.Base(md.Name) != md.Name {
		return fmt.Errorf("chart name %q is invalid", md.Name)
	}
	return nil
}

func checkAPIVersion(md *chart.Metadata) error {
	switch md.APIVersion {
	case "v1", "v2":
		return nil
	case "":
		return errors.New(`apiVersion is required. The value must be either "v1" or "v2"`)
	default:
		return fmt.Errorf(`apiVersion '%s' is not valid. The value must be either "v1" or "v2"`, md.APIVersion)
	}
}

// fieldsOf are the fields of Chart.yaml as YAML has them.
func fieldsOf(data []byte) map[string]any {
	var fields map[string]any
	if err := yamlio.Unmarshal(data, &fields); err != nil {
		return nil // it was told of
	}
	return fields
}

// checkType finds a version that YAML does not read as text: 1.10 is 1.1.
func checkType(fields map[string]any, name string) error {
	if v, ok := fields[name]; ok {
		if _, ok := v.(string); !ok {
			return fmt.Errorf("%s should be of type string but it's of type %T", name, v)
		}
	}
	return nil
}

func checkVersion(md *chart.Metadata) error {
	if md.Version == "" {
		return errors.New("version is required")
	}
	v, err := semver.NewVersion(md.Version)
	if err != nil {
		return fmt.Errorf("version '%s' is not a valid SemVer", md.Version)
	}
	if !v.GreaterThan(semver.New(0, 0, 0, "0", "")) {
		return fmt.Errorf(`version %q is less than or equal to "0.0.0-0"`, md.Version)
	}
	return nil
}

func checkMaintainers(md *chart.Metadata) error {
	for _, m := range md.Maintainers {
		switch {
		case m == nil:
			return errors.New("a maintainer entry is empty")
		case m.Name == "":
			return errors.New("each maintainer requires a name")
		case m.Email != "" && !isEmail(m.Email):
			return fmt.Errorf("invalid email '%s' for maintainer '%s'", m.Email, m.Name)
		case m.URL != "" && !isWebAddress(m.URL):
			return fmt.Errorf("invalid url '%s' for maintainer '%s'", m.URL, m.Name)
		}
	}
	return nil
}

func checkSources(md *chart.Metadata) error {
	for _, source := range md.Sources {
		if !isURL(source) {
			return fmt.Errorf("invalid source URL '%s'", source)
		}
	}
	return nil
}

func (l *linter) lintIcon(md *chart.Metadata) {
	switch {
	case md.Icon == "":
		l.add(Info, metadataFile, "icon is recommended")
	case !isURL(md.Icon):
		l.add(Error, metadataFile, "invalid icon URL '%s'", md.Icon)
	}
}

// lintV2Fields finds fields that came with apiVersion v2 in charts of another.
func (l *linter) lintV2Fields(md *chart.Metadata) {
	if md.APIVersion == "v2" {
		return
	}
	if md.Type != "" {
		l.add(Error, metadataFile, "chart type is not valid in apiVersion '%s'. It is valid in apiVersion 'v2'", md.APIVersion)
	}
	if len(md.Dependencies) > 0 {
		l.add(Error, metadataFile, "dependencies are not valid in the Chart file with apiVersion '%s'. They are valid in apiVersion 'v2'", md.APIVersion)
	}
}

// isURL says whether text is an absolute URL.
func isURL(text string) bool {
	u, err := url.ParseRequestURI(text)
	return err == nil && u.Scheme != ""
}
