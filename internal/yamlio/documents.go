package yamlio

import (
	"bytes"
	"fmt"
	"slices"
)

// document is a part of a stream.
type document struct {
	text []byte
	line int // lines before it
}

// Documents splits a stream at the lines that begin with "---", as Helm 4 does
// for values files. After the dashes only blanks and a comment may follow;
// anything else is an error, and what comes before it is returned with it. The
// separators are left out, but for those that nothing comes before. A document
// can be empty or hold comments only. Each ends with a line break, the last too:
// what a block scalar at the end of a file holds depends on it.
func Documents(data []byte) ([][]byte, error) {
	docs, err := split(data)
	texts := make([][]byte, len(docs))
	for i, doc := range docs {
		texts[i] = doc.text
	}
	return texts, err
}

func split(data []byte) ([]document, error) {
	var docs []document
	start, first := 0, 0 // of the document that is being read
	line := 0
	for pos := 0; pos < len(data); line++ {
		next := len(data)
		if i := bytes.IndexByte(data[pos:], '\n'); i >= 0 {
			next = pos + i + 1
		}
		if after, ok := bytes.CutPrefix(data[pos:next], []byte("---")); ok {
			if err := checkSeparator(after); err != nil {
				return docs, err
			}
			if pos > start {
				docs = append(docs, document{data[start:pos], first})
				start, first = next, line+1
			}
		}
		pos = next
	}
	if start < len(data) {
		docs = append(docs, document{endLine(data[start:]), first})
	}
	return docs, nil
}

// endLine adds the line break that text may lack, to a copy.
func endLine(text []byte) []byte {
	if text[len(text)-1] == '\n' {
		return text
	}
	return append(slices.Clip(text), '\n')
}

// checkSeparator looks at what follows the dashes.
func checkSeparator(after []byte) error {
	after = bytes.TrimSpace(after)
	if len(after) == 0 || after[0] == '#' {
		return nil
	}
	return brief(fmt.Errorf("invalid Yaml document separator: %s", after))
}

// DecodeMap reads a values file: every document is a map or empty, and later
// documents are merged into earlier ones, maps recursively, anything else by
// replacing. The result is never nil. Errors have Helm's text, except that
// line numbers count from the start of data, not of the document.
func DecodeMap(data []byte) (map[string]any, error) {
	if err := checkText(data); err != nil {
		return nil, err
	}
	docs, err := split(data)
	if err != nil {
		return nil, fmt.Errorf("error reading yaml document: %w", err)
	}
	if len(docs) > MaxDocuments {
		return nil, fmt.Errorf("%w: %d documents, at most %d are read", ErrTooLarge, len(docs), MaxDocuments)
	}
	result := map[string]any{}
	for _, doc := range docs {
		var m map[string]any
		if err := Unmarshal(doc.text, &m); err != nil {
			return nil, fmt.Errorf("cannot unmarshal yaml document: %w", relocate(doc, err))
		}
		overlay(result, m)
	}
	return result, nil
}

// relocate reads a faulty document once more below as many empty lines as
// stand before it in its stream, so that the error names the line there.
func relocate(doc document, err error) error {
	if doc.line == 0 {
		return err
	}
	padded := append(bytes.Repeat([]byte("\n"), doc.line), doc.text...)
	var m map[string]any
	if located := Unmarshal(padded, &m); located != nil {
		return located
	}
	return err
}

// overlay puts src over dst. Both are trees that nobody else holds.
func overlay(dst, src map[string]any) {
	for key, above := range src {
		if below, ok := dst[key].(map[string]any); ok {
			if table, ok := above.(map[string]any); ok {
				overlay(below, table)
				continue
			}
		}
		dst[key] = above
	}
}
