package yamlio_test

import (
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"

	"github.com/seed-0d4f92cc/pack/internal/yamlio"
)

// laughs is a document of a few lines that stands for 9^29 scalars.
func laughs() string {
	var text strings.Builder
	text.WriteString("a0: &a0 ha\n")
	for i := 1; i < 30; i++ {
		alias := fmt.Sprintf("*a%d,", i-1)
		fmt.Fprintf(&text, "a%d: &a%d [%s]\n", i, i, strings.Repeat(alias, 9))
	}
	return text.String()
}

// chain nests by aliases: no line is deep, but each is deeper than the last.
func chain(lines, depth int) string {
	var text strings.Builder
	text.WriteString("a0: &a0 ha\n")
	for i := 1; i < lines; i++ {
		fmt.Fprintf(&text, "a%d: &a%d %s*a%d%s\n", i, i, strings.Repeat("[", depth), i-1, strings.Repeat("]", depth))
	}
	return text.String()
}

// TestHostile reads what is small and would be large, deep or slow. The bound
// on memory is far above what is needed and far below what the text stands for.
func TestHostile(t *testing.T) {
	const megabytes = 200
	brackets := strings.Repeat("[", 100000)
	var indented strings.Builder
	for i := range 1500 {
		indented.WriteString(strings.Repeat(" ", i) + "a:\n")
	}
	for _, test := range []struct {
		name string
		text string
		is   error  // a condition, or
		want string // a part of the message
	}{
		{"open lists", "a: " + brackets, nil, "exceeded max depth"},
		{"closed lists", "a: " + brackets + strings.Repeat("]", 100000), nil, "exceeded max depth"},
		{"open maps", strings.Repeat("{a: ", 100000), nil, "exceeded max depth"},
		{"dashes", "a:\n" + strings.Repeat("- ", 100000) + "x", nil, "exceeded max depth"},
		{"keys of keys", strings.Repeat("? ", 100000) + "x", nil, "exceeded max depth"},
		{"lists that the parser accepts", "a: " + strings.Repeat("[", 9000) + strings.Repeat("]", 9000), yamlio.ErrTooDeep, ""},
		{"maps that the parser accepts", strings.Repeat("{a: ", 9000) + strings.Repeat("}", 9000), yamlio.ErrTooDeep, ""},
		{"indentation", indented.String(), yamlio.ErrTooDeep, ""},
		{"aliases of aliases", laughs(), nil, "excessive aliasing"},
		{"a chain of aliases", chain(100000, 1), nil, "excessive aliasing"},
		{"a chain of deep aliases", chain(9, 9000), yamlio.ErrTooDeep, ""},
		{"aliases of a long string", "s: &s " + strings.Repeat("x", 10000) + "\nl: [" + strings.Repeat("*s,", 100000) + "]", yamlio.ErrTooLarge, ""},
		{"aliases of a long key", "s: &s {? " + strings.Repeat("x", 10000) + " : 1}\nl: [" + strings.Repeat("*s,", 100000) + "]", yamlio.ErrTooLarge, ""},
		{"merges", "s: &s {" + keys(1000) + "}\nl: [" + strings.Repeat("{<<: *s},", 1000) + "]", nil, "excessive aliasing"},
		{"directives", strings.Repeat("%TAG !a! b\n", 100000) + "---\na: 1", yamlio.ErrTooLarge, ""},
		{"many keys", strings.Repeat("a: 1\n", 600_000), yamlio.ErrTooLarge, ""},
		{"many lists", "a: [" + strings.Repeat("[],", 600_000) + "]", yamlio.ErrTooLarge, ""},
		{"many dashes", "a:\n" + strings.Repeat("- - - -\n", 300_000), yamlio.ErrTooLarge, ""},
		{"many nodes for the library", "b: !!str 1\na: [" + strings.Repeat("{},", 160_000) + "]", yamlio.ErrTooLarge, ""},
		{"quoted keys for the library", "b: !!str 1\na: [" + strings.Repeat(`"":,`, 160_000) + "]", yamlio.ErrTooLarge, ""},
		{"a long text for the library", "b: !!str 1\na: " + strings.Repeat("x", 16<<20), yamlio.ErrTooLarge, ""},
		{"documents", strings.Repeat("---\n# a\n", 100000), yamlio.ErrTooLarge, ""},
		{"a long separator", "---" + strings.Repeat("x", 1<<20), nil, "invalid Yaml document separator"},
		{"a long key", "? [" + strings.Repeat("x", 1<<20) + "]\n: 1", nil, "invalid map key"},
	} {
		t.Run(test.name, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			m, err := yamlio.DecodeMap([]byte(test.text))
			runtime.ReadMemStats(&after)
			switch {
			case err == nil:
				t.Fatalf("%d values and no error", len(m))
			case test.is != nil && !errors.Is(err, test.is), !strings.Contains(err.Error(), test.want):
				t.Errorf("error %v, want %v %s", err, test.is, test.want)
			case len(err.Error()) > 10000:
				t.Errorf("an error of %d bytes", len(err.Error()))
			}
			if used := (after.TotalAlloc - before.TotalAlloc) >> 20; used > megabytes {
				t.Errorf("%d MB were allocated", used)
			}
		})
	}
}

func keys(n int) string {
	var text strings.Builder
	for i := range n {
		fmt.Fprintf(&text, "k%d: 1, ", i)
	}
	return text.String()
}

func TestLimitsOnBytes(t *testing.T) {
	large := make([]byte, yamlio.MaxBytes+1)
	if _, err := yamlio.DecodeMap(large); !errors.Is(err, yamlio.ErrTooLarge) {
		t.Errorf("DecodeMap: error %v", err)
	}
	var v any
	if err := yamlio.Unmarshal(large, &v); !errors.Is(err, yamlio.ErrTooLarge) {
		t.Errorf("Unmarshal: error %v", err)
	}
}

// Ordinary documents use what the limits are about.
func TestWithinLimits(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"aliases":    "s: &s {" + keys(100) + "}\nl: [" + strings.Repeat("*s,", 80) + "]",
		"depth":      "a: " + strings.Repeat("[", 900) + strings.Repeat("]", 900),
		"percents":   "a: |\n" + strings.Repeat("  %x\n", 5000),
		"documents":  strings.Repeat("---\na: 1\n", 500),
		"characters": "a: &a \"" + strings.Repeat(`\L`, 1000) + "\"\nb: *a",
	} {
		if _, err := yamlio.DecodeMap([]byte(text)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}
