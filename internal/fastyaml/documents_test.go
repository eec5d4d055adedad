package fastyaml_test

import (
	"slices"
	"strings"
)

// scalars are texts that plain scalars of any type are made of, and some that
// are none.
func scalars() []string {
	return strings.Fields(`
		a é 日本 🎉 y Y yes YES yEs n no No off on On ON true True tRUE false ~ null Null NULL nULL
		= << <<: * & ! | > % @ ` + "`" + ` ' " # , [ ] { } - -- --- ... .. . + -a ?a :a a:b a#b a: :
		0 -0 +0 1 -1 +1 01 017 -017 08 09 0o17 0O17 0x1F 0X1f -0x1F 0x 0x_ 0b11 0B11 0b 0b2 -0b1 0b-1 0b+1 -0b-1
		0b1111111111111111111111111111111111111111111111111111111111111111
		0b11111111111111111111111111111111111111111111111111111111111111111
		1_000 1_0_ _1 +_1 0_7 0_o17 1__0 0x_1F
		1.0 1. .5 -.5 +.5 -1.5 1.10 1e3 1E3 1e+3 1e-3 1.e3 .5e3 1e 1e+ e3 .e3 ._5 .5_0 1_0.5 0.1 00.5 -0.0 -0. 0e5
		1e39 -1e39 1e400 -1e400 .1e400 1e22 1e-400 5e-324
		123456789 1234567890123456789 9223372036854775807 9223372036854775808 -9223372036854775808 -9223372036854775809
		18446744073709551615 +18446744073709551615 18446744073709551616 9007199254740993 0xFFFFFFFFFFFFFFFF 0xFFFFFFFFFFFFFFFFF
		.inf .Inf .INF .iNF +.inf -.inf -.Inf .nan .NaN .NAN +.nan -.nan inf nan NaN Infinity
		1:30 190:20:30 1:60 2001-01-01 2001-01-01T01:02:03Z 2001-1-1 20010-01-01 2001- 10.0.0.1 1.2.3 100m 1Gi 5s 1d 0.0.0.0/0
		0xg 0o8 12e03 0x1p3 0x.8p1 1p3 http://x/y?z=1#f a,b a[0] a{b} {a} [a]
	`)
}

// values are what can stand behind a key, or a dash.
func values() []string {
	return append(scalars(),
		"", " ", "\t", " # c", "#c", "a # c", "a #", "a\t# c", "a #c\n  b", "a ", "a\t", "a b  c", "a\n  b", "a\n\n\n  b\n c", "a\n  - b", "a\n  b: c", "a\n  # c\n  b",
		"a\n\t b", "a\n  \tb", "a\n \t\n  b", "\n  a", "\n\n  a\n  b", "\n a: 1", "\n   a: 1\n   b:\n   - 1\n", "\n- a\n- b", "\n  - a\n  -\n  - - b\n    - c", "\n -a", "\na", "\n  ? a\n  : b",
		"- a", "a: b", "a:\tb", "a : b", "- - a", "-\ta", "? a", "&a b", "*a", "!!str 1", "!a", "&a\n  b: c",
		"''", "'a'", "'it''s'", "'a\n  b'", "'a\n\n  b'", "'a \n b'", "'a'b", "'a' b", "'a' # c", "'a'#c", "'a", "'a''", "'''", "' a '", "'a\n---\nb'", "'a\nb'", "'\ta'", "'a\\n'",
		`""`, `"a"`, `"a\nb"`, `"\0\a\b\t\n\v\f\r\e\"\\\N\_\L\P\x41\u00e9\U0001F389"`, `"\/"`, `"\'"`, `"\ud800"`, `"\U00110000"`, `"\x4"`, `"\u"`, `"\`, `"a`,
		"\"a\n  b\"", "\"a \\\n  b\"", "\"a\\\n\n  b\"", "\"a\n\n\n b\"", "\"\\\n\"", "\"a\\ \n b\"", "\"\\\tx\"", "\"a\": b", "\"a\":b", "\"a\" :b", "\"a\n  b\": c",
		"[]", "[ ]", "[a]", "[a, b]", "[a,]", "[,]", "[a,,b]", "[a\n, b]", "[a\n b]", "[\n  a,\n  b\n]", "[a, # c\n b]", "[a#c]", "[a #c\n]", "[a]b", "[a] # c", "[a]#c", "[a]: b", "[[a], [b]]", "[a: b]", "[a:b]", "[a:]", "[a?b]", "[?a]", "[? a]", "[-]", "[- a]", "[-a]", "['a', \"b\"]", "['a'b]", "[a\n\t, b]", "[a\n---\n]", "[\n---\n]", "[", "]", "[a", "[*a]", "[&a b]", "[!a b]", "[%a]", "[\n%a]", "[a b]", "[1, 0x1, ~, y, ]",
		"{}", "{ }", "{a: b}", "{a: b, c: d}", "{a}", "{a: }", "{a:}", "{a:b}", "{a: , b: c}", "{a: b,}", "{,}", "{\"a\":b}", "{\"a\": \"b\", 'c':'d'}", "{\"a\" : b}", "{\"a\"\n: b}", "{a\n: b}", "{a:\n b}", "{a: b\n}", "{a: b: c}", "{a: {b: [c, {d: e}]}}", "{[a]: b}", "{1: a, 1.0: b}", "{y: a, true: b}", "{~: a}", "{<<: a}", "{'<<': a}", "{a: 1, a: 2}", "{? a}", "{? a: b}", "{a: ?b}", "{a: 'b'c}", "{", "}", "{a: b", "{-: a}", "{: a}", "{a b: c}", "{a: b #c\n}", "{a: #c\n b}", "{\n\"a\"\t:\t\"b\"\n}", "{'a\n b': c}", "{.inf: a}", "{9223372036854775808: a}",
		"|\n  a\n  b\n", "|\n", "|", "|-\n  a\n", "|+\n  a\n\n\n", "|2\n   a\n", "|2-\n  a\n", "|-2\n  a\n", "|+1\n a\n", "|0\n a", "|10\n a", "|a\n", "| # c\n  a", "|#c\n  a", "|\n  a\n\n  b\n\n", "|\n\n\n  a\n", "|\n    \n  a\n", "|\n  a\n   b\n  c\n", "|\n  a\n \n  b", "|\n  a\n    \n  b\n   ", "|\n\ta", "|\n  \ta\n", "|\n  a\n\tb", "|\n   a\n  b\n", "|\n a\n# c\n", "|\n a\n---\n", "|\n  a # b: c\n  - \"d\n",
		">\n  a\n  b\n", ">-\n  a\n\n  b\n\n\n  c", ">+\n  a\n   b\n  c\n\n", ">\n\n  a\n    b\n\n    c\n  d\n", ">2\n   a\n  b\n", ">\n  a\n  \n  b\n", ">\n  a\n  \tb\n  c\n", "> # c\n a", ">\n a\nb: c\n",
	)
}

// heads are documents that a head is read of, well-formed or not.
func heads() []string {
	list := []string{
		"kind: a\nKind: b", "KIND: a", "\u212Aind: a", "apiversion: v1", "kind: a\nkind: b", "metadata: {Name: a}", "metadata: {nameſpace: a}",
		"metadata:\n  name: a\nmetadata:\n  namespace: b", "metadata: {annotations: {1: a, \"1\": b}}", "metadata: {annotations: {a: 1, a: ~}}",
		"{\"apiVersion\": \"v1\", \"kind\": \"List\", \"items\": [{\"kind\": \"Pod\"}]}",
		"apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\n  namespace: b\n  annotations:\n    helm.sh/hook: pre-install\n    \"n\": 5\n    on: off\ndata:\n  a: |\n    x\n    y\n  b: \"\\u0041\n    c\"\n",
		"spec: {a: .inf}", "spec: {~: a}", "spec: {.nan: a}", "spec: .5", "spec:\n- -.inf", "a: 1\na: 2",
	}
	for _, value := range append(scalars(), "[]", "{}", "[a]", "{a: b}", "\"1\"", "|\n  a") {
		list = append(list,
			"kind: "+value, "apiVersion: "+value, "metadata: "+value, "metadata:\n  name: "+value, "metadata:\n  namespace: "+value,
			"metadata:\n  annotations: "+value, "metadata:\n  annotations:\n    a: "+value, "metadata: {annotations: {"+value+": b}}", "spec: "+value, value)
	}
	return list
}

// documents are texts of every form that the reader has to tell apart.
func documents() []string {
	list := slices.Concat(simple, odd, []string{
		"", "\n", " ", "# c", "---", "---\n", "--- \n", "--- # c\n", "--- a\n", "--- |\n  a\n", "---\n---\n", "---a", "----\n", "...\n", "a\n...\n", "a: 1\n---\nb: [\n", "a: 1\n...\nb: [\n", "a: 1\n--- b\n", "---\na: 1\n---", "a: 1\n ---\n", "a:\n---\nb",
		"\ufeffa: 1", "a: 1\r\nb: |\r\n  x\r\n  y\r\n", "a: 1\rb: 2", "a: 1\r", "a\x00", "a: \x7f", "a: \u0085b", "a: \u2028b", "a: \u00a0b", "a: \u009f", "a: \ufffe", "a: \ufeffb", "a: \xff", "a: \xe9", "\U0010ffff: 1", "a: \u200b",
		"%YAML 1.1\n---\na: 1", "%a", "a: 1\n%b: 2", " a: 1\nb: 2", "  a: 1\n  b: 2\n", "a: 1\n b: 2", "a:\n    b: 1\n  c: 2", "a:\n  - b\n - c", "a:\n- b\n - c", "a:\n- b\nc: d", "a:\n- b\n-\n- c:\n  - d\n-e", "- a\nb: c", "a: b\n- c", "- a\n - b", "-\n- a\n-\n  b\n-\n", "- a: b\n  c: d\n- e:\n    f\n", "- a:\n  - b\n  c:\n- d", "- - - a\n    - b\n  - c\n- d", "-\n  a: 1\n  b: 2\n", "- # c\n  a", "- |\n a\n- >\n b", "a:\n- |\n  b\n- c", "- \"a\": b\n  'c': d", "a:\n  \"b\"\n  : c",
		"a\nb: c", "a\nb", "a\n\n\nb\n# c\nd", "a: b\nc", "a: b\nc\nd: e", "a\n  : b", "a: b: c", "a:b: c", "a: b:", "a:", "a: \nb:", "a :b", "a : b", "? a", "? a\n: b", ": a", "a:\n  - b: c\n   d: e",
		"\t", "\ta: 1", "a:\t1", "a:\n\tb", "a: 1\n\t", "a: 1\n\t# c", "a: 1 \t\nb: 2", "a\t: 1", "- \ta", "-\ta", "a: 1\n \t \nb: 2", "- a\t\n- b",
		"a: 1\na: 2", "1: a\n\"1\": b", "1: a\n1.0: b", "y: 1\nyes: 2", "~: 1", "null: 1", "<<: {a: 1}", "\"<<\": {a: 1}", "0x10: a", "1e3: a", "1.5: a", "123456789.5: a", strings.Repeat("1", 48) + ": a", "3.4028235e38: a", "3.4028236e38: a", "-1e39: a", "2001-01-01: a", ".inf: a", "9223372036854775808: a", "? [a]\n: b", "[a]: b", "{a: b}: c", "&a b: *a", "!!str a: b",
		"a: 1 # c\n# c\n\n  # c\nb: 2 # c", "a: #c\n  b: 1", "a:#c", "#\n#\na: 1", "a: 1 #", "a: 1\n  # c\nb:\n  # c\n  c: 1\n# c\n  d: 2\n", "'a': 1\n\"b\": 2\n'c' : 3", "'a'b: 1", "\"a\\u0062\": 1", "'it''s': 1", "\"a\n b\": 1",
		"\"a\"", "'a'\n", "[a]\n", "{a: 1}\n", "{a: 1}\nb: 2", "[a]\n---\n", "|\n a\n", "> a", "\"a\" # c\n# c", "a # c\nb", "{\n  \"a\": [1, 2.5, true, null, \"x\\ny\"],\n  \"b\": {\"c\": {}}\n}\n",
		strings.Repeat("k", 1024) + ": 1", strings.Repeat("k", 1025) + ": 1", strings.Repeat("é", 600) + ": 1", "k" + strings.Repeat(" ", 1030) + ": 1", "{" + strings.Repeat("k", 1030) + ": 1}", "\"" + strings.Repeat("k", 1030) + "\": 1", "a: " + strings.Repeat("word ", 400),
		strings.Repeat("[", 999) + strings.Repeat("]", 999), strings.Repeat("[", 1001) + strings.Repeat("]", 1001), strings.Repeat("- ", 1001) + "a",
	})
	for _, value := range values() {
		list = append(list,
			value, "a: "+value, "a: "+value+"\nb: 1\n", "- "+value+"\n- b", "a:\n  b: "+value+"\n  c: d\n", "a:\n- "+value+"\n- b: "+value, "a:\n  "+value, value+": a", "["+value+"]", "{a: "+value+"}", "{"+value+": a}", "a: "+strings.ReplaceAll(value, "\n", "\r\n"))
	}
	return list
}
