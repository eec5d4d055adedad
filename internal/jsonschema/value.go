package jsonschema

import (
	"encoding/json"
	"fmt"
	"math"
	"math/big"
	"slices"
	"strconv"
	"strings"
)

// typeSet is a set of the types that JSON has.
type typeSet int

const (
	nullType typeSet = 1 << iota
	booleanType
	numberType
	integerType
	stringType
	arrayType
	objectType
)

// typeName is a type and its name.
type typeName struct {
	set  typeSet
	name string
}

func typeNames() []typeName {
	return []typeName{
		{nullType, "null"}, {booleanType, "boolean"}, {numberType, "number"}, {integerType, "integer"},
		{stringType, "string"}, {arrayType, "array"}, {objectType, "object"},
	}
}

func (t typeSet) names() []string {
	var out []string
	for _, n := range typeNames() {
		if t&n.set != 0 {
			out = append(out, n.name)
		}
	}
	return out
}

// typesNamed reads the keyword type: a name, or a list of names.
func typesNamed(v any) typeSet {
	names := texts(v)
	if name, ok := v.(string); ok {
		names = []string{name}
	}
	var out typeSet
	for _, n := range typeNames() {
		if slices.Contains(names, n.name) {
			out |= n.set
		}
	}
	return out
}

// typeOf is the type of a value, 0 for what JSON does not have.
func typeOf(v any) typeSet {
	switch v := v.(type) {
	case nil:
		return nullType
	case bool:
		return booleanType
	case float64:
		return floatType(v)
	case float32:
		return floatType(float64(v))
	case json.Number, int, int8, int16, int32, int64, uint, uint8, uint16, uint32, uint64:
		return numberType
	case string:
		return stringType
	case []any:
		return arrayType
	case map[string]any:
		return objectType
	}
	return 0
}

func floatType(f float64) typeSet {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return 0
	}
	return numberType
}

// maxExponent bounds the numbers of a schema: their exact value is worked with.
const maxExponent = 5_000

// tooLong says whether the exact value of a number would be.
func tooLong(n json.Number) bool {
	if len(n) > maxExponent {
		return true
	}
	at := strings.IndexAny(string(n), "eE")
	if at < 0 {
		return false
	}
	exponent, err := strconv.Atoi(string(n[at+1:]))
	return err != nil || exponent > maxExponent || exponent < -maxExponent
}

// rational is the exact value of a number, nil where it has none.
func rational(v any) *big.Rat {
	if n, ok := v.(json.Number); ok && tooLong(n) {
		return nil
	}
	r, ok := new(big.Rat).SetString(fmt.Sprint(v))
	if !ok {
		return nil
	}
	return r
}

func isInteger(v any) bool {
	switch v := v.(type) {
	case int, int64:
		return true
	case float64:
		return v == math.Trunc(v)
	}
	r := rational(v)
	return r != nil && r.IsInt()
}

// equal says whether two values are the same; 1 and 1.0 are.
func (c *checker) equal(a, b any) bool {
	switch a := a.(type) {
	case map[string]any:
		b, ok := b.(map[string]any)
		if !ok || len(a) != len(b) {
			return false
		}
		c.pay(len(a) / 8)
		for key, v := range a {
			if w, ok := b[key]; !ok || !c.equal(v, w) {
				return false
			}
		}
		return true
	case []any:
		b, ok := b.([]any)
		if !ok || len(a) != len(b) {
			return false
		}
		c.pay(len(a) / 16)
		return slices.EqualFunc(a, b, c.equal)
	case nil, bool, string:
		return a == b
	}
	if typeOf(b) != numberType {
		return false
	}
	c.pay(1)
	x, y := rational(a), rational(b)
	return x != nil && y != nil && x.Cmp(y) == 0
}

// foreign finds a value of a type that JSON does not have. The whole instance is
// looked at first, once.
func (c *checker) foreign(v any) (any, bool) {
	if !c.asked {
		_, found := foreign(c.instance)
		c.asked, c.pure = true, !found
	}
	if c.pure {
		return nil, false
	}
	c.pay(size(v) / 16)
	return foreign(v)
}

// size is how many values there are in a tree.
func size(v any) int {
	n := 1
	switch v := v.(type) {
	case map[string]any:
		for _, inner := range v {
			n += size(inner)
		}
	case []any:
		for _, inner := range v {
			n += size(inner)
		}
	}
	return n
}

func foreign(v any) (any, bool) {
	switch v := v.(type) {
	case map[string]any:
		for _, inner := range v {
			if bad, ok := foreign(inner); ok {
				return bad, true
			}
		}
		return nil, false
	case []any:
		for _, inner := range v {
			if bad, ok := foreign(inner); ok {
				return bad, true
			}
		}
		return nil, false
	}
	return v, typeOf(v) == 0
}

// duplicates finds the first two items that are the same. The steps that it takes
// are paid for.
func duplicates(items []any, pay func(int)) (i, j int, found bool) {
	seen := map[string]int{}
	var sb strings.Builder
	for j, item := range items {
		sb.Reset()
		writeKey(&sb, item)
		pay(1 + sb.Len()/16)
		if i, ok := seen[sb.String()]; ok {
			return i, j, true
		}
		seen[sb.String()] = j
	}
	return 0, 0, false
}

// writeKey writes a text that equal values have in common.
func writeKey(sb *strings.Builder, v any) {
	switch v := v.(type) {
	case map[string]any:
		keys := make([]string, 0, len(v))
		for key := range v {
			keys = append(keys, key)
		}
		slices.Sort(keys)
		sb.WriteByte('{')
		for _, key := range keys {
			sb.WriteString(strconv.Quote(key))
			writeKey(sb, v[key])
		}
		sb.WriteByte('}')
	case []any:
		sb.WriteByte('[')
		for _, item := range v {
			writeKey(sb, item)
			sb.WriteByte(',')
		}
		sb.WriteByte(']')
	case string:
		sb.WriteString(strconv.Quote(v))
	case nil, bool:
		fmt.Fprint(sb, v)
	default:
		if r := rational(v); r != nil {
			sb.WriteString(r.RatString())
		} else {
			fmt.Fprintf(sb, "%T %p", v, &v)
		}
	}
}
