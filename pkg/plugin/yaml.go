package plugin

import (
	"bytes"
	"fmt"
	"slices"

	"go.yaml.in/yaml/v3"
)

// decode reads YAML as Helm reads the files of plugins: by version 1.2, so that
// "yes", "n" and "0644" are the texts that they look like where a text is
// wanted. strict refuses keys that v has no field for. The library bounds depth
// and aliases; the size is the caller's to bound.
func decode(data []byte, strict bool, v any) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("yaml: the parser failed: %v", r)
		}
	}()
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
