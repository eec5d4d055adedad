package render

import "github.com/seed-0d4f92cc/pack/pkg/chart"

// chartObject is the object .Chart of Helm 4: a plain map with the Go names of
// the fields of Chart.yaml, all of them present.
func chartObject(c *chart.Chart) map[string]any {
	m := c.Metadata()
	return map[string]any{
		"Name":         m.Name,
		"Home":         m.Home,
		"Sources":      stringList(m.Sources),
		"Version":      m.Version,
		"Description":  m.Description,
		"Keywords":     stringList(m.Keywords),
		"Maintainers":  maintainerList(m.Maintainers),
		"Icon":         m.Icon,
		"APIVersion":   m.APIVersion,
		"Condition":    m.Condition,
		"Tags":         m.Tags,
		"AppVersion":   m.AppVersion,
		"Deprecated":   m.Deprecated,
		"Annotations":  m.Annotations,
		"KubeVersion":  m.KubeVersion,
		"Dependencies": dependencyList(m.Dependencies),
		"Type":         m.Type,
		"IsRoot":       c.IsRoot(),
	}
}

func stringList(texts []string) []any {
	list := make([]any, len(texts))
	for i, text := range texts {
		list[i] = text
	}
	return list
}

func maintainerList(maintainers []*chart.Maintainer) []any {
	list := make([]any, len(maintainers))
	for i, m := range maintainers {
		list[i] = map[string]any{"Name": m.Name, "Email": m.Email, "URL": m.URL}
	}
	return list
}

func dependencyList(dependencies []*chart.Dependency) []any {
	list := make([]any, len(dependencies))
	for i, d := range dependencies {
		imports := d.ImportValues
		if imports == nil {
			imports = []any{}
		}
		list[i] = map[string]any{
			"Name":         d.Name,
			"Version":      d.Version,
			"Repository":   d.Repository,
			"Condition":    d.Condition,
			"Tags":         stringList(d.Tags),
			"Enabled":      d.Enabled,
			"ImportValues": imports,
			"Alias":        d.Alias,
		}
	}
	return list
}
