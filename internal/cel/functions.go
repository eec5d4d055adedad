package cel

import (
	"math"
	"strconv"
	"strings"
	"unicode/utf8"
)

// call evaluates a function, whose target counts as its first argument.
func (e *evaluation) call(n *call) (any, error) {
	var args []any
	nodes := n.args
	if n.target != nil {
		nodes = append([]node{n.target}, n.args...)
	}
	for _, arg := range nodes {
		v, err := e.eval(arg)
		if err != nil {
			return nil, err
		}
		args = append(args, v)
	}
	for _, group := range []func(*call, []any) (any, bool, error){e.optionals, e.conversions, e.strings} {
		if v, ok, err := group(n, args); ok || err != nil {
			return v, err
		}
	}
	kinds := make([]string, len(args))
	for i, arg := range args {
		kinds[i] = kindOf(arg)
	}
	return nil, failAt(n.where(), "%s cannot be applied to %s", n.name, strings.Join(kinds, " and "))
}

func (e *evaluation) optionals(n *call, args []any) (any, bool, error) {
	o, isOptional := args[0].(optional)
	switch {
	case n.name == "orValue" && !isOptional:
		return args[0], true, nil
	case !isOptional:
		return nil, false, nil
	case n.name == "hasValue":
		return o.has, true, nil
	case n.name == "orValue" && !o.has:
		return args[1], true, nil
	case n.name == "value" && !o.has:
		return nil, false, failAt(n.where(), "there is no value")
	case n.name == "value", n.name == "orValue":
		return o.value, true, nil
	}
	return nil, false, nil
}

func (e *evaluation) conversions(n *call, args []any) (any, bool, error) {
	v := args[0]
	switch n.name {
	case "dyn":
		return v, true, nil
	case "size":
		size, ok := sizeOf(v)
		return int64(size), ok, nil
	case "int", "uint", "double":
		out, ok := number(n.name, v)
		if _, isText := v.(string); !ok && (isText || isNumber(v)) {
			return nil, false, failAt(n.where(), "%q cannot be turned into a number of type %s", text(v), n.name)
		}
		return out, ok, nil
	case "bool":
		switch v {
		case true, "true", "True", "TRUE", "t", "1":
			return true, true, nil
		case false, "false", "False", "FALSE", "f", "0":
			return false, true, nil
		}
	case "bytes":
		switch v := v.(type) {
		case string:
			return []byte(v), true, e.spend(n, 0, len(v))
		case []byte:
			return v, true, nil
		}
	case "string":
		return e.text(n, v)
	}
	return nil, false, nil
}

func sizeOf(v any) (int, bool) {
	switch v := v.(type) {
	case string:
		return utf8.RuneCountInString(v), true
	case []byte:
		return len(v), true
	case []any:
		return len(v), true
	case map[string]any:
		return len(v), true
	}
	return 0, false
}

// text is the function string.
func (e *evaluation) text(n *call, v any) (any, bool, error) {
	switch v := v.(type) {
	case string:
		return v, true, nil
	case []byte:
		if !utf8.Valid(v) {
			return nil, false, failAt(n.where(), "the bytes are not valid UTF-8")
		}
		return string(v), true, e.spend(n, 0, len(v))
	case bool:
		return strconv.FormatBool(v), true, nil
	case int64:
		return strconv.FormatInt(v, 10), true, nil
	case uint64:
		return strconv.FormatUint(v, 10), true, nil
	case float64:
		return strconv.FormatFloat(v, 'g', -1, 64), true, nil
	}
	return nil, false, nil
}

// number converts into the type of that name.
func number(name string, v any) (any, bool) {
	switch name {
	case "int":
		return toInt(v)
	case "uint":
		return toUint(v)
	}
	switch v := v.(type) {
	case int64:
		return float64(v), true
	case uint64:
		return float64(v), true
	case float64:
		return v, true
	case string:
		f, err := strconv.ParseFloat(v, 64)
		return f, err == nil
	}
	return nil, false
}

func toInt(v any) (any, bool) {
	switch v := v.(type) {
	case int64:
		return v, true
	case uint64:
		return int64(v), v <= math.MaxInt64
	case float64:
		return int64(v), v > math.MinInt64 && v < math.MaxInt64
	case string:
		i, err := strconv.ParseInt(v, 10, 64)
		return i, err == nil
	}
	return nil, false
}

func toUint(v any) (any, bool) {
	switch v := v.(type) {
	case int64:
		return uint64(v), v >= 0
	case uint64:
		return v, true
	case float64:
		return uint64(v), v >= 0 && v < math.MaxUint64
	case string:
		u, err := strconv.ParseUint(v, 10, 64)
		return u, err == nil
	}
	return nil, false
}
