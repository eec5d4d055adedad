package e2e_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// largeSession is a session whose chart makes about a MiB of text for each of
// files, which does not compress.
func largeSession(t *testing.T, files int) *session {
	t.Helper()
	s := newSession(t)
	if err := os.MkdirAll(filepath.Join(s.chart, "files"), 0o755); err != nil {
		t.Fatal(err)
	}
	for i := range files {
		data := make([]byte, 480<<10)
		if _, err := rand.Read(data); err != nil {
			t.Fatal(err)
		}
		s.write(fmt.Sprintf("files/f%d.txt", i), hex.EncodeToString(data))
	}
	s.write("templates/large.yaml", `{{- if .Values.large }}
{{- range $path, $data := .Files.Glob "files/*" }}
---
apiVersion: v1
kind: ConfigMap
metadata:
  name: {{ base $path | trimSuffix ".txt" }}
data:
  x: {{ $data | toString }}
{{- end }}
{{- end }}
`)
	return s
}

func (s *session) write(name, content string) {
	s.t.Helper()
	if err := os.WriteFile(filepath.Join(s.chart, name), []byte(content), 0o644); err != nil {
		s.t.Fatal(err)
	}
}

// refuses runs a tool that is to fail, and returns its standard error.
func (s *session) refuses(with tool, args ...string) string {
	s.t.Helper()
	ctx, cancel := context.WithCancel(s.t.Context())
	defer cancel()
	cmd := exec.CommandContext(ctx, with.path, append(args, "--namespace", s.namespace)...)
	cmd.Env = append(os.Environ(), "KUBECONFIG="+s.kubeconfig, "HOME="+s.home, "HELM_DRIVER=secret")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	if err := cmd.Run(); err == nil {
		s.t.Errorf("%s %s: no error", with.name, strings.Join(args, " "))
	}
	return stderr.String()
}

// has says whether an object of the release is there.
func (s *session) has(configMap string) bool {
	s.t.Helper()
	return strings.Contains(apiGet(s.t, "api/v1/namespaces/"+s.namespace+"/configmaps/"+configMap), `"kind":"ConfigMap"`)
}

// TestLargeRelease takes a release of 20 MiB through its life.
func TestLargeRelease(t *testing.T) {
	t.Parallel()
	pack := tool{"pack", packBinary(t)}
	s := largeSession(t, 20)
	s.run(pack, "install", "hand", s.chart, "--set", "color=red,large=true")
	s.run(pack, "upgrade", "hand", s.chart, "--set", "color=blue,large=true")
	s.expect([]tool{pack}, "2", "deployed", "blue")
	s.run(pack, "upgrade", "hand", s.chart, "--set", "color=green")
	if s.has("f19") {
		t.Error("an upgrade from a large record left what was dropped")
	}
	s.run(pack, "rollback", "hand", "1")
	s.expect([]tool{pack}, "4", "deployed", "red")
	if !s.has("f19") {
		t.Error("a rollback to a large record did not make all of it")
	}
	if n := strings.Count(s.run(pack, "history", "hand"), "superseded"); n != 3 {
		t.Errorf("%d superseded revisions", n)
	}
	s.run(pack, "uninstall", "hand")
	if s.has("f0") || s.has("hand") {
		t.Error("an uninstall of a large release left objects")
	}
	if left := apiGet(t, "api/v1/namespaces/"+s.namespace+"/secrets"); strings.Contains(left, "sh.helm.release") {
		t.Errorf("records are left: %.2000s", left)
	}
}

// TestInteropLarge: Helm sees a large release, and does nothing to it.
func TestInteropLarge(t *testing.T) {
	t.Parallel()
	all := tools(t)
	pack := all[0]
	for _, helm := range all[1:] {
		t.Run(helm.name, func(t *testing.T) {
			t.Parallel()
			s := largeSession(t, 3)
			s.run(pack, "install", "hand", s.chart, "--set", "color=red")
			s.run(pack, "upgrade", "hand", s.chart, "--set", "color=blue,large=true")
			if out := s.run(helm, "list"); !strings.Contains(out, "deployed") || !strings.Contains(out, "hand-1.0.0") {
				t.Errorf("list: %s", out)
			}
			const noSuchKind = `no matches for kind "RecordTooLargeForHelm"`
			for _, step := range []struct {
				want string
				args []string
			}{
				{noSuchKind, []string{"upgrade", "hand", s.chart, "--set", "color=green"}},
				{noSuchKind, []string{"upgrade", "--install", "hand", s.chart, "--set", "color=green"}},
				{"failed to delete release: hand", []string{"uninstall", "hand"}},
				// This leaves a revision that Helm could uninstall, so it is last.
				{noSuchKind, []string{"rollback", "hand", "1"}},
			} {
				if text := s.refuses(helm, step.args...); !strings.Contains(text, step.want) {
					t.Errorf("%s: %s", strings.Join(step.args, " "), text)
				}
			}
			for _, name := range []string{"hand", "hand-blue", "f0", "f2"} {
				if !s.has(name) {
					t.Errorf("Helm has removed %s", name)
				}
			}
			// What Helm wrote on the record has not hurt it.
			s.run(pack, "rollback", "hand", "2")
			s.run(pack, "upgrade", "hand", s.chart, "--set", "color=green")
			if s.has("f0") {
				t.Error("an upgrade from the large record left what was dropped")
			}
			s.run(helm, "uninstall", "hand")
			if s.has("hand") {
				t.Error("Helm cannot uninstall what is small again")
			}
			if left := apiGet(t, "api/v1/namespaces/"+s.namespace+"/secrets"); strings.Contains(left, `"name":"sh.helm.release.v1.hand.v`) && strings.Contains(left, `"owner":"helm"`) {
				t.Errorf("records are left: %.2000s", left)
			}
		})
	}
}
