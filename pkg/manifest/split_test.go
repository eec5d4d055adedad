package manifest_test

import (
	"regexp"
	"strings"
	"testing"
	"unicode"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-0d4f92cc/pack/pkg/manifest"
)

func TestSplit(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		text string
		want []string
	}{
		{"nothing", "", nil},
		{"blank", " \n\t\n", nil},
		{"one", "a: 1\n", []string{"a: 1\n"}},
		{"no line break at the end", "a: 1", []string{"a: 1"}},
		{"leading separator", "---\na: 1\n", []string{"a: 1\n"}},
		{"two", "a: 1\n---\nb: 2\n", []string{"a: 1\n", "b: 2\n"}},
		{"blank documents go", "---\n---\n\n---\na: 1\n---\n", []string{"a: 1\n"}},
		{"trailing white space stays", "a: 1\n\n\n---\nb: 2\n \n", []string{"a: 1\n\n\n", "b: 2\n \n"}},
		{"leading white space goes", "\n\n  a: 1\n---\n\n  b: 2\n", []string{"a: 1\n", "b: 2\n"}},
		{"indented first separator", "  ---\na: 1\n", []string{"a: 1\n"}},
		{"indented separator is content", "a: |\n  x\n  ---\n  y\n", []string{"a: |\n  x\n  ---\n  y\n"}},
		{"blanks after the marker go", "a: 1\n--- \t\nb: 2\n", []string{"a: 1\n", "b: 2\n"}},
		{"comment after the marker", "a: 1\n--- # two\nb: 2\n", []string{"a: 1\n", "# two\nb: 2\n"}},
		{"content after the marker", "---a: 1\n---b: 2\n", []string{"a: 1\n", "b: 2\n"}},
		{"long rule", "a: 1\n------\nb: 2\n", []string{"a: 1\n", "---\nb: 2\n"}},
		{"comment document", "# only this\n---\na: 1\n", []string{"# only this\n", "a: 1\n"}},
		{"carriage returns", "a: 1\r\n---\r\nb: 2\r\n", []string{"a: 1\r\n", "b: 2\r\n"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(tt.want, manifest.Split(tt.text)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func FuzzSplit(f *testing.F) {
	for _, seed := range []string{
		"a: 1\n---\nb: 2\n", "---\n---", " ---a\n---- b", "a\n\n---  \t# c\n------\n", "\r\n---\r\n",
	} {
		f.Add(seed)
	}
	marker := regexp.MustCompile(`(?m)^---[ \t]*`)
	f.Fuzz(func(t *testing.T, text string) {
		pieces := manifest.Split(text)
		trimmed := strings.TrimLeftFunc(text, unicode.IsSpace)
		markers := len(marker.FindAllString(trimmed, -1))
		// With one marker each, the pieces concatenate back, white space apart.
		if got, want := solid(strings.Join(pieces, ""))+markers*len("---"), solid(text); got != want {
			t.Errorf("%d bytes that are not white space became %d", want, got)
		}
		var want []string
		for _, piece := range marker.Split(trimmed, -1) {
			if piece = strings.TrimLeftFunc(piece, unicode.IsSpace); piece != "" {
				want = append(want, piece)
			}
		}
		if diff := cmp.Diff(want, pieces); diff != "" {
			t.Error(diff)
		}
	})
}

// solid counts the bytes of s that are not white space.
func solid(s string) int { return len(strings.Join(strings.Fields(s), "")) }
