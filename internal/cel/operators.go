package cel

import (
	"bytes"
	"cmp"
	"errors"
	"math"
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

// equal compares values of whatever types; numbers are compared as such.
func (e *evaluation) equal(n node, x, y any) (bool, error) {
	if err := e.spend(n, 1, 0); err != nil {
		return false, err
	}
	x, y = widened(x), widened(y)
	switch a := x.(type) {
	case []any:
		b, ok := y.([]any)
		return e.equalLists(n, a, b, ok)
	case map[string]any:
		b, ok := y.(map[string]any)
		return e.equalMaps(n, a, b, ok)
	case []byte:
		b, ok := y.([]byte)
		return ok && bytes.Equal(a, b), e.spend(n, 0, len(a))
	case string:
		b, ok := y.(string)
		return ok && a == b, e.spend(n, 0, len(a))
	case optional:
		b, ok := y.(optional)
		if !ok || a.has != b.has || !a.has {
			return ok && a.has == b.has, nil
		}
		return e.equal(n, a.value, b.value)
	case bool, nil:
		return x == y, nil
	}
	order, ok := compareNumbers(x, y)
	return ok && order == 0, nil
}

func (e *evaluation) equalLists(n node, a, b []any, ok bool) (bool, error) {
	if !ok || len(a) != len(b) {
		return false, nil
	}
	for i := range a {
		if same, err := e.equal(n, a[i], b[i]); !same {
			return false, err
		}
	}
	return true, nil
}

func (e *evaluation) equalMaps(n node, a, b map[string]any, ok bool) (bool, error) {
	if !ok || len(a) != len(b) {
		return false, nil
	}
	for key := range a {
		other, ok := b[key]
		if !ok {
			return false, nil
		}
		if same, err := e.equal(n, a[key], other); !same {
			return false, err
		}
	}
	return true, nil
}

// compareNumbers compares numbers of whatever types; not a number is not equal to
// and neither more nor less than any, of which false tells.
func compareNumbers(x, y any) (int, bool) {
	switch y := y.(type) {
	case int64:
		if x, ok := x.(uint64); ok {
			order, ok := compareNumbers(y, x)
			return -order, ok
		}
	case float64:
		return compareWithFloat(x, y)
	}
	switch x := x.(type) {
	case int64:
		switch y := y.(type) {
		case int64:
			return cmp.Compare(x, y), true
		case uint64:
			if x < 0 {
				return -1, true
			}
			return cmp.Compare(uint64(x), y), true
		}
	case uint64:
		if y, ok := y.(uint64); ok {
			return cmp.Compare(x, y), true
		}
	case float64:
		order, ok := compareWithFloat(y, x)
		return -order, ok
	}
	return 0, false
}

func compareWithFloat(x any, y float64) (int, bool) {
	switch x := x.(type) {
	case int64:
		return compareFloat(x, y)
	case uint64:
		switch {
		case math.IsNaN(y):
			return 0, false
		case y >= 1<<64:
			return -1, true
		}
		return cmp.Compare(float64(x), y), true
	case float64:
		return cmp.Compare(x, y), !math.IsNaN(x) && !math.IsNaN(y)
	}
	return 0, false
}

func compareFloat(x int64, y float64) (int, bool) {
	switch {
	case math.IsNaN(y):
		return 0, false
	case y < math.MinInt64:
		return 1, true
	case y >= 1<<63:
		return -1, true
	}
	return cmp.Compare(float64(x), y), true
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
