package render_test

import (
	"errors"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/seed-0d4f92cc/pack/pkg/chart"
	"github.com/seed-0d4f92cc/pack/pkg/render"
)

// TestSecretsInADiagnosis: lines of a Secret that cannot be read show no values.
func TestSecretsInADiagnosis(t *testing.T) {
	t.Parallel()
	for _, secret := range []string{
		"apiVersion: v1\nkind: Secret\nmetadata:\n  name: a\nstringData:\n  password: hush\n  x: : y\n",
		"apiVersion: v1\nkind: Secret\nstringData: {password: \"hush\"\n  x: : y\n",
		"apiVersion: v1\nkind: 'Secret'\nstringData:\n  password: |\n    hush\n   hush\n",
		"{\"kind\": \"Secret\", \"data\": {\"a\": \"hush\"}\n",
		"a: b\n---\nkind: Secret\nname: [other\nstringData: hush\n",
	} {
		fsys := fstest.MapFS{
			"Chart.yaml":       {Data: []byte("apiVersion: v2\nname: a\nversion: 1.0.0\n")},
			"templates/a.yaml": {Data: []byte(secret)},
		}
		c, err := chart.Load(fsys, chart.LoadOptions{})
		if err != nil {
			t.Fatal(err)
		}
		configured, err := c.Configure(nil, chart.ConfigureOptions{})
		if err != nil {
			t.Fatal(err)
		}
		r, err := render.New(render.Config{})
		if err != nil {
			t.Fatal(err)
		}
		_, err = r.Render(t.Context(), configured, render.Input{})
		diagnosed, ok := errors.AsType[*render.DiagnosedError](err)
		if !ok || len(diagnosed.Rendered) == 0 {
			t.Errorf("%q: no diagnosis: %v", secret, err)
			continue
		}
		for _, line := range diagnosed.Rendered {
			if strings.Contains(line.Text, "hush") {
				t.Errorf("%q: it shows %q", secret, line.Text)
			}
		}
	}
}
