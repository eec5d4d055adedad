package manifest_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-0d4f92cc/pack/pkg/manifest"
)

func TestTextReadsBack(t *testing.T) {
	t.Parallel()
	set, err := manifest.FromFiles([]manifest.File{
		{Path: "c/templates/a.yaml", Content: object("Secret", "a") + "\n\n---\n" + object("Service", "b")},
		{Path: "c/templates/b.yaml", Content: "# a remark\n" + object("ConfigMap", "c")},
	})
	if err != nil {
		t.Fatal(err)
	}
	back, err := manifest.ParseText(manifest.Text(set.Manifests))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(set.Manifests, back); diff != "" {
		t.Error(diff)
	}
}

func TestParseTextWithoutSources(t *testing.T) {
	t.Parallel()
	got, err := manifest.ParseText("---\n" + object("Secret", "a") + "---\n" + object("Service", "b"))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"Secret/a", "Service/b"}, refs(got)); diff != "" {
		t.Error(diff)
	}
}

func TestRef(t *testing.T) {
	t.Parallel()
	r := manifest.Ref{APIVersion: "apps/v1", Kind: "Deployment", Namespace: "n", Name: "web"}
	if got := fmt.Sprint(r, r.Group(), r.Version()); got != "Deployment/n/webappsv1" && got != "Deployment/n/web apps v1" {
		t.Error(got)
	}
	core := manifest.Ref{APIVersion: "v1"}
	if core.Group() != "" || core.Version() != "v1" {
		t.Errorf("core: %q %q", core.Group(), core.Version())
	}
}

func ExampleFromFiles() {
	set, err := manifest.FromFiles([]manifest.File{{
		Path: "web/templates/all.yaml",
		Content: `apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
---
apiVersion: v1
kind: ConfigMap
metadata:
  name: web
`,
	}})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, m := range set.Manifests {
		fmt.Println(m.Ref)
	}
	// Output:
	// ConfigMap/web
	// Deployment/web
}

func TestParseTextWhole(t *testing.T) {
	t.Parallel()
	set, err := manifest.FromFiles([]manifest.File{
		{Path: "a.yaml", Content: "kind: A\ntext: |+\n  x\n"},
		{Path: "b.yaml", Content: "kind: B\ntext: |\n  x"},
	})
	if err != nil {
		t.Fatal(err)
	}
	text := manifest.Text(set.Manifests)
	for name, parse := range map[string]func(string) ([]manifest.Manifest, error){"": manifest.ParseText, "\n": manifest.ParseTextWhole} {
		got, err := parse(text)
		if err != nil {
			t.Fatal(err)
		}
		for i, m := range got {
			if want := set.Manifests[i].Content + name; m.Content != want || m.Path != set.Manifests[i].Path {
				t.Errorf("%s: got %q, want %q", m.Path, m.Content, want)
			}
		}
	}
}
