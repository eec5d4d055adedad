package atomics_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/kubernetes/scheme"
	"sigs.k8s.io/yaml"

	"github.com/seed-0d4f92cc/pack/internal/atomics"
)

// TestTableIsThatOfTheSchema generates the table from the schema that client-go has for
// its apply configurations, which is that of the API server. With PACK_UPDATE set it
// writes it.
func TestTableIsThatOfTheSchema(t *testing.T) {
	g := generator{types: readSchema(t), lines: map[string][]string{}, special: map[string]bool{}}
	var kinds []string
	for gvk, typ := range scheme.Scheme.AllKnownTypes() {
		if gvk.Version == runtime.APIVersionInternal {
			continue
		}
		path := strings.TrimPrefix(typ.PkgPath(), "k8s.io/api/")
		name := "io.k8s.api." + strings.ReplaceAll(path, "/", ".") + "." + gvk.Kind
		if g.types[name].Name == "" || path == typ.PkgPath() || !g.isSpecial(name, nil) {
			continue
		}
		g.write(name)
		kinds = append(kinds, fmt.Sprintf("kind %s %s %s\n", gvk.GroupVersion(), gvk.Kind, short(name)))
	}
	slices.Sort(kinds)
	var names []string
	for name := range g.lines {
		names = append(names, name)
	}
	slices.Sort(names)
	var b strings.Builder
	for _, name := range names {
		b.WriteString("type " + short(name) + "\n" + strings.Join(g.lines[name], ""))
	}
	b.WriteString(strings.Join(kinds, ""))
	if os.Getenv("PACK_UPDATE") != "" {
		if err := os.WriteFile("table.txt", []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	have, err := os.ReadFile("table.txt")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(b.String(), string(have)); diff != "" {
		t.Errorf("the table is not that of client-go; run this test with PACK_UPDATE=1:\n%s", diff)
	}
}

// schemaType is a type of the schema, as far as it matters.
type schemaType struct {
	Name string `json:"name"`
	schemaAtom
}

type schemaAtom struct {
	NamedType string `json:"namedType"`
	Map       *struct {
		Fields []struct {
			Name string     `json:"name"`
			Type schemaAtom `json:"type"`
		} `json:"fields"`
		Relationship string `json:"elementRelationship"`
	} `json:"map"`
	List *struct {
		ElementType  schemaAtom `json:"elementType"`
		Relationship string     `json:"elementRelationship"`
	} `json:"list"`
}

// readSchema reads the schema out of the source of client-go, whose package is internal
// to it.
func readSchema(t *testing.T) map[string]schemaType {
	t.Helper()
	dir, err := exec.CommandContext(t.Context(), "go", "list", "-m", "-f", "{{.Dir}}", "k8s.io/client-go").Output()
	if err != nil {
		t.Fatal(err)
	}
	source, err := os.ReadFile(filepath.Join(strings.TrimSpace(string(dir)), "applyconfigurations", "internal", "internal.go"))
	if err != nil {
		t.Fatal(err)
	}
	_, text, found := strings.Cut(string(source), "typed.YAMLObject(`")
	text, _, ended := strings.Cut(text, "`)")
	var schema struct {
		Types []schemaType `json:"types"`
	}
	if err := yaml.Unmarshal([]byte(text), &schema); err != nil || !found || !ended || len(schema.Types) < 500 {
		t.Fatalf("client-go has its schema elsewhere, or in another form: %d types, %v", len(schema.Types), err)
	}
	types := map[string]schemaType{}
	for _, s := range schema.Types {
		types[s.Name] = s
	}
	return types
}

// generator writes the lines of types in which something is one value.
type generator struct {
	types   map[string]schemaType
	special map[string]bool
	lines   map[string][]string
}

// whole says whether a value of the type is one as a whole.
func (g *generator) whole(a schemaAtom) bool {
	if a.NamedType != "" {
		a = g.types[a.NamedType].schemaAtom
	}
	return a.Map != nil && a.Map.Relationship == "atomic" || a.List != nil && a.List.Relationship == "atomic"
}

// below is the type of a value, or of the elements of a list.
func below(a schemaAtom) string {
	if a.List != nil {
		return a.List.ElementType.NamedType
	}
	return a.NamedType
}

func (g *generator) isSpecial(name string, above []string) bool {
	m := g.types[name].Map
	if m == nil || slices.Contains(above, name) {
		return false
	}
	if known, ok := g.special[name]; ok {
		return known
	}
	special := slices.ContainsFunc(m.Fields, func(f struct {
		Name string     `json:"name"`
		Type schemaAtom `json:"type"`
	}) bool {
		return g.whole(f.Type) || g.isSpecial(below(f.Type), append(above, name))
	})
	g.special[name] = special
	return special
}

func (g *generator) write(name string) {
	if _, done := g.lines[name]; done {
		return
	}
	g.lines[name] = nil
	for _, f := range g.types[name].Map.Fields {
		switch inner := below(f.Type); {
		case g.whole(f.Type):
			g.lines[name] = append(g.lines[name], "whole "+f.Name+"\n")
		case g.isSpecial(inner, nil):
			g.lines[name] = append(g.lines[name], fmt.Sprintf("below %s %s\n", f.Name, short(inner)))
			g.write(inner)
		}
	}
}

// short is a type's name without what all have in common.
func short(name string) string {
	return strings.TrimPrefix(strings.TrimPrefix(name, "io.k8s.api."), "io.k8s.apimachinery.pkg.apis.")
}

func TestLoad(t *testing.T) {
	t.Parallel()
	table := atomics.Load()
	spec := table.Root("apps/v1", "Deployment").Below("spec")
	pod := spec.Below("template").Below("spec")
	container := pod.Below("containers")
	for name, tt := range map[string]struct{ got, want bool }{
		"selector":           {spec.Whole("selector"), true},
		"strategy":           {spec.Whole("strategy"), false},
		"containers":         {pod.Whole("containers"), false},
		"tolerations":        {pod.Whole("tolerations"), true},
		"args":               {container.Whole("args"), true},
		"resources":          {container.Whole("resources"), false},
		"rules":              {table.Root("rbac.authorization.k8s.io/v1", "Role").Whole("rules"), true},
		"data of ConfigMap":  {table.Root("v1", "ConfigMap").Whole("data"), false},
		"a key of secrets":   {container.Below("env").Below("valueFrom").Whole("secretKeyRef"), true},
		"what is not known":  {table.Root("example.com/v1", "Widget").Below("spec").Whole("x"), false},
		"ingress of policy":  {table.Root("networking.k8s.io/v1", "NetworkPolicy").Below("spec").Whole("ingress"), true},
		"scaleTargetRef":     {table.Root("autoscaling/v2", "HorizontalPodAutoscaler").Below("spec").Whole("metrics"), true},
		"capabilities' drop": {container.Below("securityContext").Below("capabilities").Whole("drop"), true},
	} {
		if tt.got != tt.want {
			t.Errorf("%s: one value: %v, want %v", name, tt.got, tt.want)
		}
	}
}

func BenchmarkLoad(b *testing.B) {
	for b.Loop() {
		atomics.Load()
	}
}
