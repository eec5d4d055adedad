// Package values holds what a chart is configured with: trees of YAML data,
// the rules by which they are merged, and the grammars of the --set flags.
//
// It knows nothing of charts or clusters. The rules are those of Helm 4; where
// a rule comes from there the comment says so.
//
// [Collect] builds the values that a user gave, from files and flags. [Parse],
// [Merge] and [Assign] are its parts. [MergeTables], [DropNulls], [Lookup] and
// [Table] serve the merge of those values over the defaults of a chart.
//
// What is read may come from strangers: size, depth and growth are bounded,
// and what is beyond a bound is an error.
package values

// Map is a tree of values: maps of string keys, []any lists, and the scalars
// string, bool, float64, int64 and nil. Numbers read from YAML are float64,
// numbers from --set are int64, as templates written for Helm expect.
type Map = map[string]any

// ReadFunc reads what a values flag names: a path, a URL or "-" for standard
// input. The caller decides what may be read, how much, and for how long: a
// function that can wait ends with the context that it was made for.
type ReadFunc func(name string) ([]byte, error)
