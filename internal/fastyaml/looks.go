package fastyaml

import (
	"strings"
	"time"
)

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

func skipSign(s string) string {
	if s != "" && (s[0] == '+' || s[0] == '-') {
		return s[1:]
	}
	return s
}

func skipDigits(s string) string { return s[countDigits(s):] }
