package cli

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"
	"text/tabwriter"

	"k8s.io/client-go/util/jsonpath"
)

const columnsKind = "custom-columns"

// columnsOutput prints a table: a row for each element of a list, or one.
type columnsOutput struct{ columns []column }

type column struct {
	header string
	parsed *jsonpath.JSONPath
}

// parseColumnsOutput reads HEADER:EXPRESSION,...
func parseColumnsOutput(text string) (outputTemplate, error) {
	var o columnsOutput
	for i, part := range strings.Split(text, ",") {
		header, expression, ok := strings.Cut(part, ":")
		if !ok {
			return nil, fmt.Errorf("column %d of %s, %q: expected HEADER:JSONPATH", i+1, columnsKind, part)
		}
		relaxed, err := relaxedJSONPath(expression)
		if err != nil {
			return nil, fmt.Errorf("column %d of %s, %s: %w", i+1, columnsKind, header, err)
		}
		parsed, err := parseJSONPath(relaxed)
		if err != nil {
			return nil, fmt.Errorf("column %d of %s, %s: %w", i+1, columnsKind, header, err)
		}
		o.columns = append(o.columns, column{header, parsed})
	}
	return o, nil
}

// relaxedJSONPath is an expression with its braces and its first dot, which kubectl
// lets one leave out.
func relaxedJSONPath(text string) (string, error) {
	found := regexp.MustCompile(`^(?:\{\.?([^{}]+)\}|\.?([^{}]+))$`).FindStringSubmatch(text)
	if found == nil {
		return "", fmt.Errorf("unexpected path string %q, expected a path like 'name', '.name', '{name}' or '{.name}'", text)
	}
	return "{." + found[1] + found[2] + "}", nil
}

// columnsOfFile reads a file of kubectl's: a line of headers and a line of
// expressions.
func columnsOfFile(content []byte) ([]byte, error) {
	lines := bytes.SplitN(bytes.TrimRight(content, " \t\r\n"), []byte("\n"), 3)
	if len(lines) != 2 {
		return nil, errors.New("the file must have two lines: headers, and below them JSONPath expressions")
	}
	headers, expressions := bytes.Fields(lines[0]), bytes.Fields(lines[1])
	if len(headers) != len(expressions) {
		return nil, fmt.Errorf("the file has %d headers in its first line and %d expressions in its second", len(headers), len(expressions))
	}
	var specs [][]byte
	for i, h := range headers {
		specs = append(specs, append(append(h, ':'), expressions[i]...))
	}
	return bytes.Join(specs, []byte(",")), nil
}

func (o columnsOutput) print(w io.Writer, data any, opts printOptions) error {
	rows, ok := data.([]any)
	if !ok {
		rows = []any{data}
	}
	t := tabwriter.NewWriter(w, 6, 4, 3, ' ', 0) // as kubectl has it
	if !opts.noHeaders {
		headers := make([]string, len(o.columns))
		for i, c := range o.columns {
			headers[i] = c.header
		}
		fmt.Fprintln(t, strings.Join(headers, "\t"))
	}
	for _, row := range rows {
		cells := make([]string, len(o.columns))
		for i, c := range o.columns {
			var err error
			if cells[i], err = c.cell(row); err != nil {
				return fmt.Errorf("column %d of %s, %s: %w", i+1, columnsKind, c.header, err)
			}
		}
		fmt.Fprintln(t, strings.Join(cells, "\t"))
	}
	return t.Flush()
}

// cell is what a column selects of a row, with commas between several.
func (c column) cell(row any) (string, error) {
	const none = "<none>"
	if row == nil {
		return none, nil
	}
	results, err := c.parsed.FindResults(row)
	if err != nil {
		return "", err
	}
	var texts []string
	for _, list := range results {
		for _, v := range list {
			if v.IsValid() && v.CanInterface() && v.Interface() != nil {
				texts = append(texts, fmt.Sprint(v.Interface()))
			}
		}
	}
	if len(texts) == 0 {
		return none, nil
	}
	return strings.Join(texts, ","), nil
}
