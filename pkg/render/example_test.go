package render_test

import (
	"context"
	"errors"
	"fmt"
	"testing/fstest"

	"github.com/seed-0d4f92cc/pack/pkg/chart"
	"github.com/seed-0d4f92cc/pack/pkg/render"
	"github.com/seed-0d4f92cc/pack/pkg/values"
)

// exampleChart is a chart of two files.
func exampleChart(template string) (*chart.Chart, error) {
	return chart.Load(fstest.MapFS{
		"Chart.yaml":         {Data: []byte("apiVersion: v2\nname: web\nversion: 0.1.0\n")},
		"values.yaml":        {Data: []byte("replicas: 1\n")},
		"templates/web.yaml": {Data: []byte(template)},
	}, chart.LoadOptions{})
}

// One chart is rendered for three environments. Its templates are parsed once.
func ExampleRenderer_Render() {
	c, err := exampleChart("apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: {{ .Release.Name }}}\nspec: {replicas: {{ .Values.replicas }}}\n")
	if err != nil {
		fmt.Println(err)
		return
	}
	r, err := render.New(render.Config{})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, env := range []struct {
		name   string
		values values.Map
	}{
		{"test", nil},
		{"stage", values.Map{"replicas": 2}},
		{"prod", values.Map{"replicas": 5}},
	} {
		configured, err := c.Configure(env.values, chart.ConfigureOptions{})
		if err != nil {
			fmt.Println(err)
			return
		}
		result, err := r.Render(context.Background(), configured, render.Input{Release: render.Release{Name: env.name}})
		if err != nil {
			fmt.Println(err)
			return
		}
		for _, m := range result.Manifests {
			fmt.Print(m)
		}
	}
	// Output:
	// ---
	// # Source: web/templates/web.yaml
	// apiVersion: apps/v1
	// kind: Deployment
	// metadata: {name: test}
	// spec: {replicas: 1}
	//
	// ---
	// # Source: web/templates/web.yaml
	// apiVersion: apps/v1
	// kind: Deployment
	// metadata: {name: stage}
	// spec: {replicas: 2}
	//
	// ---
	// # Source: web/templates/web.yaml
	// apiVersion: apps/v1
	// kind: Deployment
	// metadata: {name: prod}
	// spec: {replicas: 5}
}

// Charts can be given functions of their own, and a cluster that answers
// lookup.
func ExampleConfig() {
	c, err := exampleChart(`owner: {{ team "web" }}
node: {{ (lookup "v1" "Node" "" "n1").metadata.name }}
`)
	if err != nil {
		fmt.Println(err)
		return
	}
	r, err := render.New(render.Config{
		Funcs: map[string]any{"team": func(app string) string { return "team-" + app }},
		Lookup: func(_ context.Context, _, _, _, name string) (map[string]any, error) {
			return map[string]any{"metadata": map[string]any{"name": name}}, nil
		},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	configured, err := c.Configure(nil, chart.ConfigureOptions{})
	if err != nil {
		fmt.Println(err)
		return
	}
	result, err := r.Render(context.Background(), configured, render.Input{})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Print(result.Files[0].Content)
	// Output:
	// owner: team-web
	// node: n1
}

// An error knows where the template is at fault.
func ExampleError() {
	c, err := exampleChart("kind: Deployment\nreplicas: {{ .Values.scale.min }}\n")
	if err != nil {
		fmt.Println(err)
		return
	}
	r, err := render.New(render.Config{})
	if err != nil {
		fmt.Println(err)
		return
	}
	configured, err := c.Configure(nil, chart.ConfigureOptions{})
	if err != nil {
		fmt.Println(err)
		return
	}
	_, err = r.Render(context.Background(), configured, render.Input{})
	var failure *render.Error
	if errors.As(err, &failure) {
		fmt.Printf("%s, line %d: %s\n", failure.Template, failure.Line, failure.Message)
	}
	// Output:
	// web/templates/web.yaml, line 2: nil pointer evaluating interface {}.min
}
