// Package charts makes the charts that pack is measured with. They are the same
// each time, so that figures can be compared.
package charts

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/seed-0d4f92cc/pack/internal/memfs"
	"github.com/seed-0d4f92cc/pack/pkg/chart"
)

// Files are the files of a chart, by their paths below it.
type Files map[string]string

// FS shows the files as a file system.
func (f Files) FS() fs.FS {
	list := make([]memfs.File, 0, len(f))
	for name, text := range f {
		list = append(list, memfs.File{Name: name, Data: []byte(text)})
	}
	return memfs.New(list)
}

// Write writes the files below a folder, which it makes.
func (f Files) Write(dir string) error {
	for name, text := range f {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			return err
		}
	}
	return nil
}

func head(name string) string {
	return "apiVersion: v2\nname: " + name + "\nversion: 1.0.0\n"
}

// Trivial is a chart of one object.
func Trivial() Files {
	return Files{
		"Chart.yaml":       head("trivial"),
		"templates/a.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {{ .Release.Name }}\n",
	}
}

// Created is the chart that "create" makes.
func Created(name string) (Files, error) {
	list, err := chart.Scaffold(name)
	if err != nil {
		return nil, err
	}
	files := Files{}
	for _, f := range list {
		if !strings.HasSuffix(f.Name, "/") {
			files[f.Name] = string(f.Data)
		}
	}
	return files, nil
}

// Umbrella is a chart without templates of its own over n subcharts, each one
// like those that "create" makes, with a condition.
func Umbrella(n int) (Files, error) {
	files := Files{}
	var deps, vals strings.Builder
	for i := range n {
		name := fmt.Sprintf("sub%d", i)
		sub, err := Created(name)
		if err != nil {
			return nil, err
		}
		for path, text := range sub {
			files["charts/"+name+"/"+path] = text
		}
		files["charts/"+name+"/Chart.yaml"] = head(name)
		fmt.Fprintf(&deps, "- name: %s\n  version: 1.0.0\n  condition: %s.enabled\n", name, name)
		fmt.Fprintf(&vals, "%s:\n  enabled: true\n  replicaCount: %d\n", name, i%3+1)
	}
	files["Chart.yaml"] = head("umbrella") + "dependencies:\n" + deps.String()
	files["values.yaml"] = "global:\n  team: shop\n" + vals.String()
	return files, nil
}

const manyTemplate = `apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ .Release.Name }}-%[1]d
  labels:
    {{- include "many.labels" . | nindent 4 }}
spec:
  replicas: {{ .Values.replicas }}
  selector:
    matchLabels:
      app: a%[1]d
  template:
    metadata:
      labels:
        app: a%[1]d
    spec:
      containers:
      - name: main
        image: "{{ .Values.image.repository }}:{{ .Values.image.tag }}"
        {{- if .Values.resources }}
        resources:
          {{- toYaml .Values.resources | nindent 10 }}
        {{- end }}
`

// Many is a chart of n templates, one Deployment each.
func Many(n int) Files {
	files := Files{
		"Chart.yaml": head("many") + "icon: https://example.com/icon.png\n",
		"values.yaml": "replicas: 1\nimage:\n  repository: nginx\n  tag: \"1.2\"\n" +
			"resources:\n  limits:\n    cpu: 1\n    memory: 1Gi\n",
		"templates/_helpers.tpl": "{{- define \"many.labels\" -}}\napp: {{ .Chart.Name }}\nrelease: {{ .Release.Name }}\n{{- end }}\n",
	}
	for i := range n {
		files[fmt.Sprintf("templates/t%04d.yaml", i)] = fmt.Sprintf(manyTemplate, i)
	}
	return files
}

// Tpl is a chart that calls tpl with that many different texts, beside that
// many definitions.
func Tpl(calls, defines int) Files {
	files := Files{
		"Chart.yaml": head("tpl"),
		"templates/a.yaml": fmt.Sprintf(`apiVersion: v1
kind: ConfigMap
metadata:
  name: x
data:
{{- range $i := until %d }}
  k{{ $i }}: {{ tpl (printf "{{ .Release.Name }}-%%d" $i) $ }}
{{- end }}
`, calls),
	}
	for i := range defines {
		files[fmt.Sprintf("templates/_h%d.tpl", i)] =
			fmt.Sprintf("{{- define \"tpl.h%d\" -}}\nv%d: {{ .Release.Name }}\n{{- end }}\n", i, i)
	}
	return files
}

// Documents is a chart of one template that makes n documents.
func Documents(n int) Files {
	return Files{
		"Chart.yaml": head("documents"),
		"templates/a.yaml": fmt.Sprintf(`{{- range $i := until %d }}
---
apiVersion: v1
kind: ConfigMap
metadata:
  name: c{{ $i }}
  labels:
    app: x
data:
  k: "{{ $i }}"
{{- end }}
`, n),
	}
}

// Large is a chart that takes the values of LargeValues.
func Large() Files {
	return Files{
		"Chart.yaml": head("large"),
		"templates/a.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: x\ndata:\n" +
			"  groups: {{ len .Values.groups | quote }}\n",
	}
}

const largeGroup = `  group%[1]d:
    enabled: true
    replicas: %[1]d
    image:
      repository: registry.example.com/team/service-%[1]d
      tag: "1.%[1]d"
    resources:
      limits:
        cpu: 500m
        memory: 512Mi
      requests:
        cpu: 100m
        memory: 128Mi
    env:
`

// LargeValues is a values file of size bytes, or a little more.
func LargeValues(size int) string {
	var sb strings.Builder
	sb.WriteString("groups:\n")
	for i := 0; sb.Len() < size; i++ {
		fmt.Fprintf(&sb, largeGroup, i)
		for j := range 16 {
			fmt.Fprintf(&sb, "    - name: VAR_%d\n      value: \"value %d %d\"\n", j, i, j)
		}
	}
	return sb.String()
}
