package fastyaml

import (
	"strconv"
	"strings"
)

// kind is the type of a plain scalar.
type kind uint8

const (
	kindString kind = iota
	kindNull
	kindTrue
	kindFalse
	kindInt
	kindUint // beyond int64
	kindFloat
	kindDoubtful // also infinities, which JSON has not got
)

// number is what a numeric kind stands for, in the field of that kind.
type number struct {
	i int64
	u uint64
	f float64
}

// value is the Go value, numbers as float64.
func (k kind) value(n number) any {
	switch k {
	case kindTrue:
		return true
	case kindFalse:
		return false
	case kindInt:
		return float64(n.i)
	case kindUint:
		return float64(n.u)
	case kindFloat:
		return n.f
	}
	return nil
}

// text is the string that a value becomes where a string is wanted.
func (k kind) text(n number) any {
	switch k {
	case kindTrue:
		return "true"
	case kindFalse:
		return "false"
	case kindInt:
		return strconv.FormatInt(n.i, 10)
	case kindUint:
		return strconv.FormatUint(n.u, 10)
	case kindFloat:
		return strconv.FormatFloat(n.f, 'g', -1, 32)
	}
	return nil
}

// resolve tells the type of a plain scalar by the rules of YAML 1.1 as the
// library has them. Timestamps are strings.
func resolve(s string) (kind, number) {
	if s == "" {
		return kindNull, number{}
	}
	switch c := s[0]; {
	case c >= '0' && c <= '9', c == '+', c == '-':
		return resolveNumber(s)
	case c == '.':
		return resolvePoint(s)
	case len(s) > 5:
		return kindString, number{}
	}
	return resolveWord(s), number{}
}

func resolveWord(s string) kind {
	switch s {
	case "y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON":
		return kindTrue
	case "n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF":
		return kindFalse
	case "~", "null", "Null", "NULL":
		return kindNull
	}
	return kindString
}

// infinite says whether s, without its sign, is no number.
func infinite(s string) bool {
	switch s {
	case ".inf", ".Inf", ".INF", ".nan", ".NaN", ".NAN":
		return true
	}
	return false
}

// resolvePoint is for scalars that begin with a point.
func resolvePoint(s string) (kind, number) {
	if infinite(s) {
		return kindDoubtful, number{}
	}
	if len(s) < 2 || s[1] != '_' && (s[1] < '0' || s[1] > '9') {
		return kindString, number{}
	}
	f, err := strconv.ParseFloat(s, 64)
	if err != nil {
		return kindString, number{}
	}
	return kindFloat, number{f: f}
}

// resolveNumber is for scalars that begin with a digit or a sign. Most of them
// are short decimals, or no numbers at all.
func resolveNumber(s string) (kind, number) {
	digits := s
	if s[0] == '+' || s[0] == '-' {
		digits = s[1:]
	}
	if digits == "" {
		return kindString, number{}
	}
	shape := shapeOf(digits)
	switch {
	case shape == shapeOther:
		if infinite(digits) {
			return kindDoubtful, number{}
		}
		return kindString, number{}
	case shape == shapeDigits && len(digits) <= 18 && (digits[0] != '0' || len(digits) == 1):
		var i int64
		for _, c := range []byte(digits) {
			i = i*10 + int64(c-'0')
		}
		if s[0] == '-' {
			i = -i
		}
		return kindInt, number{i: i}
	case shape == shapeMixed && strings.IndexByte(digits, '_') >= 0:
		return resolveNumeral(strings.ReplaceAll(s, "_", ""))
	}
	return resolveNumeral(s)
}

// shape is a first look at a scalar.
type shape uint8

const (
	shapeDigits shape = iota
	shapeMixed        // of characters that are in numbers
	shapeOther
)

func shapeOf(s string) shape {
	result := shapeDigits
	for i := range len(s) {
		switch c := s[i]; {
		case c >= '0' && c <= '9':
		case c >= 'a' && c <= 'f', c >= 'A' && c <= 'F', c == '.', c == '_', c == '-', c == '+',
			c == 'x', c == 'X', c == 'o', c == 'O':
			result = shapeMixed
		default:
			return shapeOther
		}
	}
	return result
}

// resolveNumeral is for what may be a number and has no underscores.
func resolveNumeral(s string) (kind, number) {
	if integral(s) {
		if i, err := strconv.ParseInt(s, 0, 64); err == nil {
			return kindInt, number{i: i}
		}
		if u, err := strconv.ParseUint(s, 0, 64); err == nil {
			return kindUint, number{u: u}
		}
	}
	if decimal(s) {
		if f, err := strconv.ParseFloat(s, 64); err == nil {
			return kindFloat, number{f: f}
		}
	}
	if strings.HasPrefix(s, "0b") || strings.HasPrefix(s, "-0b") {
		// The library tries again here, in a way of its own.
		return kindDoubtful, number{}
	}
	return kindString, number{}
}

// integral says whether s can be an integer: digits, or a prefix of a base and
// hexadecimal ones.
func integral(s string) bool {
	s = skipSign(s)
	if len(s) < 3 || s[0] != '0' || countDigits(s) > 1 {
		return s != "" && skipDigits(s) == ""
	}
	switch s[1] {
	case 'x', 'X', 'o', 'O', 'b', 'B':
	default:
		return false
	}
	for i := 2; i < len(s); i++ {
		if c := s[i] | 0x20; (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return false
		}
	}
	return true
}

// decimal matches [-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?
func decimal(s string) bool {
	s = skipSign(s)
	digits := countDigits(s)
	s = s[digits:]
	if strings.HasPrefix(s, ".") {
		fraction := countDigits(s[1:])
		digits += fraction
		s = s[1+fraction:]
	}
	if digits == 0 || s == "" {
		return digits > 0
	}
	if s[0] != 'e' && s[0] != 'E' {
		return false
	}
	s = skipSign(s[1:])
	return s != "" && skipDigits(s) == ""
}

func countDigits(s string) int {
	n := 0
	for n < len(s) && s[n] >= '0' && s[n] <= '9' {
		n++
	}
	return n
}
