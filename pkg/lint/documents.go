package lint

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode"

	"github.com/seed-0d4f92cc/pack/internal/fastyaml"
	"github.com/seed-0d4f92cc/pack/internal/yamlio"
)

// object is what the rules read of a document. Its errors name its type and fields,
// and are Helm's to the letter.
type object = k8sYamlStruct

type k8sYamlStruct struct {
	APIVersion string `json:"apiVersion"`
	Kind       string
	Metadata   k8sYamlMetadata
}

type k8sYamlMetadata struct {
	Namespace string
	Name      string
}

// document is one of a file.
type document struct {
	text string
	// object is there if it was read as JSON.
	object *object
	// notJSON is why it was not, if that was tried.
	notJSON error
}

// readRendered is read for what was rendered: that it is YAML is known.
func (d document) readRendered() (*object, error) {
	if d.object != nil {
		return d.object, nil
	}
	// An empty head can be an empty document or one of an odd kind, and a
	// namespace that is no text is an error here.
	h, ok := fastyaml.ReadHead(d.text)
	if ok && (h.Kind != "" || h.Name != "") && (h.Namespace != "" || !strings.Contains(d.text, "namespace")) {
		return &object{APIVersion: h.APIVersion, Kind: h.Kind, Metadata: k8sYamlMetadata{Namespace: h.Namespace, Name: h.Name}}, nil
	}
	return d.read()
}

// read returns what is examined of the document; nil where it holds nothing.
func (d document) read() (*object, error) {
	if d.object != nil {
		return d.object, nil
	}
	var obj *object
	err := yamlio.Unmarshal([]byte(d.text), &obj)
	if err != nil && d.notJSON != nil {
		err = d.notJSON
	}
	return obj, yamlio.TypesFrom(err, "lint", "rules")
}

// maxDocuments is how many documents of one file are examined.
const maxDocuments = 100_000

// documents reads a file as Helm does: one that begins with a brace is taken for
// JSON, and after its first object for YAML, if the rest is not JSON. What is
// neither has the error of JSON. After two objects it cannot be YAML. An error is that
// of the stream, after the documents.
func documents(text string) ([]document, error) {
	docs, rest, err := jsonObjects(text)
	if errors.Is(err, io.EOF) {
		return docs, nil
	}
	if err != nil && len(docs) > 1 {
		return docs, err
	}
	notJSON := withOffset(err)
	parts, err := splitYAML(rest)
	for _, part := range parts {
		docs = append(docs, document{text: part, notJSON: notJSON})
		if strings.TrimSpace(part) != "" {
			notJSON = nil
		}
	}
	return docs, err
}

// jsonObjects takes the objects off a file that begins with a brace, and says why
// there are no more.
func jsonObjects(text string) (docs []document, rest string, err error) {
	if !strings.HasPrefix(strings.TrimLeftFunc(text, unicode.IsSpace), "{") {
		return nil, text, nil
	}
	decoder := json.NewDecoder(strings.NewReader(text))
	for len(docs) < maxDocuments {
		from := decoder.InputOffset()
		var obj *object
		if err := decoder.Decode(&obj); err != nil {
			return docs, afterLine(text[from:]), err
		}
		docs = append(docs, document{text: text[from:decoder.InputOffset()], object: obj})
	}
	return docs, "", tooManyDocuments()
}

// afterLine is a text without the blanks at its start, up to a line break.
func afterLine(text string) string {
	blank, rest, ok := strings.Cut(text, "\n")
	if ok && strings.TrimSpace(blank) == "" {
		return rest
	}
	return strings.TrimLeftFunc(text, unicode.IsSpace)
}

// withOffset says where a text ceases to be JSON.
func withOffset(err error) error {
	if syntax, ok := errors.AsType[*json.SyntaxError](err); ok {
		return fmt.Errorf("json: offset %d: %w", syntax.Offset, err)
	}
	return err
}

func tooManyDocuments() error {
	return fmt.Errorf("more than %d documents: the rest is not examined", maxDocuments)
}

// splitYAML splits a stream of YAML. Unlike manifest.Split it keeps the blank
// lines at the start of a document, and a separator that nothing comes before:
// the lines of errors count from there. A line that begins with dashes may hold
// nothing else but a comment: text there is an error, and ends the stream, and
// so are too many documents.
func splitYAML(text string) ([]string, error) {
	parts, err := yamlio.Documents([]byte(text))
	if len(parts) > maxDocuments {
		parts, err = parts[:maxDocuments], tooManyDocuments()
	}
	docs := make([]string, len(parts))
	for i, part := range parts {
		docs[i] = string(part)
	}
	return docs, err
}
