package yamlio

import (
	"bytes"
	"fmt"

	"go.yaml.in/yaml/v2"
)

// checkText refuses what the parser would be too slow with.
func checkText(data []byte) error {
	if len(data) > MaxBytes {
		return fmt.Errorf("%w: %d bytes, at most %d are read", ErrTooLarge, len(data), MaxBytes)
	}
	if bytes.IndexByte(data, '%') < 0 {
		return nil
	}
	directives := 0
	for _, lineBreak := range []string{"\n", "\r", "\u0085", "\u2028", "\u2029"} {
		directives += bytes.Count(data, []byte(lineBreak+"%"))
	}
	if directives > MaxDirectives {
		return fmt.Errorf("%w: %d lines begin with %%, at most %d may", ErrTooLarge, directives, MaxDirectives)
	}
	return nil
}

// Nodes is how many keys, scalars, lists and maps text has at most: each begins
// a line, or follows an indicator. Text in quotes and blocks counts as if it were
// YAML.
func Nodes(data []byte) int {
	n := 1
	for i, c := range data {
		switch c {
		case '\n', '\r', ',', '[', '{':
			n++
		case ':':
			// In brackets a quoted key needs no space behind it.
			if i > 0 && (data[i-1] == '"' || data[i-1] == '\'') || isBlankAt(data, i+1) {
				n++
			}
		case '-', '?':
			if isBlankAt(data, i+1) {
				n++
			}
		}
	}
	return n
}

func isBlankAt(data []byte, i int) bool {
	return i < len(data) && (data[i] == ' ' || data[i] == '\t')
}

func checkNodes(data []byte, most int) error {
	if len(data) <= most || len(data) > MaxBytes {
		return nil // of more than MaxBytes others tell
	}
	if n := Nodes(data); n > most {
		return fmt.Errorf("%w: about %d nodes, at most %d are read", ErrTooLarge, n, most)
	}
	return nil
}

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
		return brief(fmt.Errorf("error converting YAML to JSON: %w", err))
	}
	// Without aliases no node is larger than twice its text: the shortest
	// escapes are of two bytes and stand for characters of three.
	m := measure{left: 2*len(data) + MaxAliasBytes}
	return m.add(tree, 0)
}

// measure adds up what a tree holds, until a limit.
type measure struct{ left int }

func (m *measure) add(node any, depth int) error {
	m.left--
	if text, ok := node.(string); ok {
		m.left -= len(text)
	}
	if m.left < 0 {
		return fmt.Errorf("%w: aliases add more than %d bytes", ErrTooLarge, MaxAliasBytes)
	}
	switch node := node.(type) {
	case map[any]any:
		if depth++; depth > MaxDepth {
			return tooDeep()
		}
		for key, value := range node {
			if err := m.add(key, depth); err != nil {
				return err
			}
			if err := m.add(value, depth); err != nil {
				return err
			}
		}
	case []any:
		if depth++; depth > MaxDepth {
			return tooDeep()
		}
		for _, value := range node {
			if err := m.add(value, depth); err != nil {
				return err
			}
		}
	}
	return nil
}

// checkTarget refuses what v points to if it is a deep tree. Go types of their
// own bound the depth of what is read into them.
func checkTarget(v any) error {
	switch v := v.(type) {
	case *map[string]any:
		return CheckDepth(*v)
	case *[]any:
		return CheckDepth(*v)
	case *any:
		return CheckDepth(*v)
	}
	return nil
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
