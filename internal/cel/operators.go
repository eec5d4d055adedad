package cel

import (
	"bytes"
	"errors"
	"slices"
	"strings"
)

func (e *evaluation) binary(n *binary) (any, error) {
	if n.op == "&&" || n.op == "||" {
		return e.logical(n)
	}
	x, err := e.eval(n.x)
	if err != nil {
		return nil, err
	}
	y, err := e.eval(n.y)
	if err != nil {
		return nil, err
	}
	switch n.op {
	case "==", "!=":
		same, err := e.equal(n, x, y)
		return same == (n.op == "=="), err
	case "in":
		return e.contains(n, x, y)
	case "+":
		return e.sum(n, x, y)
	case "-", "*", "/", "%":
		return arithmetic(n, x, y)
	}
	return compared(n, x, y)
}

// logical lets one side decide, whatever is wrong with the other.
func (e *evaluation) logical(n *binary) (any, error) {
	decides := n.op == "||"
	x, errX := e.truth(n.x, n)
	if errX == nil && x == decides || errors.Is(errX, ErrCost) {
		return x, errX
	}
	y, errY := e.truth(n.y, n)
	switch {
	case errY == nil && y == decides:
		return y, nil
	case errX != nil && !errors.Is(errY, ErrCost):
		return nil, errX
	case errY != nil:
		return nil, errY
	}
	return !decides, nil
}

// truth evaluates an operand of a logical operator.
func (e *evaluation) truth(n, of node) (bool, error) {
	v, err := e.eval(n)
	if err != nil {
		return false, err
	}
	b, ok := v.(bool)
	if !ok {
		return false, failAt(of.where(), "true or false is needed here, not %s", kindOf(v))
	}
	return b, nil
}

func compared(n *binary, x, y any) (any, error) {
	order, ok := ordered(x, y)
	switch {
	case !ok && isNumber(x) && isNumber(y):
		return false, nil // one of them is not a number
	case !ok:
		return nil, failAt(n.where(), "%s cannot compare %s with %s", n.op, kindOf(x), kindOf(y))
	}
	switch n.op {
	case "<":
		return order < 0, nil
	case "<=":
		return order <= 0, nil
	case ">":
		return order > 0, nil
	default:
		return order >= 0, nil
	}
}

// ordered compares values of one type, and numbers.
func ordered(x, y any) (int, bool) {
	switch a := x.(type) {
	case string:
		b, ok := y.(string)
		return strings.Compare(a, b), ok
	case []byte:
		b, ok := y.([]byte)
		return bytes.Compare(a, b), ok
	case bool:
		b, ok := y.(bool)
		return map[bool]int{true: 1}[a] - map[bool]int{true: 1}[b], ok
	}
	return compareNumbers(x, y)
}

func isNumber(v any) bool {
	switch v.(type) {
	case int64, uint64, float64:
		return true
	}
	return false
}

// contains is "in": of the elements of a list, or the keys of a map.
func (e *evaluation) contains(n *binary, x, y any) (any, error) {
	switch y := y.(type) {
	case map[string]any:
		key, ok := x.(string)
		if !ok {
			return false, nil
		}
		_, has := y[key]
		return has, nil
	case []any:
		return slices.ContainsFunc(y, func(v any) bool {
			same, err := e.equal(n, x, v)
			return err != nil || same
		}), e.spend(n, 0, 0)
	}
	return nil, failAt(n.where(), "in looks into a list or a map, not into %s", kindOf(y))
}

func (e *evaluation) sum(n *binary, x, y any) (any, error) {
	switch a := x.(type) {
	case string:
		if b, ok := y.(string); ok {
			return a + b, e.spend(n, 0, len(a)+len(b))
		}
	case []byte:
		if b, ok := y.([]byte); ok {
			return slices.Concat(a, b), e.spend(n, 0, len(a)+len(b))
		}
	case []any:
		if b, ok := y.([]any); ok {
			if err := e.spend(n, len(a)+len(b), 0); err != nil {
				return nil, err
			}
			return slices.Concat(a, b), nil
		}
	}
	return arithmetic(n, x, y)
}
