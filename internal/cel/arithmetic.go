package cel

import (
	"errors"
	"math"
	"math/bits"
)

var (
	errOverflow = errors.New("the result is out of range")
	errZero     = errors.New("division by zero")
)

// arithmetic is for two numbers of one type.
func arithmetic(n *binary, x, y any) (any, error) {
	var v any
	var err error
	switch a := x.(type) {
	case int64:
		if b, ok := y.(int64); ok {
			v, err = ints(n.op, a, b)
		}
	case uint64:
		if b, ok := y.(uint64); ok {
			v, err = uints(n.op, a, b)
		}
	case float64:
		if b, ok := y.(float64); ok && n.op != "%" {
			v = doubles(n.op, a, b)
		}
	}
	if err != nil {
		return nil, &at{n.where(), err}
	}
	if v == nil {
		return nil, failAt(n.where(), "%s cannot be applied to %s and %s", n.op, kindOf(x), kindOf(y))
	}
	return v, nil
}

func ints(op string, a, b int64) (any, error) {
	switch op {
	case "+":
		if sum := a + b; (sum > a) == (b > 0) {
			return sum, nil
		}
	case "-":
		if difference := a - b; (difference < a) == (b > 0) {
			return difference, nil
		}
	case "*":
		if product, ok := multiplied(a, b); ok {
			return product, nil
		}
	default:
		return divided(op, a, b)
	}
	return nil, errOverflow
}

func multiplied(a, b int64) (int64, bool) {
	if a == math.MinInt64 && b == -1 || b == math.MinInt64 && a == -1 {
		return 0, false
	}
	product := a * b
	return product, a == 0 || product/a == b
}

func divided(op string, a, b int64) (any, error) {
	switch {
	case b == 0:
		return nil, errZero
	case a == math.MinInt64 && b == -1:
		return nil, errOverflow
	case op == "/":
		return a / b, nil
	}
	return a % b, nil
}

func uints(op string, a, b uint64) (any, error) {
	switch op {
	case "+":
		if sum, carry := bits.Add64(a, b, 0); carry == 0 {
			return sum, nil
		}
	case "-":
		if a >= b {
			return a - b, nil
		}
	case "*":
		if high, low := bits.Mul64(a, b); high == 0 {
			return low, nil
		}
	case "/", "%":
		if b == 0 {
			return nil, errZero
		}
		if op == "/" {
			return a / b, nil
		}
		return a % b, nil
	}
	return nil, errOverflow
}

func doubles(op string, a, b float64) any {
	switch op {
	case "+":
		return a + b
	case "-":
		return a - b
	case "*":
		return a * b
	default:
		return a / b
	}
}
