//go:build unix

package main

import (
	"fmt"
	"os"
	"path/filepath"
)

const chartTemplate = `{{- range $i := until %d }}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: cm-{{ $i }}, labels: {app: web}}
data:
  all: {{ quote $.Values.all }}
  one: {{ ternary $.Values.one 0 (eq $i 7) | quote }}
  text: {{ repeat 20 "some text " | quote }}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web-{{ $i }}, labels: {app: web}}
spec:
  replicas: 0
  selector: {matchLabels: {app: web-{{ $i }}}}
  template:
    metadata:
      labels: {app: web-{{ $i }}}
      annotations: {all: {{ quote $.Values.all }}}
    spec:
      containers:
      - name: c
        image: nginx:1.27
        ports: [{containerPort: 8080, name: http}]
        env: [{name: A, value: "1"}, {name: B, value: "2"}]
        resources: {requests: {cpu: 100m, memory: 128Mi}, limits: {memory: 256Mi}}
        readinessProbe: {httpGet: {path: /ready, port: http}}
{{- end }}
`

// writeChart makes a chart of n ConfigMaps and n Deployments, of which one or all
// change with values.
func writeChart(dir string, n int) error {
	for name, text := range map[string]string{
		"Chart.yaml":         "apiVersion: v2\nname: web\nversion: 1.0.0\n",
		"values.yaml":        "one: 1\nall: 1\n",
		"templates/all.yaml": fmt.Sprintf(chartTemplate, n),
	} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			return err
		}
	}
	return nil
}
