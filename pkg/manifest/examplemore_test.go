package manifest_test

import (
	"fmt"

	"github.com/seed-0d4f92cc/pack/pkg/manifest"
)

// Files are read one by one, and put into order together.
func ExampleJoin() {
	var sets []manifest.Set
	for _, f := range []manifest.File{
		{Path: "c/templates/a.yaml", Content: "kind: Deployment\nmetadata: {name: a}\n---\nkind: Job\nmetadata: {name: j, annotations: {helm.sh/hook: test}}\n"},
		{Path: "c/templates/b.yaml", Content: "kind: Secret\nmetadata: {name: b, annotations: {helm.sh/resource-policy: keep}}\n"},
	} {
		set, err := manifest.FromFile(f)
		if err != nil {
			fmt.Println(err)
			return
		}
		sets = append(sets, set)
	}
	all := manifest.Join(sets)
	for _, m := range all.Manifests {
		fmt.Println(m.Ref, manifest.Keep(m.Annotations))
	}
	manifest.SortInstallHooks(all.Hooks)
	fmt.Println(len(all.Hooks), "hook")
	// Output:
	// Secret/b true
	// Deployment/a false
	// 1 hook
}

func ExampleSortUninstall() {
	list := []manifest.Manifest{
		{Ref: manifest.Ref{Kind: "Namespace", Name: "a"}},
		{Ref: manifest.Ref{Kind: "Deployment", Name: "b"}},
		{Ref: manifest.Ref{Kind: "Service", Name: "c"}},
	}
	manifest.SortUninstall(list)
	for _, m := range list {
		fmt.Println(m.Ref)
	}
	// Output:
	// Service/c
	// Deployment/b
	// Namespace/a
}

func ExampleParseTargets() {
	targets, err := manifest.ParseTargets("StatefulSet/db, Database.db.example.com/shop/main")
	if err != nil {
		fmt.Println(err)
		return
	}
	ref := manifest.Ref{APIVersion: "db.example.com/v1", Kind: "Database", Namespace: "shop", Name: "main"}
	for _, t := range targets {
		fmt.Println(t, t.Matches(ref, "default"))
	}
	// Output:
	// StatefulSet/db false
	// Database.db.example.com/shop/main true
}

func ExampleParseTextWhole() {
	text := "---\n# Source: web/templates/a.yaml\nkind: ConfigMap\ndata:\n  a: |+\n    one\n---\n# Source: web/templates/b.yaml\nkind: Secret\n"
	documents, err := manifest.ParseTextWhole(text)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, d := range documents {
		fmt.Printf("%s: %q\n", d.Path, d.Content)
	}
	// Output:
	// web/templates/a.yaml: "kind: ConfigMap\ndata:\n  a: |+\n    one\n"
	// web/templates/b.yaml: "kind: Secret\n"
}
