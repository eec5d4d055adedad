package lint

import (
	"fmt"
	"regexp"
	"strings"
)

// The rules for names of objects, with the words of Kubernetes for each
// (https://kubernetes.io/docs/concepts/overview/working-with-objects/names).
const (
	subdomainPattern = `[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*`
	subdomainText    = "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '" + subdomainPattern + "')"
	labelPattern     = `[a-z0-9]([-a-z0-9]*[a-z0-9])?`
	labelText        = "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '" + labelPattern + "')"
	label1035Pattern = `[a-z]([-a-z0-9]*[a-z0-9])?`
	label1035Text    = "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '" + label1035Pattern + "')"
)

// nameRules are the rules for names; what they compile they keep.
type nameRules map[string]*regexp.Regexp

// problem says what is wrong with the name of an object of a kind; empty means
// nothing. Which kind has which rule is as in helm lint.
func (r nameRules) problem(kind, name string) string {
	var problems []string
	switch strings.ToLower(kind) {
	case "certificatesigningrequest":
	case "role", "clusterrole", "rolebinding", "clusterrolebinding":
		problems = pathSegment(name)
	case "namespace":
		problems = r.pattern(name, 63, labelPattern, labelText)
		if len(problems) > 0 && strings.Contains(name, ".") && name != "." {
			problems[len(problems)-1] = "must not contain dots"
		}
	case "service":
		problems = r.pattern(name, 63, label1035Pattern, label1035Text)
	default:
		problems = r.pattern(name, 253, subdomainPattern, subdomainText)
	}
	for i, p := range problems {
		problems[i] = fmt.Sprintf("metadata.name: Invalid value: %q: %s", name, p)
	}
	if len(problems) > 1 {
		return "[" + strings.Join(problems, ", ") + "]"
	}
	return strings.Join(problems, "")
}

func (r nameRules) pattern(name string, limit int, expr, text string) []string {
	var problems []string
	if len(name) > limit {
		problems = append(problems, fmt.Sprintf("must be no more than %d characters", limit))
	}
	compiled := r[expr]
	if compiled == nil {
		compiled = regexp.MustCompile("^" + expr + "$")
		r[expr] = compiled
	}
	if !compiled.MatchString(name) {
		problems = append(problems, text)
	}
	return problems
}

// pathSegment is the rule for names that need only fit into a URL.
func pathSegment(name string) []string {
	if name == "." || name == ".." {
		return []string{fmt.Sprintf("may not be '%s'", name)}
	}
	var problems []string
	for _, c := range []string{"/", "%"} {
		if strings.Contains(name, c) {
			problems = append(problems, fmt.Sprintf("may not contain '%s'", c))
		}
	}
	return problems
}
