package values

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode"
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
	// open says that the expression ended within the path. That is no error:
	// what the path goes through is made, but nothing is set.
	open bool
	// value is a string, the text before any typing, or a []string of such
	// texts, or json.
	value any
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
	var stop byte
	var err error
	for dots := 0; ; dots++ {
		if dots > maxDots {
			return a, p.faultf(p.pos, "value name nested level is greater than maximum supported nested level of %d", maxDots)
		}
		if stop, err = p.key(&a); err != nil {
			return a, err
		}
		for stop == '[' && err == nil {
			stop, err = p.index(&a)
		}
		if err != nil {
			return a, err
		}
		if stop != '.' {
			break
		}
	}
	if a.open = stop == 0; a.open {
		return a, nil
	}
	for _, s := range a.path {
		if s.index > maxIndex {
			return a, p.faultf(s.offset, "index of %d is greater than maximum supported index of %d", s.index, maxIndex)
		}
	}
	a.value, err = p.value()
	return a, err
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
	if a.path = append(a.path, step{index: index, isList: true, offset: offset}); len(a.path) > maxSteps {
		return 0, p.faultf(offset, "more than %d indexes in one key", maxSteps)
	}
	offset = p.pos
	rest, stop := p.until(".[=")
	if rest != "" {
		return 0, p.faultf(offset, "unexpected data at end of array index: %s", quoteRunes(rest))
	}
	return stop, nil
}

// quoteRunes prints the first characters of text as Helm does.
func quoteRunes(text string) string {
	const most = 40
	runes := []rune(text)
	if len(runes) > most {
		return fmt.Sprintf("%q", runes[:most]) + "…"
	}
	return fmt.Sprintf("%q", runes)
}

// value reads what follows "=", and the comma after it.
func (p *parser) value() (any, error) {
	switch p.style {
	case Literal:
		text := p.text(p.pos, len(p.expr))
		p.pos = len(p.expr)
		return text, nil
	case JSON:
		return p.jsonValue()
	}
	if strings.HasPrefix(p.expr[p.pos:], "{") {
		return p.list()
	}
	atEnd := p.pos == len(p.expr)
	text, _ := p.until(",")
	if atEnd && p.style == File {
		return nothing{}, nil
	}
	return text, nil
}

// nothing stands for the name of a file that the expression ended before. Its
// content is empty; an empty name anywhere else is read as any name.
type nothing struct{}

// list reads "{a,b}" and the comma after it.
func (p *parser) list() (any, error) {
	offset := p.pos
	p.pos++
	texts := []string{}
	for {
		text, stop := p.until(",}")
		texts = append(texts, text)
		switch stop {
		case '}':
			if strings.HasPrefix(p.expr[p.pos:], ",") {
				p.pos++
			}
			return texts, nil
		case 0:
			return nil, p.faultf(offset, "list must terminate with '}'")
		}
	}
}

// jsonValue reads one JSON value, the blanks around it and a comma. No value
// is null.
func (p *parser) jsonValue() (any, error) {
	p.skipSpace()
	if p.skipComma() || p.pos == len(p.expr) {
		return nil, nil
	}
	offset := p.pos
	dec := json.NewDecoder(strings.NewReader(p.expr[p.pos:]))
	var value any
	if err := dec.Decode(&value); err != nil {
		if bad, ok := errors.AsType[*json.SyntaxError](err); ok {
			offset += int(bad.Offset)
		}
		return nil, p.faultf(min(offset, len(p.expr)), "not a JSON value: %v", err)
	}
	if err := yamlio.CheckDepth(value); err != nil {
		return nil, p.faultf(offset, "%v", err)
	}
	p.pos += int(dec.InputOffset())
	p.skipSpace()
	p.skipComma()
	return value, nil
}

func (p *parser) skipSpace() {
	rest := p.expr[p.pos:]
	p.pos += len(rest) - len(strings.TrimLeftFunc(rest, unicode.IsSpace))
}

func (p *parser) skipComma() bool {
	if !strings.HasPrefix(p.expr[p.pos:], ",") {
		return false
	}
	p.pos++
	return true
}
