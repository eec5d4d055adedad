package tmplfuncs_test

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-0d4f92cc/pack/internal/gotmpl"
	"github.com/seed-0d4f92cc/pack/internal/tmplfuncs"
)

// caller calls functions as templates do.
type caller struct {
	lib *gotmpl.Library
}

func newCaller(tb testing.TB, maxBytes int) *caller {
	tb.Helper()
	lib, err := gotmpl.NewLibrary(tmplfuncs.New(tmplfuncs.Options{Now: time.Now, MaxBytes: maxBytes}))
	if err != nil {
		tb.Fatal(err)
	}
	return &caller{lib}
}

func (c *caller) call(ctx context.Context, text string, data any) (string, error) {
	trees, err := c.lib.Parse("t", text)
	if err != nil {
		return "", err
	}
	set := gotmpl.NewSet(1)
	set.Add(trees)
	return gotmpl.NewState(ctx, c.lib, set, gotmpl.Limits{MaxBytes: 64 << 20}).Render("t", data)
}

// checkRegex compares the functions with package regexp.
func checkRegex(t *testing.T, c *caller, expr, text, by string, n int) {
	t.Helper()
	re, err := regexp.Compile(expr)
	if err != nil {
		return
	}
	data := map[string]any{"expr": expr, "text": text, "by": by, "n": n}
	want := fmt.Sprintf("%v|%q|%q|%q|%q|%q", re.MatchString(text), re.FindString(text), re.FindAllString(text, n),
		re.Split(text, n), re.ReplaceAllString(text, by), re.ReplaceAllLiteralString(text, by))
	got, err := c.call(t.Context(), `{{regexMatch .expr .text}}|{{regexFind .expr .text | printf "%q"}}|`+
		`{{regexFindAll .expr .text .n | printf "%q"}}|{{regexSplit .expr .text .n | printf "%q"}}|`+
		`{{regexReplaceAll .expr .text .by | printf "%q"}}|{{regexReplaceAllLiteral .expr .text .by | printf "%q"}}`, data)
	if err != nil {
		t.Errorf("%q: %v", expr, err)
		return
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%q in %.100q by %q, %d (-want +got)\n%s", expr, text, by, n, diff)
	}
}

// Long texts are searched in another way, with the same result.
func TestRegexLikeGo(t *testing.T) {
	t.Parallel()
	c := newCaller(t, 64<<20)
	for _, expr := range []string{
		`a`, `a*`, `a*?`, ``, `^`, `$`, `(?m)^`, `(?m)$`, `\b`, `\B`, `(?m)^a|b$`, `\ba`, `(a)(b)?`, `(?P<x>a+)|(b)`,
		`(?i)A.B`, `(?s).`, `.`, `(?U)a+`, `\Qa`, `x|`, `a|^b`, `\Aa`, `a\z`, `[^a]+`, `ä|é`, `(?:a|ab)(c|bcd)?`,
	} {
		for _, text := range []string{"", "a", "ab ba\nab\n", "äéa\xffb\xe2\x82", "aaa\n\nbb"} {
			for _, n := range []int{-1, 0, 1, 2, 5} {
				checkRegex(t, c, expr, text, "<$1-${x}$$>", n)
				// Each search of this one is quick, all of them might not be.
				checkRegex(t, c, expr, strings.Repeat(text, 1+3000/(len(text)+1)), "$2", n)
			}
		}
		checkRegex(t, c, expr, strings.Repeat("ab\nä ", 300_000/len(expr+"...")), "-", 3)
	}
}

func FuzzRegexLikeGo(f *testing.F) {
	f.Add(`(a)|\b`, "ab ba", "$1", -1)
	f.Add(`(?m)^x*$`, "x\n\nx", "y", 3)
	c := newCaller(f, 64<<20)
	f.Fuzz(func(t *testing.T, expr, text, by string, n int) {
		if len(text) > 100 || len(expr) > 100 || len(by) > 100 {
			return
		}
		checkRegex(t, c, expr, text, by, n)
		checkRegex(t, c, expr, strings.Repeat(text, 1+4000/(len(text)+1)), by, n)
	})
}

// A search ends with its context, however long it would take.
func TestRegexEnds(t *testing.T) {
	t.Parallel()
	c := newCaller(t, 64<<20)
	data := map[string]any{"long": strings.Repeat("a", 2_000_000), "many": `(x+x+)+y|` + strings.Repeat(`(a*)*|`, 500) + `a{500}b`}
	for _, text := range []string{
		`{{regexFindAll "a.*b|a" .long -1 | len}}`,
		`{{regexReplaceAll "a.*b|a" .long "c"}}`,
		`{{regexSplit "a.*b|a" .long -1}}`,
		`{{regexMatch .many .long}}`,
		`{{regexFind .many .long}}`,
	} {
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		_, err := c.call(ctx, text, data)
		cancel()
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%s: %v", text, err)
		}
	}
}

func TestRegexBounds(t *testing.T) {
	t.Parallel()
	c := newCaller(t, 1<<20)
	data := map[string]any{
		"huge": "(" + strings.Repeat("a", 1000) + "){1000}", "text": strings.Repeat("a", 1000),
		"by": strings.Repeat("$0", 10_000),
	}
	for _, text := range []string{
		`{{regexMatch .huge "a" | not}}{{regexFind .huge "a"}}`,
		`{{regexReplaceAll ".*" .text .by}}`,
		`{{regexReplaceAllLiteral "a" .text .by}}`,
	} {
		if _, err := c.call(t.Context(), text, data); !errors.Is(err, tmplfuncs.ErrTooLarge) {
			t.Errorf("%s: %.200v", text, err)
		}
	}
}
