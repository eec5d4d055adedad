package gotmpl

import (
	"fmt"
	"strings"
)

// maxActions is how many actions a text may have before its nesting is looked
// at: so many levels cost the parser no more stack than it may have.
const maxActions = 50_000

// checkNesting refuses a text whose control structures nest so deeply that the
// recursion of the parser would exhaust the stack, which ends the process.
func checkNesting(name, text string) error {
	if strings.Count(text, "{{") <= maxActions {
		return nil
	}
	depth, line := 0, 1
	for {
		i := strings.Index(text, "{{")
		if i < 0 {
			return nil
		}
		line += strings.Count(text[:i], "\n")
		text = text[i+2:]
		depth += nestingOf(strings.TrimLeft(strings.TrimPrefix(text, "-"), " \t\r\n"))
		if depth > maxActions {
			return fmt.Errorf("template: %s:%d: control structures are nested more than %d deep: %w", name, line, maxActions, ErrTooDeep)
		}
	}
}

// nestingOf is by how much an action changes the depth.
func nestingOf(action string) int {
	for _, word := range []string{"if", "with", "range", "define", "block"} {
		if strings.HasPrefix(action, word) {
			return 1
		}
	}
	if strings.HasPrefix(action, "end") {
		return -1
	}
	return 0
}
