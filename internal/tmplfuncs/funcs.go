// Package tmplfuncs holds the functions of chart templates that depend on
// nothing but their arguments: those of sprig, without the ones that read the
// environment, and those that Helm 4 adds, each within bounds.
package tmplfuncs

import (
	"maps"
	"slices"
	"time"

	"github.com/Masterminds/sprig/v3"

	"github.com/seed-0d4f92cc/pack/internal/gotmpl"
)

// Options are what the functions work with.
type Options struct {
	// Now is the clock.
	Now func() time.Time
	// MaxBytes is the longest text that a function makes; it must be set.
	MaxBytes int
	// Change is asked before a function changes a map. An error ends the
	// execution and leaves the map as it is. Nil allows every change.
	Change func(*gotmpl.State, map[string]any) error
}

// ErrTooLarge is returned by functions whose result would be beyond bounds.
var ErrTooLarge = gotmpl.ErrTooLarge

// maxList is the longest list that a function makes from numbers or of a text.
const maxList = 1 << 20

// New returns the functions by name. Those that have to do with a rendering
// (include, tpl, required, lookup, ...) are the caller's to add.
func New(opts Options) map[string]any {
	funcs := sprig.TxtFuncMap()
	for _, name := range []string{"env", "expandenv"} {
		delete(funcs, name)
	}
	funcs["now"] = opts.Now
	for _, more := range []map[string]any{
		encodings(opts.MaxBytes), lists(opts.MaxBytes), durations(), regexes(opts.MaxBytes), texts(opts.MaxBytes), numbers(), dicts(opts), certificates(opts.MaxBytes),
	} {
		maps.Copy(funcs, more)
	}
	return funcs
}

// sortedKeys are the keys of a map, in order: what Go leaves to chance is the
// same in every rendering.
func sortedKeys(m map[string]any) []string { return slices.Sorted(maps.Keys(m)) }
