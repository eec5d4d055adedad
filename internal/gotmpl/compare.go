package gotmpl

import (
	"errors"
	"fmt"
	"reflect"
)

// comparison makes a function of a test on its arguments.
func comparison(test func(a []value) (bool, error)) func(*State, []value) (value, error) {
	return func(_ *State, a []value) (value, error) { return result(test(a)) }
}

func not(test func([]value) (bool, error)) func([]value) (bool, error) {
	return func(a []value) (bool, error) {
		truth, err := test(a)
		return !truth && err == nil, err
	}
}

// basic tells apart what can be compared with what.
type basic uint8

const (
	notBasic basic = iota
	boolean
	complexNumber
	integer
	float
	text
	unsigned
)

func basicOf(rv reflect.Value) basic {
	switch {
	case rv.Kind() == reflect.Bool:
		return boolean
	case rv.Kind() == reflect.String:
		return text
	case rv.CanInt():
		return integer
	case rv.CanUint():
		return unsigned
	case rv.CanFloat():
		return float
	case rv.CanComplex():
		return complexNumber
	}
	return notBasic
}

var errBadComparison = errors.New("invalid type for comparison")

// equalsAny is eq: whether the first equals any of the others.
func equalsAny(a []value) (bool, error) {
	if len(a) < 2 {
		return false, errors.New("missing argument for comparison")
	}
	first := a[0].fromInterface()
	for _, other := range a[1:] {
		truth, err := equal(first, other.fromInterface())
		if truth || err != nil {
			return truth, err
		}
	}
	return false, nil
}

func equal(a, b value) (bool, error) {
	if same, ok := equalTexts(a, b); ok {
		return same, nil
	}
	x, y := a.reflect(), b.reflect()
	kx, ky := basicOf(x), basicOf(y)
	switch {
	case kx == integer && ky == unsigned:
		return x.Int() >= 0 && uint64(x.Int()) == y.Uint(), nil
	case kx == unsigned && ky == integer:
		return y.Int() >= 0 && uint64(y.Int()) == x.Uint(), nil
	case kx != ky && x.IsValid() && y.IsValid():
		return false, fmt.Errorf("incompatible types for comparison: %v and %v", x.Type(), y.Type())
	case kx != ky:
		return false, nil
	}
	if kx == notBasic {
		return equalOther(x, y)
	}
	return equalBasic(kx, x, y), nil
}

// equalTexts compares what is mostly compared, without reflection.
func equalTexts(a, b value) (same, ok bool) {
	x, isText := a.x.(string)
	y, areTexts := b.x.(string)
	return x == y, isText && areTexts
}

func equalBasic(k basic, x, y reflect.Value) bool {
	switch k {
	case boolean:
		return x.Bool() == y.Bool()
	case text:
		return x.String() == y.String()
	case integer:
		return x.Int() == y.Int()
	case unsigned:
		return x.Uint() == y.Uint()
	case float:
		return x.Float() == y.Float()
	}
	return x.Complex() == y.Complex()
}

func equalOther(x, y reflect.Value) (bool, error) {
	if x.IsValid() && y.IsValid() && x.Kind() != y.Kind() {
		return false, fmt.Errorf("non-comparable types %s: %v, %s: %v", x, x.Type(), y.Type(), y)
	}
	if isNil(x) || isNil(y) {
		return isNil(x) == isNil(y), nil
	}
	if !y.Type().Comparable() {
		return false, fmt.Errorf("non-comparable type %s: %v", y, y.Type())
	}
	return x.Interface() == y.Interface(), nil
}

func isNil(rv reflect.Value) bool {
	return !rv.IsValid() || canBeNil(rv.Type()) && rv.Kind() != reflect.Struct && rv.IsNil()
}

func less(a []value) (bool, error) {
	x, y := a[0].fromInterface().reflect(), a[1].fromInterface().reflect()
	kx, ky := basicOf(x), basicOf(y)
	switch {
	case kx == notBasic || ky == notBasic:
		return false, errBadComparison
	case kx == integer && ky == unsigned:
		return x.Int() < 0 || uint64(x.Int()) < y.Uint(), nil
	case kx == unsigned && ky == integer:
		return y.Int() >= 0 && x.Uint() < uint64(y.Int()), nil
	case kx != ky:
		return false, fmt.Errorf("incompatible types for comparison: %v and %v", x.Type(), y.Type())
	}
	switch kx {
	case integer:
		return x.Int() < y.Int(), nil
	case unsigned:
		return x.Uint() < y.Uint(), nil
	case float:
		return x.Float() < y.Float(), nil
	case text:
		return x.String() < y.String(), nil
	}
	return false, errBadComparison
}

func lessOrEqual(a []value) (bool, error) {
	truth, err := less(a)
	if truth || err != nil {
		return truth, err
	}
	return equalsAny(a)
}
