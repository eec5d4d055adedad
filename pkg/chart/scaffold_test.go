package chart_test

import (
	"bytes"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-0d4f92cc/pack/pkg/chart"
)

func TestScaffold(t *testing.T) {
	t.Parallel()
	files, err := chart.Scaffold("my-web")
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		".helmignore", "Chart.yaml",
		"templates/NOTES.txt", "templates/_helpers.tpl", "templates/deployment.yaml", "templates/hpa.yaml",
		"templates/httproute.yaml", "templates/ingress.yaml", "templates/service.yaml",
		"templates/serviceaccount.yaml", "templates/tests/test-connection.yaml",
		"values.yaml", "charts/",
	}
	if diff := cmp.Diff(want, names(files)); diff != "" {
		t.Errorf("files (-want +got):\n%s", diff)
	}
	fsys := fstest.MapFS{}
	for _, f := range files {
		if bytes.Contains(f.Data, []byte(chart.NameToken)) {
			t.Errorf("%s still has %s", f.Name, chart.NameToken)
		}
		if !strings.HasSuffix(f.Name, "/") {
			fsys[f.Name] = &fstest.MapFile{Data: f.Data}
		}
	}
	c, err := chart.Load(fsys, chart.LoadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if c.Name() != "my-web" || c.Metadata().Version != "0.1.0" || c.Metadata().AppVersion == "" {
		t.Errorf("metadata are %+v", c.Metadata())
	}
	for _, key := range []string{
		"replicaCount", "image", "imagePullSecrets", "nameOverride", "fullnameOverride", "serviceAccount",
		"podAnnotations", "podLabels", "podSecurityContext", "securityContext", "service", "ingress", "httpRoute",
		"resources", "livenessProbe", "readinessProbe", "autoscaling", "volumes", "volumeMounts",
		"nodeSelector", "tolerations", "affinity",
	} {
		if _, ok := c.Values()[key]; !ok {
			t.Errorf("values lack %s", key)
		}
	}
}

func TestScaffoldQuotesNames(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"true", "123", "1e3", "null", "a.b_C-d"} {
		files, err := chart.Scaffold(name)
		if err != nil {
			t.Fatal(err)
		}
		fsys := fstest.MapFS{}
		for _, f := range files {
			fsys[strings.TrimSuffix(f.Name, "/")] = &fstest.MapFile{Data: f.Data}
		}
		delete(fsys, "charts")
		c, err := chart.Load(fsys, chart.LoadOptions{})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if c.Name() != name {
			t.Errorf("the chart %q is named %q", name, c.Name())
		}
	}
}

func TestValidateName(t *testing.T) {
	t.Parallel()
	const pattern = `chart name must match the regular expression "^[a-zA-Z0-9._-]+$"`
	tests := map[string]string{
		"web":                    "",
		"A.b_c-9":                "",
		strings.Repeat("a", 250): "",
		strings.Repeat("a", 251): "chart name must be between 1 and 250 characters",
		"":                       "chart name must be between 1 and 250 characters",
		"a b":                    pattern,
		"a/b":                    pattern,
		"ä":                      pattern,
		"..":                     `chart name ".." is not allowed`,
	}
	for name, want := range tests {
		var got string
		if err := chart.ValidateName(name); err != nil {
			got = err.Error()
		}
		if got != want {
			t.Errorf("ValidateName(%.20q) is %q, want %q", name, got, want)
		}
		if _, err := chart.Scaffold(name); (err != nil) != (want != "") {
			t.Errorf("Scaffold(%.20q): %v", name, err)
		}
	}
}

func TestFromStarter(t *testing.T) {
	t.Parallel()
	starter := load(t, map[string]string{
		"Chart.yaml":            meta("starter", "keywords: [k]", "dependencies: [{name: db, version: '*'}]"),
		"values.yaml":           "name: <CHARTNAME> # kept\n",
		"values.schema.json":    "{}",
		"templates/a":           "<CHARTNAME> <CHARTNAME>",
		"README.md":             "<CHARTNAME>",
		"charts/db/Chart.yaml":  meta("db"),
		"charts/db/templates/t": "<CHARTNAME>",
	})
	files, err := chart.FromStarter("new", starter)
	if err != nil {
		t.Fatal(err)
	}
	contents := map[string]string{}
	for _, f := range files {
		contents[f.Name] = string(f.Data)
	}
	archive := contents["charts/db-1.0.0.tgz"]
	delete(contents, "charts/db-1.0.0.tgz")
	want := map[string]string{
		"Chart.yaml":         "apiVersion: v2\nappVersion: 0.1.0\ndescription: A chart for Kubernetes\nname: new\ntype: application\nversion: 0.1.0\n",
		"values.yaml":        "name: new # kept\n",
		"values.schema.json": "{}",
		"templates/a":        "new new",
		"README.md":          "<CHARTNAME>",
	}
	if diff := cmp.Diff(want, contents); diff != "" {
		t.Errorf("files (-want +got):\n%s", diff)
	}
	sub, err := chart.Read(strings.NewReader(archive), chart.LoadOptions{})
	if err != nil || sub.Name() != "db" {
		t.Errorf("subchart is %v, %v", sub, err)
	}
	if _, err := chart.FromStarter("a b", starter); err == nil {
		t.Error("a name with a blank is taken")
	}
	if _, err := chart.FromStarter("a", nil); err == nil {
		t.Error("no starter is taken for one")
	}
}
