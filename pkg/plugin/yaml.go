package plugin

import (
	"bytes"
	"fmt"
	"slices"

	"go.yaml.in/yaml/v3"

	"github.com/seed-0d4f92cc/pack/internal/yamlio"
)

// maxNodes is how many keys, texts and lists a file of a plugin may have.
const maxNodes = 10_000

// decode reads YAML as Helm reads the files of plugins: by version 1.2, so that
// "yes", "n" and "0644" are the texts that they look like where a text is
// wanted. strict refuses keys that v has no field for. The library bounds depth
// and aliases; the size is the caller's to bound.
//
// The library compares each key of a map with all others, so that there must not
// be many.
func decode(data []byte, strict bool, v any) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("yaml: the parser failed: %v", r)
		}
	}()
	if n := yamlio.Nodes(data); n > maxNodes {
		return fmt.Errorf("yaml: input is too large: about %d nodes, at most %d are read", n, maxNodes)
	}
	d := yaml.NewDecoder(bytes.NewReader(data))
	d.KnownFields(strict)
	return d.Decode(v)
}

// decodeNode reads a part of a file; one that is not there leaves v as it is. If
// keys are given there may be no others.
func decodeNode(node *yaml.Node, v any, keys ...string) error {
	if node.IsZero() {
		return nil
	}
	if node.Kind == yaml.AliasNode {
		node = node.Alias
	}
	if keys != nil && node.Kind == yaml.MappingNode {
		for i := 0; i < len(node.Content); i += 2 {
			if key := node.Content[i]; !slices.Contains(keys, key.Value) {
				return fmt.Errorf("line %d: field %s not found", key.Line, key.Value)
			}
		}
	}
	return node.Decode(v)
}
