package manifest

import (
	"fmt"
	"strings"

	"github.com/seed-0d4f92cc/pack/internal/fastyaml"
	"github.com/seed-0d4f92cc/pack/internal/yamlio"
)

// ParseError says that a rendered document is not a readable object.
type ParseError struct {
	// Path is the template that the document came from.
	Path string
	Err  error
}

// Error is Helm's text.
func (e *ParseError) Error() string {
	// What JSON says of a wrong type names the Go type that was read into.
	text := strings.NewReplacer("type manifest.object", "type util.SimpleHead", "field object.", "field SimpleHead.",
		`Namespace interface {} "json:\"namespace\""; `, "").Replace(e.Err.Error())
	return fmt.Sprintf("YAML parse error on %s: %s", e.Path, text)
}

// Unwrap is what the YAML reader found.
func (e *ParseError) Unwrap() error { return e.Err }

// object is what is read of a document. Its shape decides what is an error, as
// in Helm: a name or an annotation that is a list or a map is one (other
// scalars become strings), a namespace that is no string is none.
type object struct {
	APIVersion string `json:"apiVersion"`
	Kind       string `json:"kind,omitempty"`
	Metadata   *struct {
		Name        string            `json:"name"`
		Namespace   any               `json:"namespace"`
		Annotations map[string]string `json:"annotations"`
	} `json:"metadata,omitempty"`
}

// Parse reads who the object in a document is. The error is a *ParseError
// that names path.
func Parse(path, document string) (Manifest, error) {
	if h, ok := fastyaml.ReadHead(document); ok {
		return Manifest{
			Path:        path,
			Ref:         Ref{APIVersion: h.APIVersion, Kind: h.Kind, Namespace: h.Namespace, Name: h.Name},
			Annotations: h.Annotations,
			Content:     document,
		}, nil
	}
	var h object
	if err := yamlio.Unmarshal([]byte(document), &h); err != nil {
		return Manifest{}, &ParseError{Path: path, Err: err}
	}
	m := Manifest{
		Path:    path,
		Ref:     Ref{APIVersion: h.APIVersion, Kind: h.Kind},
		Content: document,
	}
	if h.Metadata != nil {
		m.Ref.Name = h.Metadata.Name
		m.Ref.Namespace, _ = h.Metadata.Namespace.(string)
		m.Annotations = h.Metadata.Annotations
	}
	return m, nil
}
