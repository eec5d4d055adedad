package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/seed-0d4f92cc/pack/internal/yamlio"
)

// outputFormat is the value of -o: one of the constants, or the name of one of the
// templateFormats, "=" and a text.
type outputFormat string

const (
	formatTable outputFormat = "table"
	formatJSON  outputFormat = "json"
	formatYAML  outputFormat = "yaml"
)

// outputTemplate prints data. It is what became of an expression of the user's.
type outputTemplate interface {
	print(w io.Writer, data any, opts printOptions) error
}

// printOptions are for printing by templates.
type printOptions struct {
	// noHeaders leaves the line of headers out.
	noHeaders bool
}

// outputKind is a kind of expressions.
type outputKind struct {
	name, help string
	parse      func(text string) (outputTemplate, error)
}

// fileSuffix makes the name of a kind that of the kind whose text is in a file.
const fileSuffix = "-file"

// outputKinds are those that kubectl has, in the order of completions.
func outputKinds() []outputKind {
	return []outputKind{
		{"jsonpath", "Print what a JSONPath expression selects", parseJSONPathOutput},
		{"jsonpath-as-json", "Print what a JSONPath expression selects as JSON", parseJSONPathAsJSON},
		{"go-template", "Print with a Go template", parseGoTemplateOutput},
		{"custom-columns", "Print a table of columns that are JSONPath expressions", parseColumnsOutput},
	}
}

// parseOutput reads an expression, whose text is inline.
func (o outputFormat) parse() (outputTemplate, error) {
	name, text, _ := strings.Cut(string(o), "=")
	for _, k := range outputKinds() {
		if k.name != name {
			continue
		}
		if text == "" {
			return nil, fmt.Errorf("%s needs an expression: %s=EXPRESSION", name, name)
		}
		return k.parse(text)
	}
	return nil, errors.New("invalid format type")
}

// plain says whether it is one of the constants.
func (o outputFormat) plain() bool { return o == formatTable || o == formatJSON || o == formatYAML }

// structured says whether what is printed is data, and no text for people.
func (o outputFormat) structured() bool { return o == formatJSON || !o.plain() }

// outputFlag is the flag -o.
type outputFlag struct {
	format *outputFormat
	// accept are the plain formats.
	accept []outputFormat
	read   func(name string) ([]byte, error)
}

func (f *outputFlag) String() string { return string(*f.format) }
func (f *outputFlag) Type() string   { return "format" }

// Set reads the expression, from its file where it is in one, so that what is wrong
// with it is known before anything is done.
func (f *outputFlag) Set(text string) error {
	format := outputFormat(text)
	if slices.Contains(f.accept, format) {
		*f.format = format
		return nil
	}
	if format.plain() {
		return errors.New("invalid format type")
	}
	name, file, _ := strings.Cut(text, "=")
	if kind, ok := strings.CutSuffix(name, fileSuffix); ok {
		if !slices.ContainsFunc(outputKinds(), func(k outputKind) bool { return k.name == kind && fromFile(k) }) {
			return errors.New("invalid format type")
		}
		if file == "" {
			return fmt.Errorf("%s needs a file: %s=FILE", name, name)
		}
		content, err := f.read(file)
		if err != nil {
			return err
		}
		if kind == columnsKind {
			content, err = columnsOfFile(content)
		}
		format = outputFormat(kind + "=" + string(content))
		if err == nil {
			_, err = format.parse()
		}
		if err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
	}
	if _, err := format.parse(); err != nil {
		return err
	}
	*f.format = format
	return nil
}

// fromFile says whether an expression of a kind may be in a file, as in kubectl.
func fromFile(k outputKind) bool { return k.name != "jsonpath-as-json" }

// addOutputFlag declares -o, whose default is table.
func (s *session) addOutputFlag(cmd *cobra.Command, o *outputFormat) {
	*o = formatTable
	s.addOutputFlagOf(cmd, o, formatTable, formatJSON, formatYAML)
}

// addOutputFlagOf declares -o with some of the plain formats.
func (s *session) addOutputFlagOf(cmd *cobra.Command, o *outputFormat, accept ...outputFormat) {
	names := make([]string, len(accept))
	for i, a := range accept {
		names[i] = string(a)
	}
	help := fmt.Sprintf("form of the output: %s, or an expression as for kubectl: jsonpath=..., jsonpath-as-json=..., go-template=..., custom-columns=..., jsonpath-file=... and so on",
		strings.Join(names, ", "))
	cmd.Flags().VarP(&outputFlag{o, accept, s.readFile}, "output", "o", help)
	// It fails only for a flag that does not exist or has one already.
	_ = cmd.RegisterFlagCompletionFunc("output", completeOutput(accept))
}

func completeOutput(accept []outputFormat) cobra.CompletionFunc {
	all := map[outputFormat]cobra.Completion{
		formatJSON:  "json\tOutput result in JSON format",
		formatTable: "table\tOutput result in human-readable format",
		formatYAML:  "yaml\tOutput result in YAML format",
	}
	var plain, list []cobra.Completion
	for _, a := range slices.Sorted(slices.Values(accept)) {
		plain = append(plain, all[a])
	}
	for _, k := range outputKinds() {
		list = append(list, k.name+"=\t"+k.help)
		if fromFile(k) {
			list = append(list, k.name+fileSuffix+"=\t"+k.help+" that is in a file")
		}
	}
	return func(_ *cobra.Command, _ []string, typed string) ([]cobra.Completion, cobra.ShellCompDirective) {
		// Scripts know Helm's answer, so expressions are offered once one is begun.
		if begun := func(c string) bool { return strings.HasPrefix(c, typed) }; slices.ContainsFunc(plain, begun) || !slices.ContainsFunc(list, begun) {
			return plain, cobra.ShellCompDirectiveNoFileComp
		}
		return list, cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace
	}
}

// write prints a result: data as the format says, or with table.
func (o outputFormat) write(w io.Writer, data any, table func(io.Writer) error) error {
	return o.writeWith(w, data, printOptions{}, table)
}

func (o outputFormat) writeWith(w io.Writer, data any, opts printOptions, table func(io.Writer) error) error {
	switch o {
	case formatJSON:
		return json.NewEncoder(w).Encode(data)
	case formatYAML:
		text, err := yamlio.Marshal(data)
		if err != nil {
			return err
		}
		_, err = w.Write(text)
		return err
	case formatTable:
		return table(w)
	}
	t, err := o.parse()
	if err != nil {
		return err
	}
	plain, err := plainData(data)
	if err != nil {
		return err
	}
	if err := t.print(w, plain, opts); err != nil {
		return fmt.Errorf("--output: %w", err)
	}
	return nil
}
