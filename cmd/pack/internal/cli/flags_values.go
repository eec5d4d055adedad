package cli

import (
	"context"

	"github.com/spf13/pflag"

	"github.com/seed-0d4f92cc/pack/pkg/values"
)

// valueFlags are the flags with which users set values.
type valueFlags struct{ values.UserOptions }

func (v *valueFlags) add(f *pflag.FlagSet) {
	f.StringSliceVarP(&v.Files, "values", "f", nil, "specify values in a YAML file or a URL (can specify multiple)")
	f.StringArrayVar(&v.Set, "set", nil, "set values on the command line (can specify multiple or separate values with commas: key1=val1,key2=val2)")
	f.StringArrayVar(&v.String, "set-string", nil, "set STRING values on the command line (can specify multiple or separate values with commas: key1=val1,key2=val2)")
	f.StringArrayVar(&v.File, "set-file", nil, "set values from respective files specified via the command line (can specify multiple or separate values with commas: key1=path1,key2=path2)")
	f.StringArrayVar(&v.JSON, "set-json", nil, `set JSON values on the command line (can specify multiple or separate values with commas: key1=jsonval1,key2=jsonval2 or using json format: {"key1": jsonval1, "key2": "jsonval2"})`)
	f.StringArrayVar(&v.Literal, "set-literal", nil, "set a literal STRING value on the command line")
}

// collect reads what the flags name and returns the user's values.
func (v *valueFlags) collect(ctx context.Context, s *session) (values.Map, error) {
	return values.Collect(ctx, v.UserOptions, func(name string) ([]byte, error) {
		return s.readInput(ctx, name)
	})
}
