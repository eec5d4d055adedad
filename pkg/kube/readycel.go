package kube

import (
	"errors"
	"fmt"
	"maps"
	"strings"

	"github.com/seed-0d4f92cc/pack/internal/cel"
)

// celCondition is a CEL expression that is true.
type celCondition struct {
	program *cel.Program
	// origin is the place in a file that it is from, before its errors; empty for
	// none.
	origin string
}

// parseExpression reads an expression over an object, which is self. Its parts that
// most are about are variables too.
func parseExpression(text string) (*celCondition, error) {
	program, err := cel.Parse(text, "self", "metadata", "spec", "status")
	if err != nil {
		return nil, err
	}
	return &celCondition{program: program}, nil
}

func (c *celCondition) String() string { return strings.TrimSpace(c.program.String()) }

func (c *celCondition) check(object map[string]any) string {
	if v, has := object["status"]; has && v == nil { // as good as none
		object = maps.Clone(object)
		delete(object, "status")
	}
	variables := map[string]any{"self": object}
	for _, name := range []string{"metadata", "spec", "status"} {
		if v, ok := object[name]; ok {
			variables[name] = v
		}
	}
	v, err := c.program.Eval(variables)
	var missing *cel.MissingError
	switch {
	case errors.As(err, &missing) && missing.Key == "status":
		return noStatusYet
	case err != nil:
		return fmt.Sprintf("%s%s: %v", c.origin, shortened(c.String()), err)
	case v == true:
		return ""
	case v == false:
		return shortened(c.String()) + " is false"
	}
	return shortened(c.String()) + " is neither true nor false"
}

// maxShown bounds what is shown of an expression, in characters.
const maxShown = 120

// shortened is an expression on one line.
func shortened(text string) string {
	text = strings.Join(strings.Fields(text), " ")
	if runes := []rune(text); len(runes) > maxShown {
		return string(runes[:maxShown-1]) + "…"
	}
	return text
}
