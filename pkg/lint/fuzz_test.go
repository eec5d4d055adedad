package lint_test

import (
	"strings"
	"testing"

	"github.com/seed-0d4f92cc/pack/pkg/lint"
)

// FuzzRun holds that whatever a chart's files say, linting ends with findings
// that tell something, and not with an error.
func FuzzRun(f *testing.F) {
	f.Add(good()["Chart.yaml"], "port: 80\n", "kind: A\nmetadata: {name: a}\n")
	f.Add("name: [", "- a", "{{ .Values.a.b.c }}")
	f.Add("apiVersion: v2\nversion: 1.0\nmaintainers: [null]\n", "a: {b: &x [*x]}", "---\n---\nkind: List\nitems: {}\n")
	f.Add("dependencies: [{}]", "", "{{ range 3 }}---\nkind: Service\n{{ end }}")
	f.Fuzz(func(t *testing.T, metadata, values, template string) {
		findings, err := lint.Run(t.Context(), chartFS(map[string]string{
			"Chart.yaml": metadata, "values.yaml": values, "templates/a.yaml": template,
		}), lint.Options{})
		if err != nil {
			t.Fatal(err)
		}
		for _, finding := range findings {
			if strings.TrimSpace(finding.Message) == "" {
				t.Errorf("a finding without words: %+v", finding)
			}
		}
	})
}
