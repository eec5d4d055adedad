// Package ignore reads .helmignore files and says which paths of a chart's
// folder they leave out. The rules are Helm's, including that a negated
// pattern leaves out everything that it does not match.
package ignore

import (
	"bytes"
	"errors"
	"fmt"
	"path"
	"strings"
)

// Errors in the text of a rule.
var (
	// ErrDoubleStar is returned for a pattern that contains "**".
	ErrDoubleStar = errors.New("double-star (**) syntax is not supported")
	// ErrTooMany is returned for a file of more than MaxRules rules.
	ErrTooMany = errors.New("too many ignore rules")
)

// MaxRules bounds how many rules one file may have: each is tried on each path.
const MaxRules = 10_000

// FileName is the name of the file that holds a chart's rules.
const FileName = ".helmignore"

// Rules says what to leave out. The zero value leaves out nothing.
type Rules struct {
	rules []rule
	// cost is what it costs to try the patterns, starred what those with a star
	// cost, at one byte of a path.
	cost, starred int
}

// MaxWork bounds what trying the rules of one file on all paths may cost: a rule
// with many stars looks at each byte of a path.
const MaxWork = 100_000_000

// Work is what it costs at most to try all rules on a path: a step for each rule,
// more for those that are long, and for each with a star that for each byte of the
// path.
func (rs Rules) Work(name string) int { return rs.starred*len(name) + rs.cost }

type rule struct {
	pattern string
	// negated: what does not match is left out.
	negated bool
	// dirOnly: only a folder can match.
	dirOnly bool
	// whole: the pattern is for the whole path, not for its last element.
	whole bool
}

// Parse reads the rules of a .helmignore file, one a line, and appends the one
// that always holds: hidden files directly in templates/ are left out. A
// *SyntaxError has the line.
func Parse(data []byte) (Rules, error) {
	var rs Rules
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	for n := 1; len(data) > 0; n++ {
		var line []byte
		line, data, _ = bytes.Cut(data, []byte("\n"))
		r, ok, err := parseRule(strings.TrimSpace(string(line)))
		if err != nil {
			return Rules{}, &SyntaxError{Line: n, Err: err}
		}
		if !ok {
			continue
		}
		if len(rs.rules) == MaxRules {
			return Rules{}, &SyntaxError{Line: n, Err: fmt.Errorf("%w: at most %d", ErrTooMany, MaxRules)}
		}
		rs.rules = append(rs.rules, r)
	}
	return rs.WithDefaults(), nil
}

// WithDefaults returns the rules followed by those that hold for every chart.
func (rs Rules) WithDefaults() Rules {
	all := append(rs.rules[:len(rs.rules):len(rs.rules)], rule{pattern: "templates/.?*", whole: true})
	with := Rules{rules: all}
	for _, r := range all {
		cost := 1 + len(r.pattern)/64
		if strings.Contains(r.pattern, "[") {
			cost = 1 + len(r.pattern)/2 // all of a class is read for each letter
		}
		with.cost += cost
		if strings.Contains(r.pattern, "*") {
			with.starred += cost
		}
	}
	return with
}

func parseRule(text string) (rule, bool, error) {
	if text == "" || strings.HasPrefix(text, "#") {
		return rule{}, false, nil
	}
	if strings.Contains(text, "**") {
		return rule{}, false, ErrDoubleStar
	}
	if _, err := path.Match(text, "abc"); err != nil {
		return rule{}, false, err
	}
	var r rule
	text, r.negated = strings.CutPrefix(text, "!")
	text, r.dirOnly = strings.CutSuffix(text, "/")
	var anchored bool
	text, anchored = strings.CutPrefix(text, "/")
	r.whole = anchored || strings.Contains(text, "/")
	r.pattern = text
	return r, true, nil
}

// Match says whether the path is left out. name is relative to the chart's
// root, with slashes.
func (rs Rules) Match(name string, isDir bool) bool {
	name = path.Clean(name)
	if name == "" || name == "." {
		return false
	}
	for _, r := range rs.rules {
		if r.leavesOut(name, isDir) {
			return true
		}
	}
	return false
}

func (r rule) leavesOut(name string, isDir bool) bool {
	if r.dirOnly && !isDir {
		return r.negated
	}
	return r.matches(name) != r.negated
}

func (r rule) matches(name string) bool {
	if !r.whole {
		name = path.Base(name)
	}
	ok, err := path.Match(r.pattern, name)
	return ok && err == nil
}

// SyntaxError is a rule that cannot be read.
type SyntaxError struct {
	// Line is counted from 1.
	Line int
	Err  error
}

func (e *SyntaxError) Error() string {
	return fmt.Sprintf("%s:%d: %v", FileName, e.Line, e.Err)
}

func (e *SyntaxError) Unwrap() error { return e.Err }
