package cli

import (
	"bytes"
	"io/fs"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/cobra"
)

type outputRow struct {
	Name     string            `json:"name"`
	Revision int               `json:"revision"`
	Labels   map[string]string `json:"labels,omitempty"`
	Secret   string            `json:"secret,omitempty"`
}

// TestOutputFormat prints a list by each format, and what the flag refuses.
func TestOutputFormat(t *testing.T) {
	t.Parallel()
	rows := []outputRow{
		{Name: "a<b", Revision: 12, Labels: map[string]string{"team": "x", "tier": "y"}, Secret: "aGVsbG8="},
		{Name: "c", Revision: 3},
	}
	tbl := &table{rows: [][]string{{"NAME"}, {"a<b"}}}
	files := map[string]string{
		"names.tmpl": "{{range .}}{{.name}};{{end}}",
		"path":       "{[1].name}",
		"columns":    "NAME   REV\n.name  .revision\n",
		"odd":        "NAME REV\n.name\n",
		"one":        "NAME REV\n",
		"bad.tmpl":   "{{range .}}\n{{.name}\n{{end}}",
	}
	for _, tc := range []struct{ text, want, err string }{
		{text: "table", want: "NAME\na<b \n"},
		{text: "json", want: `[{"name":"a\u003cb","revision":12,"labels":{"team":"x","tier":"y"},"secret":"aGVsbG8="},{"name":"c","revision":3}]` + "\n"},
		{text: "yaml", want: "- labels:\n    team: x\n    tier: \"y\"\n  name: a<b\n  revision: 12\n  secret: aGVsbG8=\n- name: c\n  revision: 3\n"},
		{text: "xml", err: "invalid format type"},
		{text: "", err: "invalid format type"},
		{text: "table=", err: "invalid format type"},
		{text: "xml=a", err: "invalid format type"},

		{text: "jsonpath={[*].name}", want: "a<b c"},
		{text: `jsonpath={range [*]}{.name}{"\t"}{.revision}{"\n"}{end}`, want: "a<b\t12\nc\t3\n"},
		{text: `jsonpath={[?(@.revision>5)].name}`, want: "a<b"},
		{text: "jsonpath={[0].nothing}|{[0].labels.team}", want: "|x"},
		{text: "jsonpath={[*].labels}", want: `{"team":"x","tier":"y"}`},
		{text: "jsonpath={[9].name}", err: "--output: jsonpath {[9].name}: array index out of bounds: index 9, length 2"},
		{text: "jsonpath=", err: "jsonpath needs an expression: jsonpath=EXPRESSION"},
		{text: "jsonpath", err: "jsonpath needs an expression: jsonpath=EXPRESSION"},
		{text: "jsonpath={[*].name", err: "error parsing jsonpath {[*].name at character 1, {[*].name: unclosed action"},
		{text: "jsonpath={[0].name} {[1.name} {[1].name}", err: "error parsing jsonpath {[0].name} {[1.name} {[1].name} at character 12, {[1.name} {[1].name}: invalid array index 1.name} {[1"},
		{text: `jsonpath={range [*]}{.name}{.x[}{end}`, err: `error parsing jsonpath {range [*]}{.name}{.x[}{end} at character 19, {.x[}{end}: unterminated array`},
		{text: "jsonpath-file=path", want: "c"},
		{text: "jsonpath-as-json={[*].name}", want: "[\n    \"a\\u003cb\",\n    \"c\"\n]\n"},
		{text: "jsonpath-as-json-file=path", err: "invalid format type"},

		{text: "go-template={{range .}}{{.name}} {{.revision}}\n{{end}}", want: "a<b 12\nc 3\n"},
		{text: "go-template={{(index . 0).nothing}}", want: "<no value>"},
		{text: "go-template={{(index . 0).secret | base64decode}}", want: "hello"},
		{text: `go-template={{range .}}{{if exists . "labels" "team"}}{{.name}}{{end}}{{end}}`, want: "a<b"},
		{text: `go-template={{exists . 1 "name"}} {{exists . 2 "name"}} {{exists . "x"}} {{exists (index . 0).name 0}}`, want: "true false false false"},
		{text: "go-template={{.name", err: "template: go-template:1: unclosed action"},
		{text: "go-template={{range .}}{{nope}}{{end}}", err: `template: go-template:1: function "nope" not defined`},
		{text: "go-template={{index . 7}}", err: `--output: template: go-template:1:2: executing "go-template" at <index . 7>: error calling index: index out of range: 7`},
		{text: "go-template={{(index . 0).name | base64decode}}", err: `--output: template: go-template:1:21: executing "go-template" at <base64decode>: error calling base64decode: base64decode: illegal base64 data at input byte 1`},
		{text: "go-template-file=names.tmpl", want: "a<b;c;"},
		{text: "go-template-file=bad.tmpl", err: "bad.tmpl: template: go-template:2: bad character U+007D '}'"},
		{text: "go-template-file=missing", err: "open missing: no such file or directory"},
		{text: "go-template-file", err: "go-template-file needs a file: go-template-file=FILE"},

		{text: "custom-columns=NAME:.name,REV:{.revision},TEAM:labels.team", want: "NAME   REV   TEAM\na<b    12    x\nc      3     <none>\n"},
		{text: "custom-columns=NAME", err: `column 1 of custom-columns, "NAME": expected HEADER:JSONPATH`},
		{text: "custom-columns=NAME:.name,REV:{.a}{.b}", err: `column 2 of custom-columns, REV: unexpected path string "{.a}{.b}", expected a path like 'name', '.name', '{name}' or '{.name}'`},
		{text: "custom-columns=NAME:.name[", err: "column 1 of custom-columns, NAME: error parsing jsonpath {.name[} at character 1, {.name[}: unterminated array"},
		{text: "custom-columns-file=columns", want: "NAME   REV\na<b    12\nc      3\n"},
		{text: "custom-columns-file=odd", err: "odd: the file has 2 headers in its first line and 1 expressions in its second"},
		{text: "custom-columns-file=one", err: "one: the file must have two lines: headers, and below them JSONPath expressions"},
	} {
		t.Run(tc.text, func(t *testing.T) {
			t.Parallel()
			var o outputFormat
			f := outputFlag{&o, []outputFormat{formatTable, formatJSON, formatYAML}, func(name string) ([]byte, error) {
				text, ok := files[name]
				if !ok {
					return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
				}
				return []byte(text), nil
			}}
			var b bytes.Buffer
			err := f.Set(tc.text)
			if err == nil {
				err = o.write(&b, rows, tbl.write)
			}
			want := strings.ReplaceAll(tc.err, "no such file or directory", fs.ErrNotExist.Error())
			if errText(err) != want {
				t.Fatalf("got error %q, want %q", errText(err), want)
			}
			if diff := cmp.Diff(tc.want, b.String()); diff != "" && tc.err == "" {
				t.Errorf("output (-want +got):\n%s", diff)
			}
		})
	}
}

// TestOutputOfOne prints what is no list, and nothing at all.
func TestOutputOfOne(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		format outputFormat
		data   any
		opts   printOptions
		want   string
	}{
		{"custom-columns=NAME:.name,REV:.revision", outputRow{Name: "a", Revision: 1}, printOptions{}, "NAME   REV\na      1\n"},
		{"custom-columns=NAME:.name", []outputRow{{Name: "a"}}, printOptions{noHeaders: true}, "a\n"},
		{"custom-columns=NAME:.name", []outputRow{}, printOptions{}, "NAME\n"},
		{"custom-columns=NAME:.name", nil, printOptions{}, "NAME\n<none>\n"},
		{"jsonpath={.name}", outputRow{Name: "a"}, printOptions{}, "a"},
		{"jsonpath={.name}", nil, printOptions{}, ""},
		{"jsonpath={.big}", map[string]any{"big": 123456789012.0}, printOptions{}, "123456789012"},
		{"go-template={{.}}", nil, printOptions{}, "<no value>"},
	} {
		var b bytes.Buffer
		if err := tc.format.writeWith(&b, tc.data, tc.opts, nil); err != nil {
			t.Errorf("%s: %v", tc.format, err)
		}
		if diff := cmp.Diff(tc.want, b.String()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tc.format, diff)
		}
	}
}

func TestCompleteOutput(t *testing.T) {
	t.Parallel()
	complete := completeOutput([]outputFormat{formatTable, formatJSON, formatYAML})
	const noFile = cobra.ShellCompDirectiveNoFileComp
	for typed, want := range map[string]cobra.ShellCompDirective{
		"": noFile, "js": noFile, "none": noFile,
		"go": noFile | cobra.ShellCompDirectiveNoSpace, "jsonp": noFile | cobra.ShellCompDirectiveNoSpace,
	} {
		list, directive := complete(nil, nil, typed)
		if directive != want {
			t.Errorf("%q: directive %d, want %d", typed, directive, want)
		}
		names := strings.Join(list, "\n")
		if expressions := directive != noFile; strings.HasPrefix(names, "json\t") == expressions ||
			strings.Contains(names, "\ncustom-columns-file=\t") != expressions || strings.Contains(names, "as-json-file") {
			t.Errorf("%q: %s", typed, names)
		}
	}
}
