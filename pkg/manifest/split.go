package manifest

import (
	"strings"
	"unicode"
)

// separator begins a line that ends a document.
const separator = "---"

// Split cuts a stream of YAML into its documents, by Helm 4's rule: every line
// that starts with "---" separates; the marker and the blanks after it go, and
// the rest of that line begins the next document. Leading white space of a
// document is trimmed, trailing white space is kept, blank documents are
// dropped. The pieces are substrings of text, in order; what lies between them
// is white space and markers.
//
// It looks at lines only, not at YAML: a "---" at the start of a line inside a
// block scalar separates too, as it does for YAML itself.
func Split(text string) []string {
	text = trimLeft(text)
	if strings.HasPrefix(text, separator) {
		text = skipMarker(text)
	}
	pieces := make([]string, 0, 1+strings.Count(text, "\n"+separator))
	for {
		end := strings.Index(text, "\n"+separator)
		if end < 0 {
			pieces = appendPiece(pieces, text)
			break
		}
		// The line break belongs to the document before it.
		pieces = appendPiece(pieces, text[:end+1])
		text = skipMarker(text[end+1:])
	}
	if len(pieces) == 0 {
		return nil
	}
	return pieces
}

func appendPiece(pieces []string, text string) []string {
	if text = trimLeft(text); text == "" {
		return pieces
	}
	return append(pieces, text)
}

// skipMarker removes the marker that text begins with, and the blanks after
// it. What follows is not the start of a line.
func skipMarker(text string) string {
	return strings.TrimLeft(text[len(separator):], " \t")
}

func trimLeft(s string) string { return strings.TrimLeftFunc(s, unicode.IsSpace) }
