package cel

import (
	"bytes"
	"cmp"
	"math"
)

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
