package chart_test

import (
	"testing"
	"testing/fstest"

	"github.com/seed-0d4f92cc/pack/pkg/chart"
)

// tree makes a file system of path and content.
func tree(files map[string]string) fstest.MapFS {
	fsys := fstest.MapFS{}
	for name, content := range files {
		fsys[name] = &fstest.MapFile{Data: []byte(content)}
	}
	return fsys
}

func TestLoad(t *testing.T) {
	t.Parallel()
	c, err := chart.Load(tree(map[string]string{
		"Chart.yaml":            "apiVersion: v2\nname: web\nversion: 1.10.0\n",
		"values.yaml":           "a: 1\n",
		"templates/a.yaml":      "x",
		"charts/db/Chart.yaml":  "name: db\nversion: 1\n",
		"charts/db/values.yaml": "b: 2\n",
	}), chart.LoadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if got := c.Dependencies()[0].FullPath(); got != "web/charts/db" {
		t.Errorf("full path is %q", got)
	}
}
