// Package nearest finds the name that somebody may have meant.
package nearest

import "slices"

// maxLength is how long names are that are compared: the work grows with the
// square of it.
const maxLength = 100

// Find returns the candidate that is spelt most like name; empty where none is
// near. Of several that are equally near it is the first in order.
func Find(name string, candidates []string) string {
	// Of one or two letters all names are near.
	best, distance := "", len(name)/3
	for _, c := range slices.Sorted(slices.Values(candidates)) {
		if c == name || len(c) > maxLength || len(name) > maxLength {
			continue
		}
		limit := distance
		if best != "" {
			limit--
		}
		if d := editDistance(name, c); d <= limit {
			best, distance = c, d
		}
	}
	return best
}

// editDistance counts the letters that have to be added, taken away, replaced
// or exchanged with their neighbour. Upper and lower case differ by nothing.
func editDistance(a, b string) int {
	x, y := []rune(a), []rune(b)
	before, last := make([]int, len(y)+1), make([]int, len(y)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(x); i++ {
		now := make([]int, len(y)+1)
		now[0] = i
		for j := 1; j <= len(y); j++ {
			cost := 1
			if lower(x[i-1]) == lower(y[j-1]) {
				cost = 0
			}
			now[j] = min(last[j]+1, now[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && x[i-1] == y[j-2] && x[i-2] == y[j-1] {
				now[j] = min(now[j], before[j-2]+1)
			}
		}
		before, last = last, now
	}
	return last[len(y)]
}

func lower(r rune) rune {
	if r >= 'A' && r <= 'Z' {
		return r + 'a' - 'A'
	}
	return r
}
