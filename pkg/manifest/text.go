package manifest

import "strings"

// sourceComment begins the line that says which template a document is from.
const sourceComment = "# Source: "

// Text is the text of a release's manifest, as Helm records it: each document
// after a separator and a comment that names its template.
func Text(manifests []Manifest) string {
	var b strings.Builder
	size := 0
	for _, m := range manifests {
		size += len(m.Path) + len(m.Content) + len(separator) + len(sourceComment) + 3
	}
	b.Grow(size)
	for _, m := range manifests {
		m.writeTo(&b)
	}
	return b.String()
}

// String is the manifest's part of Text.
func (m Manifest) String() string {
	var b strings.Builder
	m.writeTo(&b)
	return b.String()
}

func (m Manifest) writeTo(b *strings.Builder) {
	b.WriteString(separator + "\n" + sourceComment)
	b.WriteString(m.Path)
	b.WriteByte('\n')
	b.WriteString(m.Content)
	b.WriteByte('\n')
}

// ParseText reads the manifest of a release back, as any version of Helm wrote
// it: the documents in their order, with the template that each one's source
// comment names. The error is a *ParseError.
func ParseText(text string) ([]Manifest, error) {
	return parseText(text, func(content string) string { return strings.TrimSuffix(content, "\n") })
}

// ParseTextWhole is ParseText for what is decoded and applied: Content keeps the
// line break that Text puts after each document. Helm 4 decodes the text of all
// documents, where a block scalar at the end of one has that line break too if
// it keeps them (|+), or if its template ended without one.
func ParseTextWhole(text string) ([]Manifest, error) {
	return parseText(text, func(content string) string { return content })
}

func parseText(text string, end func(content string) string) ([]Manifest, error) {
	documents := Split(text)
	manifests := make([]Manifest, 0, len(documents))
	for _, document := range documents {
		source, content, ok := cutSource(document)
		if ok {
			content = end(content)
		}
		m, err := Parse(source, content)
		if err != nil {
			return nil, err
		}
		manifests = append(manifests, m)
	}
	return manifests, nil
}

// cutSource takes off the source comment that writeTo puts before a document; ok
// says whether there was one.
func cutSource(document string) (source, content string, ok bool) {
	rest, ok := strings.CutPrefix(document, sourceComment)
	if !ok {
		return "", document, false
	}
	source, content, _ = strings.Cut(rest, "\n")
	return strings.TrimSpace(source), content, true
}
