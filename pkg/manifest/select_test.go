package manifest_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-0d4f92cc/pack/pkg/manifest"
)

func TestShowOnly(t *testing.T) {
	t.Parallel()
	const text = "---\n# Source: web/crds/c.yaml\ncrd: 1\n---\ncrd: 2\n\n" +
		"---\n# Source: web/templates/a.yaml\na: 1\n\n" +
		"---\n# Source: web/charts/db/templates/b.yaml\nb: 1\n\n" +
		"---\n# Source: web/templates/a.yaml\na: 2\n"
	const (
		crd = "# Source: web/crds/c.yaml\ncrd: 1\n"
		a1  = "# Source: web/templates/a.yaml\na: 1\n\n"
		a2  = "# Source: web/templates/a.yaml\na: 2\n"
		b   = "# Source: web/charts/db/templates/b.yaml\nb: 1\n\n"
	)
	for _, tc := range []struct {
		name     string
		patterns []string
		want     []string
		missing  string
	}{
		{name: "all documents of a template", patterns: []string{"templates/a.yaml"}, want: []string{a1, a2}},
		{name: "pattern", patterns: []string{"templates/*"}, want: []string{a1, a2}},
		{name: "in the order of the patterns", patterns: []string{"charts/db/templates/b.yaml", "crds/c.yaml"}, want: []string{b, crd}},
		{name: "twice", patterns: []string{"crds/*", "crds/c.yaml"}, want: []string{crd, crd}},
		{name: "no match", patterns: []string{"templates/a.yaml", "a.yaml"}, missing: "a.yaml"},
		{name: "with the chart's name", patterns: []string{"web/templates/a.yaml"}, missing: "web/templates/a.yaml"},
		{name: "bad pattern", patterns: []string{"[a"}, missing: "[a"},
		{name: "empty pattern", patterns: []string{""}, missing: ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			got, err := manifest.ShowOnly(text, tc.patterns)
			if tc.want == nil {
				missing, ok := errors.AsType[*manifest.NoTemplateError](err)
				if !ok || missing.Pattern != tc.missing {
					t.Fatalf("got %v, want a NoTemplateError for %q", err, tc.missing)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("documents (-want +got):\n%s", diff)
			}
		})
	}
}
