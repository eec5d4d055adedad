package fastyaml_test

import (
	"encoding/json"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"sigs.k8s.io/yaml"

	"github.com/seed-0d4f92cc/pack/internal/fastyaml"
)

// library reads a document as the library does. It panics on some input.
func library(text string) (v any, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("panic: %v", r)
		}
	}()
	err = yaml.Unmarshal([]byte(text), &v)
	return v, err
}

// simple are documents that have to be read without the library.
var simple = []string{
	"", "\n\n", "# only\n#comments\n", "---\na: 1\n", "--- # c\na: 1",
	"a: 1\nb: two words\nc: 'it''s'\nd: \"x\\ny\"\n",
	"a:\n  b:\n    c: d\n  e: f\ng: h\n",
	"a:\n- 1\n- 2\nb:\n  - x\n  - y: 1\n    z: 2\n",
	"- a\n- b: 1\n-\n  c: 2\n- - d\n  - e\n-\n- ~\n",
	"a: |\n  text\n   more\n\n  end\nb: >-\n  folded\n  line\n\n  para\n    pre\n  x\n",
	"a: |+\n  keep\n\n\nb: |2\n    two\nc: |-\n  no\n\n",
	"a: |\n  no end", "a: >\n\n\n  lead\n", "a: |\n\nb: 1\n", "a: >+\n\n\n",
	"a: one\n  two\n\n  three # c\nb: 1\n",
	"a: \"one\n  two\n\n  three \\\n  four\"\nb: 'x\n  y'\n",
	"a: {}\nb: []\nc: [1, two, \"3\", 'four', ]\nd: {e: 1, f: [x, {g: h}], 'i': j}\n",
	"a: [\n  1,\n  2\n  ]\nb: {\"x\":1, \"y\": 2}\n",
	"true: 1\nn: 2\n1: 3\n0x1F: 4\n",
	"a: 0x1F\nb: 017\nc: 0o17\nd: 0b11\ne: 1_000\nf: +5\ng: -5\nh: 09\ni: 1.50\nj: .5\nk: 1.\nl: 1e3\nm: -0\nn: 1:30\no: 2001-01-01\np: 12345678901234567890\nq: 1e400\nr: 123456789012345678901234567890\n",
	"a: yes\nb: No\nc: on\nd: null\ne: ~\nf: Null\ng: y\nh: y es\n",
	"a: x#y\nb: x #y\nc: a:b\nd: http://x/y?z\ne: -x\nf: .x\n",
	"a: ünï\nb: “q”\n\"k k\": 1\n'k': 2\nk : 3\n", "a:   \n\n\n  b: 1\n#c\n    # d\n  c: 2\n",
	"apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\n  annotations:\n    x: \"1\"\n    y: two\ndata:\n  x: |\n    y\n",
	"a: b c\td e\nx: |\n  a\n  \ttab\n",
}

// odd are documents that may be declined, and must not be misread.
var odd = []string{
	"a: &x 1\nb: *x\n", "<<: {a: 1}\n", "? a\n: b\n", "!!str 1", "a: !foo 1\n", "%YAML 1.1\n---\na: 1\n",
	"a: .inf\n", "~: 1\n", "null: 1\n", "a: b: c\n", "a:\n    b: 1\n  c: 2\n", "a\nb: 1\n", "a: 'x\n", "a: [1\n",
	"a: |\n   x\n  y\n", "a: |\n\tx\n", "a:\tb\n", "a: b\n c\n", "a: b # c\n  d\n", "a: - b\n", "a: |\n      \n  x\n",
	"yes: 1\ntrue: 2\n\"true\": 3\n", "a: 1\na: 2\n", "a: {b: 1, b: 2}\n", "{a: 1}\n", "[1]\n", "x\n", "'x'\n",
	"a: \"\\x41\\u00e9\"\n", "a: \"\\ud800\"\n", "\ufeffa: 1\n", "a: 1\r\nb: 2\r\n", "a: \x00\n", "a: \x85\n", "a: \u0085b\n",
	"a: 1\n---\nb: 2\n", "a: 1\n...\nb: 2\n", "...\na: 1\n", "a: \u2028x\n", "a: 0b12\nb: 0b\nc: -0b1\n", "1.5: a\n1e3: b\n",
	"a: [a: 1]\n", "a: [x:y]\n", "a: {x:1}\n", "a: [1,\n2]\n", "a: [ # c\n 1]\n", "a: \"x\ny\"\n", "a: @x\n", "a: `x\n", "a: %x\n",
	"Kind: x\nkind: y\n", "kind: 1\n", "metadata: 3\n", "metadata:\n- a\n", "metadata:\n  name: [1]\n", "metadata:\n  annotations:\n    a: 1\n",
	"metadata:\n  annotations:\n    a:\n", "metadata: {name: x}\n", "metadata:\n  Name: x\n", "metadata:\n", "metadata:\n  namespace: 3\n",
	"metadata:\n  name: a\nmetadata:\n  namespace: b\n", "\u212Aind: x\n", "a: 'b' c\n", "a: \"b\"c\n", "a: {} b\n", "a: |x\n", "a: |1-\n x\n",
	"a: >9\n x\n", "- a\n-b\n", "-\ta\n", "- a\n - b\n", "a:\n - b\n c: d\n", "a:\n- b\n  c: d\n", "- a: b\n c: d\n", "a: b\n- c\n",
	"a: x\n  # c\n  y\n", "a: |\n  x\n # c\nb: 1\n", "a: |\n  x\n # c\n", "a: >\n  x\n\ty\n", "  a: 1\n  b: 2\n", " a: 1\nb: 2\n",
	"a: \"b\": c\n", "'a' : 1\n'b'x: 1\n", "a: ? b\n", "a: :b\n", ": a\n", "- : a\n", "a: *\n", "=: 1\n", "a: =\n", "a:\n  |\n  x\n",
	"a:\n  \"x\"\nb:\n  [1]\nc:\n  'y\n  z'\n", "a:\n  x\n  y\nb: 1\n", "a:\nb:\n", "a: [[[]], {}, {a: {}}]\n", "a: {,}\n", "a: [,]\n", "a: {a}\n",
	"0: a\n00: b\n08: c\n-0: d\n", "a: 'x'#y\n", "a: 'x' #y\n", "a: >-\n\n  x\n   y\n  z\n\n\n", "a: \"\\\n  x\"\n", "a: \"x\\\n\n  y\"\n",
	"a: " + strings.Repeat("k", 2000) + "\n", strings.Repeat("k", 1100) + ": 1\n", strings.Repeat("k", 1020) + " : 1\n", "a: \"\\/\\t\\r\"\n",
	strings.Repeat("- ", 600) + "x\n", "a: [" + strings.Repeat("[", 600) + "\n", "--- a: 1\n", "---a: 1\n", "---\n---\n", "a: ---\n", "---\n...\n",
}

// TestReadSimple reads what most files are made of, which must not be declined.
func TestReadSimple(t *testing.T) {
	t.Parallel()
	for _, text := range simple {
		if !checkTree(t, text) {
			t.Errorf("%q is declined", text)
		}
	}
}

// FuzzWriteLikeLibrary writes trees, which the fuzzer gives as JSON, with both.
func FuzzWriteLikeLibrary(f *testing.F) {
	for _, list := range [][]string{simple, odd} {
		for _, text := range list {
			if v, err := library(text); err == nil {
				data, err := json.Marshal(v)
				if err != nil {
					f.Fatal(err)
				}
				f.Add(string(data))
			}
			// The document itself as a text, as a key and in a list.
			data, err := json.Marshal(map[string]any{"a": text, text: []any{text, map[string]any{"b": text}}})
			if err != nil {
				f.Fatal(err)
			}
			f.Add(string(data))
		}
	}
	for _, text := range []string{
		`["\u2028","\u2029 x","😀 y"]`, `"<<"`, `{"<<":"","a":["\u007f\n"],"\r":1}`,
		`[0, -0.0, 1e20, 1e21, 18446744073709551615, 9223372036854775807, 1e-7, 0.1, -1.5, 123456789.5, 1e300]`,
		`{"a1":1,"a10":2,"a2":3,"b":{},"c":[],"B":null,"a-b":1,"a_b":2,"a.b":3,"0":1,"00":2,"a01":3,"é":5}`,
		`["2001-01-01","1:30","12:30:45.5","0b12","0o7","y","~","","null","#a","a #b","a: b","a:","- a","-","--- x","...","<<","=","'","\"","a\tb","\u2028","\u0000","\u001b","x\ny","x \ny"," x\n","\n","\n\n","x\n\n","x\n ","é","😀","\ufeff","\u0085","\u00a0"]`,
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var v any
		if json.Unmarshal([]byte(text), &v) != nil {
			return
		}
		got, ok := fastyaml.Write(v)
		if !ok {
			return
		}
		want, err := yaml.Marshal(v)
		if err != nil {
			t.Fatalf("%s is written as %q; the library: %v", text, got, err)
		}
		// The library's order of keys has circles (a2 < a10 < a1b < a2), in which
		// the order is chance.
		for try := 0; try < 100 && string(want) != string(got); try++ {
			if want, err = yaml.Marshal(v); err != nil {
				t.Fatal(err)
			}
		}
		if diff := cmp.Diff(string(want), string(got)); diff != "" {
			t.Fatalf("%s (-library +fast):\n%s", text, diff)
		}
	})
}

// FuzzWriteScalars writes scalars in every place where they can stand: strings
// also as keys, and with numbers as Go has them, not as JSON has.
func FuzzWriteScalars(f *testing.F) {
	for i, text := range append(documents(), scalars()...) {
		f.Add(text, float64(i)/8, int64(i))
	}
	for _, number := range []float64{1 << 53, 1 << 63, 1 << 64, 1e18, 1e21, 1e-7, -1e300, math.MaxFloat64, math.SmallestNonzeroFloat64, math.Copysign(0, -1), math.Inf(1), math.NaN()} {
		f.Add("word and word ", number, int64(math.MinInt64))
	}
	f.Fuzz(func(t *testing.T, text string, number float64, integer int64) {
		for _, v := range []any{
			text, number, integer, int(integer), []any{text, []any{number, []string{text}}}, map[string]any{text: integer},
			map[string]any{"a": map[string]any{"b": []any{map[string]any{text: text}}}}, map[string]string{"long key before the text": text},
		} {
			got, ok := fastyaml.Write(v)
			if !ok {
				continue
			}
			if want, err := yaml.Marshal(v); err != nil || string(want) != string(got) {
				t.Fatalf("%#v is written as %q; by the library %q, error %v", v, got, want, err)
			}
		}
	})
}

// named is a map of a type of its own, as templates have for values.
type named map[string]any

// telling is a map that says how it is written.
type telling map[string]any

func (telling) MarshalJSON() ([]byte, error) { return []byte(`"told"`), nil }

func TestWriteTypes(t *testing.T) {
	t.Parallel()
	var noMap map[string]any
	var noList []any
	for _, v := range []any{
		map[string]string{"b": "1", "a": "x"}, []string{"a", "2"}, map[string][]byte{"f": []byte("text")},
		map[string]any{"int": 3, "long": int64(1) << 60, "list": []string{}, "none": noMap, "nothing": noList, "nil": nil},
		map[string][]byte{"f": nil, "g": {}}, named{"b": named{"a": 1}, "a": named(nil), "c": []any{named{}, named{"x": []string{"y"}}}}, []byte(nil),
		noMap, noList, "x", 3, true, nil, []any{[]any{[]any{}, "x\ny\n"}, map[string]any{"a": []any{map[string]any{"b": "x\ny"}}}},
	} {
		got, ok := fastyaml.Write(v)
		if !ok {
			t.Errorf("%#v is declined", v)
			continue
		}
		want, err := yaml.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(want), string(got)); diff != "" {
			t.Errorf("%#v (-library +fast):\n%s", v, diff)
		}
	}
	for _, v := range []any{telling{"a": 1}, []any{map[string]any{"a": telling(nil)}}, func() {}, struct{ A int }{1}, new(int), float32(1), map[int]any{1: 2}} {
		if got, ok := fastyaml.Write(v); ok {
			t.Errorf("%#v is written as %q", v, got)
		}
	}
	cycle := map[string]any{}
	cycle["a"] = cycle
	if _, ok := fastyaml.Write(cycle); ok {
		t.Error("a tree without end was written")
	}
}
