package kube

import (
	"errors"
	"fmt"
	"reflect"
	"strings"

	"k8s.io/client-go/util/jsonpath"
)

// pathCondition is a JSONPath expression and what it must yield; if that is empty
// anything will do.
type pathCondition struct {
	path, value string
	parsed      *jsonpath.JSONPath
}

// parsePath reads a JSONPath expression with or without braces, "=" and a value: the
// form of "kubectl wait --for=jsonpath".
func parsePath(text string) (*pathCondition, error) {
	c := &pathCondition{path: text}
	if i := equalsAt(text); i >= 0 {
		c.path, c.value = strings.TrimSpace(text[:i]), strings.TrimSpace(text[i+1:])
		if c.value == "" {
			return nil, errors.New("there is no value after =")
		}
	}
	if !strings.HasPrefix(c.path, "{") {
		c.path = "{" + c.path + "}"
	}
	if !strings.HasPrefix(c.path, "{.") || closes(c.path) != len(c.path)-1 {
		return nil, errNoCondition
	}
	c.parsed = jsonpath.New("ready").AllowMissingKeys(true)
	if err := c.parsed.Parse(c.path); err != nil {
		return nil, err
	}
	return c, nil
}

func (c *pathCondition) String() string {
	if c.value == "" {
		return c.path
	}
	return c.path + "=" + c.value
}

func (c *pathCondition) check(object map[string]any) string {
	results, err := c.parsed.FindResults(object)
	if err != nil {
		return err.Error()
	}
	found := 0
	for _, group := range results {
		for _, v := range group {
			text, ok := scalar(v)
			switch {
			case c.value != "" && !ok:
				return fmt.Sprintf("%s is not a single value", c.path)
			case c.value != "" && text != c.value:
				return fmt.Sprintf("%s is %q, not %q", c.path, text, c.value)
			case ok && text == "":
				return fmt.Sprintf("%s is empty", c.path)
			}
			found++
		}
	}
	if found == 0 {
		return fmt.Sprintf("%s is not set", c.path)
	}
	return ""
}

// equalsAt is where the first = stands outside of brackets and quotes; -1 for
// nowhere.
func equalsAt(text string) int {
	found := -1
	scan(text, func(i int, c byte, depth int) bool {
		if c == '=' && depth == 0 {
			found = i
		}
		return found < 0
	})
	return found
}

// closes is where the bracket is closed with which a text begins; -1 for nowhere.
func closes(text string) int {
	found := -1
	scan(text, func(i int, _ byte, depth int) bool {
		if depth == 0 {
			found = i
		}
		return found < 0
	})
	return found
}

// scan calls fn for each byte outside of quotes, with the number of brackets that
// are open after it, until fn returns false.
func scan(text string, fn func(i int, c byte, depth int) bool) {
	depth, quote := 0, byte(0)
	for i := range len(text) {
		c := text[i]
		switch {
		case quote != 0:
			if c == quote {
				quote = 0
			}
			continue
		case c == '\'' || c == '"':
			quote = c
			continue
		case strings.IndexByte("{[(", c) >= 0:
			depth++
		case strings.IndexByte("}])", c) >= 0:
			depth--
		}
		if !fn(i, c, depth) {
			return
		}
	}
}

// scalar is a value as text, if it is one.
func scalar(v reflect.Value) (string, bool) {
	if v.Kind() == reflect.Interface {
		v = v.Elem()
	}
	if !v.IsValid() {
		return "", true
	}
	switch v.Kind() {
	case reflect.Map, reflect.Slice:
		return "", false
	default:
		return fmt.Sprint(v.Interface()), true
	}
}
