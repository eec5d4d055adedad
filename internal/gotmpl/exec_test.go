package gotmpl_test

import (
	"context"
	"errors"
	"maps"
	"strings"
	"testing"
	"text/template"
	"time"

	"github.com/seed-0d4f92cc/pack/internal/common"
	"github.com/seed-0d4f92cc/pack/internal/gotmpl"
)

type inner struct {
	Version string
	hidden  string
	Next    *inner
}

func (i *inner) String() string { return "inner " + i.Version }

type outer struct {
	Inner inner
	Names namesList
	Any   any
	Ptr   *inner
	Func  func(string) string
}

type namesList []string

func (n namesList) Has(s string) bool {
	for _, x := range n {
		if x == s {
			return true
		}
	}
	return false
}

func (o *outer) Fail(s string) (string, error) { return "", errors.New("failed with " + s) }

func dot() map[string]any {
	return map[string]any{
		"s": "text", "e": "", "i": 7, "i64": int64(-3), "u": uint(9), "f": 1.5, "t": true, "no": false, "nil": nil,
		"list":  []any{"a", 1, nil, map[string]any{"k": "v"}},
		"empty": []any{}, "strs": []string{"x", "y"},
		"m":       map[string]any{"b": 2.0, "a": "1", "n": nil, "deep": map[string]any{"er": []any{1, 2}}},
		"vals":    common.Values{"k": "v", "Table": 1, "sub": map[string]any{"z": 1}},
		"files":   map[string][]byte{"p/q": []byte("data"), "a": nil},
		"ints":    map[int]string{3: "c", 1: "a"},
		"boolmap": map[bool]int{true: 1, false: 0},
		"anymap":  map[any]any{"x": 1, 2: "two"},
		"o":       &outer{Inner: inner{Version: "1"}, Names: namesList{"a"}, Func: strings.ToUpper},
		"ov":      outer{Any: 3, Names: namesList{"b"}},
		"err":     errors.New("an error"),
		"dur":     3 * time.Second,
		"fn":      func(a, b int) (int, error) { return a + b, nil },
		"np":      (*outer)(nil),
		"nm":      map[string]any(nil),
		"c":       complex(1, 2),
		"b":       []byte("bytes"),
		"arr":     [2]int{1, 2},
		"inner":   inner{Version: "2", hidden: "h"},
	}
}

func funcs() map[string]any {
	return map[string]any{
		"upper":  strings.ToUpper,
		"list":   func(v ...any) []any { return v },
		"dict":   func(v ...any) map[string]any { return map[string]any{"n": len(v)} },
		"def":    func(d any, v ...any) any { return append(v, d)[0] },
		"null":   func() any { return nil },
		"boom":   func() string { panic("boom") },
		"bad":    func(s string) (string, error) { return s, errors.New("bad " + s) },
		"geti":   func(m map[string]any, k string) any { return m[k] },
		"addi":   func(a, b int) int { return a + b },
		"add64":  func(a int64, b float64) float64 { return float64(a) + b },
		"u8":     func(a uint8) uint8 { return a },
		"yes":    func(b bool) bool { return b },
		"str":    func(s ...string) string { return strings.Join(s, "|") },
		"slices": func(s []string) int { return len(s) },
		"repeat": func(n int, s string) string { return strings.Repeat(s, n) },
		"seqi":   func(n int) func(func(int) bool) { return func(yield func(int) bool) { yield(n) } },
		"stringer": func(s interface{ String() string }) string {
			return s.String()
		},
		"mkerr": func() error { return errors.New("made") },
	}
}

// textTemplate is an empty set of text/template with the functions.
func textTemplate() *template.Template {
	t := template.New("gotpl").Option("missingkey=zero")
	fm := template.FuncMap(funcs())
	fm["include"] = func(name string, data any) (string, error) {
		var b strings.Builder
		err := t.ExecuteTemplate(&b, name, data)
		return b.String(), err
	}
	return t.Funcs(fm)
}

// expected executes with text/template.
func expected(text string, data any) (string, error) {
	t := textTemplate()
	if _, err := t.New("f.yaml").Parse(text); err != nil {
		return "", err
	}
	var b strings.Builder
	err := t.ExecuteTemplate(&b, "f.yaml", data)
	return strings.ReplaceAll(b.String(), "<no value>", ""), err
}

func got(ctx context.Context, text string, data any) (string, error) {
	fm := maps.Clone(funcs())
	fm["include"] = func(s *gotmpl.State, name string, data any) (string, error) {
		return s.Render(name, data)
	}
	lib, err := gotmpl.NewLibrary(fm)
	if err != nil {
		return "", err
	}
	trees, err := lib.Parse("f.yaml", text)
	if err != nil {
		return "", err
	}
	set := gotmpl.NewSet(len(trees))
	set.Add(trees)
	return gotmpl.NewState(ctx, lib, set, gotmpl.Limits{MaxBytes: 1 << 20}).Render("f.yaml", data)
}

// compare checks that a text renders, or fails, as it does with text/template.
func compare(t *testing.T, text string) {
	t.Helper()
	data := dot()
	want, wantErr := expected(text, data)
	out, err := got(t.Context(), text, data)
	switch {
	case wantErr == nil && err != nil:
		t.Errorf("%s\nfailed: %v\nwanted: %q", text, err, want)
	case wantErr != nil && err == nil:
		t.Errorf("%s\nyielded %q\nwanted error: %v", text, out, wantErr)
	case wantErr != nil && wantErr.Error() != err.Error():
		t.Errorf("%s\nfailed: %v\nwanted: %v", text, err, wantErr)
	case wantErr == nil && out != want:
		t.Errorf("%s\nyielded %q\nwanted  %q", text, out, want)
	}
}

// texts are templates that bring out one rule each.
func texts() []string {
	return strings.Split(strings.TrimSpace(corpus), "\n")
}

func TestLikeTextTemplate(t *testing.T) {
	t.Parallel()
	list := texts()
	if len(list) < 100 {
		t.Fatalf("only %d templates", len(list))
	}
	for _, text := range list {
		compare(t, strings.ReplaceAll(text, `\n`, "\n"))
	}
}

func FuzzLikeTextTemplate(f *testing.F) {
	for _, text := range texts() {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, costly := range []string{"repeat", "template", "include", "block", "%", "range"} {
			if strings.Contains(text, costly) && len(text) > 200 {
				t.Skip("could take long in text/template, which has no bounds")
			}
		}
		if strings.Count(text, "range") > 2 || strings.Contains(text, "000") || strings.Contains(text, "nclude") || strings.Contains(text, "emplate") {
			t.Skip("could take long in text/template, which has no bounds")
		}
		compare(t, text)
	})
}
