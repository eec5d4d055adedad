package fastyaml

import "unicode"

// CompareKeys is the library's order of keys: letters after anything else,
// numbers by their value.
func CompareKeys(a, b string) int {
	i := 0
	for i < len(a) && i < len(b) && a[i] == b[i] && a[i] < 0x80 {
		i++
	}
	if i == len(a) || i == len(b) {
		return len(a) - len(b)
	}
	if x, y := a[i], b[i]; isLetter(x) && isLetter(y) {
		return int(x) - int(y)
	}
	if lessKey([]rune(a), []rune(b)) {
		return -1
	}
	return 1
}

func isLetter(c byte) bool { return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' }

// lessKey compares at the first rune that differs.
func lessKey(a, b []rune) bool {
	i := 0
	for i < len(a) && i < len(b) && a[i] == b[i] {
		i++
	}
	if i == len(a) || i == len(b) {
		return len(a) < len(b)
	}
	aLetter, bLetter := unicode.IsLetter(a[i]), unicode.IsLetter(b[i])
	switch {
	case aLetter && bLetter:
		return a[i] < b[i]
	case aLetter || bLetter:
		return bLetter
	}
	return lessNumber(a, b, i)
}

// lessNumber compares the numbers at i, where no letters are. A zero is the
// first digit of a number only if no other digit stands before it.
func lessNumber(a, b []rune, i int) bool {
	start := int64(0)
	if a[i] == '0' || b[i] == '0' {
		for j := i - 1; j >= 0 && unicode.IsDigit(a[j]); j-- {
			if a[j] != '0' {
				start = 1
				break
			}
		}
	}
	aValue, aEnd := digits(a, i, start)
	bValue, bEnd := digits(b, i, start)
	switch {
	case aValue != bValue:
		return aValue < bValue
	case aEnd != bEnd:
		return aEnd < bEnd
	}
	return a[i] < b[i]
}

func digits(s []rune, i int, value int64) (int64, int) {
	for ; i < len(s) && unicode.IsDigit(s[i]); i++ {
		value = value*10 + int64(s[i]-'0')
	}
	return value, i
}
