package release_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"sigs.k8s.io/yaml"

	"github.com/seed-0d4f92cc/pack/pkg/manifest"
	"github.com/seed-0d4f92cc/pack/pkg/release"
	"github.com/seed-0d4f92cc/pack/pkg/release/releasetest"
)

const gearCRD = `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: gears.example.com}
spec:
  group: example.com
  scope: Namespaced
  names: {kind: Gear, plural: gears}
  versions:
  - name: v1
    served: true
    storage: true
    schema:
      openAPIV3Schema:
        type: object
        properties:
          spec:
            type: object
            required: [teeth]
            properties:
              teeth: {type: integer, maximum: 100}
              color: {type: string, enum: [red, blue]}
              note: {type: string, nullable: true}
              tags: {type: array, items: {type: string}}
              more: {type: object, additionalProperties: {type: string}}
              any: {type: object, x-kubernetes-preserve-unknown-fields: true}
  - name: v1beta1
    served: true
    storage: false
    schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}
`

func crdRef() manifest.Ref {
	return manifest.Ref{APIVersion: "apiextensions.k8s.io/v1", Kind: "CustomResourceDefinition", Name: "gears.example.com"}
}

// withCRD is a bed whose cluster has the definition, with objects stored in v1.
func withCRD(t *testing.T) *bed {
	t.Helper()
	b := newBed(t, bedConfig{})
	var crd map[string]any
	if err := yaml.Unmarshal([]byte(gearCRD), &crd); err != nil {
		t.Fatal(err)
	}
	crd["status"] = map[string]any{"storedVersions": []any{"v1"}}
	// What the server fills in is no difference.
	crd["spec"].(map[string]any)["conversion"] = map[string]any{"strategy": "None"}
	b.cluster.Create("kubectl", crd)
	b.cluster.SetStatus(crdRef(), release.ObjectCurrent, "")
	return b
}

// TestCRDProblems: what an upgrade of a definition must not do, and what it may.
func TestCRDProblems(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		edit []string // pairs: what is replaced by what
		want []string
	}{
		"a field more":               {edit: []string{"note: {", "more2: {type: string}\n              note: {"}},
		"a wider bound":              {edit: []string{"maximum: 100", "maximum: 200"}},
		"no bound":                   {edit: []string{", maximum: 100", ""}},
		"a value more":               {edit: []string{"[red, blue]", "[red, blue, green]"}},
		"a number for an integer":    {edit: []string{"teeth: {type: integer", "teeth: {type: number"}},
		"no longer required":         {edit: []string{"            required: [teeth]\n", ""}},
		"required with a default":    {edit: []string{"required: [teeth]", "required: [teeth, color]", "color: {type: string", "color: {type: string, default: red"}},
		"a version more":             {edit: []string{"  - name: v1beta1\n", "  - name: v2\n    served: true\n    storage: false\n    schema: {openAPIV3Schema: {type: object}}\n  - name: v1beta1\n"}},
		"a version that is not kept": {edit: []string{"  - name: v1beta1\n    served: true", "  - name: v1beta1\n    served: false"}},
		"the scope":                  {edit: []string{"scope: Namespaced", "scope: Cluster"}, want: []string{"the scope changes from Namespaced to Cluster"}},
		"the kind":                   {edit: []string{"kind: Gear", "kind: Wheel"}, want: []string{"the name kind changes from Gear to Wheel"}},
		"the stored version": {
			edit: []string{"  - name: v1\n", "  - name: v2\n"}, want: []string{"version v1 is removed, in which objects are stored"},
		},
		"the stored version served": {
			edit: []string{"  - name: v1\n    served: true", "  - name: v1\n    served: false"},
			want: []string{"version v1 is served no longer, in which objects are stored"},
		},
		"a field less": {
			edit: []string{"              note: {type: string, nullable: true}\n", ""},
			want: []string{"version v1: .spec.note: the field is removed"},
		},
		"a type": {
			edit: []string{"tags: {type: array, items: {type: string}}", "tags: {type: array, items: {type: integer}}"},
			want: []string{"version v1: .spec.tags[]: the type changes from string to integer"},
		},
		"a closer bound": {edit: []string{"maximum: 100", "maximum: 50"}, want: []string{"version v1: .spec.teeth: maximum is now 50"}},
		"a new bound": {
			edit: []string{"maximum: 100", "maximum: 100, minimum: 1, multipleOf: 2"},
			want: []string{"version v1: .spec.teeth: minimum is now 1", "version v1: .spec.teeth: multipleOf is now 2"},
		},
		"a value less": {edit: []string{"[red, blue]", "[red]"}, want: []string{"version v1: .spec.color: the value blue is no longer allowed"}},
		"new values":   {edit: []string{"note: {type: string", "note: {type: string, enum: [x]"}, want: []string{"version v1: .spec.note: only some values are allowed: [x]"}},
		"required": {
			edit: []string{"required: [teeth]", "required: [teeth, color]"}, want: []string{"version v1: .spec.color: the field is required now"},
		},
		"null": {edit: []string{", nullable: true", ""}, want: []string{"version v1: .spec.note: nullable is taken back"}},
		"a map of something else": {
			edit: []string{"additionalProperties: {type: string}", "additionalProperties: {type: boolean}"},
			want: []string{"version v1: .spec.more[*]: the type changes from string to boolean"},
		},
		"unknown fields": {
			edit: []string{", x-kubernetes-preserve-unknown-fields: true}\n  - name: v1beta1", "}\n  - name: v1beta1"},
			want: []string{"version v1: .spec.any: x-kubernetes-preserve-unknown-fields is taken back"},
		},
		"a rule": {
			edit: []string{"teeth: {type: integer", "teeth: {type: integer, x-kubernetes-validations: [{rule: self > 3}]"},
			want: []string{"version v1: .spec.teeth: a rule is new: self > 3"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			text := gearCRD
			for i := 0; i < len(tt.edit); i += 2 {
				if !strings.Contains(text, tt.edit[i]) {
					t.Fatalf("%q is not in the definition", tt.edit[i])
				}
				text = strings.Replace(text, tt.edit[i], tt.edit[i+1], 1)
			}
			b := withCRD(t)
			_, err := b.PlanDeploy(t.Context(), release.DeployRequest{
				Key: webKey(), Chart: chartOf(t, map[string]string{"crds/gear.yaml": text}),
				Objects: release.ObjectOptions{CRDs: release.CRDsUpgrade},
			})
			var got []string
			if refused, ok := errors.AsType[*release.CRDError](err); ok {
				got = refused.Problems
			} else if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("problems (-want +got):\n%s", diff)
			}
		})
	}
}

// TestCRDPolicies: what each policy does to a definition that is missing, the same or
// another, in an install and in an upgrade.
func TestCRDPolicies(t *testing.T) {
	t.Parallel()
	other := strings.Replace(gearCRD, "maximum: 100", "maximum: 200", 1)
	const created, updated, kept = "  create CustomResourceDefinition/gears.example.com", "  update CustomResourceDefinition/gears.example.com", "  keep CustomResourceDefinition/gears.example.com"
	for _, tt := range []struct {
		name    string
		policy  release.CRDPolicy
		upgrade bool
		exists  bool
		crd     string
		want    string
	}{
		{"install, missing", release.CRDsAuto, false, false, gearCRD, created},
		{"install, same", release.CRDsAuto, false, true, gearCRD, kept + " (it is there)"},
		{"install, another", release.CRDsAuto, false, true, other, kept + " (it exists with another content)"},
		{"install, another, upgrade", release.CRDsUpgrade, false, true, other, updated},
		{"install, skip", release.CRDsSkip, false, false, gearCRD, ""},
		{"upgrade, missing", release.CRDsAuto, true, false, gearCRD, ""},
		{"upgrade, missing, create", release.CRDsCreate, true, false, gearCRD, created},
		{"upgrade, another, create", release.CRDsCreate, true, true, other, kept + " (it exists with another content)"},
		{"upgrade, another, upgrade", release.CRDsUpgrade, true, true, other, updated},
		{"upgrade, same, upgrade", release.CRDsUpgrade, true, true, gearCRD, kept + " (it is there)"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			b := newBed(t, bedConfig{})
			if tt.exists {
				b = withCRD(t)
			}
			req := release.DeployRequest{
				Mode: release.UpgradeOrInstall, Chart: chartOf(t, map[string]string{"crds/gear.yaml": tt.crd, "a.yaml": configMap("a", "1")}),
				Objects: release.ObjectOptions{CRDs: tt.policy, ForceConflicts: true}, // kubectl made it
			}
			if tt.upgrade {
				b.deploy(configMaps(t, "a"))
			}
			req.Key = webKey()
			plan, err := b.PlanDeploy(t.Context(), req)
			if err != nil {
				t.Fatal(err)
			}
			var text strings.Builder
			if _, err := plan.WriteTo(&text); err != nil {
				t.Fatal(err)
			}
			line := ""
			for l := range strings.Lines(text.String()) {
				if strings.Contains(l, "CustomResourceDefinition") {
					line += strings.TrimSuffix(l, "\n")
				}
			}
			if line != tt.want {
				t.Errorf("plan %q, want %q", line, tt.want)
			}
			if _, err := b.Apply(t.Context(), plan, release.ApplyOptions{}); err != nil {
				t.Fatal(err)
			}
			wrote := 0
			for _, c := range b.cluster.Calls() {
				if c.Op == releasetest.OpApply && c.Refs[0].Kind == "CustomResourceDefinition" {
					wrote++
				}
			}
			if want := strings.HasPrefix(tt.want, created) || strings.HasPrefix(tt.want, updated); (wrote == 1) != want {
				t.Errorf("it was written %d times", wrote)
			}
		})
	}
}

// TestMethodForAll: definitions and the namespace are made as the objects of the release
// are.
func TestMethodForAll(t *testing.T) {
	t.Parallel()
	for method, want := range map[release.ApplyMethod]string{"": "ssa", release.ServerSide: "ssa", release.ClientSide: "csa"} {
		b := newBed(t, bedConfig{})
		b.mustDeploy(release.DeployRequest{
			Key: release.Key{Namespace: "fresh", Name: "web"}, CreateNamespace: true,
			Chart:   chartOf(t, map[string]string{"crds/gear.yaml": gearCRD, "a.yaml": configMap("a", "1")}),
			Objects: release.ObjectOptions{Method: method},
		})
		if b.cluster.Object(manifest.Ref{APIVersion: "v1", Kind: "Namespace", Name: "fresh"}) == nil || b.cluster.Object(crdRef()) == nil {
			t.Errorf("method %q: there is %v", method, b.cluster.Objects())
		}
		for _, c := range b.cluster.Calls() {
			if c.Op == releasetest.OpApply && c.Detail != want {
				t.Errorf("method %q: %s", method, c)
			}
		}
	}
}
