package yamlio

import (
	"errors"
	"strings"
)

// TypesFrom has an error tell of the types of a package as if they were those of
// another one: texts of errors hold the names of Go's types, and Helm's are the
// ones that are known.
func TypesFrom(err error, pkg, helms string) error {
	if err == nil {
		return nil
	}
	before, after, found := strings.Cut(err.Error(), " of type ")
	name := strings.TrimLeft(after, "[]*")
	rest, ours := strings.CutPrefix(name, pkg+".")
	if !found || !ours {
		return err
	}
	return errors.New(before + " of type " + after[:len(after)-len(name)] + helms + "." + rest)
}
