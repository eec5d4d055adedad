package render_test

import "strings"

// listCases make long lists, or compare what is in them.
func listCases() []hostileCase {
	return []hostileCase{
		tmpl("until", "large", `{{range until 1000000000}}{{end}}`),
		tmpl("until-step", "large", `{{range untilStep 0 1000000000 1}}{{end}}`),
		tmpl("until-held", "large", `{{$d := dict}}{{range 1000000}}{{$_ := set $d (print .) (until 1000000)}}{{end}}`),
		tmpl("append", "large", `{{$l := list}}{{range 1000000000}}{{$l = append $l .}}{{end}}`).orElse("timeout"),
		tmpl("append-held", "bound", `{{$l := list}}{{$d := dict}}{{range 1000000000}}{{$l = append $l .}}{{$_ := set $d (print .) $l}}{{end}}`),
		tmpl("concat-double", "large", `{{$l := list 1}}{{range 100}}{{$l = concat $l $l}}{{end}}`),
		tmpl("concat-many", "large", `{{$l := until 1000000}}{{$l = concat`+strings.Repeat(" $l", 1000)+`}}`),
		tmpl("keys-many", "large", `{{$d := dict}}{{range 300000}}{{$_ := set $d (print .) 1}}{{end}}{{keys`+strings.Repeat(" $d", 1000)+` | len}}`),
		tmpl("split", "large", `{{split "" (repeat 60000000 "x") | len}}`),
		tmpl("split-list", "large", `{{splitList "" (repeat 60000000 "x") | len}}`),
		tmpl("split-n", "large", `{{splitn "" 1000000000 (repeat 60000000 "x") | len}}`),
		tmpl("uniq", "timeout", `{{$l := list}}{{range chunk 1 (until 1000000)}}{{end}}{{range 1000000000}}{{$_ := uniq (chunk 2 (until 100000))}}{{end}}`),
		tmpl("has", "timeout", `{{$l := chunk 1 (until 100000)}}{{range 1000000000}}{{$_ := has . $l}}{{end}}`),
		tmpl("without", "timeout", `{{$l := until 1000000}}{{range 1000000000}}{{$_ := without $l 1 2 3}}{{end}}`),
		tmpl("reverse", "timeout", `{{$l := until 1000000}}{{range 1000000000}}{{$_ := reverse $l}}{{end}}`),
		tmpl("to-strings", "timeout", `{{$l := until 1000000}}{{range 1000000000}}{{$_ := toStrings $l}}{{end}}`),
		tmpl("lines", "timeout", `{{range 1000000000}}{{$_ := $.Files.Lines "README.md"}}{{end}}`).with("README.md", strings.Repeat("\n", 1<<20)),
		tmpl("lists-held", "bound", `{{$d := dict}}{{range 100000000}}{{$_ := set $d (print .) (list 1 2 3 4 5 6 7 8)}}{{end}}`),
		tmpl("dicts-held", "bound", `{{$d := dict}}{{range 100000000}}{{$_ := set $d (print .) (dict "a" (dict "b" 1))}}{{end}}`),
	}
}

// orElse says that a case may end in another way, too: which bound it hits first
// depends on the machine.
func (c hostileCase) orElse(want string) hostileCase {
	c.want += " " + want
	return c
}

const (
	// doubled is a dict that holds itself twice, many levels deep.
	doubled = `{{$d := dict "x" 1}}{{range 64}}{{$d = dict "a" $d "b" $d}}{{end}}`
	// cyclic holds itself.
	cyclic = `{{$d := dict}}{{$_ := set $d "d" $d}}`
	// deep is a chain of a million dicts.
	deep = `{{$d := dict}}{{range 1000000}}{{$d = dict "a" $d}}{{end}}`
	// shared holds one long text a thousand times.
	shared = `{{$s := repeat 1000000 "x"}}{{$d := dict}}{{range 1000}}{{$_ := set $d (print .) $s}}{{end}}`
)

// treeCases write and copy trees that have no end, or share their parts.
func treeCases() []hostileCase {
	var list []hostileCase
	for name, tree := range map[string]string{"doubled": doubled, "cyclic": cyclic, "deep": deep, "shared": shared} {
		for _, f := range []string{
			"toYaml $d", "toYamlPretty $d", "toJson $d", "toPrettyJson $d", "toRawJson $d", "toToml $d", "mustToYaml $d",
			"print $d", `printf "%v" $d`, "quote $d", "toString $d", "cat $d", "html $d", "join \",\" (list $d)",
			"sortAlpha (list $d)", "deepCopy $d | len", "$d",
		} {
			want := "bound"
			if name == "shared" && strings.HasPrefix(f, "deepCopy") {
				want = "bound ok" // texts are shared by the copy
			}
			list = append(list, tmpl(name+" "+f, want, tree+"{{"+f+"}}"))
		}
	}
	for name, tree := range map[string]string{"doubled": doubled, "cyclic": cyclic, "deep": deep} {
		list = append(list,
			tmpl(name+" deepEqual", "bound", tree+`{{$e := $d}}`+strings.ReplaceAll(tree, "$d", "$f")+`{{deepEqual $e $f}}`),
			tmpl(name+" uniq", "bound", tree+`{{uniq (list $d $d) | len}}`),
			tmpl(name+" has", "bound", tree+`{{has $d (list $d)}}`),
			tmpl(name+" without", "bound", tree+`{{without (list $d) $d | len}}`),
			tmpl(name+" values", "bound", tree+`{{$_ := set $.Values "d" $d}}{{.Values.YAML}}`),
		)
	}
	return append(list,
		tmpl("doubled merge", "bound", doubled+strings.ReplaceAll(doubled, "$d", "$e")+`{{merge $d $e | len}}`),
		tmpl("cyclic merge", "bound", cyclic+strings.ReplaceAll(cyclic, "$d", "$e")+`{{merge $d $e | len}}`),
		tmpl("deep merge", "bound", deep+strings.ReplaceAll(deep, "$d", "$e")+`{{mergeOverwrite $d $e | len}}`),
		tmpl("deep fields", "ok error", deep+`{{$d`+strings.Repeat(".a", 1000)+`|len}}`),
		tmpl("toml paths", "bound", `{{$k := repeat 1000000 "k"}}{{$d := dict "x" 1}}{{range 200}}{{$d = dict $k $d}}{{end}}{{toToml $d}}`),
		tmpl("yaml indentation", "bound", `{{$d := dict "x" (until 100000)}}{{range 9000}}{{$d = dict "a" $d}}{{end}}{{toYaml $d}}`),
		tmpl("escapes", "bound", `{{$s := printf "%c" 1 | repeat 30000000}}{{toJson (dict "a" $s)}}`),
	)
}
