package values

import (
	"fmt"
	"strconv"
	"strings"
)

// A path leads to a value: its steps are the keys of maps, and "[0]" for elements
// of lists.

// At follows a path through a tree. The second result says whether there is a
// value; it is shared with the tree.
func At(tree any, path []string) (any, bool) {
	for _, step := range path {
		switch node := tree.(type) {
		case Map:
			below, ok := node[step]
			if !ok {
				return nil, false
			}
			tree = below
		case []any:
			i, ok := indexOf(step)
			if !ok || i >= len(node) {
				return nil, false
			}
			tree = node[i]
		default:
			return nil, false
		}
	}
	return tree, true
}

// JoinPath writes a path as --set takes it: a.b[0], with a backslash before what
// has a meaning there.
func JoinPath(path []string) string {
	escape := strings.NewReplacer(`\`, `\\`, ".", `\.`, ",", `\,`, "=", `\=`, "[", `\[`)
	var b strings.Builder
	for i, step := range path {
		if _, isIndex := indexOf(step); isIndex {
			b.WriteString(step)
			continue
		}
		if i > 0 {
			b.WriteByte('.')
		}
		b.WriteString(escape.Replace(step))
	}
	return b.String()
}

// ParsePath reads what JoinPath writes.
func ParsePath(text string) ([]string, error) {
	var path []string
	var key strings.Builder
	end := func() {
		if key.Len() > 0 {
			path = append(path, key.String())
			key.Reset()
		}
	}
	for i := 0; i < len(text); i++ {
		switch c := text[i]; c {
		case '\\':
			if i++; i < len(text) {
				key.WriteByte(text[i])
			}
		case '.':
			end()
		case '[':
			end()
			n := strings.IndexByte(text[i:], ']')
			if n < 0 {
				return nil, fmt.Errorf("path %q: ] is missing", shorten(text))
			}
			if _, err := strconv.Atoi(text[i+1 : i+n]); err != nil {
				return nil, fmt.Errorf("path %q: %q is no number of an element", shorten(text), text[i+1:i+n])
			}
			path = append(path, text[i:i+n+1])
			i += n
		default:
			key.WriteByte(c)
		}
	}
	end()
	return path, nil
}
