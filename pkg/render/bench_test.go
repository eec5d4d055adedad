package render_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/seed-0d4f92cc/pack/pkg/chart"
	"github.com/seed-0d4f92cc/pack/pkg/render"
)

// workload has n templates that use helpers and values as charts do.
func workload(n int) map[string]string {
	files := map[string]string{
		"values.yaml": "image: {repository: nginx, tag: \"1.2\"}\nreplicas: 2\nresources: {limits: {cpu: 100m}, requests: {cpu: 50m}}\nlabels: {a: b, c: d}\ntemplate: \"{{ .Release.Name }}-x\"\n",
		"templates/_helpers.tpl": `{{ define "name" }}{{ .Release.Name }}-{{ .Chart.Name | trunc 63 | trimSuffix "-" }}{{ end }}
{{ define "labels" }}
app: {{ include "name" . | quote }}
{{- range $k, $v := .Values.labels }}
{{ $k }}: {{ $v | quote }}
{{- end }}
{{ end }}`,
	}
	for i := range n {
		files[fmt.Sprintf("templates/w%04d.yaml", i)] = fmt.Sprintf(`apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ include "name" . }}-%d
  labels: {{- include "labels" . | nindent 4 }}
spec:
  replicas: {{ .Values.replicas }}
  template:
    spec:
      containers:
        - name: {{ tpl .Values.template . }}
          image: "{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}"
          {{- with .Values.resources }}
          resources: {{- toYaml . | nindent 12 }}
          {{- end }}
`, i)
	}
	return files
}

func benchmark(b *testing.B, files map[string]string, cold bool) {
	b.Helper()
	fsys := mapFS(files)
	c, err := chart.Load(fsys, chart.LoadOptions{})
	if err != nil {
		b.Fatal(err)
	}
	configured, err := c.Configure(nil, chart.ConfigureOptions{})
	if err != nil {
		b.Fatal(err)
	}
	r := newRenderer(b, render.Config{})
	b.ReportAllocs()
	for b.Loop() {
		if cold {
			r = newRenderer(b, render.Config{})
		}
		if _, err := r.Render(b.Context(), configured, render.Input{Release: render.Release{Name: "r"}}); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkRender(b *testing.B) {
	for _, n := range []int{1, 100, 2000} {
		b.Run(fmt.Sprintf("templates=%d", n), func(b *testing.B) { benchmark(b, workload(n), false) })
	}
	b.Run("templates=2000,first", func(b *testing.B) { benchmark(b, workload(2000), true) })
}

func BenchmarkTpl(b *testing.B) {
	files := map[string]string{"templates/a.yaml": `{{ range $i := until 500 }}k{{ $i }}: {{ tpl (printf "{{ include \"d%d\" . }}%d" (mod $i 200) $i) $ }}
{{ end }}`}
	for i := range 200 {
		files[fmt.Sprintf("templates/_d%d.tpl", i)] = fmt.Sprintf(`{{ define "d%d" }}{{ .Release.Name }}{{ end }}`, i)
	}
	benchmark(b, files, true)
}

func BenchmarkDocuments(b *testing.B) {
	benchmark(b, map[string]string{"templates/a.yaml": `{{ range $i := until 10000 }}
---
apiVersion: v1
kind: ConfigMap
metadata:
  name: c{{ $i }}
  annotations: {a: b}
data:
  key: value {{ $i }}
{{ end }}`}, false)
}

func BenchmarkValues(b *testing.B) {
	var text strings.Builder
	for i := range 20_000 {
		fmt.Fprintf(&text, "key%d: {name: n%d, list: [a, b, %d], text: some longer text that fills the file}\n", i, i, i)
	}
	benchmark(b, map[string]string{"values.yaml": text.String(), "templates/a.yaml": "a: {{ len .Values }}\nb: {{ .Values.key7.name }}\n"}, false)
}
