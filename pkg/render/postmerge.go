package render

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/seed-0d4f92cc/pack/internal/yamlio"
	"github.com/seed-0d4f92cc/pack/pkg/manifest"
)

// filenameKey is the annotation that tells from which file an object is, while
// it is with the program.
const filenameKey = "postrenderer.helm.sh/postrender-filename"

// mergeFiles puts the documents of files into one stream, by the names of the files.
// Each is annotated with the name of its file. Documents of comments alone are
// left out, and lists are taken apart.
func mergeFiles(files []manifest.File) (text string, err error) {
	defer recoverYAML(&err)
	sorted := slices.Clone(files)
	slices.SortStableFunc(sorted, func(a, b manifest.File) int { return strings.Compare(a.Path, b.Path) })
	var all []*yaml.Node
	for _, f := range sorted {
		docs, err := parseDocuments(f.Content)
		if err != nil {
			return "", fmt.Errorf("error merging manifests: parsing %s: %w", f.Path, err)
		}
		for _, doc := range docs {
			if err := annotate(doc, f.Path); err != nil {
				return "", fmt.Errorf("error merging manifests: parsing %s: %w", f.Path, err)
			}
		}
		all = append(all, docs...)
	}
	return joinDocuments(all)
}

// splitFiles takes a stream apart into files, by the annotations of mergeFiles. What has
// none comes into a file of its own.
func splitFiles(text string) (files []manifest.File, err error) {
	defer recoverYAML(&err)
	docs, err := parseDocuments(text)
	if err != nil {
		return nil, fmt.Errorf("error parsing YAML: %w", err)
	}
	byName := map[string][]*yaml.Node{}
	var names []string
	for i, doc := range docs {
		name := takeAnnotation(doc)
		if name == "" {
			name = fmt.Sprintf("generated-by-postrender-%d.yaml", i)
		}
		if byName[name] == nil {
			names = append(names, name)
		}
		byName[name] = append(byName[name], doc)
	}
	for _, name := range names {
		content, err := joinDocuments(byName[name])
		if err != nil {
			return nil, err
		}
		files = append(files, manifest.File{Path: name, Content: content})
	}
	return files, nil
}

// recoverYAML turns a panic of the YAML library into an error.
func recoverYAML(err *error) {
	if r := recover(); r != nil {
		*err = fmt.Errorf("the YAML cannot be read: %v", r)
	}
}

// parseDocuments reads the documents of a stream that hold something.
func parseDocuments(text string) ([]*yaml.Node, error) {
	if len(text) > yamlio.MaxBytes {
		return nil, fmt.Errorf("%w: %d bytes", yamlio.ErrTooLarge, len(text))
	}
	var docs []*yaml.Node
	for _, part := range manifest.Split(text) {
		var doc yaml.Node
		if err := yaml.Unmarshal([]byte(part), &doc); err != nil {
			return nil, err
		}
		if doc.Kind == 0 || len(doc.Content) == 0 || doc.Content[0].Tag == "!!null" {
			continue
		}
		if doc.Content[0].Kind != yaml.MappingNode {
			return nil, errors.New("a document is no map")
		}
		docs = append(docs, &doc)
	}
	if len(docs) == 1 {
		return unwrap(docs[0]), nil
	}
	return docs, nil
}

// unwrap takes a List apart into its items.
func unwrap(doc *yaml.Node) []*yaml.Node {
	kind, items := field(doc.Content[0], "kind"), field(doc.Content[0], "items")
	if kind == nil || kind.Value != "List" && kind.Value != "ResourceList" || items == nil || items.Kind != yaml.SequenceNode {
		return []*yaml.Node{doc}
	}
	var docs []*yaml.Node
	for _, item := range items.Content {
		docs = append(docs, &yaml.Node{Kind: yaml.DocumentNode, Content: []*yaml.Node{item}})
	}
	return docs
}

// joinDocuments writes documents as a stream.
func joinDocuments(docs []*yaml.Node) (string, error) {
	var b bytes.Buffer
	for i, doc := range docs {
		if i > 0 {
			b.WriteString("---\n")
		}
		e := yaml.NewEncoder(&b)
		e.SetIndent(2)
		e.CompactSeqIndent()
		if err := errors.Join(e.Encode(doc), e.Close()); err != nil {
			return "", err
		}
	}
	return b.String(), nil
}

// field is the value of a key of a map, nil where there is none.
func field(m *yaml.Node, key string) *yaml.Node {
	if m == nil || m.Kind != yaml.MappingNode {
		return nil
	}
	for i := 0; i+1 < len(m.Content); i += 2 {
		if m.Content[i].Value == key {
			return m.Content[i+1]
		}
	}
	return nil
}

// annotate notes in an object from which file it is.
func annotate(doc *yaml.Node, name string) error {
	at := doc.Content[0]
	for _, key := range []string{"metadata", "annotations"} {
		next := field(at, key)
		if next == nil || next.Tag == "!!null" {
			next = setField(at, key, &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map"})
		}
		if next.Kind != yaml.MappingNode {
			return fmt.Errorf("%s is no map", key)
		}
		if len(next.Content) == 0 {
			next.Style = 0
		}
		at = next
	}
	setField(at, filenameKey, &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: name, Style: yaml.SingleQuotedStyle})
	return nil
}

// setField sets a key of a map, and returns the value.
func setField(m *yaml.Node, key string, value *yaml.Node) *yaml.Node {
	for i := 0; i+1 < len(m.Content); i += 2 {
		if m.Content[i].Value == key {
			m.Content[i+1] = value
			return value
		}
	}
	m.Content = append(m.Content, &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: key}, value)
	return value
}

// takeAnnotation takes the name of the file off an object.
func takeAnnotation(doc *yaml.Node) string {
	metadata := field(doc.Content[0], "metadata")
	annotations := field(metadata, "annotations")
	name := field(annotations, filenameKey)
	if name == nil {
		return ""
	}
	removeField(annotations, filenameKey)
	if len(annotations.Content) == 0 {
		removeField(metadata, "annotations")
	}
	return name.Value
}

func removeField(m *yaml.Node, key string) {
	for i := 0; i+1 < len(m.Content); i += 2 {
		if m.Content[i].Value == key {
			m.Content = slices.Delete(m.Content, i, i+2)
			return
		}
	}
}
