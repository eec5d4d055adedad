package values

import (
	"bytes"
	"strconv"

	"go.yaml.in/yaml/v3"

	"github.com/seed-0d4f92cc/pack/internal/yamlio"
)

// Locate finds the line and the column, from 1, at which a values file sets the
// value at a path (see Layer.Lookup); that of the last key that is there, where
// the rest is not. Both are 0 where nothing is found, or where the file is not
// plain enough. It reads the file anew each time.
func Locate(data []byte, path []string) (line, column int) {
	return locate(documents(data), path)
}

// locate finds a path in documents, of which later ones win.
func locate(docs []*yaml.Node, path []string) (line, column int) {
	for _, doc := range docs {
		if at := find(doc, path); at != nil {
			line, column = at.Line, at.Column
		}
	}
	return line, column
}

// What lines are looked for in. A file is read anew for each of them.
const (
	maxLocateBytes = 4 << 20
	maxLocateNodes = 100_000
)

// documents reads the documents of a file, as far as they can be read.
func documents(data []byte) (docs []*yaml.Node) {
	defer func() {
		_ = recover() // the parser's own faults; what was read until then counts
	}()
	if len(data) > maxLocateBytes || len(data) > maxLocateNodes && yamlio.Nodes(data) > maxLocateNodes {
		return nil
	}
	d := yaml.NewDecoder(bytes.NewReader(data))
	for range yamlio.MaxDocuments {
		var doc yaml.Node
		if d.Decode(&doc) != nil {
			break
		}
		docs = append(docs, doc.Content...)
	}
	return docs
}

// find is the node of the last key of a path.
func find(node *yaml.Node, path []string) *yaml.Node {
	at := node
	for _, key := range path {
		for range yamlio.MaxDepth {
			if node.Kind != yaml.AliasNode {
				break
			}
			node = node.Alias
		}
		var k *yaml.Node
		switch node.Kind {
		case yaml.MappingNode:
			k, node = entry(node, key, 0)
		case yaml.SequenceNode:
			n, ok := indexOf(key)
			if !ok || n >= len(node.Content) {
				return nil
			}
			k, node = node.Content[n], node.Content[n]
		default:
			k = nil
		}
		if k == nil {
			return nil
		}
		at = k
	}
	return at
}

// entry finds a key of a map, the last of equal ones, and its value; keys that
// are merged into it (<<) come after its own.
func entry(m *yaml.Node, key string, depth int) (k, v *yaml.Node) {
	if m.Kind == yaml.AliasNode {
		m = m.Alias
	}
	if m.Kind != yaml.MappingNode || depth > 10 {
		return nil, nil
	}
	for i := len(m.Content) - 2; i >= 0; i -= 2 {
		if keyOf(m.Content[i]) == key {
			return m.Content[i], m.Content[i+1]
		}
	}
	for i := len(m.Content) - 2; i >= 0; i -= 2 {
		if m.Content[i].Value != "<<" {
			continue
		}
		merged := []*yaml.Node{m.Content[i+1]}
		if merged[0].Kind == yaml.SequenceNode {
			merged = merged[0].Content
		}
		for _, from := range merged {
			if k, v = entry(from, key, depth+1); k != nil {
				return k, v
			}
		}
	}
	return nil, nil
}

// keyOf is a key as values have it: bools and numbers of YAML 1.1 are texts.
func keyOf(node *yaml.Node) string {
	if node.Style != 0 {
		return node.Value
	}
	switch node.Value {
	case "y", "Y", "yes", "Yes", "YES", "on", "On", "ON", "True", "TRUE":
		return "true"
	case "n", "N", "no", "No", "NO", "off", "Off", "OFF", "False", "FALSE":
		return "false"
	}
	if n, err := strconv.ParseInt(node.Value, 0, 64); err == nil {
		return strconv.FormatInt(n, 10)
	}
	return node.Value
}

// Duplicate is a key that stands twice in a map of a values file.
type Duplicate struct {
	// Key is the key, First and Second are the lines, from 1. The second one
	// counts.
	Key           string
	First, Second int
}

// Duplicates finds the keys that stand more than once in one map, in the order
// of the lines. It finds none in what it cannot read.
func Duplicates(data []byte) []Duplicate {
	var list []Duplicate
	for _, doc := range documents(data) {
		list = duplicatesIn(doc, list, 0)
	}
	return list
}

func duplicatesIn(node *yaml.Node, list []Duplicate, depth int) []Duplicate {
	if depth > yamlio.MaxDepth {
		return list
	}
	if node.Kind == yaml.MappingNode {
		lines := make(map[string]int, len(node.Content)/2)
		for i := 0; i+1 < len(node.Content); i += 2 {
			key := keyOf(node.Content[i])
			if first, ok := lines[key]; ok && key != "<<" {
				list = append(list, Duplicate{Key: key, First: first, Second: node.Content[i].Line})
			}
			lines[key] = node.Content[i].Line
		}
	}
	for _, child := range node.Content {
		list = duplicatesIn(child, list, depth+1)
	}
	return list
}
