package chart_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"testing/fstest"

	"github.com/seed-0d4f92cc/pack/pkg/chart"
	"github.com/seed-0d4f92cc/pack/pkg/values"
)

// exampleTree is a chart with a subchart and a definition.
func exampleTree() (*chart.Chart, error) {
	return chart.Load(fstest.MapFS{
		"Chart.yaml":            {Data: []byte("apiVersion: v2\nname: web\nversion: 1.0.0\ndependencies:\n- {name: db, version: 1.0.0}\n- {name: cache, version: 1.0.0}\n")},
		"values.schema.json":    {Data: []byte(`{"properties": {"port": {"type": "integer"}, "list": {"items": {"type": "string"}}}}`)},
		"README.md":             {Data: []byte("# web\n")},
		"crds/a.yaml":           {Data: []byte("kind: CustomResourceDefinition\n")},
		"charts/db/Chart.yaml":  {Data: []byte("apiVersion: v2\nname: db\nversion: 1.0.0\ntype: library\n")},
		"charts/db/values.yaml": {Data: []byte("size: 1\n")},
	}, chart.LoadOptions{})
}

// A chart is walked, and looked at.
func ExampleChart_All() {
	c, err := exampleTree()
	if err != nil {
		fmt.Println(err)
		return
	}
	for path, each := range c.All() {
		fmt.Println(path, each.Metadata().Version, each.IsRoot(), each.IsLibrary(), each.Values())
	}
	for _, f := range c.Files() {
		fmt.Println("file", f.Name)
	}
	for _, f := range c.CRDs() {
		fmt.Println("definition", f.Name)
	}
	fmt.Println(c.CheckInstallable(), c.CheckDependencies())
	// Output:
	// web 1.0.0 true false map[]
	// web/charts/db 1.0.0 false true map[size:1]
	// file README.md
	// file crds/a.yaml
	// definition web/crds/a.yaml
	// <nil> found in Chart.yaml, but missing in charts/ directory: cache
}

// All that is wrong with values is told at once, each with its path.
func ExampleSchemaError() {
	c, err := exampleTree()
	if err != nil {
		fmt.Println(err)
		return
	}
	err = c.ValidateSchema(values.Map{"port": "x", "list": []any{"a", 1.0}}, chart.ConfigureOptions{})
	if bad, ok := errors.AsType[*chart.SchemaError](err); ok {
		for _, v := range bad.Violations {
			fmt.Println(v.Values(), v.Message)
		}
	}
	// Output:
	// [[list [1]]] got number, want string
	// [[port]] got string, want integer
}

// A chart is made after the pattern of another one.
func ExampleFromStarter() {
	starter, err := chart.Load(fstest.MapFS{
		"Chart.yaml":       {Data: []byte("apiVersion: v2\nname: starter\nversion: 9.9.9\n")},
		"templates/a.yaml": {Data: []byte("kind: A\nname: <CHARTNAME>\n")},
	}, chart.LoadOptions{})
	if err != nil {
		fmt.Println(err)
		return
	}
	if err := chart.ValidateName("my shop"); err != nil {
		fmt.Println(err)
	}
	files, err := chart.FromStarter("shop", starter)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, f := range files {
		if f.Name == "templates/a.yaml" {
			fmt.Print(string(f.Data))
		}
	}
	// Output:
	// chart name must match the regular expression "^[a-zA-Z0-9._-]+$"
	// kind: A
	// name: shop
}

// A release's values are laid over the defaults that its record holds.
func ExampleCoalesceValues() {
	defaults := values.Map{"image": values.Map{"tag": "1", "pull": "Always"}, "port": 80.0}
	user := values.Map{"image": values.Map{"tag": "2", "pull": nil}}
	fmt.Println(chart.CoalesceValues(defaults, user))
	// Output: map[image:map[tag:2] port:80]
}

// A chart is rendered with a subchart that came from elsewhere.
func ExampleChart_WithDependencies() {
	c, err := exampleTree()
	if err != nil {
		fmt.Println(err)
		return
	}
	cache, err := chart.Load(fstest.MapFS{"Chart.yaml": {Data: []byte("apiVersion: v2\nname: cache\nversion: 1.0.0\n")}}, chart.LoadOptions{})
	if err != nil {
		fmt.Println(err)
		return
	}
	complete := c.WithDependencies(append(c.Dependencies(), cache)...)
	fmt.Println(c.MissingDependencies(), complete.MissingDependencies())
	// Output: [cache] []
}

// A chart is packaged as another version, with defaults of one's own.
func ExampleChart_WithVersion() {
	c, err := chart.Load(web(), chart.LoadOptions{})
	if err != nil {
		fmt.Println(err)
		return
	}
	next, err := c.WithValues(values.Map{"replicas": 2.0}).WithVersion("1.1.0", "7.0")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(next.ArchiveName(), next.Values())
	fmt.Println(c.ArchiveName(), c.Values())
	// Output:
	// web-1.1.0.tgz map[replicas:2]
	// web-1.0.0.tgz map[replicas:1]
}

// Metadata come from a tree that was read elsewhere, such as an index.
func ExampleDecodeMetadata() {
	m, others, ok := chart.DecodeMetadata(map[string]any{
		"name": "web", "version": "1.0.0", "keywords": []any{"http"}, "digest": "0a1b",
	})
	fmt.Println(m.Name, m.Version, m.Keywords, others, ok, m.Normalize())
	// Output: web 1.0.0 [http] [digest] true <nil>
}

// An archive is unpacked into a folder that has the chart's name.
func ExampleExpand() {
	c, err := chart.Load(web(), chart.LoadOptions{})
	if err != nil {
		fmt.Println(err)
		return
	}
	var archive bytes.Buffer
	if err := c.WriteArchive(&archive, chart.ArchiveOptions{}); err != nil {
		fmt.Println(err)
		return
	}
	dir, err := os.MkdirTemp("", "charts")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	fmt.Println(chart.Expand(context.Background(), &archive, dir, chart.LoadOptions{}))
	// Output: web <nil>
}
