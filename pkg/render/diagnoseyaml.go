package render

import (
	"context"
	"errors"
	"strconv"
	"strings"

	"github.com/seed-0d4f92cc/pack/internal/gotmpl"
	"github.com/seed-0d4f92cc/pack/internal/yamlio"
	"github.com/seed-0d4f92cc/pack/pkg/manifest"
)

// maxDiagnosed is how long an output may be for its fault to be searched.
const maxDiagnosed = 1 << 20

// around is how many rendered lines are shown before and after a faulty one.
const around = 3

// diagnoseYAML explains why the output of a file cannot be read: it finds the
// faulty line, executes the file once more, and tells which line of which
// template wrote it.
func (e *execution) diagnoseYAML(ctx context.Context, file File, err error) error {
	if _, ok := errors.AsType[*manifest.ParseError](err); !ok || ctx.Err() != nil || len(file.Content) > maxDiagnosed {
		return err
	}
	at := faultyLine(file.Content)
	if at < 0 {
		return err
	}
	d := Diagnosis{Rendered: renderedAround(file.Content, at)}
	d.Where = Location{File: inRoot(file.Path)}
	d.Hints = yamlHints(lineOf(file.Content, at+1), err)
	if places := e.writers(ctx, file, at); len(places) > 0 {
		texts := newTemplates(e.sources)
		for _, p := range places {
			l := texts.location(p.File, p.Line, p.Column)
			d.Chain = append(d.Chain, l)
		}
		last := len(d.Chain) - 1
		d.Where, d.Chain = d.Chain[last], d.Chain[:last]
	}
	return &DiagnosedError{Err: err, Configured: e.configured, Diagnosis: d}
}

func renderedAround(text string, at int) []RenderedLine {
	lines := hideSecrets(strings.Split(strings.TrimSuffix(text, "\n"), "\n"))
	var out []RenderedLine
	for i := max(0, at-around); i <= min(len(lines)-1, at+around); i++ {
		out = append(out, RenderedLine{Number: i + 1, Text: cut(lines[i]), Fault: i == at})
	}
	return out
}

// faultyLine is the line, from 0, in which the first document that cannot be
// read goes wrong; -1 where all can.
func faultyLine(text string) int {
	rest := text
	for _, document := range manifest.Split(text) {
		start := len(text) - len(rest) + strings.Index(rest, document)
		rest = text[start+len(document):]
		if _, err := manifest.Parse("", document); err == nil {
			continue
		}
		return strings.Count(text[:start], "\n") + faultIn(document)
	}
	return -1
}

// faultIn finds the line of a document, from 0, at which it goes wrong.
func faultIn(document string) int { return yamlio.Fault(document, readsAsMap) }

// readsAsMap says whether a beginning of a document could be that of an object.
func readsAsMap(text string) bool {
	trimmed := strings.TrimSpace(text)
	if trimmed == "" {
		return true
	}
	m, err := manifest.Parse("", text)
	if err != nil {
		return false
	}
	return m.Ref.Kind != "" || m.Ref.APIVersion != "" || isMapOrComment(text)
}

// writers are the positions that wrote a line of the output of a file: the
// action or the text in the file, and, as long as the text of a call of include
// or tpl is itself at fault, where that wrote it. It is empty where the file
// does not render to the same text again.
func (e *execution) writers(ctx context.Context, file File, line int) []gotmpl.Position {
	for i, src := range e.files {
		if src.name != file.Path {
			continue
		}
		t, _, err := e.retrace(ctx, i)
		if err != nil || strings.ReplaceAll(t.Written.Text, noValue, "") != file.Content {
			return nil
		}
		return known(writersOf(t.Written, line), newTemplates(e.sources))
	}
	return nil
}

// known leaves out positions in texts that were given to tpl.
func known(list []gotmpl.Position, texts templates) []gotmpl.Position {
	for i, p := range list {
		if _, ok := texts[p.File]; !ok {
			return list[:i]
		}
	}
	return list
}

// writersOf finds who wrote a line of a text.
func writersOf(w gotmpl.Written, line int) []gotmpl.Position {
	seg, ok := segmentOf(w, line)
	if !ok {
		return nil
	}
	at := seg.Position
	start := lineStart(w.Text, line)
	if offset := start - seg.From; offset > 0 && seg.IsText {
		// A text of several lines: the position is that of its beginning.
		at.Line += strings.Count(w.Text[seg.From:start], "\n")
		at.Column = 0
	}
	list := []gotmpl.Position{at}
	content := strings.TrimSpace(lineOf(w.Text, line+1))
	for _, inner := range seg.Inner {
		n := lineWith(inner.Text, content, line-strings.Count(w.Text[:seg.From], "\n"))
		if n < 0 || !faultyAlone(inner.Text, n) {
			continue
		}
		return append(list, writersOf(inner, n)...)
	}
	return list
}

// segmentOf is the segment that wrote the first character of a line that is no
// blank; for an empty line, the line break before it.
func segmentOf(w gotmpl.Written, line int) (gotmpl.Segment, bool) {
	start := lineStart(w.Text, line)
	if start < 0 {
		return gotmpl.Segment{}, false
	}
	for start < len(w.Text) && w.Text[start] == ' ' {
		start++
	}
	for _, seg := range w.Segments {
		if start >= seg.From && start < seg.To {
			return seg, true
		}
	}
	return gotmpl.Segment{}, false
}

// lineStart is the offset of a line, -1 if there is none.
func lineStart(text string, line int) int {
	at := 0
	for range line {
		i := strings.IndexByte(text[at:], '\n')
		if i < 0 {
			return -1
		}
		at += i + 1
	}
	return at
}

// lineWith is the line of a text that holds content and is nearest to a guess;
// -1 if none does.
func lineWith(text, content string, guess int) int {
	best := -1
	for n, l := range strings.Split(text, "\n") {
		if strings.TrimSpace(l) != content || content == "" {
			continue
		}
		if best < 0 || abs(n-guess) < abs(best-guess) {
			best = n
		}
	}
	return best
}

func abs(n int) int { return max(n, -n) }

// faultyAlone says whether a text cannot be read by itself, from a line on.
func faultyAlone(text string, line int) bool {
	return !readableAlone(text) && faultIn(strings.TrimLeft(text, "\n"))+leadingBreaks(text) == line
}

func leadingBreaks(text string) int { return len(text) - len(strings.TrimLeft(text, "\n")) }

// yamlHints tell what is often meant by such a line.
func yamlHints(line string, err error) []Hint {
	var list []Hint
	trimmed := strings.TrimSpace(line)
	value := trimmed
	if _, after, ok := strings.Cut(trimmed, ": "); ok {
		value = strings.TrimSpace(after)
	}
	switch {
	case strings.HasPrefix(strings.TrimLeft(line, " "), "\t"):
		list = append(list, Hint{Text: "YAML does not allow tabs in indentation: use blanks"})
	case value != "" && strings.ContainsAny(value[:1], "*&!%@`{[|>"):
		list = append(list, Hint{Text: "a text that begins with " + strconv.Quote(value[:1]) + " has to be in quotes: use quote"})
	case strings.Contains(value, ": ") && strings.Contains(err.Error(), "mapping values"):
		list = append(list, Hint{Text: `a text with ": " in it has to be in quotes: use quote; or the line belongs to another level: check its indentation`})
	case strings.Contains(err.Error(), "mapping values"), strings.Contains(err.Error(), "did not find expected"):
		list = append(list, Hint{Text: "check the indentation: nindent N in the template has to fit the line before"})
	}
	return list
}
