package chart_test

import (
	"strings"
	"testing"

	"github.com/seed-0d4f92cc/pack/pkg/chart"
)

func TestValidation(t *testing.T) {
	t.Parallel()
	tests := map[string]string{
		"":                                   "chart.metadata.name is required",
		"name: ..\nversion: 1":               `chart.metadata.name ".." is not allowed`,
		"name: ../c\nversion: 1":             `chart.metadata.name "../c" is invalid`,
		"name: c":                            "chart.metadata.version is required",
		"name: c\nversion: 1.2.3.4":          `chart.metadata.version "1.2.3.4" is invalid`,
		"name: c\nversion: 1\ntype: Library": "chart.metadata.type must be application or library",
		"name: c\nversion: 1\nmaintainers: [null]":                                                 "maintainers must not contain empty or null nodes",
		"name: c\nversion: 1\ndependencies: [null]":                                                "dependencies must not contain empty or null nodes",
		"name: c\nversion: 1\ndependencies: [{name: d, alias: a.b}]":                               `dependency "d" has disallowed characters in the alias`,
		"name: c\nversion: 1\ndependencies: [{name: d}, {name: e, alias: d}]":                      `more than one dependency with name or alias "d"`,
		"name: A b\nversion: v01.2\ntype: library\nmaintainers: [{}]\ndependencies: [{name: d-d}]": "",
	}
	for text, want := range tests {
		_, err := chart.Load(tree(map[string]string{"Chart.yaml": text}), chart.LoadOptions{})
		var got string
		if err != nil {
			got = strings.TrimPrefix(err.Error(), "validation: ")
		}
		if got != want {
			t.Errorf("%q: error is %q, want %q", text, got, want)
		}
	}
}
