package chart_test

import (
	"errors"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/seed-0d4f92cc/pack/pkg/chart"
	"github.com/seed-0d4f92cc/pack/pkg/values"
)

func TestSchemaStepsAreBounded(t *testing.T) {
	t.Parallel()
	c, err := chart.Load(fstest.MapFS{
		"Chart.yaml":         {Data: []byte("apiVersion: v2\nname: c\nversion: 0.1.0\n")},
		"values.schema.json": {Data: []byte(`{"additionalProperties": {"type": "string"}}`)},
	}, chart.LoadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	user := values.Map{}
	for _, key := range strings.Split("abcdefghijklmnopqrstuvwxyz", "") {
		user[key] = key
	}
	for steps, fails := range map[int]bool{10: true, 0: false, 1000: false} {
		_, err := c.Configure(user, chart.ConfigureOptions{MaxSchemaSteps: steps})
		schema, ok := errors.AsType[*chart.SchemaError](err)
		if ok != fails || ok && !strings.Contains(schema.Error(), "takes too long") {
			t.Errorf("%d steps: %v", steps, err)
		}
	}
}

func TestMetadataAreBounded(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"Chart.yaml", "Chart.lock"} {
		files := fstest.MapFS{"Chart.yaml": {Data: []byte("apiVersion: v2\nname: c\nversion: 0.1.0\n")}}
		var head string
		if old := files[name]; old != nil {
			head = string(old.Data)
		}
		for _, text := range []string{"# " + strings.Repeat("x", 4<<20) + "\n", "dependencies: [" + strings.Repeat("{},", 60_000) + "]\n"} {
			files[name] = &fstest.MapFile{Data: []byte(head + text)}
			if _, err := chart.Load(files, chart.LoadOptions{}); !errors.Is(err, chart.ErrTooLarge) {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
}
