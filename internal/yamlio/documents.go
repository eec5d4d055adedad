package yamlio

import (
	"bytes"
	"fmt"
)

// Documents splits a stream at the lines that begin with "---", as Helm 4 does
// for values files. After the dashes only blanks and a comment may follow;
// anything else is an error. What is returned are parts of data, without the
// separators but for those that nothing comes before. A document can be empty
// or hold comments only.
func Documents(data []byte) ([][]byte, error) {
	var docs [][]byte
	start := 0 // of the document that is being read
	for pos := 0; pos < len(data); {
		next := len(data)
		if i := bytes.IndexByte(data[pos:], '\n'); i >= 0 {
			next = pos + i + 1
		}
		if after, ok := bytes.CutPrefix(data[pos:next], []byte("---")); ok {
			after = bytes.TrimSpace(after)
			if len(after) > 0 && after[0] != '#' {
				return nil, fmt.Errorf("error reading yaml document: invalid Yaml document separator: %s", shorten(after))
			}
			if pos > start {
				docs = append(docs, data[start:pos])
				start = next
			}
		}
		pos = next
	}
	if start < len(data) {
		docs = append(docs, data[start:])
	}
	return docs, nil
}

// shorten bounds what of the input an error repeats.
func shorten(text []byte) []byte {
	const most = 200
	if len(text) <= most {
		return text
	}
	return append(bytes.ToValidUTF8(text[:most], nil), "…"...)
}

// DecodeMap reads a values file: every document is a map or empty, and later
// documents are merged into earlier ones, maps recursively, anything else by
// replacing. The result is never nil. Errors have Helm's text, except that
// line numbers count from the start of data, not of the document.
func DecodeMap(data []byte) (map[string]any, error) {
	if len(data) > MaxBytes {
		return nil, fmt.Errorf("%w: %d bytes, at most %d are read", ErrTooLarge, len(data), MaxBytes)
	}
	docs, err := Documents(data)
	if err != nil {
		return nil, err
	}
	result := map[string]any{}
	for i, doc := range docs {
		var m map[string]any
		if err := Unmarshal(doc, &m); err != nil {
			if i > 0 {
				err = relocate(data, doc, err)
			}
			return nil, fmt.Errorf("cannot unmarshal yaml document: %w", err)
		}
		overlay(result, m)
	}
	return result, nil
}

// relocate reads a faulty document once more below as many empty lines as
// stand before it in data, so that the error names the line in data.
func relocate(data, doc []byte, err error) error {
	// Documents are parts of data: the capacities tell where they begin.
	before := data[:cap(data)-cap(doc)]
	lines := bytes.Count(before, []byte("\n"))
	padded := append(bytes.Repeat([]byte("\n"), lines), doc...)
	var m map[string]any
	if located := Unmarshal(padded, &m); located != nil {
		return located
	}
	return err
}

// overlay puts src over dst. Both are trees that nobody else holds.
func overlay(dst, src map[string]any) {
	for key, value := range src {
		below, isMap := dst[key].(map[string]any)
		above, both := value.(map[string]any)
		if isMap && both {
			overlay(below, above)
			continue
		}
		dst[key] = value
	}
}
