package lint_test

import (
	"context"
	"fmt"
	"testing/fstest"

	"github.com/seed-0d4f92cc/pack/pkg/lint"
)

func ExampleRun() {
	chart := fstest.MapFS{
		"Chart.yaml":              {Data: []byte("apiVersion: v2\nname: web\nversion: 0.1.0\n")},
		"values.yaml":             {Data: []byte("port: 80\n")},
		"templates/workload.yaml": {Data: []byte("kind: Deployment\nmetadata:\n  name: web\n")},
	}
	findings, err := lint.Run(context.Background(), chart, lint.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, f := range findings {
		fmt.Println(f)
	}
	// Output:
	// [INFO] Chart.yaml: icon is recommended
	// [ERROR] templates/workload.yaml: a Deployment must contain matchLabels or matchExpressions, and "web" does not
	// [INFO] values.yaml: no template reads port (line 1)
}
