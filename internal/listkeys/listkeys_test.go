package listkeys_test

import (
	"fmt"
	"os"
	"path"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/kubernetes/scheme"

	"github.com/seed-0d4f92cc/pack/internal/listkeys"
)

// TestTableIsThatOfTheAPITypes generates the table from the types of k8s.io/api.
// With PACK_UPDATE set it writes it.
func TestTableIsThatOfTheAPITypes(t *testing.T) {
	g := generator{special: map[reflect.Type]bool{}, lines: map[string][]string{}}
	var kinds []string
	for gvk, typ := range scheme.Scheme.AllKnownTypes() {
		if gvk.Version == runtime.APIVersionInternal || strings.HasSuffix(gvk.Kind, "List") {
			continue
		}
		if _, ok := reflect.PointerTo(typ).Elem().FieldByName("ObjectMeta"); !ok {
			continue
		}
		gv := gvk.GroupVersion().String()
		kinds = append(kinds, fmt.Sprintf("kind %s %s %s\n", gv, gvk.Kind, g.name(typ)))
	}
	slices.Sort(kinds)
	var names []string
	for name := range g.lines {
		names = append(names, name)
	}
	slices.Sort(names)
	var b strings.Builder
	for _, name := range names {
		b.WriteString("type " + name + "\n" + strings.Join(g.lines[name], ""))
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
		t.Errorf("the table is not that of k8s.io/api; run this test with PACK_UPDATE=1:\n%s", diff)
	}
}

// generator writes the lines of types of which something is special.
type generator struct {
	special map[reflect.Type]bool
	lines   map[string][]string
}

// name is the name of a type in the table, or "-" if nothing in it is special.
func (g *generator) name(t reflect.Type) string {
	t = elem(t)
	if t.Kind() != reflect.Struct || !g.isSpecial(t, map[reflect.Type]bool{}) {
		return "-"
	}
	name := typeName(t)
	if _, done := g.lines[name]; done {
		return name
	}
	g.lines[name] = nil
	for f := range fields(t) {
		strategy, key, below := f.Tag.Get("patchStrategy"), f.Tag.Get("patchMergeKey"), g.name(f.Type)
		if strategy == "" && below == "-" {
			continue
		}
		g.lines[name] = append(g.lines[name], fmt.Sprintf("field %s %s %s %s\n", jsonName(f), dash(strategy), dash(key), below))
	}
	return name
}

// isSpecial says whether a type, or one below it, has a patch strategy.
func (g *generator) isSpecial(t reflect.Type, above map[reflect.Type]bool) bool {
	t = elem(t)
	if t.Kind() != reflect.Struct || above[t] {
		return false
	}
	if known, ok := g.special[t]; ok {
		return known
	}
	above[t] = true
	defer delete(above, t)
	for f := range fields(t) {
		if f.Tag.Get("patchStrategy") != "" || g.isSpecial(f.Type, above) {
			g.special[t] = true
			return true
		}
	}
	g.special[t] = false
	return false
}

// fields yields the fields of a struct as JSON has them.
func fields(t reflect.Type) func(func(reflect.StructField) bool) {
	return func(yield func(reflect.StructField) bool) {
		for i := range t.NumField() {
			f := t.Field(i)
			if f.Type == reflect.TypeFor[metav1.TypeMeta]() || f.Tag.Get("json") == "-" {
				continue
			}
			if jsonName(f) == "" && (!f.Anonymous || elem(f.Type).Kind() != reflect.Struct) {
				continue
			}
			if jsonName(f) == "" {
				for inner := range fields(elem(f.Type)) {
					if !yield(inner) {
						return
					}
				}
				continue
			}
			if !yield(f) {
				return
			}
		}
	}
}

func elem(t reflect.Type) reflect.Type {
	for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice {
		t = t.Elem()
	}
	return t
}

func jsonName(f reflect.StructField) string {
	name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
	return name
}

func typeName(t reflect.Type) string {
	dir, version := path.Split(t.PkgPath())
	return path.Base(dir) + "/" + version + "." + t.Name()
}

func dash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}

func TestLoad(t *testing.T) {
	t.Parallel()
	table := listkeys.Load()
	spec := table.Root("apps/v1", "Deployment").Field("spec").Type
	pod := spec.Field("template").Type.Field("spec").Type
	containers := pod.Field("containers")
	tests := []struct {
		name string
		got  listkeys.Field
		want listkeys.Field
	}{
		{"list by key", pod.Field("imagePullSecrets"), listkeys.Field{Merge: true, Key: "name"}},
		{"below a list", containers.Type.Field("env"), listkeys.Field{Merge: true, Key: "name"}},
		{"retained keys", spec.Field("strategy"), listkeys.Field{Retain: true}},
		{"set of values", table.Root("v1", "Pod").Field("metadata").Type.Field("finalizers"), listkeys.Field{Merge: true}},
		{"nothing special", containers.Type.Field("args"), listkeys.Field{}},
		{"unknown", table.Root("ex.com/v1", "Widget").Field("spec"), listkeys.Field{}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if tt.got != tt.want {
				t.Errorf("got %+v, want %+v", tt.got, tt.want)
			}
		})
	}
	if volumes := pod.Field("volumes"); !volumes.Merge || !volumes.Retain || volumes.Key != "name" {
		t.Errorf("volumes: %+v", volumes)
	}
	if !table.Known("v1", "ConfigMap") || table.Known("ex.com/v1", "Widget") {
		t.Error("built-in kinds")
	}
}

func BenchmarkLoad(b *testing.B) {
	for b.Loop() {
		listkeys.Load()
	}
}
