package render_test

import (
	"context"
	"fmt"
	"os"
	"testing/fstest"

	"github.com/seed-0d4f92cc/pack/pkg/chart"
	"github.com/seed-0d4f92cc/pack/pkg/render"
)

// Templates are told of a cluster that need not be there.
func ExampleCapabilities() {
	caps := render.DefaultCapabilities().WithAPIVersions("example.com/v1")
	var err error
	if caps.KubeVersion, err = render.ParseKubeVersion("1.30"); err != nil {
		fmt.Println(err)
		return
	}
	fsys := fstest.MapFS{
		"Chart.yaml":       {Data: []byte("apiVersion: v2\nname: web\nversion: 1.0.0\n")},
		"templates/a.yaml": {Data: []byte("kind: A\nversion: {{ .Capabilities.KubeVersion }}\nhas: {{ .Capabilities.APIVersions.Has \"example.com/v1\" }}\n")},
	}
	if err := show(fsys, render.Config{}, render.Input{Capabilities: caps}); err != nil {
		fmt.Println(err)
	}
	// Output:
	// ---
	// # Source: web/templates/a.yaml
	// kind: A
	// version: v1.30
	// has: true
}

// A result is written whole, or a part of it.
func ExampleResult_WriteText() {
	c, err := chart.Load(fstest.MapFS{
		"Chart.yaml":       {Data: []byte("apiVersion: v2\nname: web\nversion: 1.0.0\n")},
		"templates/a.yaml": {Data: []byte("kind: A\n---\nkind: Pod\nmetadata: {name: t, annotations: {helm.sh/hook: test}}\n")},
		"crds/d.yaml":      {Data: []byte("kind: CustomResourceDefinition\n")},
	}, chart.LoadOptions{})
	if err != nil {
		fmt.Println(err)
		return
	}
	r, err := render.New(render.Config{})
	if err != nil {
		fmt.Println(err)
		return
	}
	r.Preload(context.Background(), c) // while something else is done
	configured, err := c.Configure(nil, chart.ConfigureOptions{})
	if err != nil {
		fmt.Println(err)
		return
	}
	result, err := r.Render(context.Background(), configured, render.Input{Release: render.Release{Name: "demo"}})
	if err != nil {
		fmt.Println(err)
		return
	}
	opts := render.OutputOptions{IncludeCRDs: true, SkipTests: true}
	if err := result.WriteText(os.Stdout, opts); err != nil {
		fmt.Println(err)
	}
	fmt.Println(len(result.Documents(render.OutputOptions{})), "documents,", len(result.VisibleHooks(opts)), "hooks")
	// Output:
	// ---
	// # Source: web/crds/d.yaml
	// kind: CustomResourceDefinition
	//
	// ---
	// # Source: web/templates/a.yaml
	// kind: A
	// 2 documents, 0 hooks
}

// ExampleParsePostStrategy reads the name of a strategy.
func ExampleParsePostStrategy() {
	strategy, err := render.ParsePostStrategy("nohooks")
	fmt.Println(strategy == render.PostNoHooks, err)
	_, err = render.ParsePostStrategy("all")
	fmt.Println(err)
	// Output:
	// true <nil>
	// invalid strategy "all": it is one of combined, separate and nohooks
}
