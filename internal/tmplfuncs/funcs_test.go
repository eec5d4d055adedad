package tmplfuncs_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-0d4f92cc/pack/internal/gotmpl"
	"github.com/seed-0d4f92cc/pack/internal/tmplfuncs"
)

// execute renders a text with the functions.
func execute(t *testing.T, opts tmplfuncs.Options, text string, data any) (string, error) {
	t.Helper()
	if opts.Now == nil {
		opts.Now = func() time.Time { return time.Unix(0, 0).UTC() }
	}
	if opts.MaxBytes == 0 {
		opts.MaxBytes = 1 << 20
	}
	lib, err := gotmpl.NewLibrary(tmplfuncs.New(opts))
	if err != nil {
		t.Fatal(err)
	}
	trees, err := lib.Parse("t", text)
	if err != nil {
		t.Fatal(err)
	}
	set := gotmpl.NewSet(1)
	set.Add(trees)
	return gotmpl.NewState(t.Context(), lib, set, gotmpl.Limits{MaxBytes: opts.MaxBytes}).Render("t", data)
}

func TestFunctions(t *testing.T) {
	t.Parallel()
	data := map[string]any{"texts": []string{"b", "a"}, "m": map[string]any{"z": 1, "a": 2, "k": 3}}
	for text, want := range map[string]string{
		`{{ now.Year }}`:                                   "1970",
		`{{ keys .m }}{{ values .m }}`:                     "[a k z][2 3 1]",
		`{{ sortAlpha .texts }}{{ .texts }}`:               "[a b][b a]",
		`{{ toYaml .m }}`:                                  "a: 2\nk: 3\nz: 1",
		`{{ durationSeconds "1.5h" }}`:                     "5400",
		`{{ durationWeeks 42 }}`:                           "6.944444444444444e-05",
		`{{ regexReplaceAll "a(b)" "abab" "<$1>" }}`:       "<b><b>",
		`{{ regexMatch "[" "a" }}`:                         "false",
		`{{ merge (dict "a" 1) (dict "a" 2 "b" 3) }}`:      "map[a:1 b:3]",
		`{{ mergeOverwrite (dict "a" 1) (dict "a" 2) }}`:   "map[a:2]",
		`{{ merge nil (dict "a" 1) (dict "b" 2) nil }}`:    "map[a:1 b:2]",
		`{{ mergeOverwrite nil nil .m (dict "a" 0) }}`:     "map[a:0 k:3 z:1]",
		`{{ mustMerge nil }}`:                              "map[]",
		`{{ "x" | nindent 2 }}{{ repeat 2 "ab" }}`:         "\n  xabab",
		`{{ join "," .texts }}{{ replace "a" "b" "aXa" }}`: "b,abXb",
	} {
		got, err := execute(t, tmplfuncs.Options{}, text, data)
		if err != nil || got != want {
			t.Errorf("%s: %q, %v", text, got, err)
		}
	}
}

func TestEnvironmentIsOutOfReach(t *testing.T) {
	t.Parallel()
	funcs := tmplfuncs.New(tmplfuncs.Options{MaxBytes: 1, Now: time.Now})
	for _, name := range []string{"env", "expandenv"} {
		if funcs[name] != nil {
			t.Errorf("%s is there", name)
		}
	}
}

func TestChangesAreAskedFor(t *testing.T) {
	t.Parallel()
	errNo := errors.New("no")
	shared := map[string]any{"k": map[string]any{"x": 1}}
	refuse := tmplfuncs.Options{Change: func(_ *gotmpl.State, m map[string]any) error {
		if _, ok := m["x"]; ok {
			return errNo
		}
		return nil
	}}
	for text, refused := range map[string]bool{
		`{{ set .k "y" 2 }}`:                                     true,
		`{{ unset .k "x" }}`:                                     true,
		`{{ merge .k (dict "y" 2) }}`:                            true,
		`{{ mustMergeOverwrite (dict) (dict "k" .k) | toYaml }}`: false,
		`{{ merge (dict "k" .k) (dict "k" (dict "y" 2)) }}`:      true,
		`{{ merge (dict "k" .k) (dict "k" "text") }}`:            false,
		`{{ merge (dict "a" 1) . }}`:                             false,
		`{{ set (dict) "k" .k }}`:                                false,
	} {
		_, err := execute(t, refuse, text, shared)
		if errors.Is(err, errNo) != refused {
			t.Errorf("%s: %v", text, err)
		}
	}
	if diff := cmp.Diff(map[string]any{"k": map[string]any{"x": 1}}, shared); diff != "" {
		t.Error(diff)
	}
}

func TestTOMLBounds(t *testing.T) {
	t.Parallel()
	for text, refused := range map[string]bool{
		"a = " + strings.Repeat("[", 2000) + strings.Repeat("]", 2000):           true,
		"a = " + strings.Repeat("{a=", 2000) + "1" + strings.Repeat("}", 2000):   true,
		strings.Repeat("a.", 2000) + "a = 1":                                     true,
		strings.Repeat("[[a]]\nb.c = {d = [1.5, 2.5], e = \"[^[]{1}]\"}\n", 500): false,
		"a = [" + strings.Repeat("1.5, ", 5000) + "1]":                           false,
	} {
		_, err := execute(t, tmplfuncs.Options{}, `{{ fromToml .text | len }}`, map[string]any{"text": text})
		if errors.Is(err, tmplfuncs.ErrTooLarge) != refused || err != nil && !refused {
			t.Errorf("%.50s: %v", text, err)
		}
	}
}

func TestBounds(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		`{{ repeat 2000000 "x" }}`, `{{ indent 2000000 "x" }}`, `{{ until 5000000 }}`, `{{ untilStep 0 10000000 2 }}`,
		`{{ seq 0 5000000 }}`, `{{ replace "" "0123456789" (repeat 500000 "x") }}`, `{{ randAlpha 2000000 }}`,
		`{{ randBytes 2000000 }}`, `{{ regexReplaceAll "" (repeat 500000 "x") "0123456789" }}`,
	} {
		if _, err := execute(t, tmplfuncs.Options{}, text, nil); !errors.Is(err, tmplfuncs.ErrTooLarge) {
			t.Errorf("%s: %.200v", text, err)
		}
	}
	within := `{{ regexReplaceAll "y" (repeat 500000 "x") "0123456789" | len }}{{ repeat 1000 "x" | len }}`
	if got, err := execute(t, tmplfuncs.Options{}, within, nil); err != nil || !strings.HasPrefix(got, "500000") {
		t.Errorf("%s: %.50q %v", within, got, err)
	}
}
