package e2e_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// tool is one of the programs that hand releases to each other.
type tool struct {
	name string
	path string
}

// tools are pack and the Helm binaries that HELM4 and HELM3 name.
func tools(t *testing.T) []tool {
	t.Helper()
	list := []tool{{"pack", packBinary(t)}}
	for _, h := range []struct{ name, env string }{{"helm4", "HELM4"}, {"helm3", "HELM3"}} {
		if path := os.Getenv(h.env); path != "" {
			list = append(list, tool{h.name, path})
		}
	}
	if len(list) == 1 {
		t.Skip("HELM4 and HELM3 name no binaries to hand releases to; `make interop` builds them")
	}
	return list
}

// session is one release in a namespace of its own, in the hands of any tool.
type session struct {
	t          *testing.T
	kubeconfig string
	namespace  string
	home       string
	chart      string
	// more is how many more objects a release of killChart has.
	more int
	// extra are the names of its other ConfigMaps, which sort after those of killChart.
	extra []string
}

func (s *session) environ() []string {
	return append(os.Environ(), "KUBECONFIG="+s.kubeconfig, "HOME="+s.home, "HELM_DRIVER=secret")
}

// run runs a tool and returns its standard output.
func (s *session) run(with tool, args ...string) string {
	s.t.Helper()
	cmd := exec.CommandContext(s.t.Context(), with.path, append(args, "--namespace", s.namespace)...)
	cmd.Env = s.environ()
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		s.t.Fatalf("%s %s: %v\n%s", with.name, strings.Join(args, " "), err, stderr.String())
	}
	return string(out)
}

// expect checks, with every tool, what the release is now.
func (s *session) expect(all []tool, revision, status, color string) {
	s.t.Helper()
	for _, with := range all {
		var list []struct{ Name, Revision, Status, Chart string }
		out := s.run(with, "list", "-o", "json")
		if err := json.Unmarshal([]byte(out), &list); err != nil {
			s.t.Fatalf("%s list: %v: %s", with.name, err, out)
		}
		if len(list) != 1 || list[0].Revision != revision || list[0].Status != status || list[0].Chart != "hand-1.0.0" {
			s.t.Fatalf("%s lists %+v, want revision %s %s", with.name, list, revision, status)
		}
		if got := s.run(with, "get", "values", "hand", "-o", "json"); !strings.Contains(got, `"color":"`+color+`"`) {
			s.t.Fatalf("%s says that the values are %s, want %s", with.name, got, color)
		}
	}
	if got := apiGet(s.t, "api/v1/namespaces/"+s.namespace+"/configmaps/hand"); !strings.Contains(got, `"color":"`+color+`"`) {
		s.t.Fatalf("the cluster has %s, want color %s", got, color)
	}
	// What the chart has only for blue must be gone with any other color.
	extra := apiGet(s.t, "api/v1/namespaces/"+s.namespace+"/configmaps/hand-blue")
	if exists := strings.Contains(extra, `"kind":"ConfigMap"`); exists != (color == "blue") {
		s.t.Fatalf("color %s, and the object of blue: %s", color, extra)
	}
	if color != "blue" && strings.Contains(apiGet(s.t, "api/v1/namespaces/"+s.namespace+"/configmaps/hand"), `"onlyBlue"`) {
		s.t.Fatalf("a field that the chart dropped is still there")
	}
}

// TestInterop hands one release through every order of tools: one installs,
// the next upgrades, the next upgrades again, one rolls back, one uninstalls;
// after each step all of them must see the same.
func TestInterop(t *testing.T) {
	t.Parallel()
	all := tools(t)
	for _, first := range all {
		for _, second := range all {
			for _, third := range all {
				if first.name != "pack" && second.name != "pack" && third.name != "pack" {
					continue // Helm alone is not ours to test
				}
				t.Run(first.name+"-"+second.name+"-"+third.name, func(t *testing.T) {
					t.Parallel()
					s := newSession(t)
					s.run(first, "install", "hand", s.chart, "--set", "color=red", "--wait")
					s.expect(all, "1", "deployed", "red")
					s.run(second, "upgrade", "hand", s.chart, "--set", "color=blue", "--wait")
					s.expect(all, "2", "deployed", "blue")
					s.run(third, "upgrade", "hand", s.chart, "--set", "color=green")
					s.expect(all, "3", "deployed", "green")
					s.run(first, "rollback", "hand", "2", "--wait")
					s.expect(all, "4", "deployed", "blue")
					s.run(second, "rollback", "hand", "1")
					s.expect(all, "5", "deployed", "red")
					history := s.run(third, "history", "hand")
					if n := strings.Count(history, "superseded"); n != 4 {
						t.Fatalf("%s history:\n%s\nwant four superseded revisions", third.name, history)
					}
					s.run(third, "uninstall", "hand", "--keep-history")
					s.run(first, "rollback", "hand", "3")
					s.expect(all, "6", "deployed", "green")
					s.run(second, "uninstall", "hand")
					if out := s.run(first, "list", "-q"); strings.TrimSpace(out) != "" {
						t.Fatalf("still listed after the uninstall: %s", out)
					}
				})
			}
		}
	}
}

func newSession(t *testing.T) *session {
	t.Helper()
	dir := t.TempDir()
	chart := filepath.Join(dir, "hand")
	for name, content := range map[string]string{
		"Chart.yaml": "apiVersion: v2\nname: hand\nversion: 1.0.0\nappVersion: \"7\"\n",
		"templates/cm.yaml": `apiVersion: v1
kind: ConfigMap
metadata:
  name: hand
data:
  color: {{ .Values.color }}
  {{- if eq .Values.color "blue" }}
  onlyBlue: "yes"
  {{- end }}
{{- if eq .Values.color "blue" }}
---
apiVersion: v1
kind: ConfigMap
metadata:
  name: hand-blue
{{- end }}
{{- if .Values.bad }}
---
apiVersion: v1
kind: ConfigMap
metadata:
  name: hand-bad
  namespace: nowhere
{{- end }}
`,
		"templates/deploy.yaml": `apiVersion: apps/v1
kind: Deployment
metadata:
  name: hand
spec:
  replicas: {{ if eq .Values.color "blue" }}2{{ else }}1{{ end }}
  selector: {matchLabels: {app: hand}}
  template:
    metadata:
      labels: {app: hand}
    spec:
      containers:
      - name: c
        image: busybox:{{ .Values.color }}
`,
		"templates/hook.yaml": `apiVersion: batch/v1
kind: Job
metadata:
  name: hand-hook
  annotations:
    helm.sh/hook: pre-install,pre-upgrade,pre-rollback
spec:
  template:
    spec:
      restartPolicy: Never
      containers: [{name: c, image: busybox}]
`,
		"templates/NOTES.txt": "The color is {{ .Values.color }}.\n",
	} {
		path := filepath.Join(chart, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return &session{t: t, kubeconfig: cluster(t).Kubeconfig(), namespace: namespace(t), home: dir, chart: chart}
}
