// Package yamlio reads and writes YAML as Helm does: YAML 1.1 scalars, JSON
// semantics in between (keys are strings, numbers are float64), the last of
// equal keys wins. What it reads may be hostile: size, depth and the growth
// that aliases cause are bounded, and a panic of the parser is an error.
package yamlio

import (
	"errors"
	"fmt"
	"maps"
	"strings"

	"sigs.k8s.io/yaml"

	"github.com/seed-0d4f92cc/pack/internal/fastyaml"
)

// Limits on what is read. Beyond them reading fails, it never truncates.
const (
	// MaxBytes is the size of the largest input.
	MaxBytes = 100 << 20
	// MaxDepth is how deep lists and maps may nest in a tree that is read
	// without a Go type of its own. Deeper trees cost far more to print than
	// to write down, because each level is indented.
	MaxDepth = 1000
	// MaxAliasBytes is how much aliases may add to an input by being
	// replaced with what they stand for.
	MaxAliasBytes = 16 << 20
	// MaxDocuments is how many documents DecodeMap reads.
	MaxDocuments = 10000
	// MaxDirectives is how many lines may begin with a percent sign. The
	// parser compares each directive with all those before it.
	MaxDirectives = 1000
	// MaxNodes is how many nodes Unmarshal and DecodeMap read, as Nodes counts
	// them: a node of two bytes takes up a hundred and more.
	MaxNodes = 1_000_000
	// MaxLibraryNodes is MaxNodes for text that fastyaml does not read, with
	// anchors or tags for example. The library needs far more for each node.
	MaxLibraryNodes = 300_000
	// maxLibraryBytes is the size of the largest text of that kind.
	maxLibraryBytes = 16 << 20
)

// Conditions under which input is refused.
var (
	// ErrTooLarge is returned for input over MaxBytes, MaxNodes, MaxDocuments
	// or MaxDirectives, and for aliases that add more than MaxAliasBytes.
	ErrTooLarge = errors.New("yaml: input is too large")
	// ErrTooDeep is returned for trees over MaxDepth.
	ErrTooDeep = errors.New("yaml: input is nested too deeply")
)

// Unmarshal reads the first document of data into v, whose fields are named by
// json tags. An empty document leaves v as a JSON null does. Errors have the
// text that Helm prints, for example "error converting YAML to JSON: yaml:
// line 2: did not find expected key".
func Unmarshal(data []byte, v any) (err error) {
	defer recoverTo(&err)
	if err := checkNodes(data, MaxNodes); err != nil {
		return err
	}
	if unmarshalFast(data, v) {
		return nil
	}
	if len(data) > maxLibraryBytes {
		return fmt.Errorf("%w: %d bytes that are no plain YAML, at most %d are read", ErrTooLarge, len(data), maxLibraryBytes)
	}
	if err := checkNodes(data, MaxLibraryNodes); err != nil {
		return err
	}
	return unmarshalSlow(data, v, func() error { return yaml.Unmarshal(data, v) })
}

// UnmarshalStrict is Unmarshal for documents in which keys that v has no field
// for, and keys that stand twice, are errors.
func UnmarshalStrict(data []byte, v any) (err error) {
	defer recoverTo(&err)
	return unmarshalSlow(data, v, func() error { return yaml.UnmarshalStrict(data, v) })
}

// unmarshalSlow has the library read data into v, within bounds.
func unmarshalSlow(data []byte, v any, read func() error) error {
	if err := checkText(data); err != nil {
		return err
	}
	if err := checkAliases(data); err != nil {
		return err
	}
	if err := read(); err != nil {
		return brief(err)
	}
	return checkTarget(v)
}

// Marshal writes v with sorted keys, an indentation of two, and list dashes
// not indented below their key.
func Marshal(v any) (data []byte, err error) {
	if data, ok := fastyaml.Write(v); ok {
		return data, nil
	}
	defer recoverTo(&err)
	return yaml.Marshal(v)
}

// unmarshalFast reads data into a tree, if it is of the kind that can be read
// without the library. A map that v holds is added to, as encoding/json does.
func unmarshalFast(data []byte, v any) bool {
	switch v.(type) {
	case *map[string]any, *any, *[]any:
	default:
		return false
	}
	if len(data) > MaxBytes {
		return false
	}
	tree, ok := fastyaml.Read(string(data))
	return ok && assign(v, tree)
}

// assign puts a tree where v points to. It is false where the library has to
// say what is wrong, or knows better.
func assign(v, tree any) bool {
	if tree == nil {
		return true // an empty document leaves v as it is
	}
	switch v := v.(type) {
	case *map[string]any:
		m, isMap := tree.(map[string]any)
		switch {
		case !isMap:
			return false
		case len(*v) == 0:
			*v = m
		default:
			maps.Copy(*v, m)
		}
	case *[]any:
		list, isList := tree.([]any)
		if !isList || len(*v) > 0 {
			return false
		}
		*v = list
	case *any:
		if *v != nil {
			return false
		}
		*v = tree
	}
	return true
}

// recoverTo turns a panic of the YAML library into an error.
func recoverTo(err *error) {
	if r := recover(); r != nil {
		*err = brief(fmt.Errorf("yaml: the parser failed: %v", r))
	}
}

// brief bounds the text of an error. Some repeat what they were given.
func brief(err error) error {
	const most = 4 << 10
	if text := err.Error(); len(text) > most {
		return errors.New(strings.ToValidUTF8(text[:most], "") + "…")
	}
	return err
}
