package cel

import (
	"fmt"
	"math"
)

// evaluation is one run of a Program.
type evaluation struct {
	variables map[string]any
	// bound are the variables of macros, the innermost last.
	bound []binding
	cost  int
}

type binding struct {
	name  string
	value any
}

// optional is the value of an optional field.
type optional struct {
	value any
	has   bool
}

// spend charges for work, for which a byte counts an eighth.
func (e *evaluation) spend(n node, steps, bytes int) error {
	if e.cost += steps + bytes/8; e.cost > MaxCost {
		return &at{n.where(), ErrCost}
	}
	return nil
}

func (e *evaluation) eval(n node) (any, error) {
	if err := e.spend(n, 1, 0); err != nil {
		return nil, err
	}
	switch n := n.(type) {
	case *literal:
		return n.value, nil
	case *ident:
		return e.lookup(n)
	case *selection:
		of, err := e.eval(n.of)
		if err != nil {
			return nil, err
		}
		return selected(n, of, n.field, n.optional)
	case *index:
		return e.index(n)
	case *presence:
		return e.presence(n)
	case *unary:
		return e.unary(n)
	case *binary:
		return e.binary(n)
	case *conditional:
		return e.conditional(n)
	case *list:
		return e.list(n)
	case *dict:
		return e.dict(n)
	case *call:
		return e.call(n)
	case *comprehension:
		return e.comprehension(n)
	}
	return nil, failAt(n.where(), "cannot be evaluated")
}

func (e *evaluation) lookup(n *ident) (any, error) {
	for i := len(e.bound) - 1; i >= 0; i-- {
		if e.bound[i].name == n.name {
			return e.bound[i].value, nil
		}
	}
	v, ok := e.variables[n.name]
	if !ok {
		return nil, &at{n.where(), &MissingError{n.name}}
	}
	return widened(v), nil
}

// widened turns the numbers of Go into those of CEL.
func widened(v any) any {
	switch v := v.(type) {
	case int:
		return int64(v)
	case int32:
		return int64(v)
	case float32:
		return float64(v)
	}
	return v
}

func (e *evaluation) unary(n *unary) (any, error) {
	x, err := e.eval(n.x)
	if err != nil {
		return nil, err
	}
	switch x := x.(type) {
	case bool:
		if n.op == "!" {
			return !x, nil
		}
	case int64:
		if n.op == "-" && x != math.MinInt64 {
			return -x, nil
		}
	case float64:
		if n.op == "-" {
			return -x, nil
		}
	}
	return nil, failAt(n.where(), "%s cannot be applied to %s", n.op, kindOf(x))
}

func (e *evaluation) conditional(n *conditional) (any, error) {
	cond, err := e.eval(n.cond)
	if err != nil {
		return nil, err
	}
	switch cond {
	case true:
		return e.eval(n.x)
	case false:
		return e.eval(n.y)
	}
	return nil, failAt(n.where(), "the condition before ? is %s and not true or false", kindOf(cond))
}

func (e *evaluation) list(n *list) (any, error) {
	out := make([]any, 0, len(n.items))
	for _, item := range n.items {
		v, err := e.eval(item)
		if err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, nil
}

func (e *evaluation) dict(n *dict) (any, error) {
	out := make(map[string]any, len(n.keys))
	for i := range n.keys {
		key, err := e.eval(n.keys[i])
		if err != nil {
			return nil, err
		}
		name, ok := key.(string)
		if !ok {
			return nil, failAt(n.keys[i].where(), "the key of a map is %s: it must be a string here", kindOf(key))
		}
		if _, twice := out[name]; twice {
			return nil, failAt(n.keys[i].where(), "the key %q stands twice", name)
		}
		if out[name], err = e.eval(n.values[i]); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// kindOf names the type of a value, with an article.
func kindOf(v any) string {
	switch v.(type) {
	case nil:
		return "null"
	case bool:
		return "a bool"
	case int64:
		return "an int"
	case uint64:
		return "a uint"
	case float64:
		return "a double"
	case string:
		return "a string"
	case []byte:
		return "bytes"
	case []any:
		return "a list"
	case map[string]any:
		return "a map"
	case optional:
		return "an optional value"
	}
	return fmt.Sprintf("%T", v)
}

// text is a value for a message.
func text(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case bool, int64, uint64, float64:
		return fmt.Sprint(v)
	}
	return kindOf(v)
}
