package chart_test

import (
	"errors"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-0d4f92cc/pack/pkg/chart"
)

func TestTree(t *testing.T) {
	t.Parallel()
	c := load(t, map[string]string{
		"Chart.yaml":              meta("c", "dependencies: [{name: a}, {name: b}, {name: d}]"),
		"crds/x.YAML":             "x",
		"crds/sub/y.json":         "y",
		"crds/readme.md":          "no",
		"charts/b/Chart.yaml":     meta("b"),
		"charts/b/crds/z.yml":     "z",
		"charts/b/templates/t":    "t",
		"charts/lib/Chart.yaml":   meta("lib", "type: library"),
		"charts/lib/crds/l.yaml":  "l",
		"charts/lib/crds/.l.yaml": "h",
	})
	want := []string{"c/crds/sub/y.json", "c/crds/x.YAML", "c/charts/b/crds/z.yml", "c/charts/lib/crds/.l.yaml", "c/charts/lib/crds/l.yaml"}
	if diff := cmp.Diff(want, names(c.CRDs())); diff != "" {
		t.Errorf("CRDs (-want +got):\n%s", diff)
	}
	err := c.CheckDependencies()
	if me, ok := errors.AsType[*chart.MissingError](err); !ok || !cmp.Equal(me.Names, []string{"a", "d"}) ||
		err.Error() != "found in Chart.yaml, but missing in charts/ directory: a, d" {
		t.Errorf("error of missing charts is %v", err)
	}
	if err := c.Dependencies()[0].CheckDependencies(); err != nil {
		t.Errorf("b declares nothing, yet: %v", err)
	}
	if err := c.CheckInstallable(); err != nil {
		t.Error(err)
	}
	if err := c.Dependencies()[1].CheckInstallable(); !errors.Is(err, chart.ErrNotInstallable) {
		t.Errorf("error for a library is %v", err)
	}
	if err := fstest.TestFS(c.FS(), "Chart.yaml", "charts/b/templates/t"); err != nil {
		t.Error(err)
	}
	if err := fstest.TestFS(c.Dependencies()[0].FS(), "Chart.yaml", "templates/t"); err != nil {
		t.Error(err)
	}
}
