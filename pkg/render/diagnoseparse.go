package render

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/seed-0d4f92cc/pack/internal/nearest"
)

// diagnoseParse explains why a template could not be parsed. The parser says
// where it noticed; what was opened and never closed is to be changed where it
// was opened.
func (r *Renderer) diagnoseParse(s source, err *Error) error {
	line := err.Line
	text := string(s.text)
	d := Diagnosis{}
	open, where := unclosed(text)
	column := where.column
	switch {
	case strings.Contains(err.Message, "unexpected EOF") && open != "":
		line = where.line
		d.Hints = append(d.Hints, Hint{Text: fmt.Sprintf("{{ %s }} has no {{ end }}", open)})
	case where.line > 0 && open == "" && (isUnclosed(err.Message) || where.line < line):
		line = where.line
		d.Hints = append(d.Hints, Hint{Text: "this action is not closed: }} is missing"})
	default:
		column = tokenColumn(lineOf(text, line), err.Message)
	}
	if m := regexp.MustCompile(`function "([^"]+)" not defined`).FindStringSubmatch(err.Message); m != nil {
		if like := nearest.Find(m[1], r.library.Names()); like != "" {
			d.Hints = append(d.Hints, Hint{Text: fmt.Sprintf("did you mean %q?", like)})
		}
	}
	d.Where = newTemplates([]source{s}).location(s.name, line, column)
	return &DiagnosedError{Err: err, Diagnosis: d}
}

func isUnclosed(message string) bool {
	return strings.Contains(message, "unclosed") || strings.Contains(message, "unexpected EOF") ||
		strings.Contains(message, "unterminated")
}

// tokenColumn finds what a message is about in its line: the first text in
// quotes, or else the first action. It counts from 0; -1 is nowhere.
func tokenColumn(line, message string) int {
	for _, m := range regexp.MustCompile(`"(?:[^"\\]|\\.)*"|<[^>]+>`).FindAllString(message, -1) {
		token := strings.Trim(m, "<>")
		if unquoted, err := strconv.Unquote(m); err == nil {
			token = unquoted
		}
		if i := strings.Index(line, token); i >= 0 && token != "" {
			return i
		}
	}
	return strings.Index(line, "{{")
}

// place is a line, from 1, and a column, from 0.
type place struct{ line, column int }

// unclosed finds what a template opens last and does not close: a block, whose
// first word is returned, or an action, for which that is empty.
func unclosed(text string) (string, place) {
	type block struct {
		word string
		at   int
	}
	var open []block
	for i := 0; ; {
		start := strings.Index(text[i:], "{{")
		if start < 0 {
			break
		}
		start += i
		end, ok := actionEnd(text, start+2)
		if !ok {
			return "", placeOf(text, start)
		}
		action := strings.TrimSpace(strings.TrimPrefix(text[start+2:end], "-"))
		switch word, _, _ := strings.Cut(action, " "); word {
		case "if", "range", "with", "define", "block":
			open = append(open, block{strings.TrimSpace(strings.TrimSuffix(action, "-")), start})
		case "end", "end-":
			if len(open) > 0 {
				open = open[:len(open)-1]
			}
		}
		i = end + 2
	}
	if len(open) == 0 {
		return "", place{}
	}
	last := open[len(open)-1]
	return cut(last.word), placeOf(text, last.at)
}

// actionEnd is where the "}}" of an action is; false if it has none before
// another one begins.
func actionEnd(text string, i int) (int, bool) {
	if body := strings.TrimLeft(strings.TrimPrefix(text[i:], "-"), " \t\n"); strings.HasPrefix(body, "/*") {
		end := strings.Index(text[i:], "*/")
		if end < 0 {
			return 0, false
		}
		i += end + 2
	}
	for i < len(text) {
		switch c := text[i]; {
		case strings.HasPrefix(text[i:], "}}"):
			return i, true
		case strings.HasPrefix(text[i:], "{{"):
			return 0, false
		case c == '"' || c == '`' || c == '\'':
			n := quotedLength(text[i:])
			if n < 0 {
				return 0, false
			}
			i += n
		default:
			i++
		}
	}
	return 0, false
}

// quotedLength is the length of the literal that text begins with, -1 if it
// does not end.
func quotedLength(text string) int {
	quote := text[0]
	for i := 1; i < len(text); i++ {
		switch {
		case text[i] == quote:
			return i + 1
		case text[i] == '\\' && quote != '`':
			i++
		case text[i] == '\n' && quote != '`':
			return -1
		}
	}
	return -1
}

func placeOf(text string, offset int) place {
	before := text[:offset]
	return place{line: 1 + strings.Count(before, "\n"), column: offset - strings.LastIndexByte(before, '\n') - 1}
}

func atoi(text string) int {
	n, _ := strconv.Atoi(text)
	return n
}
