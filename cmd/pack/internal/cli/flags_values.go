package cli

import "github.com/spf13/pflag"

// valueFlags are the flags with which users set values.
type valueFlags struct {
	files    []string
	json     []string
	set      []string
	strings  []string
	fromFile []string
	literal  []string
}

func (v *valueFlags) add(f *pflag.FlagSet) {
	f.StringSliceVarP(&v.files, "values", "f", nil, "specify values in a YAML file or a URL (can specify multiple)")
	f.StringArrayVar(&v.set, "set", nil, "set values on the command line (can specify multiple or separate values with commas: key1=val1,key2=val2)")
	f.StringArrayVar(&v.strings, "set-string", nil, "set STRING values on the command line (can specify multiple or separate values with commas: key1=val1,key2=val2)")
	f.StringArrayVar(&v.fromFile, "set-file", nil, "set values from respective files specified via the command line (can specify multiple or separate values with commas: key1=path1,key2=path2)")
	f.StringArrayVar(&v.json, "set-json", nil, `set JSON values on the command line (can specify multiple or separate values with commas: key1=jsonval1,key2=jsonval2 or using json format: {"key1": jsonval1, "key2": "jsonval2"})`)
	f.StringArrayVar(&v.literal, "set-literal", nil, "set a literal STRING value on the command line")
}
