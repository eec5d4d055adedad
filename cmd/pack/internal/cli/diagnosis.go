package cli

import (
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/seed-0d4f92cc/pack/pkg/chart"
	"github.com/seed-0d4f92cc/pack/pkg/render"
	"github.com/seed-0d4f92cc/pack/pkg/values"
)

// diagnosisPrinter shows where an error comes from, below its text.
type diagnosisPrinter struct {
	w io.Writer
	// paint colours a text where errors are coloured.
	paint func(st style, text string) string
}

// print shows what is known of an error beside its text.
func (p diagnosisPrinter) print(err error) {
	if err == nil {
		return
	}
	if d, ok := errors.AsType[*render.DiagnosedError](err); ok {
		p.diagnosis(d.Diagnosis)
	}
	if syntax, ok := errors.AsType[*values.SyntaxError](err); ok {
		p.expression(syntax)
	}
	if file, ok := errors.AsType[*values.FileError](err); ok {
		p.file(file.Name, file.Data, file.Line())
	}
	if bad, ok := errors.AsType[*chart.Error](err); ok {
		p.file(bad.Path, bad.Data, bad.Line)
	}
	if o, ok := errors.AsType[*originsError](err); ok {
		for _, note := range o.notes {
			p.note(note)
		}
	}
}

// expression shows an expression of a --set flag with a caret where it is at
// fault. What other assignments set may be secret.
func (p diagnosisPrinter) expression(e *values.SyntaxError) {
	text, column := e.Masked()
	text, column = clipAround(blanked(text), column+1)
	fmt.Fprintf(p.w, "  | %s\n", text)
	if column > 0 {
		fmt.Fprintf(p.w, "  | %s%s\n", blankFor(text[:column-1]), p.paint(styleRed, "^"))
	}
}

// file shows a line of a file.
func (p diagnosisPrinter) file(name string, data []byte, line int) {
	if line == 0 || len(data) == 0 {
		return
	}
	lines := strings.SplitN(string(data), "\n", line+1)
	if line > len(lines) {
		line = len(lines)
	}
	source := strings.TrimSuffix(lines[line-1], "\r")
	column := 1 + len(source) - len(strings.TrimLeft(source, " \t"))
	p.location("-->", render.Location{File: name, Line: line, Column: column, Source: source})
}

func (p diagnosisPrinter) note(text string) {
	fmt.Fprintf(p.w, "  %s %s\n", p.paint(styleYellow, "note:"), visible(text))
}

func (p diagnosisPrinter) diagnosis(d render.Diagnosis) {
	p.location("-->", d.Where)
	for i := len(d.Chain) - 1; i >= 0; i-- {
		l := d.Chain[i]
		fmt.Fprintf(p.w, "  from %s", p.paint(styleCyan, visible(l.String())))
		if l.Expression != "" {
			fmt.Fprintf(p.w, ": %s", clip(blanked(l.Expression)))
		} else if text := strings.TrimSpace(l.Source); text != "" {
			fmt.Fprintf(p.w, ": %s", clip(blanked(text)))
		}
		fmt.Fprintln(p.w)
	}
	p.rendered(d.Rendered)
	for _, h := range d.Hints {
		p.note(h.Text)
	}
}

// location shows a line of a file with a caret below the column.
func (p diagnosisPrinter) location(arrow string, l render.Location) {
	fmt.Fprintf(p.w, "  %s %s\n", arrow, p.paint(styleBold, visible(l.String())))
	if l.Line == 0 || l.Source == "" {
		return
	}
	source, column := clipAround(blanked(l.Source), l.Column)
	number := strconv.Itoa(l.Line)
	fmt.Fprintf(p.w, "  %s | %s\n", number, source)
	if column > 0 {
		fmt.Fprintf(p.w, "  %s | %s%s\n", strings.Repeat(" ", len(number)), blankFor(source[:column-1]), p.paint(styleRed, "^"))
	}
}

// rendered shows lines of the output.
func (p diagnosisPrinter) rendered(lines []render.RenderedLine) {
	if len(lines) == 0 {
		return
	}
	fmt.Fprintln(p.w, "  rendered:")
	width := len(strconv.Itoa(lines[len(lines)-1].Number))
	for _, l := range lines {
		text := fmt.Sprintf("%*d | %s", width, l.Number, blanked(l.Text))
		if l.Fault {
			fmt.Fprintf(p.w, "  > %s\n", p.paint(styleRed, text))
			continue
		}
		fmt.Fprintf(p.w, "    %s\n", strings.TrimRight(text, " "))
	}
}

// blankFor is as wide as a text: tabs stay, so that what follows stands below.
func blankFor(text string) string {
	return strings.Map(func(r rune) rune {
		if r == '\t' {
			return r
		}
		return ' '
	}, text)
}

// shownWidth is how much of a line is shown.
const shownWidth = 160

// clip shortens what is shown of an expression.
func clip(text string) string {
	if len(text) <= shownWidth {
		return text
	}
	return strings.ToValidUTF8(text[:shownWidth], "") + "…"
}

// clipAround shortens a line around a column, which counts bytes from 1 and is
// 0 where there is none.
func clipAround(line string, column int) (string, int) {
	if column > len(line)+1 {
		column = 0
	}
	if len(line) <= shownWidth {
		return line, column
	}
	from := max(0, column-shownWidth/2)
	for from > 0 && !utf8.RuneStart(line[from]) {
		from--
	}
	to := min(len(line), from+shownWidth)
	for to < len(line) && !utf8.RuneStart(line[to]) {
		to++
	}
	text, shift := line[from:to], from
	if from > 0 {
		text = "…" + text
		shift -= len("…")
	}
	if to < len(line) {
		text += "…"
	}
	return text, max(0, column-shift)
}
