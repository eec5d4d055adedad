package values

// Style is one of the grammars of the --set flags.
type Style int

const (
	// Typed is --set: true, false, null and whole numbers have their type,
	// everything else is a string.
	Typed Style = iota
	// String is --set-string: every value is a string.
	String
	// JSON is --set-json: every value is JSON, or the whole is one object.
	JSON
	// File is --set-file: every value names a file, its content is the value.
	File
	// Literal is --set-literal: one key, and all that follows is its value.
	Literal
)

// String gives the name of the flag, "set-json", without dashes.
func (s Style) String() string {
	switch s {
	case Typed:
		return "set"
	case String:
		return "set-string"
	case JSON:
		return "set-json"
	case File:
		return "set-file"
	case Literal:
		return "set-literal"
	}
	return "unknown"
}
