package fastyaml

import (
	"math"
	"strconv"
	"strings"
	"time"
)

// kind is what a plain scalar stands for.
type kind uint8

const (
	kindString kind = iota
	kindNull
	kindBool
	kindNumber
	// kindOdd is what cannot be had in JSON (.inf), or merges maps (<<).
	kindOdd
)

// scalar is a plain scalar's meaning: kind, and the bool or number.
type scalar struct {
	kind   kind
	truth  bool
	number float64
	// integer is the text of a number that is an integer, in decimal.
	integer string
}

// resolve finds what a plain scalar stands for, by the rules of YAML 1.1 as the
// library has them.
func resolve(s string) scalar {
	if s == "" {
		return scalar{kind: kindNull}
	}
	switch c := s[0]; {
	case c >= '0' && c <= '9', c == '+', c == '-':
		return resolveNumber(s)
	case c == '.':
		return resolvePoint(s)
	case c == '~':
		if s == "~" {
			return scalar{kind: kindNull}
		}
	case c == '<':
		if s == "<<" {
			return scalar{kind: kindOdd}
		}
	default:
		return resolveWord(s)
	}
	return scalar{}
}

func resolveWord(s string) scalar {
	if len(s) > 5 {
		return scalar{}
	}
	switch s {
	case "y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON":
		return scalar{kind: kindBool, truth: true}
	case "n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF":
		return scalar{kind: kindBool}
	case "null", "Null", "NULL":
		return scalar{kind: kindNull}
	}
	return scalar{}
}

func resolvePoint(s string) scalar {
	switch s {
	case ".nan", ".NaN", ".NAN", ".inf", ".Inf", ".INF":
		return scalar{kind: kindOdd}
	}
	f, err := strconv.ParseFloat(s, 64)
	if err != nil {
		return scalar{}
	}
	return number(f)
}

func number(f float64) scalar {
	if math.IsInf(f, 0) || math.IsNaN(f) {
		return scalar{kind: kindOdd}
	}
	return scalar{kind: kindNumber, number: f}
}

// resolveNumber is for what begins with a digit or a sign.
func resolveNumber(s string) scalar {
	if f, ok := smallInteger(s); ok {
		return scalar{kind: kindNumber, number: f, integer: s}
	}
	switch s {
	case "+.inf", "+.Inf", "+.INF", "-.inf", "-.Inf", "-.INF":
		return scalar{kind: kindOdd}
	}
	if !maybeNumber(s) {
		return scalar{}
	}
	plain := strings.ReplaceAll(s, "_", "")
	if i, err := strconv.ParseInt(plain, 0, 64); err == nil {
		return scalar{kind: kindNumber, number: float64(i), integer: strconv.FormatInt(i, 10)}
	}
	if u, err := strconv.ParseUint(plain, 0, 64); err == nil {
		return scalar{kind: kindNumber, number: float64(u), integer: strconv.FormatUint(u, 10)}
	}
	if isFloat(plain) {
		if f, err := strconv.ParseFloat(plain, 64); err == nil {
			return number(f)
		}
	}
	if strings.HasPrefix(plain, "0b") || strings.HasPrefix(plain, "-0b") {
		// The library has rules of its own for what is left of these.
		return scalar{kind: kindOdd}
	}
	return scalar{}
}

// smallInteger reads a decimal integer that float64 holds exactly, written
// without a leading zero.
func smallInteger(s string) (float64, bool) {
	const most = 15
	if len(s) > most || s[0] < '1' || s[0] > '9' {
		return 0, s == "0"
	}
	n := int64(0)
	for i := range len(s) {
		c := s[i]
		if c < '0' || c > '9' {
			return 0, false
		}
		n = n*10 + int64(c-'0')
	}
	return float64(n), true
}

// maybeNumber says whether s has only characters that numbers have.
func maybeNumber(s string) bool {
	for i := range len(s) {
		switch c := s[i]; {
		case c >= '0' && c <= '9', c >= 'a' && c <= 'f', c >= 'A' && c <= 'F':
		case c == '+', c == '-', c == '.', c == '_', c == 'x', c == 'X', c == 'o', c == 'O':
		default:
			return false
		}
	}
	return true
}

// isFloat matches [-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?
func isFloat(s string) bool {
	s = skipSign(s)
	whole := skipDigits(s)
	switch {
	case len(whole) < len(s):
		if s = whole; strings.HasPrefix(s, ".") {
			s = skipDigits(s[1:])
		}
	case strings.HasPrefix(s, "."):
		if whole = skipDigits(s[1:]); len(whole) == len(s)-1 {
			return false
		}
		s = whole
	default:
		return false
	}
	if s == "" {
		return true
	}
	if s[0] != 'e' && s[0] != 'E' {
		return false
	}
	s = skipSign(s[1:])
	return s != "" && skipDigits(s) == ""
}

func skipSign(s string) string {
	if s != "" && (s[0] == '+' || s[0] == '-') {
		return s[1:]
	}
	return s
}

func skipDigits(s string) string {
	i := 0
	for i < len(s) && s[i] >= '0' && s[i] <= '9' {
		i++
	}
	return s[i:]
}

// isBase60 matches [-+]?[0-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9_]*)?, which the
// library quotes when it writes.
func isBase60(s string) bool {
	s = skipSign(s)
	if s == "" || s[0] < '0' || s[0] > '9' {
		return false
	}
	s = skipDigitsOrBars(s)
	groups := 0
	for strings.HasPrefix(s, ":") {
		rest := s[1:]
		digits := len(rest) - len(skipDigits(rest))
		if digits == 0 || digits > 2 || digits == 2 && rest[0] > '5' {
			return false
		}
		s = rest[digits:]
		groups++
	}
	if groups == 0 {
		return false
	}
	if strings.HasPrefix(s, ".") {
		s = skipDigitsOrBars(s[1:])
	}
	return s == ""
}

func skipDigitsOrBars(s string) string {
	i := 0
	for i < len(s) && (s[i] >= '0' && s[i] <= '9' || s[i] == '_') {
		i++
	}
	return s[i:]
}

// isTimestamp says whether the library takes a string for a time.
func isTimestamp(s string) bool {
	if len(s) < 5 || s[4] != '-' || len(skipDigits(s)) != len(s)-4 {
		return false
	}
	for _, layout := range []string{
		"2006-1-2T15:4:5.999999999Z07:00",
		"2006-1-2t15:4:5.999999999Z07:00",
		"2006-1-2 15:4:5.999999999",
		"2006-1-2",
	} {
		if _, err := time.Parse(layout, s); err == nil {
			return true
		}
	}
	return false
}
