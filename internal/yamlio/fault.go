package yamlio

import "strings"

// Bounds on how often Fault reads a part of a text, and on how much it reads.
const (
	maxFaultSteps = 400
	maxFaultBytes = 32 << 20
)

// MaxFaultText is the longest text of which MapFault finds the fault.
const MaxFaultText = 2 << 20

// Fault finds the line of a faulty text, from 0, from which on it cannot be
// read, whatever follows: the line after the longest beginning that can. The
// line that the parser names is often another one. readable says whether a
// beginning, which ends with a line, can be read.
func Fault(text string, readable func(beginning string) bool) int {
	ends := []int{0}
	for i := range len(text) {
		if text[i] == '\n' || i == len(text)-1 {
			ends = append(ends, i+1)
		}
	}
	good, bad := 0, len(ends)-1
	most := min(maxFaultSteps, maxFaultBytes/(len(text)+1))
	for steps := 0; steps < most; {
		for good+1 < bad && steps < most {
			steps++
			if middle := (good + bad) / 2; readable(text[:ends[middle]]) {
				good = middle
			} else {
				bad = middle
			}
		}
		// A text in quotes or brackets cannot be read before it ends.
		const longest = 50
		next := 0
		for n := bad + 1; n < min(len(ends)-1, bad+longest) && next == 0; n++ {
			steps++
			if readable(text[:ends[n]]) {
				next = n
			}
		}
		if next == 0 {
			break
		}
		good, bad = next, len(ends)-1
	}
	return unkeyed(strings.Split(text, "\n"), good)
}

// unkeyed goes back from a key that stands where no key may, because the line
// before it, of the same indentation, is none: there a colon is missing.
func unkeyed(lines []string, n int) int {
	for n > 0 && n < len(lines) && isEntry(lines[n]) && indentation(lines[n-1]) == indentation(lines[n]) && isPlainText(lines[n-1]) {
		n--
	}
	return n
}

func indentation(line string) int { return len(line) - len(strings.TrimLeft(line, " ")) }

func isEntry(line string) bool {
	line = strings.TrimSpace(line)
	return strings.Contains(line, ": ") || strings.HasSuffix(line, ":")
}

// isPlainText says whether a line is neither an entry of a map nor of a list,
// nor a comment.
func isPlainText(line string) bool {
	line = strings.TrimSpace(line)
	return line != "" && !isEntry(line) && !strings.HasPrefix(line, "-") && !strings.HasPrefix(line, "#") && !strings.ContainsAny(line[:1], `"'[{|>&*!`)
}

// MapFault is Fault for a text that DecodeMap refuses; -1 for one that is longer
// than MaxFaultText.
func MapFault(data []byte) int {
	if len(data) > MaxFaultText {
		return -1
	}
	return Fault(string(data), func(beginning string) bool {
		_, err := DecodeMap([]byte(beginning))
		return err == nil
	})
}
