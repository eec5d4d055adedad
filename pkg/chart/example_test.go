package chart_test

import (
	"bytes"
	"fmt"
	"testing/fstest"

	"github.com/seed-0d4f92cc/pack/pkg/chart"
	"github.com/seed-0d4f92cc/pack/pkg/values"
)

// web is a chart with a subchart that can be switched off.
func web() fstest.MapFS {
	return fstest.MapFS{
		"Chart.yaml": {Data: []byte(`
apiVersion: v2
name: web
version: 1.0.0
dependencies:
- {name: db, version: ^2, condition: db.enabled}
`)},
		"values.yaml":           {Data: []byte("replicas: 1\n")},
		"values.schema.json":    {Data: []byte(`{"properties": {"replicas": {"type": "integer"}}}`)},
		"templates/web.yaml":    {Data: []byte("kind: Deployment\n")},
		"charts/db/Chart.yaml":  {Data: []byte("apiVersion: v2\nname: db\nversion: 2.3.4\n")},
		"charts/db/values.yaml": {Data: []byte("enabled: true\nsize: 1Gi\n")},
	}
}

func ExampleLoad() {
	c, err := chart.Load(web(), chart.LoadOptions{})
	if err != nil {
		fmt.Println(err)
		return
	}
	for path, sub := range c.All() {
		fmt.Println(path, sub.Metadata().Version)
	}
	// Output:
	// web 1.0.0
	// web/charts/db 2.3.4
}

func ExampleRead() {
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
	again, err := chart.Read(&archive, chart.LoadOptions{MaxBytes: 1 << 20})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(again.ArchiveName(), again.Templates()[0].Name)
	// Output: web-1.0.0.tgz templates/web.yaml
}

func ExampleChart_Configure() {
	c, err := chart.Load(web(), chart.LoadOptions{})
	if err != nil {
		fmt.Println(err)
		return
	}
	cfg, err := c.Configure(values.Map{"replicas": 3, "db": values.Map{"size": "5Gi"}}, chart.ConfigureOptions{})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(cfg.Values["replicas"], cfg.Values["db"])

	_, err = c.Configure(values.Map{"replicas": "three"}, chart.ConfigureOptions{})
	fmt.Print(err)
	// Output:
	// 3 map[enabled:true global:map[] size:5Gi]
	// values don't meet the specifications of the schema(s) in the following chart(s):
	// web:
	// - at '/replicas': got string, want integer
}

func ExampleScaffold() {
	files, err := chart.Scaffold("shop")
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, f := range files[:3] {
		fmt.Println(f.Name)
	}
	// Output:
	// .helmignore
	// Chart.yaml
	// templates/NOTES.txt
}
