package render

import (
	"regexp"
	"strings"
)

// secretLines tells what a line of a Secret that cannot be read may show: which keys
// there are, and the values of those that are no secret.
type secretLines struct{ document, open, key *regexp.Regexp }

func newSecretLines() secretLines {
	return secretLines{
		document: regexp.MustCompile(`\bkind["']?\s*:\s*["']?Secret\b`),
		open:     regexp.MustCompile(`^\s*(#.*|(apiVersion|kind|name|namespace|type|immutable)\s*:[^{}]*)?$`),
		key:      regexp.MustCompile(`^(\s*(?:-\s+)?[\w./-]+\s*:)\s`),
	}
}

// hideSecrets masks the values in those documents among the lines of an output that
// are Secrets, as well as that can be told of a text that is no YAML.
func hideSecrets(lines []string) []string {
	tell := newSecretLines()
	out := append([]string{}, lines...)
	for start := 0; start < len(out); {
		end := start + 1
		for end < len(out) && !strings.HasPrefix(out[end], "---") {
			end++
		}
		if document := out[start:end]; tell.document.MatchString(strings.Join(document, "\n")) {
			for i, line := range document {
				document[i] = tell.hide(line)
			}
		}
		start = end
	}
	return out
}

func (tell secretLines) hide(line string) string {
	if strings.HasPrefix(line, "---") || tell.open.MatchString(line) {
		return line
	}
	if key := tell.key.FindStringSubmatch(line + " "); key != nil {
		if strings.TrimSpace(line) == strings.TrimSpace(key[1]) {
			return line
		}
		return key[1] + " *****"
	}
	return line[:len(line)-len(strings.TrimLeft(line, " \t"))] + "*****"
}
