package gotmpl_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/seed-0d4f92cc/pack/internal/gotmpl"
)

func TestBounds(t *testing.T) {
	t.Parallel()
	loop := map[string]any{}
	loop["self"] = loop
	shared := map[string]any{"x": 1}
	for range 64 {
		shared = map[string]any{"a": shared, "b": shared}
	}
	data := map[string]any{"loop": loop, "shared": shared}
	tests := []struct {
		name string
		text string
		want error
	}{
		{"too much output", `{{range 1000000000}}0123456789{{end}}`, gotmpl.ErrTooLarge},
		{"too wide", `{{$f := print "%999999d%999999d%999999d%999999d%999999d%999999d%999999d%999999d"}}{{printf (print $f $f $f $f $f $f $f $f $f) 1}}`, gotmpl.ErrTooLarge},
		{"template in itself", `{{define "a"}}{{template "a"}}{{end}}{{template "a"}}`, errAny},
		{"include in itself", `{{define "a"}}{{include "a" .}}{{end}}{{include "a" .}}`, gotmpl.ErrTooDeep},
		{"both by turns", `{{define "a"}}{{template "b" .}}{{end}}{{define "b"}}{{include "a" .}}{{end}}{{include "a" .}}`, gotmpl.ErrTooDeep},
		{"a map in itself", `{{.loop}}`, gotmpl.ErrEndless},
		{"a map in itself, as an argument", `{{print .loop}}`, gotmpl.ErrEndless},
		{"a map in itself, formatted", `{{printf "%v" .loop}}`, gotmpl.ErrEndless},
		{"shared maps", `{{.shared}}`, gotmpl.ErrEndless},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := got(t.Context(), tt.text, data)
			if tt.want == errAny && err != nil {
				return
			}
			if !errors.Is(err, tt.want) {
				t.Errorf("error: %.300v", err)
			}
		})
	}
}

var errAny = errors.New("any error")

func TestContextEnds(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		`{{range 1000000000}}{{end}}`,
		`{{range 1000000000}}{{range 1000000000}}{{end}}{{end}}`,
		`{{range 1000000}}{{if $.x}}{{end}}{{end}}{{range 1000000000000}}{{$x := 1}}{{end}}`,
		`{{define "a"}}{{range 1000000000}}{{end}}{{end}}{{include "a" .}}`,
	} {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := got(ctx, text, map[string]any{}); !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v", text, err)
		}
	}
}

func TestParseBounds(t *testing.T) {
	t.Parallel()
	lib, err := gotmpl.NewLibrary(nil)
	if err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct {
		text string
		want error
	}{
		"deep":     {strings.Repeat("{{if 1}}", 60_000) + strings.Repeat("{{end}}", 60_000), gotmpl.ErrTooDeep},
		"else if":  {"{{if 1}}" + strings.Repeat("{{else if 1}}", 60_000) + "{{end}}", gotmpl.ErrTooDeep},
		"wide":     {strings.Repeat("{{if 1}}{{else if 2}}{{end}}", 30_000), nil},
		"code":     {strings.Repeat("{{.}}", 300_000), gotmpl.ErrTooLarge},
		"unclosed": {strings.Repeat(" ", 10) + "{{" + strings.Repeat(" ", 2<<20), gotmpl.ErrTooLarge},
		"text":     {strings.Repeat("text } } { {", 1<<20), nil},
		"variables": {
			strings.Repeat("{{$x:=1}}", 50_000) + strings.Repeat("{{$x}}", 50_000), gotmpl.ErrTooLarge,
		},
	} {
		if _, err := lib.Parse("f", tt.text); !errors.Is(err, tt.want) {
			t.Errorf("%s: %.200v", name, err)
		}
	}
	ok := strings.Repeat("{{if 1}}", 49_000) + "x" + strings.Repeat("{{end}}", 49_000)
	if out, err := got(t.Context(), ok, nil); err != nil || out != "x" {
		t.Errorf("within: %.200v %.200q", err, out)
	}
}

func TestLibraryRefuses(t *testing.T) {
	t.Parallel()
	for name, fn := range map[string]any{
		"noFunction": 1,
		"nilFunc":    (func() string)(nil),
		"noResult":   func() {},
		"twoResults": func() (int, int) { return 1, 2 },
	} {
		if _, err := gotmpl.NewLibrary(map[string]any{name: fn}); err == nil {
			t.Errorf("%s was taken", name)
		}
	}
}

func BenchmarkExecute(b *testing.B) {
	text := `{{define "name"}}{{.s}}-{{.m.a | upper}}{{end}}{{range $i, $e := .list}}{{if eq $i 1}}x{{else}}{{include "name" $}}{{end}}: {{$.i}}
{{end}}`
	b.Run("gotmpl", func(b *testing.B) {
		lib, err := gotmpl.NewLibrary(map[string]any{
			"upper": strings.ToUpper,
			"include": func(s *gotmpl.State, name string, data any) (string, error) {
				return s.Render(name, data)
			},
		})
		if err != nil {
			b.Fatal(err)
		}
		trees, err := lib.Parse("f.yaml", text)
		if err != nil {
			b.Fatal(err)
		}
		set := gotmpl.NewSet(len(trees))
		set.Add(trees)
		s := gotmpl.NewState(b.Context(), lib, set, gotmpl.Limits{})
		data := dot()
		b.ReportAllocs()
		for b.Loop() {
			if _, err := s.Render("f.yaml", data); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("text-template", func(b *testing.B) {
		t := textTemplate()
		if _, err := t.New("f.yaml").Parse(text); err != nil {
			b.Fatal(err)
		}
		data := dot()
		b.ReportAllocs()
		for b.Loop() {
			var out strings.Builder
			if err := t.ExecuteTemplate(&out, "f.yaml", data); err != nil {
				b.Fatal(err)
			}
		}
	})
}
