package cli_test

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-0d4f92cc/pack/cmd/pack/internal/cli"
)

// program is a program of its own, in a folder of its own.
type program struct {
	dir      string
	out, err bytes.Buffer
}

func (p *program) run(t *testing.T, in string, args ...string) int {
	t.Helper()
	p.out.Reset()
	p.err.Reset()
	return cli.Run(t.Context(), cli.App{
		In: strings.NewReader(in), Out: &p.out, Err: &p.err,
		Env: func(string) (string, bool) { return "", false },
		Now: func() time.Time { return time.Unix(1_000_000_000, 0) },
		Dir: p.dir, Program: "pack",
	}, args)
}

func (p *program) mustRun(t *testing.T, in string, args ...string) string {
	t.Helper()
	if code := p.run(t, in, args...); code != 0 {
		t.Fatalf("pack %v: exit code %d\n%s", args, code, p.err.String())
	}
	return p.out.String()
}

func (p *program) write(t *testing.T, name, text string) {
	t.Helper()
	path := filepath.Join(p.dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func TestRunInAFolder(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"one", "two"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := &program{dir: t.TempDir()}
			p.mustRun(t, "", "create", name)
			p.mustRun(t, "", "lint", name, "--strict")
			p.mustRun(t, "", "package", name, "-d", "out")
			p.mustRun(t, "", "template", "out/"+name+"-0.1.0.tgz", "--output-dir", "rendered")
			for _, file := range []string{"out/" + name + "-0.1.0.tgz", "rendered/" + name + "/templates/deployment.yaml"} {
				if _, err := os.Stat(filepath.Join(p.dir, file)); err != nil {
					t.Error(err)
				}
			}
			if code := p.run(t, "", "template", name, "-f", "nope.yaml"); code != 1 {
				t.Errorf("exit code %d", code)
			}
			if diff := cmp.Diff("Error: open nope.yaml: no such file or directory\n", p.err.String()); diff != "" {
				t.Errorf("error (-want +got):\n%s", diff)
			}
		})
	}
}

func TestValuesFromElsewhere(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/values.yaml" {
			http.NotFound(w, r)
			return
		}
		_, _ = w.Write([]byte("a: from the server\n"))
	}))
	t.Cleanup(server.Close)
	p := &program{dir: t.TempDir()}
	p.write(t, "c/Chart.yaml", "apiVersion: v2\nname: c\nversion: 0.1.0\n")
	p.write(t, "c/templates/a.yaml", "a: {{ .Values.a }}\nb: {{ .Values.b }}\n")

	const want = "---\n# Source: c/templates/a.yaml\na: from the server\nb: from standard input\n"
	got := p.mustRun(t, "b: from standard input\n", "template", "c", "-f", server.URL+"/values.yaml", "-f", "-")
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("output (-want +got):\n%s", diff)
	}

	if code := p.run(t, "", "template", "c", "-f", server.URL+"/nope.yaml"); code != 1 {
		t.Errorf("exit code %d", code)
	}
	if diff := cmp.Diff("Error: failed to fetch "+server.URL+"/nope.yaml : 404 Not Found\n", p.err.String()); diff != "" {
		t.Errorf("error (-want +got):\n%s", diff)
	}

	secret := strings.Replace(server.URL, "http://", "http://me:secret@", 1)
	p.run(t, "", "template", "c", "-f", secret+"/nope.yaml")
	if strings.Contains(p.err.String(), "secret") {
		t.Errorf("the error tells the password: %s", p.err.String())
	}
}
