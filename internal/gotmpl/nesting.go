package gotmpl

import (
	"fmt"
	"strings"
)

// Bounds on a text that is parsed. The parser cannot be interrupted, and trees
// take up to a hundred times the memory of the code that they are made of.
const (
	// maxCode is how much of a text may be code.
	maxCode = 1 << 20
	// maxActions is how many actions a text may have before its nesting is looked
	// at: so many levels cost the parser no more stack than it may have.
	maxActions = 50_000
	// maxVariables is how many declarations of variables there may be, times
	// mentions of one: the parser looks through all of them.
	maxVariables = 1 << 31
)

// checkText refuses a text that the parser would be too slow with, or that would
// exhaust its stack, which ends the process.
func checkText(name, text string) error {
	if n := Code(text); n > maxCode {
		return fmt.Errorf("template: %s:1: %w: %d bytes of code, at most %d are parsed", name, ErrTooLarge, n, maxCode)
	}
	declared, mentioned := strings.Count(text, ":="), strings.Count(text, "$")
	if declared > 0 && mentioned > maxVariables/declared {
		return fmt.Errorf("template: %s:1: %w: %d variables, mentioned %d times", name, ErrTooLarge, declared, mentioned)
	}
	return checkNesting(name, text)
}

// Code is how many bytes of a text are between delimiters.
func Code(text string) int {
	n := 0
	for {
		from := strings.Index(text, "{{")
		if from < 0 {
			return n
		}
		text = text[from:]
		to := strings.Index(text, "}}")
		if to < 0 {
			return n + len(text)
		}
		n += to + len("}}")
		text = text[to+len("}}"):]
	}
}

// checkNesting refuses control structures that nest too deep. An else with an if
// of its own nests as well.
func checkNesting(name, text string) error {
	if strings.Count(text, "{{") <= maxActions {
		return nil
	}
	var open []int // how deep each structure under way nests
	depth, line := 0, 1
	for {
		i := strings.Index(text, "{{")
		if i < 0 {
			return nil
		}
		line += strings.Count(text[:i], "\n")
		text = text[i+2:]
		switch nestingOf(strings.TrimLeft(strings.TrimPrefix(text, "-"), " \t\r\n")) {
		case opens:
			open = append(open, 1)
			depth++
		case deepens:
			if last := len(open) - 1; last >= 0 {
				open[last]++
				depth++
			}
		case closes:
			if last := len(open) - 1; last >= 0 {
				depth -= open[last]
				open = open[:last]
			}
		}
		if depth > maxActions {
			return fmt.Errorf("template: %s:%d: control structures are nested more than %d deep: %w", name, line, maxActions, ErrTooDeep)
		}
	}
}

// nesting is what an action does to the depth.
type nesting uint8

const (
	neither nesting = iota
	opens
	deepens
	closes
)

func nestingOf(action string) nesting {
	for _, word := range []string{"if", "with", "range", "define", "block"} {
		if strings.HasPrefix(action, word) {
			return opens
		}
	}
	if strings.HasPrefix(action, "end") {
		return closes
	}
	if rest, ok := strings.CutPrefix(action, "else"); ok {
		rest = strings.TrimLeft(rest, " \t\r\n")
		if strings.HasPrefix(rest, "if") || strings.HasPrefix(rest, "with") {
			return deepens
		}
	}
	return neither
}
