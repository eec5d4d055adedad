package yamlio

import (
	"bytes"
	"fmt"

	"go.yaml.in/yaml/v2"
)

// checkAliases refuses a document whose aliases stand for too much. The parser
// itself bounds how many nodes aliases may add, not how large those are: a
// hundred thousand aliases of one long string are cheap until they are written
// out as JSON. Only input that may have aliases pays for this second reading.
func checkAliases(data []byte) error {
	if bytes.IndexByte(data, '&') < 0 || bytes.IndexByte(data, '*') < 0 {
		return nil
	}
	var tree any
	if err := yaml.Unmarshal(data, &tree); err != nil {
		return fmt.Errorf("error converting YAML to JSON: %w", err)
	}
	// Without aliases no node is larger than twice its text: the shortest
	// escapes stand for characters of three bytes.
	limit := 2*len(data) + MaxAliasBytes
	m := measure{left: limit}
	if err := m.add(tree, 0); err != nil {
		return err
	}
	return nil
}

// measure adds up what a tree holds, until a limit.
type measure struct{ left int }

func (m *measure) add(node any, depth int) error {
	if depth > MaxDepth {
		return tooDeep()
	}
	size := 1
	if s, ok := node.(string); ok {
		size += len(s)
	}
	if m.left -= size; m.left < 0 {
		return fmt.Errorf("%w: aliases add more than %d bytes", ErrTooLarge, MaxAliasBytes)
	}
	switch node := node.(type) {
	case map[any]any:
		for key, value := range node {
			if err := m.add(key, depth+1); err != nil {
				return err
			}
			if err := m.add(value, depth+1); err != nil {
				return err
			}
		}
	case []any:
		for _, value := range node {
			if err := m.add(value, depth+1); err != nil {
				return err
			}
		}
	}
	return nil
}

// checkDepth refuses what v points to if it is a deep tree. Go types of their
// own bound the depth of what is read into them.
func checkDepth(v any) error {
	var tree any
	switch v := v.(type) {
	case *map[string]any:
		tree = *v
	case *[]any:
		tree = *v
	case *any:
		tree = *v
	default:
		return nil
	}
	return CheckDepth(tree)
}

// CheckDepth refuses a tree of maps and lists that is nested more than
// MaxDepth levels deep, with ErrTooDeep.
func CheckDepth(tree any) error {
	if deeper(tree, MaxDepth) {
		return tooDeep()
	}
	return nil
}

// deeper says whether tree has more than depth levels of maps and lists.
func deeper(tree any, depth int) bool {
	switch tree := tree.(type) {
	case map[string]any:
		if depth == 0 {
			return true
		}
		for _, value := range tree {
			if deeper(value, depth-1) {
				return true
			}
		}
	case []any:
		if depth == 0 {
			return true
		}
		for _, value := range tree {
			if deeper(value, depth-1) {
				return true
			}
		}
	}
	return false
}

func tooDeep() error {
	return fmt.Errorf("%w: more than %d levels", ErrTooDeep, MaxDepth)
}
