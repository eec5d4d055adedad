package cli

import (
	"encoding/json"
	"errors"
	"io"

	"github.com/spf13/cobra"

	"github.com/seed-0d4f92cc/pack/internal/yamlio"
)

// outputFormat is the value of -o.
type outputFormat string

const (
	formatTable outputFormat = "table"
	formatJSON  outputFormat = "json"
	formatYAML  outputFormat = "yaml"
)

func (o *outputFormat) String() string { return string(*o) }
func (o *outputFormat) Type() string   { return "format" }

func (o *outputFormat) Set(text string) error {
	switch f := outputFormat(text); f {
	case formatTable, formatJSON, formatYAML:
		*o = f
		return nil
	}
	return errors.New("invalid format type")
}

// addOutputFlag declares -o, whose default is table.
func addOutputFlag(cmd *cobra.Command, o *outputFormat) {
	*o = formatTable
	cmd.Flags().VarP(o, "output", "o", "form of the output: table, json or yaml")
	// It fails only for a flag that does not exist or has one already.
	_ = cmd.RegisterFlagCompletionFunc("output", cobra.FixedCompletions([]cobra.Completion{
		"json\tOutput result in JSON format",
		"table\tOutput result in human-readable format",
		"yaml\tOutput result in YAML format",
	}, cobra.ShellCompDirectiveNoFileComp))
}

// write prints a result: data as JSON or YAML, or else with table.
func (o outputFormat) write(w io.Writer, data any, table func(io.Writer) error) error {
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
	default:
		return table(w)
	}
}
