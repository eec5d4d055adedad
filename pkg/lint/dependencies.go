package lint

import (
	"context"
	"slices"
	"strings"

	"github.com/seed-0d4f92cc/pack/pkg/chart"
)

// lintDependencies compares the declared dependencies with charts/.
func (l *linter) lintDependencies(context.Context) {
	if l.loadErr != nil {
		l.add(Error, "", "unable to load chart\n\t%v", l.loadErr)
		return
	}
	declared := names(l.chart.Metadata().Dependencies, func(d *chart.Dependency) string { return d.Name })
	loaded := names(l.chart.Dependencies(), (*chart.Chart).Name)
	if extra := without(loaded, declared); len(extra) > 0 {
		slices.Sort(extra) // in Helm their order is chance
		l.add(Error, Root, "chart metadata is missing these dependencies: %s", strings.Join(extra, ","))
	}
	if missing := without(declared, loaded); len(missing) > 0 {
		l.add(Warning, Root, "chart directory is missing these dependencies: %s", strings.Join(missing, ","))
	}
}

func names[T any](list []T, name func(T) string) []string {
	out := make([]string, 0, len(list))
	for _, item := range list {
		out = append(out, name(item))
	}
	return out
}

// without returns what of a is not in b, as often as it is in a.
func without(a, b []string) []string {
	return slices.DeleteFunc(slices.Clone(a), func(s string) bool { return slices.Contains(b, s) })
}

// lintCRDs examines crds/ of the chart and of its subcharts.
func (l *linter) lintCRDs(context.Context) {
	if !l.hasDir(crdsDir) {
		return
	}
	if l.loadErr != nil {
		l.add(Error, crdsDir, "%v", l.loadErr)
		return
	}
	for _, file := range l.chart.CRDs() {
		name := strings.TrimPrefix(file.Name, l.chart.FullPath()+"/")
		docs, err := documents(string(file.Data))
		for _, doc := range docs {
			l.lintCRD(name, doc)
		}
		if err != nil {
			l.add(Error, name, "unable to parse YAML: %v", err)
		}
	}
}

func (l *linter) lintCRD(name string, doc document) {
	obj, err := doc.read()
	if err != nil {
		l.add(Error, name, "unable to parse YAML: %v", err)
		return
	}
	if obj == nil {
		return
	}
	if !strings.HasPrefix(obj.APIVersion, "apiextensions.k8s.io") {
		l.add(Error, name, "apiVersion is not in 'apiextensions.k8s.io'")
	}
	if obj.Kind != "CustomResourceDefinition" {
		l.add(Error, name, "object kind is not 'CustomResourceDefinition'")
	}
}
