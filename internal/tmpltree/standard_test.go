package tmpltree

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
	"text/template/parse"
)

// functions are those that the templates of the tests may call.
var functions = map[string]any{"f": true, "printf": true, "eq": true, "index": true, "include": true, "default": true}

// sources are templates of all kinds, right and wrong ones.
var sources = []string{
	"", "text", " \n", "{{.}}", "{{ . }}", "{{.a}}", "{{ .a.b.c }}", "x{{- .a -}} y", "x {{-  .a  -}}\n\ty", "{{- .a -}}", "{{-}}", "{{- }}", "{{- -}}", "{{-  -}}",
	"{{.a-}}", "{{.a -}", "{{3}}", "{{-3}}", "{{- 3 -}}", "{{+3}}", "{{-0}}", "{{0}}", "{{007}}", "{{08}}", "{{0x1F}}", "{{1_000}}", "{{1e3}}", "{{1.5}}", "{{1.}}", "{{.5}}", "{{-1.0}}",
	"{{1.5.5}}", "{{99999999999999999999}}", "{{18446744073709551615}}", "{{9223372036854775807}}", "{{1i}}", "{{1+2i}}", "{{'a'}}", "{{'\\n'}}", "{{1-}}", "{{1 -}}", "{{1a}}", "{{1.a}}",
	`{{"a"}}`, `{{"a\"b\n"}}`, "{{`raw\r\n`}}", "{{\"a\nb\"}}", `{{"a`, "{{`a", "{{\"\xff\"}}", "{{`\xff`}}", `{{"a"."b"}}`, `{{"a".b}}`, `{{"a""b"}}`, `{{"\q"}}`,
	"{{true}}{{false}}{{nil}}", "{{true.a}}", "{{nil.a}}", "{{f nil}}", "{{f}}", "{{f.a}}", "{{f.a.b 1}}", "{{(f).a}}", "{{(f 1 | f).a.b | f}}", "{{f (1)}}", "{{f(1)}}", "{{((f))}}", "{{()}}", "{{(f}}", "{{f)}}", "{{(f -}}",
	"{{$}}", "{{$.a}}", "{{$.a.b}}", "{{$x}}", "{{$x := 1}}{{$x}}{{$x.y}}", "{{$x = 1}}", "{{$x := 1}}{{$x = 2}}", "{{$x:=1}}", "{{$x=1}}", "{{ $x , $y := 1}}", "{{$x == 1}}", "{{$x.y := 1}}", "{{($x := 1)}}{{$x}}", "{{f ($x := 1) $x}}", "{{$1 := 2}}{{$1}}",
	"{{if .a}}x{{end}}", "{{if .a}}x{{else}}y{{end}}", "{{if .a}}{{else if .b}}y{{else if .c}}{{else}}z{{end}}t", "{{if .a}}{{else with .b}}{{end}}", "{{with .a}}x{{else with .b}}y{{else}}z{{end}}", "{{with $x := .a}}{{$x}}{{end}}{{$x}}",
	"{{if .a}}{{$x := 1}}{{else}}{{$x}}{{end}}", "{{if $x := .a}}{{else if $y := $x}}{{$x}}{{$y}}{{end}}", "{{if}}x{{end}}", "{{if .a}}", "{{end}}", "{{else}}", "{{if .a}}{{else}}{{else}}{{end}}", "{{if .a}}{{ else   if .b -}} y {{- end -}}  z", "{{if.a}}x{{end}}", "{{if(.a)}}x{{end}}",
	"{{range .a}}{{.}}{{else}}n{{end}}", "{{range $x := .a}}{{end}}", "{{range $i, $x := .a}}{{$i}}{{$x}}{{end}}", "{{range $i,$x := .a}}{{break}}{{ continue -}} {{end}}", "{{range $i, $x = .a}}{{end}}", "{{range $i, .a}}{{end}}", "{{range $i, $j, $k := .a}}{{end}}", "{{$i := 1}}{{range $i, $i}}{{end}}", "{{range $i, }}{{end}}", "{{range .a}}{{if .b}}{{break}}{{end}}{{end}}", "{{break}}", "{{range .a}}{{break 1}}{{end}}", "{{range .a}}{{else}}{{break}}{{end}}", "{{range .a}}{{else if .b}}{{end}}",
	`{{define "a"}}x{{.a}}{{end}}y`, `{{- define "a" -}} x {{- end -}} y {{template "a" .}}`, "{{define `a`}}{{end}}", `{{define "a"}}{{end}}{{define "a"}}x{{end}}`, `{{define "a"}}x{{end}}{{define "a"}} {{end}}`, `{{define "a"}}x{{end}}{{define "a"}}y{{end}}`, `{{define "t"}}x{{end}} `, `{{define "t"}}x{{end}}y`, `{{define "a"}}{{define "b"}}{{end}}{{end}}`, `{{if .a}}{{define "b"}}{{end}}{{end}}`, `{{define "a"}}`, `{{define a}}{{end}}`, `{{define "a" .}}{{end}}`, `{{define "a"}}{{$}}{{$x}}{{end}}`, `{{$x := 1}}{{define "a"}}{{$x}}{{end}}`, `{{define "a"}}{{else}}{{end}}`, `{{range .a}}{{end}}{{define "a"}}{{break}}{{end}}`, `{{define "b"}}1{{end}}{{define "a"}}2{{end}}3`,
	`{{template "a"}}`, `{{template "a" .}}`, `{{ template "a" (f .) | f -}}`, `{{template "a".b}}`, `{{template a}}`, `{{template}}`, `{{template "a" $x := .b}}{{$x}}`, `{{block "a" .}}x{{end}}`, `{{block "a" .}}{{.b}}{{end}}{{template "a" .}}`,
	"{{/* c */}}", "a {{- /* c */ -}} b", "{{/* c */ }}", "{{ /* c */}}", "{{/* c", "{{if .a}}{{/* c */}}{{/* d */}}x{{end}}", "{{if .a}} {{- /* c */ -}} {{- .b}}{{end}}", "{{if .a}}{{/**/}}{{end}}", "{{/* a }} */}}x",
	"{{.a | f | f 1}}", "{{.a | 1}}", "{{.a | .b}}", "{{.a | .}}", "{{.a |}}", "{{.a | }}", "{{| .a}}", "{{.a || .b}}", "{{f .a .b $ . nil true 1 \"x\" (f)}}", "{{f\n\t.a\r\n}}", "{{.a b}}", "{{f ,}}", "{{f .a, .b}}", "{{nofunc}}", "{{f nofunc}}", "{{.a.}}", "{{..a}}", "{{. .a}}", "{{.a.5}}", "{{.é}}", "{{.a é}}", "{{f.}}", "{{$.}}", "{{(f).}}", "{{.a..b}}", "{{f #}}", "{{f \x00}}", "{{", "}}", "{{}}", "{{{.a}}}", "{{.a}}}", "{{ {{.a}} }}", "{{.a\n.b}}", "{{f range}}", "{{range}}", "{{f end}}", "{{end .a}}", "{{else .a}}", "{{ else if }}", "{{endx}}", "{{iff .a}}", "{{if .a}}{{end -}}  x  {{- if .b -}}  y  {{- end}}", "{{.true}}", "{{.if}}", "{{.a.end}}", "{{_}}", "{{._a}}", "{{$_ := 1}}{{$_}}",
}

func TestLikeStandard(t *testing.T) {
	t.Parallel()
	taken := 0
	for _, source := range sources {
		if compare(t, source) {
			taken++
		}
	}
	if taken < len(sources)*2/5 {
		t.Errorf("%d of %d sources are taken at the first look", taken, len(sources))
	}
}

func FuzzLikeStandard(f *testing.F) {
	for _, source := range sources {
		f.Add(source)
	}
	f.Fuzz(func(t *testing.T, source string) {
		if len(source) < 1<<12 {
			compare(t, source)
		}
	})
}

// compare holds what the parser takes, or that it takes nothing, against
// text/template/parse. It says whether the source was taken.
func compare(t *testing.T, source string) (taken bool) {
	t.Helper()
	l := NewParser(functions)
	got := l.fast("t", source)
	want, err := parse.Parse("t", source, "", "", functions)
	if err != nil {
		if got != nil {
			t.Errorf("%q is taken; want %v", source, err)
		}
		if _, ours := l.Parse("t", source); ours == nil || ours.Error() != err.Error() {
			t.Errorf("%q: error %v, want %v", source, ours, err)
		}
		return false
	}
	converted := convertAll("t", source, want)
	compareText(t, converted, want)
	if got == nil {
		return false
	}
	for i := range got {
		for _, other := range converted {
			if other.Name == got[i].Name {
				if d, w := dump(got[i]), dump(other); d != w {
					t.Errorf("%q:\ngot  %s\nwant %s", source, d, w)
				}
			}
		}
	}
	if len(got) != len(converted) || got[0].Name != "t" {
		t.Errorf("%q: %d trees, the first is %q; want %d", source, len(got), got[0].Name, len(converted))
	}
	return true
}

// compareText compares the texts that trees and places have in errors.
func compareText(t *testing.T, trees []*Tree, want map[string]*parse.Tree) {
	t.Helper()
	for _, tree := range trees {
		standard := want[tree.Name]
		if tree.Root.String() != standard.Root.String() || tree.IsEmpty() != parse.IsEmptyTree(standard.Root) {
			t.Errorf("got %q, want %q", tree.Root, standard.Root)
		}
		for i, n := range tree.Root.Nodes {
			line, column := tree.Place(n)
			place, _ := standard.ErrorContext(standard.Root.Nodes[i])
			if got := fmt.Sprintf("%s:%d:%d", tree.File, line, column); got != place {
				t.Errorf("%s is at %s, want %s", n, got, place)
			}
		}
	}
}

// dump writes a tree with all its places and values.
func dump(t *Tree) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s ", t.Name, t.File)
	dumpValue(&b, reflect.ValueOf(t.Root))
	return b.String()
}

func dumpValue(b *strings.Builder, v reflect.Value) {
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if v.IsNil() {
			b.WriteString("nil")
			return
		}
		dumpValue(b, v.Elem())
	case reflect.Struct:
		fmt.Fprintf(b, "%s{", v.Type().Name())
		for i := range v.NumField() {
			dumpValue(b, v.Field(i))
			b.WriteByte(' ')
		}
		b.WriteByte('}')
	case reflect.Slice:
		b.WriteByte('[')
		for i := range v.Len() {
			dumpValue(b, v.Index(i))
			b.WriteByte(' ')
		}
		b.WriteByte(']')
	case reflect.String:
		fmt.Fprintf(b, "%q", v.String())
	default:
		fmt.Fprint(b, v)
	}
}

// TestSlabsAreNotShared parses many texts one after another, and looks at the
// first ones again: what a parser keeps must not be used twice.
func TestSlabsAreNotShared(t *testing.T) {
	t.Parallel()
	type one struct {
		tree *Tree
		text string
	}
	var all []one
	l := NewParser(functions)
	for range 20 {
		for _, source := range sources {
			if trees, err := l.Parse("t", source); err == nil {
				all = append(all, one{trees[0], dump(trees[0])})
			}
		}
	}
	for _, o := range all {
		if got := dump(o.tree); got != o.text {
			t.Fatalf("a tree changed: %s, was %s", got, o.text)
		}
	}
}
