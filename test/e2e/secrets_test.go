package e2e_test

import (
	"encoding/base64"
	"strings"
	"testing"
)

// marker is what must not be printed.
const marker = "Xk9-marker-Qz7"

// secretChart has Secrets in every place, one of which the server refuses in a way of
// one's choice.
const secretChart = `
apiVersion: v1
kind: Secret
metadata: {name: plain}
stringData: {password: {{ .Values.secret | quote }}}
---
apiVersion: v1
kind: Secret
metadata: {name: encoded}
data: {password: {{ .Values.secret | b64enc | quote }}}
---
apiVersion: v1
kind: Secret
metadata:
  name: hook
  annotations: {helm.sh/hook: "pre-install,pre-upgrade,pre-rollback,pre-delete,test"}
stringData: {password: {{ .Values.secret | quote }}}
{{- with .Values.bad }}
---
apiVersion: v1
kind: Secret
metadata: {name: bad}
{{ tpl . $ }}
{{- end }}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}, annotations: {controlplane.test/pod: {{ .Values.pod | quote }}, controlplane.test/logs: {{ .Values.secret | quote }}}}
    spec: {containers: [{name: c, image: busybox}]}
`

// badSecrets are Secrets that the server, or pack, refuses.
var badSecrets = map[string]string{
	"a map for a value":  `stringData: {password: {a: "{{ .Values.secret }}"}}`,
	"a list for a value": `stringData: {password: ["{{ .Values.secret }}"]}`,
	"not base64":         `data: {password: "{{ .Values.secret }}!"}`,
	"a map for base64":   `data: {password: {a: "{{ .Values.secret }}"}}`,
	"a word for a map":   `stringData: "{{ .Values.secret }}"`,
	"another word":       `data: "{{ .Values.secret }}"`,
	"not JSON":           "type: kubernetes.io/dockerconfigjson\nstringData: {.dockerconfigjson: \"{{ .Values.secret }}\"}",
	"no key":             "type: kubernetes.io/tls\nstringData: {password: \"{{ .Values.secret }}\"}",
	"a bad key":          `stringData: {"a b": "{{ .Values.secret }}"}`,
	"immutable":          "immutable: true\nstringData: {password: \"{{ .Values.secret }}{{ .Release.Revision }}\"}",
	"a bad type":         "type: 7\nstringData: {password: \"{{ .Values.secret }}\"}",
	"an unknown field":   `passwords: "{{ .Values.secret }}"`,
	"not YAML":           "stringData: {password: \"{{ .Values.secret }}\"\n  x: : y",
}

// TestSecretsAreNotPrinted runs the commands that change a release on a chart with
// Secrets, through errors of all kinds, and looks for the values in what they print.
func TestSecretsAreNotPrinted(t *testing.T) {
	k := newKiller(t)
	for name, bad := range badSecrets {
		for _, method := range []string{"--server-side=true", "--server-side=false"} {
			t.Run(name+"/"+method, func(t *testing.T) {
				t.Parallel()
				s := secretSession(t, k)
				values := []string{"--set", "secret=" + marker, method, "--debug", "--timeout", "20s"}
				s.silent(append([]string{"install", "bad", s.chart, "--set-literal", "bad=" + bad}, values...)...)
				s.silent("uninstall", "bad", "--debug")
				s.silent(append([]string{"upgrade", "--install", "web", s.chart}, values...)...)
				s.silent(append([]string{"upgrade", "web", s.chart, "--set-literal", "bad=" + bad}, values...)...)
				s.silent(append([]string{"upgrade", "web", s.chart, "--set-literal", "bad=" + bad, "--rollback-on-failure"}, values...)...)
				s.silent(append([]string{"upgrade", "web", s.chart, "--dry-run=server", "--hide-secret"}, values...)...)
			})
		}
	}
}

// TestSecretsAreNotPrintedInLife takes a release through its life.
func TestSecretsAreNotPrintedInLife(t *testing.T) {
	if testing.Short() {
		t.Skip("a process for each fault takes a minute")
	}
	t.Parallel()
	k := newKiller(t)
	s := secretSession(t, k)
	set := []string{"--set", "secret=" + marker, "--debug"}
	s.silent(append([]string{"install", "web", s.chart, "--wait"}, set...)...)
	s.silent(append([]string{"upgrade", "web", s.chart, "--wait", "--set", "pod=crash-loop", "--timeout", "20s"}, set...)...)
	s.silent("upgrade", "web", s.chart, "--set", "secret=other", "--debug")
	s.silent("rollback", "web", "1", "--wait", "--debug")
	for _, args := range [][]string{
		{"status", "web"}, {"history", "web"}, {"list"}, {"list", "-o", "json"}, {"test", "web"}, {"test", "web", "--logs"},
		{"get", "metadata", "web"}, {"get", "notes", "web"}, {"uninstall", "web", "--dry-run"},
	} {
		s.silent(append(args, "--debug")...)
	}
	for _, f := range faults {
		if f.slow {
			continue
		}
		for at := 1; at < 40; at += stride(9) {
			s.t.Log(f.name, at)
			k.inject(&f, at)
			s.silent(append([]string{"upgrade", "--install", "web", s.chart}, set...)...)
			k.inject(nil, 0)
		}
	}
	s.silent("uninstall", "web", "--wait", "--debug")
}

// secretSession is a session with a chart of Secrets.
func secretSession(t *testing.T, k *killer) *session {
	t.Helper()
	s := k.session(t)
	s.write("templates/all.yaml", secretChart)
	s.write("values.yaml", "secret: none\nbad: \"\"\npod: run\n")
	return s
}

// silent runs pack, which may fail, and fails if it prints the marker.
func (s *session) silent(args ...string) {
	s.t.Helper()
	out, err := s.start("", args)
	for _, shift := range []string{"", "a", "ab"} {
		// What is in the middle of a text has one of three forms in base64.
		encoded := base64.RawStdEncoding.EncodeToString([]byte(shift + marker))
		if encoded = encoded[4 : len(encoded)-2]; strings.Contains(out, encoded) {
			s.t.Errorf("%v: %v: it prints %s\n%s", args, err, encoded, out)
		}
	}
	if strings.Contains(out, marker) {
		s.t.Errorf("%v: %v: it prints the value\n%s", args, err, out)
	}
	s.t.Logf("%v: %v\n%s", args[:2], err, out)
}
