package values

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/seed-0d4f92cc/pack/internal/yamlio"
)

// Limits of the --set grammars, all but the last two Helm's.
const (
	maxIndex = 65536
	maxDots  = 30
	// maxSteps bounds the keys and indexes of one path.
	maxSteps = yamlio.MaxDepth
	// maxFill bounds the list elements that nobody gave and that are null,
	// because a higher index was set.
	maxFill = 1 << 20
)

// assignment is one "path=value".
type assignment struct {
	path []step
	// open says that the expression ended within the path. As in Helm that
	// is no error, but nothing is set.
	open bool
	// cut says that the expression ended within the path or at the "=" after
	// a key. As in Helm, lists on the path do not grow then: "a[0].b=" sets
	// a to an empty list.
	cut bool
	// raw is a string, the text before any typing, or a []string of such
	// texts, or json.
	raw any
}

// step is a key of a map or an index of a list.
type step struct {
	key    string
	index  int
	isList bool
	offset int // in the expression
}

// parser reads expressions. Its zero value is not usable: see parse.
type parser struct {
	expr  string
	pos   int
	style Style
}

// parse reads all assignments of an expression. It has read the whole
// expression before anything is set.
func parse(expr string, style Style) ([]assignment, error) {
	p := &parser{expr: expr, style: style}
	var all []assignment
	for p.pos < len(expr) {
		a, err := p.assignment()
		if err != nil {
			return nil, err
		}
		all = append(all, a)
	}
	return all, nil
}

func (p *parser) faultf(offset int, format string, args ...any) error {
	return faultf(p.expr, offset, format, args...)
}

// until reads up to an unescaped byte of stops and goes past it. It returns
// what it read, without escapes, and the stop, or 0 at the end of the
// expression.
func (p *parser) until(stops string) (text string, stop byte) {
	start := p.pos
	for ; p.pos < len(p.expr); p.pos++ {
		c := p.expr[p.pos]
		if c == '\\' && p.style != Literal {
			p.pos++ // no stop is part of a longer character
			continue
		}
		if strings.IndexByte(stops, c) >= 0 {
			p.pos++
			return p.text(start, p.pos-1), c
		}
	}
	p.pos = len(p.expr)
	return p.text(start, p.pos), 0
}

// text is a part of the expression, without escapes. As in Helm, bytes that
// are not UTF-8 become replacement characters.
func (p *parser) text(start, end int) string {
	text := p.expr[start:end]
	if p.style != Literal && strings.IndexByte(text, '\\') >= 0 {
		var b strings.Builder
		for i := 0; i < len(text); i++ {
			if text[i] == '\\' {
				i++
			}
			if i < len(text) {
				b.WriteByte(text[i])
			}
		}
		text = b.String()
	}
	if !utf8.ValidString(text) {
		text = string([]rune(text))
	}
	return text
}

// assignment reads a path and its value.
func (p *parser) assignment() (assignment, error) {
	var a assignment
	stop, err := p.path(&a)
	if err != nil {
		return a, err
	}
	if stop == 0 {
		a.open, a.cut = true, true
		return a, nil
	}
	for _, s := range a.path {
		if s.index > maxIndex {
			return a, p.faultf(s.offset, "index of %d is greater than maximum supported index of %d", s.index, maxIndex)
		}
	}
	if p.pos == len(p.expr) && p.style != JSON && p.style != Literal {
		a.raw, a.cut = nothing{}, !a.path[len(a.path)-1].isList
		return a, nil
	}
	a.raw, err = p.value()
	return a, err
}

// path reads keys and indexes up to "=", and returns 0 if there is none.
func (p *parser) path(a *assignment) (stop byte, err error) {
	// Helm counts the dots between two keys, not those after an index.
	dots := 0
	for {
		stop, err = p.key(a)
		if stop == '.' {
			dots++
		}
		for stop == '[' {
			stop, err = p.index(a)
		}
		switch {
		case err != nil:
			return 0, err
		case stop != '.':
			return stop, nil
		case dots > maxDots:
			return 0, p.faultf(p.pos, "value name nested level is greater than maximum supported nested level of %d", maxDots)
		case len(a.path) >= maxSteps:
			return 0, p.faultf(p.pos, "more than %d keys and indexes", maxSteps)
		}
	}
}

// key reads a key and the byte after it. Only the last key of an expression
// may be empty without one.
func (p *parser) key(a *assignment) (stop byte, err error) {
	stops, offset := ".[=,", p.pos
	if p.style == Literal {
		stops = ".[="
	}
	text, stop := p.until(stops)
	switch {
	case stop == ',':
		return 0, p.faultf(offset, "key %q has no value (cannot end with ,)", text)
	case stop == 0 && text != "":
		return 0, p.faultf(offset, "key %q has no value", text)
	}
	a.path = append(a.path, step{key: text, offset: offset})
	return stop, nil
}

// index reads "0]" and the byte after it.
func (p *parser) index(a *assignment) (stop byte, err error) {
	offset := p.pos
	text, stop := p.until("]")
	if stop == 0 {
		return 0, nil
	}
	index, err := strconv.Atoi(text)
	if err != nil {
		return 0, p.faultf(offset, "error parsing index: %v", err)
	}
	if index < 0 {
		return 0, p.faultf(offset, "negative %d index not allowed", index)
	}
	if len(a.path) >= maxSteps {
		return 0, p.faultf(offset, "more than %d keys and indexes", maxSteps)
	}
	a.path = append(a.path, step{index: index, isList: true, offset: offset})
	offset = p.pos
	rest, stop := p.until(".[=")
	if rest != "" {
		return 0, p.faultf(offset, "unexpected data at end of array index: %q", []rune(rest))
	}
	return stop, nil
}
