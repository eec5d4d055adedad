// Package values holds what a chart is configured with: trees of YAML data,
// the rules by which they are merged, and the grammars of the --set flags.
//
// It knows nothing of charts or clusters. The rules are those of Helm 4; where
// a rule comes from there the comment says so.
package values

// Map is a tree of values: maps of string keys, []any lists, and the scalars
// string, bool, float64, int64 and nil. Numbers read from YAML are float64,
// numbers from --set are int64, as templates written for Helm expect.
type Map = map[string]any

// ReadFunc reads what a --set-file value names: a path, a URL or "-" for
// standard input. The caller decides what may be read.
type ReadFunc func(name string) ([]byte, error)
