package manifest

import (
	"fmt"
	"path"
	"slices"
	"strings"
)

// NoTemplateError says that a pattern of ShowOnly matches no document.
type NoTemplateError struct{ Pattern string }

func (e *NoTemplateError) Error() string {
	return fmt.Sprintf("could not find template %s in chart", e.Pattern)
}

// ShowOnly picks documents out of a stream whose documents begin with source
// comments, as Text writes them: those whose template, without the name of its
// chart ("templates/web.yaml", "charts/sub/templates/db.yaml"), matches one of
// the patterns, which are those of path.Match. They are in the order of the
// patterns, then of the stream; a document can be there twice. The error is a
// *NoTemplateError. The rules are those of helm template --show-only.
func ShowOnly(text string, patterns []string) ([]string, error) {
	documents := Split(text)
	var out []string
	for _, pattern := range patterns {
		found := slices.Clone(documents)
		found = slices.DeleteFunc(found, func(document string) bool { return !isFrom(document, pattern) })
		if len(found) == 0 {
			return nil, &NoTemplateError{Pattern: pattern}
		}
		out = append(out, found...)
	}
	return out, nil
}

func isFrom(document, pattern string) bool {
	source, _, _ := cutSource(document)
	_, template, ok := strings.Cut(source, "/")
	if !ok {
		return false
	}
	matched, err := path.Match(pattern, template)
	return matched && err == nil
}
