package chart

import (
	"fmt"
	"strings"
	"unicode"

	"github.com/Masterminds/semver/v3"
)

// Validate checks the metadata as every load does; the texts are Helm's.
func (m *Metadata) Validate() error {
	for _, check := range []func() error{m.validateIdentity, m.validateMaintainers, m.validateDependencies} {
		if err := check(); err != nil {
			return fmt.Errorf("validation: %w", err)
		}
	}
	return nil
}

// Normalize does with metadata what a load does: an absent apiVersion is v1,
// white space is plain, what cannot be printed is dropped, and the rest is
// checked as Validate does.
func (m *Metadata) Normalize() error {
	if m.APIVersion == "" {
		m.APIVersion = apiV1
	}
	m.sanitize()
	return m.Validate()
}

func (m *Metadata) validateIdentity() error {
	switch {
	case m.APIVersion == "":
		return fmt.Errorf("chart.metadata.apiVersion is required")
	case m.Name == "":
		return fmt.Errorf("chart.metadata.name is required")
	case m.Name == "." || m.Name == "..":
		return fmt.Errorf("chart.metadata.name %q is not allowed", m.Name)
	case strings.ContainsAny(m.Name, `/\`):
		return fmt.Errorf("chart.metadata.name %q is invalid", m.Name)
	case m.Version == "":
		return fmt.Errorf("chart.metadata.version is required")
	case !isVersion(m.Version):
		return fmt.Errorf("chart.metadata.version %q is invalid", m.Version)
	case m.Type != "" && m.Type != "application" && m.Type != "library":
		return fmt.Errorf("chart.metadata.type must be application or library")
	}
	return nil
}

func (m *Metadata) validateMaintainers() error {
	for _, p := range m.Maintainers {
		if p == nil {
			return fmt.Errorf("maintainers must not contain empty or null nodes")
		}
	}
	return nil
}

func (m *Metadata) validateDependencies() error {
	seen := make(map[string]bool, len(m.Dependencies))
	for _, d := range m.Dependencies {
		if d == nil {
			return fmt.Errorf("dependencies must not contain empty or null nodes")
		}
		if !isAlias(d.Alias) {
			return fmt.Errorf("dependency %q has disallowed characters in the alias", d.Name)
		}
		key := d.effectiveName()
		if seen[key] {
			return fmt.Errorf("more than one dependency with name or alias %q", key)
		}
		seen[key] = true
	}
	return nil
}

// aliasRunes are those of which an alias may be made.
const aliasRunes = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_"

// isAlias says whether s may be an alias, or is none.
func isAlias(s string) bool { return strings.Trim(s, aliasRunes) == "" }

// isVersion says whether s is a version as leniently as Helm reads it: "1",
// "v1.2" and "01.2.3" all are.
func isVersion(s string) bool {
	_, err := semver.NewVersion(s)
	return err == nil
}

// effectiveName is the name under which the chart's values are found.
func (d *Dependency) effectiveName() string {
	if d.Alias != "" {
		return d.Alias
	}
	return d.Name
}

// sanitize makes all white space plain and drops what cannot be printed, in
// all texts but the version.
func (m *Metadata) sanitize() {
	for _, s := range []*string{&m.Name, &m.Description, &m.Home, &m.Icon, &m.Condition, &m.Tags, &m.AppVersion, &m.KubeVersion} {
		*s = printable(*s)
	}
	printableAll(m.Sources)
	printableAll(m.Keywords)
	for _, p := range m.Maintainers {
		if p != nil {
			p.Name, p.Email, p.URL = printable(p.Name), printable(p.Email), printable(p.URL)
		}
	}
	for _, d := range m.Dependencies {
		if d != nil {
			d.Name, d.Version = printable(d.Name), printable(d.Version)
			d.Repository, d.Condition = printable(d.Repository), printable(d.Condition)
			printableAll(d.Tags)
		}
	}
}

func printableAll(list []string) {
	for i, s := range list {
		list[i] = printable(s)
	}
}

func printable(s string) string {
	if isPlain(s) {
		return s
	}
	return strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case !unicode.IsPrint(r):
			return -1
		}
		return r
	}, s)
}

// isPlain says whether a text is of printable ASCII.
func isPlain(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}
