package yamlio_test

import (
	"bytes"
	"slices"
	"testing"

	"github.com/seed-0d4f92cc/pack/internal/yamlio"
)

// FuzzDocuments: no line but separators is lost, and documents that are put
// together again are split as before.
func FuzzDocuments(f *testing.F) {
	for _, text := range []string{
		"", "a: 1", "a: 1\n---\nb: 2\n", "---\na: 1\n---\n---\nb", "--- # x\n# y\n--- #\n", "---x", "a\r\n---\r\n---\r\n", "\n---", "\n\n---\n\n",
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		docs, err := yamlio.Documents(data)
		if err != nil {
			return
		}
		if want, got := content(data), content(docs...); !bytes.Equal(want, got) {
			t.Errorf("the lines are %q, those of the documents %q", want, got)
		}
		again, err := yamlio.Documents(bytes.Join(docs, []byte("---\n")))
		if err != nil || !slices.EqualFunc(docs, again, bytes.Equal) {
			t.Errorf("%q split again is %q, error %v", docs, again, err)
		}
	})
}

// content is all lines that do not begin with dashes, the last one ended.
func content(docs ...[]byte) []byte {
	var out []byte
	for _, doc := range docs {
		for line := range bytes.Lines(doc) {
			if !bytes.HasPrefix(line, []byte("---")) {
				out = append(append(out, bytes.TrimSuffix(line, []byte("\n"))...), '\n')
			}
		}
	}
	return out
}

func FuzzUnmarshal(f *testing.F) {
	for _, text := range []string{
		"a: 1", "[1, {b: ~}]", "x", "a: &a {b: c}\nd: {<<: *a}", "{\"a\": [true, \"\\u00e9\"]}", "- |\n  x\n- >-\n  y\n", "%YAML 1.1\n---\n!!map {a: !!str 1}",
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var v any
		if err := yamlio.Unmarshal(data, &v); err != nil {
			if text := err.Error(); text == "" || len(text) > 10000 {
				t.Fatalf("an error of %d bytes", len(text))
			}
			return
		}
		if err := yamlio.CheckDepth(v); err != nil {
			t.Fatal(err)
		}
	})
}
