package manifest_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-0d4f92cc/pack/pkg/manifest"
)

func object(kind, name string) string {
	return "apiVersion: v1\nkind: " + kind + "\nmetadata:\n  name: " + name + "\n"
}

func refs(manifests []manifest.Manifest) []string {
	var list []string
	for _, m := range manifests {
		list = append(list, m.Ref.String())
	}
	return list
}

func TestFromFilesSorts(t *testing.T) {
	t.Parallel()
	set, err := manifest.FromFiles([]manifest.File{
		{Path: "c/templates/z.yaml", Content: object("Zebra", "z") + "---\n" + object("Secret", "b")},
		{Path: "c/templates/_p.yaml", Content: "not: [yaml"},
		{Path: "c/templates/blank.yaml", Content: "\n \n"},
		{Path: "c/templates/a.yaml", Content: object("Deployment", "d") + "---\n# nothing\n---\n" + object("Ape", "a")},
		{Path: "c/templates/b.yaml", Content: object("Secret", "c") + "---\n" + object("Namespace", "ns")},
	})
	if err != nil {
		t.Fatal(err)
	}
	// A document of comments alone has the kind "", the first of the unknown.
	want := []string{"Namespace/ns", "Secret/c", "Secret/b", "Deployment/d", "/", "Ape/a", "Zebra/z"}
	if diff := cmp.Diff(want, refs(set.Manifests)); diff != "" {
		t.Error(diff)
	}
}

func TestSortUninstall(t *testing.T) {
	t.Parallel()
	kinds := []string{"Zebra", "CronJob", "Deployment", "Service", "Ape", "Ingress", "Secret", "ConfigMap", "Pod", "Secret"}
	var list []manifest.Manifest
	for i, k := range kinds {
		list = append(list, manifest.Manifest{Ref: manifest.Ref{Kind: k, Name: string(rune('a' + i))}})
	}
	manifest.SortUninstall(list)
	want := []string{
		"Ingress/f", "Service/d", "CronJob/b", "Deployment/c", "Pod/i", "ConfigMap/h", "Secret/g", "Secret/j", "Ape/e", "Zebra/a",
	}
	if diff := cmp.Diff(want, refs(list)); diff != "" {
		t.Error(diff)
	}
}

func FuzzSortInstall(f *testing.F) {
	f.Add("Secret", "Zebra", "", "Secret")
	f.Fuzz(func(t *testing.T, a, b, c, d string) {
		var list []manifest.Manifest
		for i, k := range []string{a, b, c, d} {
			list = append(list, manifest.Manifest{Path: string(rune('0' + i)), Ref: manifest.Ref{Kind: k}})
		}
		sorted := slices.Clone(list)
		manifest.SortInstall(sorted)
		for i, m := range sorted {
			if i > 0 && sorted[i-1].Ref.Kind == m.Ref.Kind && sorted[i-1].Path > m.Path {
				t.Errorf("not stable: %v", sorted)
			}
		}
		byPath := func(x, y manifest.Manifest) int { return int(x.Path[0]) - int(y.Path[0]) }
		slices.SortFunc(sorted, byPath)
		if diff := cmp.Diff(list, sorted); diff != "" {
			t.Errorf("not a permutation: %s", diff)
		}
	})
}

func TestHooks(t *testing.T) {
	t.Parallel()
	hook := func(name, annotations string) string {
		return object("Job", name) + "  annotations:\n" + annotations
	}
	set, err := manifest.FromFiles([]manifest.File{{Path: "c/templates/a.yaml", Content: "" +
		hook("late", `    "helm.sh/hook": pre-install, Post-Upgrade
    "helm.sh/hook-weight": "5"
    "helm.sh/hook-delete-policy": Hook-Succeeded , before-hook-creation
    "helm.sh/hook-output-log-policy": hook-failed
`) + "---\n" +
		hook("b", "    helm.sh/hook: pre-install\n    helm.sh/hook-weight: \"no\"\n") + "---\n" +
		hook("a", "    helm.sh/hook: pre-install\n") + "---\n" +
		hook("t", "    helm.sh/hook: test-success\n") + "---\n" +
		hook("gone", "    helm.sh/hook: pre-install,crd-install\n") + "---\n" +
		hook("plain", "    x: y\n")}})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"Job/plain"}, refs(set.Manifests)); diff != "" {
		t.Error(diff)
	}
	wantNotices := []string{`c/templates/a.yaml: skipping unknown hooks: Job "gone" has helm.sh/hook: pre-install,crd-install`}
	if diff := cmp.Diff(wantNotices, set.Notices); diff != "" {
		t.Error(diff)
	}
	late := set.Hooks[0]
	late.Manifest = manifest.Manifest{}
	want := manifest.Hook{
		Events:            []manifest.Event{manifest.EventPreInstall, manifest.EventPostUpgrade},
		Weight:            5,
		DeletePolicies:    []manifest.DeletePolicy{manifest.DeleteOnSuccess, manifest.DeleteBeforeCreation},
		OutputLogPolicies: []manifest.OutputLogPolicy{manifest.LogOnFailure},
	}
	if diff := cmp.Diff(want, late); diff != "" {
		t.Error(diff)
	}
	isTest := func(h manifest.Hook) bool { return slices.Equal(h.Events, []manifest.Event{manifest.EventTest}) }
	if i := slices.IndexFunc(set.Hooks, isTest); i < 0 || set.Hooks[i].Ref.Name != "t" {
		t.Errorf("the test hook is at %d of %v", i, set.Hooks)
	}
}

func TestParseErrors(t *testing.T) {
	t.Parallel()
	for name, content := range map[string]string{
		"not YAML":        "a: [1",
		"a list":          "- a\n",
		"annotation list": "kind: A\nmetadata:\n  annotations:\n    n: [1]\n",
		"name is a map":   "kind: A\nmetadata:\n  name: {a: b}\n",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := manifest.FromFiles([]manifest.File{{Path: "c/templates/x.yaml", Content: content}})
			var parse *manifest.ParseError
			if !errors.As(err, &parse) || parse.Path != "c/templates/x.yaml" || parse.Err == nil {
				t.Errorf("error %v", err)
			}
		})
	}
}

func TestKeep(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]bool{"keep": true, " Keep ": true, "delete": false, "": false} {
		if got := manifest.Keep(map[string]string{manifest.AnnotationResourcePolicy: value}); got != want {
			t.Errorf("%q: %v", value, got)
		}
	}
	if manifest.Keep(nil) {
		t.Error("no annotations")
	}
}
