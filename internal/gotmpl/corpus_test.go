package gotmpl_test

// corpus has a template on each line.
const corpus = `
plain
{{.s}}{{.e}}{{.i}} {{.i64}} {{.u}} {{.f}} {{.t}} {{.no}} {{.nil}} {{.absent}}|
{{.list}} {{.m}} {{.vals}} {{.strs}} {{.files}} {{.ints}} {{.anymap}} {{.err}} {{.dur}} {{.c}} {{.b}} {{.arr}} {{.nm}}
{{.o}} {{.o.Inner}} {{.ov}} {{.ov.Inner}} {{.inner}} {{.o.Names}}
{{.np}}
{{.np.Inner}}
{{.np.Nope}}
{{.o.Nope}}
{{.ov.Nope}}
{{.inner.hidden}}
{{.inner.Next.Version}}
{{.o.Ptr.Version}}
{{.o.Ptr.Nope}}
{{.fn}}
{{.absent.x}}
{{.absent.x.y}}
{{.nil.x}}
{{.s.x}}
{{.m.n.x}}
{{.m.deep.er.x}}
{{.list.x}}
{{.i.x}}
{{.nm.x}} {{.m.absent}}
{{.nm.x.y}}
{{.vals.k}} {{.vals.absent}} {{.vals.Table}}
{{.vals.Table "sub"}}
{{.vals.Table "nope"}}
{{(.vals.Table "sub").z}}
{{.vals.AsMap.k}} {{.vals.sub.z}}
{{.vals.k "x"}}
{{.m.a "x"}}
{{.m.a | upper}}
{{"x" | .m.a}}
{{.o.Names.Has "a"}} {{.o.Names.Has "z"}} {{"a" | .o.Names.Has}}
{{.o.Names.Has}}
{{.o.Names.Has 1}}
{{.o.Names.Has .nil}}
{{.o.Names.Has .s}}
{{.o.Fail "x"}}
{{.ov.Fail "x"}}
{{.o.Func}}
{{.o.Func "x"}}
{{call .o.Func "x"}} {{call .fn 1 2}} {{2 | call .fn 1}}
{{call .fn 1}}
{{call .s 1}}
{{call .nil 1}}
{{call .fn "a" 2}}
{{.fn | call}}
{{call (call .fn 1 2) 3}}
{{if .s}}yes{{else}}no{{end}}{{if .e}}yes{{else}}no{{end}}{{if .nil}}yes{{else if .f}}f{{end}}{{if .absent}}x{{end}}
{{if .o}}o{{end}}{{if .np}}np{{end}}{{if .inner}}in{{end}}{{if .c}}c{{end}}{{if .u}}u{{end}}{{if .fn}}fn{{end}}{{if .arr}}arr{{end}}
{{with .m}}{{.a}}{{with $.nil}}x{{else}}{{.a}}{{end}}{{end}}
{{with $x := .s}}{{$x}}{{.}}{{end}}
{{with .absent}}a{{else with .s}}{{.}}{{else}}c{{end}}
{{range .list}}[{{.}}]{{end}}
{{range $i, $e := .list}}{{$i}}={{$e}};{{end}}{{range $e := .list}}{{$e}},{{end}}
{{range .empty}}x{{else}}none{{end}}{{range .nil}}x{{else}}none{{end}}{{range .absent}}x{{else}}none{{end}}{{range .nm}}x{{else}}none{{end}}
{{range $k, $v := .m}}{{$k}}:{{$v}} {{end}}{{range .m}}{{.}} {{end}}
{{range $k, $v := .vals}}{{$k}}:{{$v}} {{end}}{{range $k, $v := .files}}{{$k}}:{{$v}} {{end}}{{range $k, $v := .ints}}{{$k}}:{{$v}} {{end}}{{range $k, $v := .boolmap}}{{$k}}:{{$v}} {{end}}
{{range .strs}}{{.}}{{end}}{{range .arr}}{{.}}{{end}}{{range .b}}{{.}}{{end}}
{{range 3}}{{.}}{{end}}{{range $i := 2}}{{$i}}{{end}}{{range .u}}{{.}}{{end}}{{range 0}}x{{else}}zero{{end}}
{{range $i, $j := 2}}{{$i}}{{end}}
{{range .s}}x{{end}}
{{range .f}}x{{end}}
{{range .fn}}x{{end}}
{{range seqi 4}}{{.}}{{end}}{{range $x := seqi 5}}{{$x}}{{end}}
{{range $x, $y := seqi 5}}{{$x}}{{end}}
{{range .list}}{{break}}x{{end}}{{range .list}}{{continue}}x{{end}}{{range $i, $e := .list}}{{if eq $i 1}}{{continue}}{{end}}{{if eq $i 2}}{{break}}{{end}}{{$i}}{{end}}
{{$i := 1}}{{range .list}}{{$i = 2}}{{$j := 3}}{{end}}{{$i}}
{{$k := ""}}{{$v := ""}}{{range $k, $v = .strs}}{{end}}{{$k}}{{$v}}{{range $v = .strs}}{{$v}}{{end}}
{{$x := .s}}{{if true}}{{$x := "in"}}{{$x}}{{$x = "in2"}}{{end}}{{$x}}
{{$x := .absent}}{{$x}}{{$x.y}}
{{$x := .nil}}{{with $x}}x{{else}}e{{end}}{{$x | printf "%v"}}
{{$}}
{{$.s}} {{$.absent.y}}
{{define "a"}}<{{.}}{{$}}>{{end}}{{template "a" .s}}{{template "a"}}{{template "a" .nil}}{{include "a" .i}}
{{define "a"}}{{.x.y}}{{end}}{{template "a" .}}
{{define "a"}}{{.x.y}}{{end}}{{include "a" .}}
{{define "a"}}\n {{.x.y.z}}{{end}}{{define "b"}}\n{{include "a" . | upper}}{{end}}\n  {{include "b" .}}
{{template "nope" .}}
{{include "nope" .}}
{{block "q" .s}}[{{.}}]{{end}}
{{define "v"}}{{$y := 1}}{{end}}{{$y := 2}}{{template "v" .}}{{$y}}
{{template "v" $z := .s}}
{{upper .s}} {{.s | upper}} {{upper "x"}} {{"x" | upper}} {{upper (print "a" "b")}}
{{upper .i}}
{{upper .nil}}
{{.nil | upper}}
{{upper .absent}}
{{.absent | upper}}
{{upper nil}}
{{upper 1}}
{{upper true}}
{{upper}}
{{upper "a" "b"}}
{{upper "a" | upper "b"}}
{{upper .m}}
{{upper .err}}
{{list 1 2.0 "x" nil .nil .absent true 'c' 0x1F 1e3 1i}}
{{list}} {{list .s | list 1}} {{dict "a" 1}} {{def "x" .nil}} {{.nil | def "x"}} {{null}} {{null | printf "%v"}} {{print null}} {{list null}}
{{null.x}}
{{(null).x}}
{{boom}}
{{upper boom}}
{{bad "x"}}
{{upper (bad "x")}}
{{geti .m "a"}} {{geti .vals "k"}} {{(geti .m "deep").er}} {{geti .m "n"}}
{{geti .nil "a"}}
{{geti .s "a"}}
{{geti nil "a"}}
{{.nil | geti}}
{{addi 1 2}} {{addi .i 1}} {{1 | addi .i}}
{{addi .f 1}}
{{addi .i64 1}}
{{addi 1.5 1}}
{{addi 1.0 1}}
{{addi "a" 1}}
{{addi 0x10 'a'}}
{{add64 1 2}} {{add64 .i64 .f}} {{add64 1 2.5}}
{{add64 .i 1}}
{{u8 3}} {{u8 -1}}
{{u8 300}}
{{yes true}} {{yes .t}}
{{yes 1}}
{{yes .nil}}
{{str "a" .s}} {{str}} {{"x" | str "y"}}
{{str "a" 1}}
{{str "a" .i}}
{{slices .strs}} {{slices nil}}
{{slices .list}}
{{slices "x"}}
{{stringer .o.Inner}} {{stringer .dur}}
{{stringer .s}}
{{stringer "x"}}
{{stringer nil}}
{{mkerr}} {{print mkerr}} {{mkerr.Error}}
{{and}}
{{and .s .i}} {{and .e .i}} {{or .e .i}} {{or .e .nil}}{{or .nil}} {{and .absent 1}} {{or .absent "d"}} {{.s | and 1}} {{.e | or 0}} {{and 1 nil}} {{or nil 2}}
{{and .e (boom)}} {{or .s (boom)}}
{{and .s (boom)}}
{{not .s}} {{not .nil}} {{not .absent}} {{not 0}} {{not nil}}
{{len .s}} {{len .list}} {{len .m}} {{len .vals}} {{len .strs}} {{len .arr}} {{len .files}}
{{len .i}}
{{len .nil}}
{{len .absent}}
{{.nil | len}}
{{len nil}}
{{len .np}}
{{len 3}}
{{index .list 0}} {{index .list 3 "k"}} {{index .m "a"}} {{index .m "zz"}} {{index .m "deep" "er" 1}} {{index .vals "k"}} {{index .ints 3}} {{index .ints 4}} {{index .s 1}} {{index .strs 1}} {{index .m}} {{index .anymap "x"}} {{index .files "a"}}
{{index .list 9}}
{{index .list 4}}
{{index .list -1}}
{{index .list "a"}}
{{index .list nil}}
{{index .list 1.0}}
{{index .m 1}}
{{index .m nil}}
{{index .nil 1}}
{{index .absent "x"}}
{{index .m "zz" "y"}}
{{index .i 1}}
{{index nil 1}}
{{index .o "x"}}
{{index .np "x"}}
{{.list | index 0}}
{{(index .list 3).k}} {{(index .list 3).z}}
{{(index .list 2).k}}
{{slice .s 1}} {{slice .s 1 2}} {{slice .list 1 2}} {{slice .s}} {{slice .strs 0 1 1}} {{slice .s 4}}
{{slice .s 1 2 3}}
{{slice .s 9}}
{{slice .s 3 1}}
{{slice .i 1}}
{{slice nil}}
{{slice .nil 1}}
{{slice .strs 0 1 2 3}}
{{slice .list 0 2 1}}
{{eq .s "text"}} {{eq .s "a" "text"}} {{eq 1 1}} {{eq .i 7}} {{eq .i64 -3}} {{eq .u 9}} {{eq .i .u}} {{eq .f 1.5}} {{eq .t true}} {{eq .nil nil}} {{eq .nil .absent}} {{eq nil nil}} {{eq .nil 1}} {{eq 1 .nil}} {{eq .c 1i}} {{eq .dur .dur}} {{eq .o .o}} {{eq .np nil}}
{{eq 1 1.0}}
{{eq .s 1}}
{{eq .s}}
{{eq}}
{{eq .list .list}}
{{eq .m .list}}
{{eq .m nil}} {{eq .nm nil}} {{eq nil .m}}
{{eq .list .nil}}
{{eq .inner .inner}} {{eq .fn nil}}
{{eq .ov .ov}}
{{ne .s "x"}} {{ne 1 2}} {{ne .nil nil}}
{{ne 1 "a"}}
{{lt 1 2}} {{lt .f 2.0}} {{lt "a" "b"}} {{lt .i .u}} {{lt .u .i}} {{le 1 1}} {{gt 2 1}} {{ge 2 2}} {{le "b" "a"}} {{gt .s "a"}} {{ge 1 2}}
{{lt .t .t}}
{{lt 1 "a"}}
{{lt .nil 1}}
{{gt .c .c}}
{{ge .f 1}}
{{lt .list .list}}
{{print}} {{print 1 2 "a" "b" 3}} {{print .nil}} {{print nil}} {{print .absent}} {{println "x" 1}} {{printf "%d-%s-%v" 1 "a" .m}} {{printf "%s" .nil}} {{printf "%q" .s}} {{printf "%5.2f|%-5d|%05d" .f 3 4}} {{printf "%T %T %T" .i64 .vals .o}} {{printf "%v" .o.Inner}} {{printf "%s" .o}}
{{printf}}
{{printf 1}}
{{printf .nil}}
{{.nil | printf}}
{{printf "%*d" 5 3}} {{printf "%!" 1}} {{printf "%d" "x"}}
{{html "<a&'\">"}} {{js "it's <x>"}} {{urlquery "a b&c"}} {{html .nil}} {{.list | html}} {{html}}
{{nil}}
{{nil | upper}}
{{1 | 2}}
{{"a" "b"}}
{{.s .i}}
{{true 1}}
{{(.s) .i}}
{{$x := 1}}{{$x 2}}
{{1 | $}}
{{. | upper}}
{{1}} {{1.5}} {{1e3}} {{0x1f}} {{'a'}} {{1i}} {{true}} {{"q\"q"}} {{-1}} {{+1}} {{1_000}} {{0b11}} {{0o17}} {{017}}
{{9223372036854775808}}
{{18446744073709551615 | print}}
{{addi 9223372036854775807 0}}
{{.}}
{{- .s -}} x {{- /* c */ -}} y
{{(.m.deep).er}} {{(index .m "deep").er}} {{(.o).Inner.Version}} {{(print "x").y}}
{{.m.deep.er | index 0}}
{{(.absent).x}}
{{(upper "x").y}}
{{nil.x}}
{{if nil}}{{end}}
{{with 1}}{{.}}{{end}}{{range list 1 2}}{{.}}{{end}}
{{.s
{{end}}
{{unknown}}
{{$undefined}}
{{define "x"}}{{end}}{{define "x"}}1{{end}}{{template "x"}}
{{define "x"}}2{{end}}{{define "x"}}1{{end}}
{{break}}
{{"unterminated}}
{{if}}{{end}}
{{else}}
{{range $i, $e, $x := .list}}{{end}}
{{.boolmap.x}} {{.ints.x}}
{{.anymap.x}} {{.anymap.y}}
{{.files.a}} {{.files.zz}}
{{.err.Error}} {{.dur.Seconds}} {{.dur.String}}
{{.o.Inner.String}} {{.ov.Inner.String}}
{{.inner.String}}
{{.ov.Names.Has "b"}} {{.ov.Any}} {{.ov.Any.x}}
{{printf "%v %v" .o.Inner .ov.Inner}} {{print .o.Inner}}
{{$o := .o}}{{$o.Inner}} {{$i := .o.Inner}}{{$i}} {{print $i}}
{{repeat 3 "ab"}} {{"ab" | repeat 2}}
{{repeat "x" 3}}
{{if eq .i 7 | not}}a{{else}}b{{end}} {{if and (eq .s "text") (gt .i 3)}}c{{end}}
{{upper .s | printf "%s-%s" "a" | len}}
{{ .s | }}
{{ | .s }}
{{ .m.deep.er.0 }}
{{ .m."a" }}
`
