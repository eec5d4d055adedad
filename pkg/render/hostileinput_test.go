package render_test

import (
	"fmt"
	"strings"
	"testing/fstest"
)

// regexCases are expressions that take long, or grow.
func regexCases() []hostileCase {
	return []hostileCase{
		tmpl("regex-nested", "error", `{{regexFind "((((a{1000}){1000}){1000}){1000})" "a"}}`),
		tmpl("regex-large", "large", `{{regexFind (printf "(%s){1000}" (repeat 1000 "a")) "a"}}`),
		tmpl("regex-largest", "error", `{{regexFind (printf "(%s){1000}" (repeat 1000000 "a")) "a"}}`).orElse("large"),
		tmpl("regex-deep", "error", `{{regexFind (printf "%sa%s" (repeat 1000000 "(") (repeat 1000000 ")")) "a"}}`),
		tmpl("regex-backtrack", "ok", `a: {{regexMatch "^(a+)+$" (print (repeat 100000 "a") "b")}}`),
		tmpl("regex-slow", "timeout", `{{regexMatch (printf "%sx" (repeat 500 "(a*)*")) (repeat 30000000 "a")}}`),
		tmpl("regex-quadratic", "timeout", `{{regexFindAll "a.*b|a" (repeat 2000000 "a") -1 | len}}`),
		tmpl("regex-quadratic-replace", "timeout", `{{regexReplaceAll "a.*b|a" (repeat 2000000 "a") "c" | len}}`),
		tmpl("regex-quadratic-split", "timeout", `{{regexSplit "a.*b|a" (repeat 2000000 "a") -1 | len}}`),
		tmpl("regex-grow", "bound", `{{$s := "a"}}{{range 100}}{{$s = regexReplaceAll "a" $s "aa"}}{{end}}`),
		tmpl("regex-grow-group", "large", `{{regexReplaceAll "(.*)" (repeat 1000000 "a") (repeat 1000 "$1")}}`),
		tmpl("regex-matches", "large", `{{regexFindAll "" (repeat 30000000 "a") -1 | len}}`),
		tmpl("regex-distinct", "timeout", `{{range 1000000000}}{{$_ := regexMatch (printf "(%s%d){10}" (repeat 5000 "a") .) "a"}}{{end}}`),
		tmpl("regex-quote", "large", `{{$s := "."}}{{range 100}}{{$s = regexQuoteMeta $s}}{{end}}`),
		tmpl("glob", "timeout", `{{range 1000000000}}{{$_ := $.Files.Glob "`+strings.Repeat("{a,b,", 20)+strings.Repeat("}", 20)+strings.Repeat("*a", 100)+`"}}{{end}}`).with(strings.Repeat("a", 200), "x"),
		tmpl("glob-long", "error", `{{range 3}}{{$_ := $.Files.Glob (repeat 100000 "**/*{a,b}") | len}}{{end}}{{fail "end"}}`).with(strings.Repeat("a/", 20)+"a", "x").orElse("large"),
	}
}

// sourceCases are templates that are hard to parse.
func sourceCases() []hostileCase {
	source := func(name, want string, text func() string) hostileCase {
		return hostileCase{name: name, want: want, template: text}
	}
	return []hostileCase{
		source("source-text", "ok large", func() string { return "#" + strings.Repeat("text ", 10<<20) }),
		source("source-actions", "large", func() string { return strings.Repeat("{{.}}", 10<<20) }),
		source("source-arguments", "large", func() string { return "{{print " + strings.Repeat("1 ", 20<<20) + "}}" }),
		source("source-parentheses", "large error", func() string { return "{{" + strings.Repeat("(", 40<<20) + "}}" }),
		source("source-parentheses-some", "error", func() string { return "{{" + strings.Repeat("(", 500_000) + "}}" }),
		source("source-if", "large", func() string { return strings.Repeat("{{if 1}}", 100_000) + strings.Repeat("{{end}}", 100_000) }),
		source("source-if-open", "deep", func() string { return strings.Repeat("{{if 1}}", 100_000) }),
		source("source-else-if", "deep", func() string { return "{{if 0}}" + strings.Repeat("{{else if 0}}", 70_000) + "{{end}}" }),
		source("source-range-deep", "timeout", func() string { return strings.Repeat("{{range 2}}", 40_000) + strings.Repeat("{{end}}", 40_000) }),
		source("source-pipe", "ok error", func() string { return "{{1" + strings.Repeat("|print", 100_000) + "}}" }),
		source("source-fields", "ok error", func() string { return "{{." + strings.Repeat("a.", 300_000) + "a}}" }),
		source("source-defines", "ok", func() string {
			var b strings.Builder
			for i := range 30_000 {
				fmt.Fprintf(&b, `{{define "%d"}}x{{end}}`, i)
			}
			return b.String()
		}),
		source("source-same-defines", "error", func() string { return strings.Repeat(`{{define "a"}}x{{end}}`, 40_000) }),
		source("source-long-name", "ok error", func() string { return `{{define "` + strings.Repeat("a", 1_000_000) + `"}}x{{end}}` }),
		source("source-long-include", "error", func() string { return `{{include "` + strings.Repeat("a", 1_000_000) + `" .}}` }),
		source("source-variables", "large", func() string {
			return "{{$x := 1}}" + strings.Repeat("{{$y:=1}}", 45_000) + strings.Repeat("{{$x}}", 50_000)
		}),
		source("source-comment", "error", func() string { return "{{/*" + strings.Repeat("x", 30<<20) }).orElse("large"),
		source("source-number", "error", func() string { return "{{" + strings.Repeat("1", 1_000_000) + "}}" }),
		{
			name: "source-many-files", want: "large",
			files: func() fstest.MapFS {
				files := fstest.MapFS{}
				for i := range 100 {
					files[fmt.Sprintf("templates/%d.yaml", i)] = &fstest.MapFile{Data: []byte(strings.Repeat("{{.}}", 200_000))}
				}
				return files
			},
		},
		{
			name: "source-files", want: "ok",
			files: func() fstest.MapFS {
				files := fstest.MapFS{}
				for i := range 40_000 {
					files[fmt.Sprintf("templates/%d.yaml", i)] = &fstest.MapFile{Data: []byte("#{{.Release.Name}}")}
				}
				return files
			},
		},
	}
}
