package lint

import (
	"context"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/seed-0d4f92cc/pack/pkg/values"
)

// mostNamed is how many values one finding names.
const mostNamed = 10

// lintHygiene finds what helm lint does not look for: values that nothing reads,
// keys that stand twice, and numbers that print otherwise than they are written.
func (l *linter) lintHygiene(context.Context) {
	if data, err := l.read(metadataFile); err == nil {
		l.lintDuplicates(metadataFile, data)
	}
	data, err := l.read(valuesFile)
	if err != nil || l.loadErr != nil {
		return
	}
	l.lintDuplicates(valuesFile, data)
	defaults := l.chart.Values()
	var paths [][]string
	for _, u := range l.unread(defaults) {
		paths = append(paths, u.Path)
	}
	if len(paths) > 0 {
		l.addExtra(Info, valuesFile, "no template reads %s", few(data, paths))
	}
	if paths = exponents(defaults, nil); len(paths) > 0 {
		l.addExtra(Info, valuesFile, "templates print these numbers with an exponent, as 1e+06, unless they are in quotes or int64 is used: %s", few(data, paths))
	}
}

func (l *linter) lintDuplicates(name string, data []byte) {
	for _, d := range values.Duplicates(data) {
		l.addExtra(Warning, name, "key %q stands twice, in lines %d and %d: the second one counts", d.Key, d.First, d.Second)
	}
}

// unread finds the defaults that nothing reads.
func (l *linter) unread(defaults values.Map) []UnreadValue {
	if l.renderer == nil {
		return Unread(l.chart, defaults, defaults)
	}
	return unreadBy(l.renderer, l.chart, defaults, defaults)
}

// addExtra is add for a finding that helm lint would not make.
func (l *linter) addExtra(s Severity, path, format string, args ...any) {
	l.add(s, path, format, args...)
	l.findings[len(l.findings)-1].Extra = true
}

// located is a path with the line that it stands in.
func located(data []byte, path []string) string {
	text := strings.Join(path, ".")
	if line, _ := values.Locate(data, path); line > 0 {
		text += fmt.Sprintf(" (line %d)", line)
	}
	return text
}

// few lists paths, up to a bound.
func few(data []byte, paths [][]string) string {
	var names []string
	for _, path := range paths[:min(len(paths), mostNamed)] {
		names = append(names, located(data, path))
	}
	text := strings.Join(names, ", ")
	if more := len(paths) - mostNamed; more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	return text
}

// exponents finds the whole numbers of a tree that Go prints with an exponent.
func exponents(m values.Map, path []string) [][]string {
	var found [][]string
	for _, key := range slices.Sorted(maps.Keys(m)) {
		at := append(slices.Clip(path), key)
		switch v := m[key].(type) {
		case values.Map:
			found = append(found, exponents(v, at)...)
		case float64:
			if v == math.Trunc(v) && strings.Contains(fmt.Sprint(v), "e") {
				found = append(found, at)
			}
		}
	}
	return found
}
