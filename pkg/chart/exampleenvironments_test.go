package chart_test

import (
	"context"
	"fmt"
	"testing/fstest"

	"github.com/seed-0d4f92cc/pack/pkg/chart"
	"github.com/seed-0d4f92cc/pack/pkg/values"
)

// A chart brings values for its environments along; what is set, and by whom, can
// be told.
func ExampleConfigured_Explainer() {
	c, err := chart.Load(fstest.MapFS{
		"Chart.yaml":             {Data: []byte("apiVersion: v2\nname: web\nversion: 1.0.0\n")},
		"values.yaml":            {Data: []byte("image:\n  tag: \"1\"\nreplicas: 1\n")},
		"environments/prod.yaml": {Data: []byte("image:\n  tag: \"2\"\nreplicas: 3\n")},
	}, chart.LoadOptions{})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, e := range c.Environments() {
		fmt.Println(e.Name, e.Path)
	}
	below, err := c.EnvironmentLayers("prod")
	if err != nil {
		fmt.Println(err)
		return
	}
	user, layers, err := values.CollectLayers(context.Background(), values.UserOptions{Below: below, Set: []string{"image.tag=3"}}, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	configured, err := c.Configure(user, chart.ConfigureOptions{})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(configured.Values)
	for _, origin := range configured.Explainer(layers).Explain([]string{"image", "tag"}) {
		fmt.Println(origin, origin.Value)
	}
	// Output:
	// prod environments/prod.yaml
	// map[image:map[tag:3] replicas:3]
	// --set image.tag 3
	// environments/prod.yaml:2:3 2
	// values.yaml:2:3 1
}
