package render_test

import (
	"fmt"
	"strings"
	"testing/fstest"
)

func hostileCases() []hostileCase {
	var all []hostileCase
	for _, list := range [][]hostileCase{
		endlessCases(), textCases(), listCases(), treeCases(), regexCases(), sourceCases(), yamlCases(), chartCases(),
	} {
		all = append(all, list...)
	}
	return all
}

// tmpl is a case that is one template.
func tmpl(name, want, text string) hostileCase {
	return hostileCase{name: name, want: want, template: func() string { return text }}
}

// endlessCases go on for ever, or very long.
func endlessCases() []hostileCase {
	return []hostileCase{
		tmpl("range-billion", "timeout", `{{range 1000000000}}{{end}}`),
		tmpl("range-billion-print", "large", `{{range 1000000000}}0123456789{{end}}`),
		tmpl("range-nested", "timeout", `{{range 1000000}}{{range 1000000}}{{range 1000000}}{{end}}{{end}}{{end}}`),
		tmpl("range-until", "timeout", `{{$l := until 1000000}}{{range $l}}{{range $l}}{{end}}{{end}}`),
		tmpl("range-huge-int", "timeout", `{{range 9223372036854775807}}{{if false}}{{end}}{{end}}`),
		tmpl("include-itself", "error", `{{define "a"}}{{include "a" .}}{{end}}{{include "a" .}}`),
		tmpl("include-by-turns", "error", `{{define "a"}}{{include "b" .}}{{end}}{{define "b"}}{{include "a" .}}{{end}}{{include "a" .}}`),
		tmpl("include-twice", "timeout", `{{define "a"}}{{if lt . 40}}{{include "a" (add1 .)}}{{include "a" (add1 .)}}{{end}}{{end}}{{include "a" (int64 0)}}`),
		tmpl("include-many-names", "deep", manyNames()),
		tmpl("template-itself", "error", `{{define "a"}}{{template "a" .}}{{end}}{{template "a" .}}`),
		tmpl("template-itself-print", "error", `{{define "a"}}text {{template "a" .}}{{end}}{{template "a" .}}`),
		tmpl("template-twice", "timeout", `{{define "a"}}{{if lt . 60}}{{template "a" (add1 .)}}{{template "a" (add1 .)}}{{end}}{{end}}{{template "a" (int64 0)}}`),
		tmpl("template-and-include", "error", `{{define "a"}}{{template "b" .}}{{end}}{{define "b"}}{{template "a" (dict "x" .)}}{{end}}{{template "a" .}}`),
		tmpl("tpl-itself", "deep", `{{$d := dict}}{{$_ := set $d "t" "{{tpl .t .}}"}}{{tpl $d.t $d}}`),
		tmpl("tpl-itself-long", "deep", `{{$d := dict}}{{$_ := set $d "t" (printf "{{tpl .t .}}%s" (repeat 1000000 "x"))}}{{tpl $d.t $d}}`),
		tmpl("tpl-grows", "deep", `{{$d := dict "t" "{{$_ := set . \"t\" (printf \"%sx\" .t)}}{{tpl .t .}}"}}{{tpl $d.t $d}}`),
		tmpl("tpl-distinct", "timeout", `{{range 1000000000}}{{$_ := tpl (printf "{{/*%d*/}}" .) $}}{{end}}`),
		tmpl("tpl-distinct-code", "timeout", `{{$c := repeat 100000 "{{.}}"}}{{range 1000000000}}{{$_ := tpl (printf "{{/*%d*/}}{{if false}}%s{{end}}" . $c) 1}}{{end}}`),
		tmpl("tpl-parse-deep", "large", `{{tpl (repeat 1000000 "{{if 1}}") .}}`),
		tmpl("bcrypt", "timeout", `{{range 1000000000}}{{$_ := bcrypt "x"}}{{end}}`),
		tmpl("derive-password", "timeout", `{{range 1000000000}}{{$_ := derivePassword 1 "long" "p" "u" "s"}}{{end}}`),
		tmpl("keys", "timeout", `{{range 1000000000}}{{$_ := genPrivateKey "ecdsa"}}{{end}}`),
		tmpl("certificates", "timeout", `{{range 1000000000}}{{$_ := genCAWithKey "x" 1 (genPrivateKey "ed25519")}}{{end}}`),
		tmpl("random", "timeout", `{{range 1000000000}}{{$_ := randAscii 200000}}{{end}}`),
		tmpl("shuffle", "timeout", `{{$s := repeat 200000 "x"}}{{range 1000000000}}{{$_ := shuffle $s}}{{end}}`),
		tmpl("hash", "timeout", `{{$s := repeat 50000000 "x"}}{{range 1000000000}}{{$_ := sha512sum $s}}{{end}}`),
		tmpl("sort", "timeout", `{{$l := until 500000}}{{range 1000000000}}{{$_ := sortAlpha $l}}{{end}}`),
		tmpl("variables", "timeout", `{{range 100000}}`+strings.Repeat(`{{$x := 1}}`, 2000)+`{{range 100000}}{{$_ := $.Name}}{{end}}{{end}}`),
		tmpl("short-circuit", "timeout", `{{range 1000000000}}{{and 1 (or 0 (and 1 0))}}{{end}}`),
		tmpl("variable-assign", "timeout", `{{$x := 0}}{{range 1000000000}}{{$x = add1 $x}}{{end}}`),
		tmpl("semver", "timeout", `{{$c := repeat 30 ">=1.0.0 || " | printf "%s1.0.0"}}{{range 1000000000}}{{$_ := semverCompare $c "0.0.1"}}{{end}}`),
		tmpl("semver-long", "error", `{{semverCompare (repeat 20000 ">=1.0.0 || " | printf "%s1.0.0") "0.0.1"}}`),
		tmpl("lookup", "timeout", `{{range 1000000000}}{{$_ := lookup "v1" "Pod" "" ""}}{{end}}`),
		tmpl("capabilities", "timeout", `{{range 1000000000}}{{$_ := $.Capabilities.APIVersions.Has "x"}}{{end}}`),
		{
			name: "many-files", want: "timeout",
			files: func() fstest.MapFS {
				files := fstest.MapFS{}
				for i := range 1000 {
					files[fmt.Sprintf("templates/%d.yaml", i)] = &fstest.MapFile{Data: []byte(`{{range 1000000000}}{{end}}`)}
				}
				return files
			},
		},
		{
			name: "changes-values", want: "timeout",
			template: func() string {
				return `{{range 1000000000}}{{$_ := set $.Values (print .) 1}}{{$_ := unset $.Values (print .)}}{{end}}`
			},
		},
		{
			name: "notes", want: "timeout",
			files: func() fstest.MapFS {
				return fstest.MapFS{"templates/NOTES.txt": {Data: []byte(`{{range 1000000000}}{{end}}`)}}
			},
		},
	}
}

// manyNames is templates each of which includes the next.
func manyNames() string {
	var b strings.Builder
	for i := range 20_000 {
		fmt.Fprintf(&b, `{{define "%d"}}{{include "%d" .}}{{end}}`, i, i+1)
	}
	return b.String() + `{{include "0" .}}`
}

// textCases make long texts.
func textCases() []hostileCase {
	return []hostileCase{
		tmpl("repeat-billion", "large", `{{repeat 1000000000 "x"}}`),
		tmpl("repeat-overflow", "large", `{{repeat 9223372036854775807 "xx"}}`),
		tmpl("repeat-held", "large", `{{$d := dict}}{{range 1000000}}{{$_ := set $d (print .) (repeat 1000000 "x")}}{{end}}`),
		tmpl("repeat-small-held", "bound", `{{$d := dict}}{{range 100000000}}{{$_ := set $d (print .) (repeat 100 "x")}}{{end}}`),
		tmpl("double", "large", `{{$s := "x"}}{{range 100}}{{$s = print $s $s}}{{end}}`),
		tmpl("double-printf", "large", `{{$s := "x"}}{{range 100}}{{$s = printf "%s%s" $s $s}}{{end}}`),
		tmpl("print-many", "large", `{{$s := repeat 30000000 "x"}}{{print`+strings.Repeat(" $s", 1000)+`}}`),
		tmpl("cat-many", "large", `{{$s := repeat 30000000 "x"}}{{cat`+strings.Repeat(" $s", 1000)+`}}`),
		tmpl("quote-many", "large", `{{$s := repeat 30000000 "x"}}{{quote`+strings.Repeat(" $s", 1000)+`}}`),
		tmpl("printf-indexes", "large", `{{$s := repeat 30000000 "x"}}{{printf "`+strings.Repeat("%[1]s", 1000)+`" $s}}`),
		tmpl("printf-width", "large", `{{printf (repeat 1000 "%999999d") 1}}`),
		tmpl("printf-star", "large", `{{printf (repeat 1000 "%[1]*[1]d") 999999}}`),
		tmpl("html", "large", `{{$s := repeat 60000000 "<"}}{{html $s $s}}`),
		tmpl("js", "large", `{{js (repeat 60000000 "<")}}`),
		tmpl("urlquery", "large", `{{urlquery (repeat 60000000 "<")}}`),
		tmpl("indent", "large", `{{indent 1000000000 "x"}}`),
		tmpl("indent-lines", "large", `{{nindent 10000 (repeat 1000000 "\n")}}`),
		tmpl("replace", "large", `{{replace "" (repeat 10000 "x") (repeat 1000000 "y")}}`),
		tmpl("wrap-with", "large", `{{wrapWith 1 (repeat 100000 "x") (repeat 100000 "y ")}}`),
		tmpl("join", "large", `{{$s := repeat 1000000 "x"}}{{join $s (until 1000000)}}`),
		tmpl("join-shared", "large", `{{$s := repeat 10000000 "x"}}{{$l := list`+strings.Repeat(" $s", 1000)+`}}{{join "," $l}}`),
		tmpl("base64", "large", `{{$s := repeat 1000 "x"}}{{range 100}}{{$s = b64enc $s}}{{end}}`),
		tmpl("random-huge", "large", `{{randAlphaNum 1000000000}}`),
		tmpl("random-bytes", "large", `{{randBytes 1000000000}}`),
		tmpl("seq", "large", `{{seq 1 1000000000}}`),
		tmpl("trim", "large", `{{trimAll (repeat 1000000 "ä") (repeat 10000000 "ö")}}`),
		tmpl("cases", "timeout", `{{$s := repeat 3000000 "aB c"}}{{range 1000000}}{{$_ := snakecase $s}}{{$_ := camelcase $s}}{{$_ := kebabcase $s}}{{$_ := swapcase $s}}{{$_ := title $s}}{{end}}`),
		tmpl("initials", "timeout", `{{$s := repeat 3000000 "aB c"}}{{range 1000000}}{{$_ := initials $s}}{{$_ := nospace $s}}{{$_ := untitle $s}}{{$_ := abbrev 5 $s}}{{$_ := wrap 3 $s}}{{end}}`),
		tmpl("number", "error", `{{atoi (repeat 10000000 "1")}}{{fail "end"}}`),
		tmpl("error-text", "error", `{{fail (repeat 60000000 "x")}}`),
		tmpl("files-held", "bound", `{{$d := dict}}{{range 1000000}}{{$_ := set $d (print .) ($.Files.Get "README.md" | upper)}}{{end}}`).with("README.md", strings.Repeat("x", 1<<20)),
		tmpl("output-of-files", "large", `{{range 1000000}}{{$.Files.Get "README.md"}}{{end}}`).with("README.md", strings.Repeat("x", 1<<20)),
		tmpl("include-output", "large", `{{define "a"}}{{repeat 1000000 "x"}}{{end}}{{range 1000000}}{{include "a" .}}{{end}}`),
		tmpl("range-with-held", "large", `{{with repeat 60000000 "a"}}{{with repeat 60000000 "b"}}{{with repeat 60000000 "c"}}{{with repeat 60000000 "d"}}{{with repeat 60000000 "e"}}{{with repeat 60000000 "f"}}{{end}}{{end}}{{end}}{{end}}{{end}}{{end}}`),
		tmpl("arguments-held", "large", `{{print (repeat 60000000 "a" | len | add (repeat 60000000 "b" | len)) (list (repeat 60000000 "a") (repeat 60000000 "b") (repeat 60000000 "c") (repeat 60000000 "d") (repeat 60000000 "e")) | len}}`),
	}
}

// with adds a file to a case.
func (c hostileCase) with(name, text string) hostileCase {
	c.files = func() fstest.MapFS { return fstest.MapFS{name: {Data: []byte(text)}} }
	return c
}
