package cli

import (
	"context"

	"github.com/spf13/pflag"

	"github.com/seed-0d4f92cc/pack/pkg/values"
)

// valueFlags are the flags with which users set values.
type valueFlags struct{ values.UserOptions }

func (v *valueFlags) add(f *pflag.FlagSet) {
	f.StringSliceVarP(&v.Files, "values", "f", nil, "YAML file or URL with values; repeatable, later ones win")
	f.StringArrayVar(&v.Set, "set", nil, "set values: a.b=1,c=text,d={x,y}; repeatable")
	f.StringArrayVar(&v.String, "set-string", nil, "set values as --set does, all of them as strings; repeatable")
	f.StringArrayVar(&v.File, "set-file", nil, "set values to the contents of files: a.b=path; repeatable")
	f.StringArrayVar(&v.JSON, "set-json", nil, `set values to JSON: a.b={"c":1}, or one object for all: {"a":1}; repeatable`)
	f.StringArrayVar(&v.Literal, "set-literal", nil, "set one value to the text as it stands, without escapes; repeatable")
}

// collect reads what the flags name and returns the user's values.
func (v *valueFlags) collect(ctx context.Context, s *session) (values.Map, error) {
	return values.Collect(ctx, v.UserOptions, func(name string) ([]byte, error) {
		return s.readInput(ctx, name)
	})
}
