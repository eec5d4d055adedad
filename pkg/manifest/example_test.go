package manifest_test

import (
	"fmt"

	"github.com/seed-0d4f92cc/pack/pkg/manifest"
)

func ExampleSplit() {
	for _, document := range manifest.Split("---\na: 1\n--- # note\nb: 2\n---\n") {
		fmt.Printf("%q\n", document)
	}
	// Output:
	// "a: 1\n"
	// "# note\nb: 2\n"
}

func ExampleParse() {
	m, err := manifest.Parse("web/templates/a.yaml", "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web, namespace: shop}\n")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(m.Ref, m.Ref.Group(), m.Ref.Version(), m.IsHook())
	_, err = manifest.Parse("web/templates/b.yaml", "kind: [a]")
	fmt.Println(err)
	// Output:
	// Deployment/shop/web apps v1 false
	// YAML parse error on web/templates/b.yaml: error unmarshaling JSON: while decoding JSON: json: cannot unmarshal array into Go struct field SimpleHead.kind of type string
}

// A document is a hook if it says when it is to run.
func ExampleManifest_AsHook() {
	m, err := manifest.Parse("a.yaml", "kind: Job\nmetadata:\n  name: migrate\n  annotations:\n"+
		"    helm.sh/hook: pre-upgrade, post-install\n    helm.sh/hook-weight: \"-5\"\n    helm.sh/hook-delete-policy: hook-succeeded\n")
	if err != nil {
		fmt.Println(err)
		return
	}
	hook, ok := m.AsHook()
	fmt.Println(ok, hook.Events, hook.Weight, hook.DeletePolicies)
	// Output: true [pre-upgrade post-install] -5 [hook-succeeded]
}

func ExampleSortInstall() {
	list := []manifest.Manifest{
		{Ref: manifest.Ref{Kind: "Deployment", Name: "a"}},
		{Ref: manifest.Ref{Kind: "Custom", Name: "b"}},
		{Ref: manifest.Ref{Kind: "Service", Name: "c"}},
		{Ref: manifest.Ref{Kind: "Namespace", Name: "d"}},
	}
	manifest.SortInstall(list)
	for _, m := range list {
		fmt.Println(m.Ref)
	}
	// Output:
	// Namespace/d
	// Service/c
	// Deployment/a
	// Custom/b
}

func ExampleParseText() {
	text := manifest.Text([]manifest.Manifest{{Path: "web/templates/a.yaml", Content: "kind: A\n"}})
	fmt.Printf("%q\n", text)
	list, err := manifest.ParseText(text)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(list[0].Path, list[0].Ref.Kind)
	// Output:
	// "---\n# Source: web/templates/a.yaml\nkind: A\n\n"
	// web/templates/a.yaml A
}

func ExampleShowOnly() {
	text := manifest.Text([]manifest.Manifest{
		{Path: "web/templates/a.yaml", Content: "kind: A\n"},
		{Path: "web/charts/db/templates/b.yaml", Content: "kind: B\n"},
	})
	documents, err := manifest.ShowOnly(text, []string{"charts/*/templates/*.yaml"})
	fmt.Printf("%q %v\n", documents, err)
	_, err = manifest.ShowOnly(text, []string{"templates/none.yaml"})
	fmt.Println(err)
	// Output:
	// ["# Source: web/charts/db/templates/b.yaml\nkind: B\n\n"] <nil>
	// could not find template templates/none.yaml in chart
}
