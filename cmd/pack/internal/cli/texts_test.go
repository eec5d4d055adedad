package cli

import (
	"slices"
	"testing"

	"github.com/spf13/pflag"
)

// TestTexts: texts are taken as they stand, commas and all, and the first one takes the
// place of the default.
func TestTexts(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		def, args, want []string
		shown           string
	}{
		"nothing":      {},
		"a default":    {def: []string{"a", "b"}, want: []string{"a", "b"}, shown: "[a,b]"},
		"no default":   {args: []string{"--x", "a,b", "--x="}, want: []string{"a,b", ""}},
		"in its place": {def: []string{"a"}, args: []string{"--x", "b", "--x", `"c"`}, want: []string{"b", `"c"`}, shown: "[a]"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			value := slices.Clone(tt.def)
			f := pflag.NewFlagSet("", pflag.ContinueOnError)
			textsVar(f, &value, "x", "")
			if err := f.Parse(tt.args); err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(value, tt.want) {
				t.Errorf("value %q, want %q", value, tt.want)
			}
			flag := f.Lookup("x")
			if flag.DefValue != tt.shown || flag.Value.Type() != "stringArray" {
				t.Errorf("default %q, type %q", flag.DefValue, flag.Value.Type())
			}
		})
	}
}
