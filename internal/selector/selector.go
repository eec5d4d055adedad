// Package selector matches label selectors as Kubernetes writes them:
// "app=web,tier!=db,env in (prod,test),!legacy".
package selector

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// MaxBytes is the longest selector that is read.
const MaxBytes = 64 << 10

// Selector is a parsed label selector. The zero Selector matches everything.
type Selector struct {
	requirements []requirement
}

// requirement is one part of a selector; all parts must hold.
type requirement struct {
	key    string
	op     operator
	values []string
}

type operator string

const (
	opExists    operator = "exists"
	opNotExists operator = "!"
	opIn        operator = "in"
	opNotIn     operator = "notin"
	opGreater   operator = ">"
	opLess      operator = "<"
)

// Matches says whether labels meet all requirements. As in Kubernetes, a label
// that is absent meets "!=" and "notin", and never "=", "in", ">" or "<".
func (s Selector) Matches(labels map[string]string) bool {
	for _, r := range s.requirements {
		if !r.matches(labels) {
			return false
		}
	}
	return true
}

func (r requirement) matches(labels map[string]string) bool {
	value, ok := labels[r.key]
	switch r.op {
	case opExists:
		return ok
	case opNotExists:
		return !ok
	case opIn:
		return ok && slices.Contains(r.values, value)
	case opNotIn:
		return !ok || !slices.Contains(r.values, value)
	}
	have, err := strconv.ParseInt(value, 10, 64)
	if !ok || err != nil {
		return false
	}
	bound, err := strconv.ParseInt(r.values[0], 10, 64)
	if err != nil {
		return false
	}
	if r.op == opGreater {
		return have > bound
	}
	return have < bound
}

// String prints the selector in a form that Parse reads as the same selector.
func (s Selector) String() string {
	parts := make([]string, len(s.requirements))
	for i, r := range s.requirements {
		switch r.op {
		case opExists:
			parts[i] = r.key
		case opNotExists:
			parts[i] = "!" + r.key
		case opIn, opNotIn:
			parts[i] = fmt.Sprintf("%s %s (%s)", r.key, r.op, strings.Join(r.values, ","))
		default:
			parts[i] = r.key + string(r.op) + r.values[0]
		}
	}
	return strings.Join(parts, ",")
}

// Parse reads a selector; blank text matches everything. The syntax is that of
// Kubernetes: key, !key, key=value, key==value, key!=value, key in (a,b), key
// notin (a,b), key>1, key<1, joined by commas. The error names the position.
func Parse(text string) (Selector, error) {
	if len(text) > MaxBytes {
		return Selector{}, fmt.Errorf("label selector is too long: %d bytes, at most %d are read", len(text), MaxBytes)
	}
	p := &parser{text: text}
	var s Selector
	if p.peek() == "" {
		return s, nil
	}
	for {
		r, err := p.requirement()
		if err != nil {
			return Selector{}, fmt.Errorf("label selector %q: %w", text, err)
		}
		s.requirements = append(s.requirements, r)
		switch t := p.next(); t {
		case "":
			return s, nil
		case ",":
		default:
			return Selector{}, fmt.Errorf("label selector %q: %w", text, p.unexpected(t, "a comma or the end"))
		}
	}
}
