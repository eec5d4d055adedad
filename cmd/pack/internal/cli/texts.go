package cli

import (
	"slices"
	"strings"

	"github.com/spf13/pflag"
)

// texts is a flag that may be given several times, with a text as it stands each time:
// pflag's StringArray, which makes a writer of CSV for every such flag of every command
// at each start.
type texts struct {
	value *[]string
	given bool
}

var _ pflag.SliceValue = (*texts)(nil)

// textsVar declares such a flag; what it points to is the default.
func textsVar(f *pflag.FlagSet, value *[]string, name, usage string) {
	f.Var(&texts{value: value}, name, usage)
}

func (t *texts) Set(text string) error {
	if !t.given {
		*t.value, t.given = nil, true // the default goes
	}
	*t.value = append(*t.value, text)
	return nil
}

// Type is pflag's, which help and completions show.
func (t *texts) Type() string { return "stringArray" }

// String is empty for no text, so that help shows no default.
func (t *texts) String() string {
	if t.value == nil || len(*t.value) == 0 {
		return ""
	}
	return "[" + strings.Join(*t.value, ",") + "]"
}

func (t *texts) Append(text string) error {
	*t.value = append(*t.value, text)
	return nil
}

func (t *texts) Replace(all []string) error {
	*t.value = slices.Clone(all)
	return nil
}

func (t *texts) GetSlice() []string { return slices.Clone(*t.value) }
