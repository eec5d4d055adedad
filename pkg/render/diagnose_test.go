package render_test

import (
	"errors"
	"fmt"
	"maps"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/seed-0d4f92cc/pack/pkg/chart"
	"github.com/seed-0d4f92cc/pack/pkg/render"
)

// brokenValues are the values of the broken charts.
const brokenValues = `image:
  repository: nginx
  tag: "1.2"
  pullPolicy: Always
labels:
  app: web
  tier: front
list: text
ports:
- name: http
  port: 80
empty: ""
nothing: null
note: "a: b"
multi: |
  one
  two
text: "{{ .Values.image.tga.x }}"
`

// brokenHelpers are the helpers of the broken charts.
const brokenHelpers = `{{- define "c.name" -}}
{{ .Chart.Name }}
{{- end -}}
{{- define "c.labels" -}}
app: web
tier: front
{{- end -}}
{{- define "c.badlabels" -}}
app: web
tier: a: b
{{- end -}}
{{- define "c.image" -}}
{{ .Values.imag.tag }}
{{- end -}}
{{- define "c.port" -}}
port: {{ .port.number }}
{{- end -}}
{{- define "c.outer" -}}
{{- include "c.image" . }}
{{- end -}}
`

// configMap begins templates; what a test adds begins in line 5.
const configMap = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: x\n"

// broken are templates, and where the line to change is.
var broken = map[string]struct {
	// template is templates/a.yaml, below configMap where it begins with "+".
	template string
	// at is file:line, and hint a part of one of the hints.
	at, hint string
	// chain are the places on the way.
	chain []string
}{
	"nil in the file":        {"+data: {{ .Values.imag.tag }}\n", "templates/a.yaml:5", "did you mean `image.tag`?", nil},
	"nil two levels down":    {"+data: {{ .Values.a.b.c }}\n", "templates/a.yaml:5", "a is not set", nil},
	"nil in a helper":        {"+data: {{ include \"c.image\" . }}\n", "templates/_helpers.tpl:13", "did you mean `image.tag`?", []string{"templates/a.yaml:5"}},
	"nil two helpers down":   {"+data: {{ include \"c.outer\" . }}\n", "templates/_helpers.tpl:13", "imag is not set", []string{"templates/a.yaml:5", "templates/_helpers.tpl:19"}},
	"nil by template":        {"+data: {{ template \"c.image\" . }}\n", "templates/_helpers.tpl:13", "imag is not set", nil},
	"null":                   {"+data: {{ .Values.nothing.x }}\n", "templates/a.yaml:5", "nothing is not set", nil},
	"nil within with":        {"+{{- with .Values.image }}\ndata: {{ .tga.x }}\n{{- end }}\n", "templates/a.yaml:6", "did you mean `image.tag`?", nil},
	"nil within range":       {"+data:\n{{- range .Values.ports }}\n  a: {{ .prt.x }}\n{{- end }}\n", "templates/a.yaml:7", "did you mean `ports[0].port`?", nil},
	"nil of a variable":      {"+{{- $i := .Values.image }}\ndata: {{ $i.tga.x }}\n", "templates/a.yaml:6", "image.tga is not set", nil},
	"nil of the root":        {"+{{- with .Values.image }}\ndata: {{ $.Values.imge.tag }}\n{{- end }}\n", "templates/a.yaml:6", "did you mean `image.tag`?", nil},
	"nil of a dict":          {"+data: {{ include \"c.port\" (dict \"port\" nil) }}\n", "templates/_helpers.tpl:16", "", []string{"templates/a.yaml:5"}},
	"field of a string":      {"+data: {{ .Values.list.name }}\n", "templates/a.yaml:5", "list is a string", nil},
	"range over a string":    {"+{{- range .Values.list }}\n  a: {{ . }}\n{{- end }}\n", "templates/a.yaml:5", "list is a string", nil},
	"wrong argument":         {"+data: {{ upper .Values.labels }}\n", "templates/a.yaml:5", "labels is a map", nil},
	"nil argument":           {"+data: {{ upper .Values.nofield }}\n", "templates/a.yaml:5", "nofield is not set", nil},
	"required":               {"+\n\ndata: {{ required \"a tag\" .Values.image.tga }}\n", "templates/a.yaml:7", "did you mean `image.tag`?", nil},
	"required, empty":        {"+data: {{ required \"a text\" .Values.empty }}\n", "templates/a.yaml:5", "empty is empty", nil},
	"required, piped":        {"+data: {{ .Values.image.tga | required \"a tag\" }}\n", "templates/a.yaml:5", "image.tga is not set", nil},
	"fail":                   {"+{{- if true }}\n{{- fail \"no\" }}\n{{- end }}\n", "templates/a.yaml:6", "", nil},
	"missing template":       {"+data: {{ include \"c.nme\" . }}\n", "templates/a.yaml:5", `did you mean "c.name"?`, nil},
	"missing template 2":     {"+data: {{ template \"c.nme\" . }}\n", "templates/a.yaml:5", `did you mean "c.name"?`, nil},
	"division by zero":       {"+data: {{ div 1 0 }}\n", "templates/a.yaml:5", "", nil},
	"bad index":              {"+data: {{ index .Values.ports 7 }}\n", "templates/a.yaml:5", "", nil},
	"bad semver":             {"+\ndata: {{ semver \"x\" }}\n", "templates/a.yaml:6", "", nil},
	"bad tpl text":           {"+data: {{ tpl \"{{ .Values.x\" . }}\n", "templates/a.yaml:5", "line 1 of the text given to tpl", nil},
	"tpl of a value":         {"+data: {{ tpl .Values.text . }}\n", "templates/a.yaml:5", ".Values.image.tga.x", nil},
	"too few arguments":      {"+data: {{ replace \"a\" \"b\" }}\n", "templates/a.yaml:5", "", nil},
	"comparison":             {"+\n{{- if gt .Values.list 1 }}{{ end }}\n", "templates/a.yaml:6", "", nil},
	"unknown function":       {"+data: {{ uper .Values.list }}\n", "templates/a.yaml:5", `did you mean "upper"?`, nil},
	"unknown variable":       {"+\n\ndata: {{ $x }}\n", "templates/a.yaml:7", "", nil},
	"unclosed if":            {"+{{- if .Values.list }}\ndata: 1\n\n\n", "templates/a.yaml:5", "{{ if .Values.list }} has no {{ end }}", nil},
	"unclosed range":         {"+{{- if .Values.list }}\n{{- range .Values.ports }}\ndata: 1\n{{- end }}\n", "templates/a.yaml:5", "has no {{ end }}", nil},
	"unclosed inner":         {"+{{- if .Values.list }}\ndata: 1\n{{- end }}\n{{- with .Values.image }}\n\n", "templates/a.yaml:8", "{{ with .Values.image }}", nil},
	"unclosed action":        {"+data: {{ .Values.list\nb: 1\n", "templates/a.yaml:5", "", nil},
	"unclosed action, brace": {"+data: {{ .Values.list }\nb: 1\n", "templates/a.yaml:5", "", nil},
	"one end too many":       {"+data: 1\n{{- end }}\n", "templates/a.yaml:6", "", nil},
	"unclosed quote":         {"+data: {{ upper \"x }}\nb: 1\n", "templates/a.yaml:5", "", nil},
	"unclosed parenthesis":   {"+data: {{ (upper \"x\" }}\nb: 1\n", "templates/a.yaml:5", "", nil},
	"unclosed comment":       {"+a: 1\n{{/* note\nb: 1\n", "templates/a.yaml:6", "", nil},
	"bad assignment":         {"+\n{{ $x = 1 }}\n", "templates/a.yaml:6", "", nil},

	"nindent too small":     {"+  labels:\n    {{- include \"c.labels\" . | nindent 1 }}\n  other: 1\n", "templates/a.yaml:6", "check the indentation", nil},
	"bad text of a helper":  {"+  labels:\n    {{- include \"c.badlabels\" . | nindent 4 }}\n", "templates/_helpers.tpl:10", "", []string{"templates/a.yaml:6"}},
	"colon in a value":      {"+data:\n  a: {{ .Values.note }}\n", "templates/a.yaml:6", "in quotes", nil},
	"colon in a text":       {"+data:\n  a: b: c\n", "templates/a.yaml:6", "in quotes", nil},
	"tab":                   {"+data:\n\ta: b\n", "templates/a.yaml:6", "tabs", nil},
	"missing colon":         {"+data:\n  a b\n  c: d\n", "templates/a.yaml:6", "", nil},
	"missing blank":         {"+data:\n  a:b\n  c: d\n", "templates/a.yaml:6", "", nil},
	"missing quote":         {"+data:\n  a: \"b\n  c: d\n", "templates/a.yaml:6", "", nil},
	"bracket":               {"+data:\n  a: [1, 2\n  c: d\n", "templates/a.yaml:6", "", nil},
	"star":                  {"+data:\n  a: *\n  c: d\n", "templates/a.yaml:6", "in quotes", nil},
	"at sign":               {"+data:\n  a: @x\n  c: d\n", "templates/a.yaml:6", "in quotes", nil},
	"percent":               {"+data:\n  a: %x\n  c: d\n", "templates/a.yaml:6", "in quotes", nil},
	"unknown anchor":        {"+data:\n  a: *x\n  c: d\n", "templates/a.yaml:6", "", nil},
	"list below a text":     {"+data: text\n  - a\n  - b: 1\n", "templates/a.yaml:7", "", nil},
	"dedented key":          {"+  labels:\n      a: b\n    c: d\n", "templates/a.yaml:7", "", nil},
	"text of several lines": {"+data:\n  a: |\n    x\n  {{ .Values.multi }}\n", "templates/a.yaml:8", "", nil},
	"trimmed line break":    {"+data:\n  a: b\n  {{- if true -}}\n  c: d\n  {{- end }}\n", "templates/a.yaml:6", "", nil},
	"second document":       {"+---\nkind: A\n---\na: b: c\n", "templates/a.yaml:8", "", nil},
	"list as a name":        {"apiVersion: v1\nkind: [a]\n", "templates/a.yaml:2", "", nil},
	"list as an annotation": {"apiVersion: v1\nkind: A\nmetadata:\n  annotations:\n    a: [b]\n", "templates/a.yaml:5", "", nil},
	"broken within range":   {"+data:\n{{- range $p := .Values.ports }}\n  {{ $p.name }}: a: b\n{{- end }}\n", "templates/a.yaml:7", "", nil},
	"broken after a helper": {"+  labels:\n    {{- include \"c.labels\" . | nindent 4 }}\n  x: y: z\n", "templates/a.yaml:7", "", nil},
	"windows":               {"+data:\r\n  a: b: c\r\n", "templates/a.yaml:6", "", nil},
	"include by template":   {"+  labels:\n    {{- template \"c.badlabels\" . }}\n", "templates/_helpers.tpl:10", "", nil},
}

// brokenChart is a chart with a template of the table.
func brokenChart(template string) fstest.MapFS {
	if rest, ok := strings.CutPrefix(template, "+"); ok {
		template = configMap + rest
	}
	return fstest.MapFS{
		"Chart.yaml":             {Data: []byte("apiVersion: v2\nname: c\nversion: 1.0.0\n")},
		"values.yaml":            {Data: []byte(brokenValues)},
		"templates/_helpers.tpl": {Data: []byte(brokenHelpers)},
		"templates/a.yaml":       {Data: []byte(template)},
		"templates/good.yaml":    {Data: []byte(configMap)},
	}
}

func diagnose(t *testing.T, files fstest.MapFS) (*render.DiagnosedError, error) {
	t.Helper()
	c, err := chart.Load(files, chart.LoadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	configured, err := c.Configure(nil, chart.ConfigureOptions{})
	if err != nil {
		t.Fatal(err)
	}
	r, err := render.New(render.Config{})
	if err != nil {
		t.Fatal(err)
	}
	_, err = r.Render(t.Context(), configured, render.Input{Release: render.Release{Name: "r", Namespace: "n"}})
	if err == nil {
		t.Fatal("it renders")
	}
	d, ok := errors.AsType[*render.DiagnosedError](err)
	if !ok {
		t.Fatalf("there is no diagnosis for %v", err)
	}
	return d, err
}

// TestDiagnoses holds that an error names the line to change.
func TestDiagnoses(t *testing.T) {
	t.Parallel()
	for name, tc := range broken {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d, err := diagnose(t, brokenChart(tc.template))
			if at := fmt.Sprintf("%s:%d", d.Where.File, d.Where.Line); at != tc.at {
				t.Errorf("it is said to be at %s, and is at %s: %v", at, tc.at, err)
			}
			if tc.hint != "" && !hasHint(d, tc.hint) {
				t.Errorf("no hint has %q: %+v", tc.hint, d.Hints)
			}
			var chain []string
			for _, l := range d.Chain {
				chain = append(chain, fmt.Sprintf("%s:%d", l.File, l.Line))
			}
			if tc.chain != nil && strings.Join(chain, " ") != strings.Join(tc.chain, " ") {
				t.Errorf("the chain is %v, not %v", chain, tc.chain)
			}
			if d.Where.Source == "" {
				t.Error("the line is not shown")
			}
			if strings.Contains(fmt.Sprint(d.Hints), "nginx") {
				t.Error("a hint shows a value")
			}
		})
	}
}

func hasHint(d *render.DiagnosedError, text string) bool {
	for _, h := range d.Hints {
		if strings.Contains(h.Text, text) {
			return true
		}
	}
	return false
}

// TestDiagnosisInSubchart holds that positions are from the root of the chart,
// and that values are named from the root of the values.
func TestDiagnosisInSubchart(t *testing.T) {
	t.Parallel()
	files := brokenChart("+data: 1\n")
	maps.Copy(files, fstest.MapFS{
		"charts/db/Chart.yaml":       {Data: []byte("apiVersion: v2\nname: db\nversion: 1.0.0\n")},
		"charts/db/values.yaml":      {Data: []byte("auth:\n  user: me\n")},
		"charts/db/templates/b.yaml": {Data: []byte("kind: A\nuser: {{ .Values.auht.user }}\n")},
	})
	d, _ := diagnose(t, files)
	if got, want := d.Where.String(), "charts/db/templates/b.yaml:2:17"; got != want {
		t.Errorf("it is said to be at %s, not at %s", got, want)
	}
	if !hasHint(d, "db.auht is not set; did you mean `db.auth.user`?") {
		t.Errorf("the hints are %+v", d.Hints)
	}
}
