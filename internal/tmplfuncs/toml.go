package tmplfuncs

import (
	"fmt"
	"strings"

	"github.com/seed-0d4f92cc/pack/internal/gotmpl"
)

// Bounds on TOML. The library takes time with the square of the parts of a key,
// and of the levels of inline tables.
const (
	maxTOMLDepth = 1000
	maxTOMLDots  = 1000
)

// boundedTOML refuses what the library would be too slow with.
func boundedTOML(decode func(*gotmpl.State, string) (map[string]any, error)) func(*gotmpl.State, string) (map[string]any, error) {
	return func(s *gotmpl.State, text string) (map[string]any, error) {
		if err := checkTOML(text); err != nil {
			return nil, err
		}
		return decode(s, text)
	}
}

// checkTOML counts brackets and dots without regard to quotes: no text that
// means something comes near the bounds.
func checkTOML(text string) error {
	depth, dots := 0, 0
	for i := range len(text) {
		switch text[i] {
		case '[', '{':
			depth++
			dots = 0
		case ']', '}':
			depth--
			dots = 0
		case '.':
			dots++
		case '=', ',', '\n':
			dots = 0
		}
		if depth > maxTOMLDepth || dots > maxTOMLDots {
			return fmt.Errorf("%w: line %d of the TOML is nested too deep", ErrTooLarge, 1+strings.Count(text[:i], "\n"))
		}
	}
	return nil
}
