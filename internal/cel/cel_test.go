package cel_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/seed-0d4f92cc/pack/internal/cel"
)

const object = `{"metadata":{"name":"web","generation":2,"annotations":{"example.com/x":"y"}},"status":{
	"phase":"Running","replicas":3,"observedGeneration":2,"ratio":0.75,"nothing":null,"list":[{"a":1}],
	"conditions":[{"type":"Ready","status":"True"},{"type":"Synced","status":"False"}]}}`

// self is the object that the expressions of testdata were evaluated on.
func self(t testing.TB) map[string]any {
	t.Helper()
	d := json.NewDecoder(strings.NewReader(object))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		t.Fatal(err)
	}
	return map[string]any{"self": numbers(v)}
}

// numbers turns JSON numbers into those of decoded Kubernetes objects.
func numbers(v any) any {
	switch v := v.(type) {
	case json.Number:
		if i, err := v.Int64(); err == nil {
			return i
		}
		f, _ := v.Float64()
		return f
	case []any:
		for i := range v {
			v[i] = numbers(v[i])
		}
	case map[string]any:
		for k := range v {
			v[k] = numbers(v[k])
		}
	}
	return v
}

// show is a value with its type, as testdata has it.
func show(v any) string {
	switch v := v.(type) {
	case nil:
		return "null"
	case bool:
		return fmt.Sprint(v)
	case int64:
		return fmt.Sprintf("int %d", v)
	case uint64:
		return fmt.Sprintf("uint %d", v)
	case float64:
		if v == math.Trunc(v) && math.Abs(v) < 1e15 {
			return fmt.Sprintf("double %.1f", v)
		}
		return fmt.Sprintf("double %v", v)
	case string:
		return fmt.Sprintf("%q", v)
	case []byte:
		return fmt.Sprintf("bytes %x", v)
	case []any:
		parts := make([]string, len(v))
		for i, x := range v {
			parts[i] = show(x)
		}
		return "[" + strings.Join(parts, ", ") + "]"
	case map[string]any:
		var parts []string
		for _, k := range slices.Sorted(maps.Keys(v)) {
			parts = append(parts, fmt.Sprintf("%q: %s", k, show(v[k])))
		}
		return "{" + strings.Join(parts, ", ") + "}"
	}
	return "optional"
}

func run(text string, vars map[string]any) (string, error) {
	p, err := cel.Parse(text, "self")
	if err != nil {
		return "refused", err
	}
	v, err := p.Eval(vars)
	if err != nil {
		return "error", err
	}
	return show(v), nil
}

// TestLikeCELGo evaluates what cel-go 0.26 was given, with optional types and its
// string extensions: an expression and, on the next line after a tab, its value,
// "error", or "refused" for one that does not compile.
func TestLikeCELGo(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile("testdata/cel-go.txt")
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSuffix(string(data), "\n"), "\n")
	if len(lines) < 1000 {
		t.Fatalf("testdata has %d lines", len(lines))
	}
	vars := self(t)
	for i := 0; i < len(lines); i += 2 {
		want := strings.TrimPrefix(lines[i+1], "\t")
		if got, err := run(lines[i], vars); got != want {
			t.Errorf("%s\ngot  %s (%v)\nwant %s", lines[i], got, err, want)
		}
	}
	if got := show(vars["self"]); got != show(self(t)["self"]) {
		t.Errorf("the object was changed: %s", got)
	}
}

// TestOtherThanCELGo: there are no types, so that what does not fit is told when it
// is come to; keys of maps are strings, and stand once.
func TestOtherThanCELGo(t *testing.T) {
	t.Parallel()
	vars := self(t)
	for text, want := range map[string]string{
		"1 == 1.0":          "true",
		"1 < 2.5":           "true",
		`1 == "1"`:          "false",
		`false && "a"`:      "false",
		`true || 1 + "a"`:   "true",
		`{1: "a"}`:          "error",
		`{"a": 1, "a": 2}`:  "error",
		"1 + 2.0":           "error",
		"1.5 % 2.0":         "error",
		"timestamp('2026')": "refused",
	} {
		if got, err := run(text, vars); got != want {
			t.Errorf("%s: %s (%v), want %s", text, got, err, want)
		}
	}
}

func TestErrors(t *testing.T) {
	t.Parallel()
	vars := self(t)
	for _, tt := range []struct{ text, want string }{
		{"self.status.phase = 'Running'", `column 19: "=" compares nothing: it must be "=="`},
		{"sometimes", `column 1: undeclared reference to "sometimes": the names here are self`},
		{"self.é", "column 6: unexpected character 'é'"},
		{"'é' + #", "column 7: unexpected character '#'"},
		{"true &&\n\n  foo(1)", `line 3, column 3: unknown function "foo": there are all, bool, bytes, contains, double, dyn, endsWith, exists, exists_one, filter, has, hasValue, int, join, lowerAscii, map, matches, orValue, replace, size, split, startsWith, string, trim, uint, upperAscii, value`},
		{"self.status.missing > 1", "column 13: no such key: missing"},
		{"self.status.list[7]", "column 17: no such key: 7"},
		{"self.status.phase > 1", "column 19: > cannot compare a string with an int"},
		{"self.status.phase.matches('(')", "column 19: error parsing regexp: missing closing ): `(`"},
		{"size(1)", "column 1: size cannot be applied to an int"},
		{"self.status.phase ? 1 : 2", "column 19: the condition before ? is a string and not true or false"},
		{"(1", `column 3: expected ")", not the end`},
		{"[1 2]", `column 4: expected ",", not "2"`},
		{"1 2", `column 3: unexpected "2"`},
		{"", "column 1: the expression is empty"},
		{"for", `column 1: "for" is a reserved word`},
		{"self.map(x.y, 1)", `column 11: expected ",", not "."`},
		{"has(self)", "column 1: has takes a field, such as has(self.status.phase)"},
		{"size()", "column 1: size is not called like this"},
		{"int('x')", `column 1: "x" cannot be turned into a number of type int`},
		{"'\\q'", `column 2: unknown escape \q in a string`},
		{"'a\nb'", "column 1: a string is not closed"},
		{"\xff", "column 1: the expression is not valid UTF-8"},
		{strings.Repeat("(", 200) + "1" + strings.Repeat(")", 200), "column 101: the expression is nested more than 100 times"},
		{strings.Repeat("!", 200) + "true", "column 100: the expression is nested more than 100 times"},
		{strings.Repeat("1", 9000), "column 1: the expression has 9000 bytes, at most 8192"},
	} {
		_, err := run(tt.text, vars)
		var located *cel.Error
		if err == nil || err.Error() != tt.want || !errors.As(err, &located) {
			t.Errorf("%.40q: error %v\nwant %s", tt.text, err, tt.want)
		}
	}
	_, err := run("self.nothing", vars)
	if missing, ok := errors.AsType[*cel.MissingError](err); !ok || missing.Key != "nothing" {
		t.Errorf("error %#v", err)
	}
}

// TestCost: no expression takes long, and no side of an operator hides that.
func TestCost(t *testing.T) {
	t.Parallel()
	many := make([]any, 100)
	for i := range many {
		many[i] = int64(i)
	}
	long := strings.Repeat("a", 1<<20)
	vars := map[string]any{"self": map[string]any{"many": many, "long": long}}
	for _, text := range []string{
		"self.many.all(a, self.many.all(b, self.many.all(c, self.many.all(d, true))))",
		"true || self.many.map(a, self.many.map(b, self.many.map(c, self.many))).size() > 0 || true",
		"self.many.map(a, self.many.map(b, self.many.map(c, self.many))).size() > 0 || true",
		"self.many.exists(a, self.many.all(b, self.many.all(c, self.many.all(d, true))) || a == 99)",
		"self.many.all(a, self.many.all(b, (self.long + self.long) != ''))",
		"self.many.all(a, self.many.all(b, self.many == self.many))",
		"self.many.all(a, self.many.all(b, !([a] in self.many)))",
		"self.many.all(a, !self.long.matches('(a*)*(b|c)'))",
		"self.long.replace('a', self.long) == ''",
		"self.long.split('').size() > 0",
	} {
		_, err := run(text, vars)
		if wanted := !strings.HasPrefix(text, "true"); errors.Is(err, cel.ErrCost) != wanted {
			t.Errorf("%s: error %v", text, err)
		}
	}
	// A chain is as deep as it is long.
	chain := "true" + strings.Repeat("||true", 1300)
	if got, err := run(strings.ReplaceAll(chain, "||", "&&"), nil); got != "true" {
		t.Errorf("a long chain is %s (%v)", got, err)
	}
}

func FuzzEval(f *testing.F) {
	data, err := os.ReadFile("testdata/cel-go.txt")
	if err != nil {
		f.Fatal(err)
	}
	for i, line := range strings.Split(string(data), "\n") {
		if i%2 == 0 {
			f.Add(line)
		}
	}
	vars := self(f)
	f.Fuzz(func(t *testing.T, text string) {
		first, err := run(text, vars)
		if err != nil {
			var located *cel.Error
			if !errors.As(err, &located) || located.Line < 1 || located.Column < 1 {
				t.Fatalf("error %#v", err)
			}
		}
		if again, _ := run(text, vars); again != first {
			t.Errorf("%s, then %s", first, again)
		}
	})
}
