package kube_test

import (
	"strings"
	"testing"

	"github.com/seed-0d4f92cc/pack/pkg/manifest"
	"github.com/seed-0d4f92cc/pack/pkg/release"
)

const strictDefinition = `
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: gauges.strict.example.com}
spec:
  group: strict.example.com
  scope: Namespaced
  names: {plural: gauges, singular: gauge, kind: Gauge, listKind: GaugeList}
  versions:
  - name: v1
    served: true
    storage: true
    schema:
      openAPIV3Schema:
        type: object
        properties:
          spec: {type: object, properties: {size: {type: integer}}}
`

// TestUnknownFields: an apply refuses fields that are not there, at every depth, also of
// custom resources and of metadata.
func TestUnknownFields(t *testing.T) {
	t.Parallel()
	c, ns := onCluster(t)
	definition := build(t, c, ns, strictDefinition)[0]
	apply(t, c, definition, release.ApplyObjectOptions{}, release.ActionCreated)
	waitFor(t, c, definition.Ref, release.WatchOptions{}, release.ObjectCurrent)
	for _, tt := range []struct{ text, field string }{
		{"apiVersion: v1\nkind: ConfigMap\nmetadata: {name: m}\ndatas: {a: b}", ".datas"},
		{"apiVersion: v1\nkind: ConfigMap\nmetadata: {name: m, label: {a: b}}\ndata: {a: b}", ".metadata.label"},
		{"apiVersion: v1\nkind: Service\nmetadata: {name: s}\nspec: {ports: [{port: 80, ports: 81}]}", "ports: field not declared"},
		{"apiVersion: strict.example.com/v1\nkind: Gauge\nmetadata: {name: g}\nspec: {sizes: 1}", ".spec.sizes"},
		{"apiVersion: strict.example.com/v1\nkind: Gauge\nmetadata: {name: g, label: {a: b}}\nspec: {size: 1}", ".metadata.label"},
		{"apiVersion: strict.example.com/v1\nkind: Gauge\nmetadata: {name: g}\nspecs: {size: 1}", ".specs"},
	} {
		docs, err := manifest.ParseText(tt.text)
		if err != nil {
			t.Fatal(err)
		}
		objects, err := c.Build(t.Context(), docs, release.BuildOptions{Namespace: ns})
		if err != nil {
			t.Fatal(err)
		}
		_, _, err = c.Apply(t.Context(), objects[0], release.ApplyObjectOptions{})
		if err == nil || !strings.Contains(err.Error(), tt.field) {
			t.Errorf("%s\nerror %v, want one with %q", tt.text, err, tt.field)
		}
	}
}
