package cli_test

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/seed-0d4f92cc/pack/cmd/pack/internal/cli"
)

// compatHelm is the environment variable that names a Helm binary to record the
// expected outputs with: `make compat-record HELM=path`.
const compatHelm = "PACK_COMPAT_HELM"

// TestCompat holds that commands print what Helm 4 prints: byte for byte on the
// standard output, with the same exit code and, where they fail, the same first
// line of the error. testdata/compat/*.txtar hold charts, the commands (file
// "commands", a line each) and what Helm did (files "helm/1", …). Files below
// "served" are served by HTTP, at what is $URL in commands and outputs.
func TestCompat(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("../../../../testdata/compat/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no cases (%v)", err)
	}
	helm := os.Getenv(compatHelm)
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			t.Parallel()
			a, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if helm != "" {
				recordCompat(t, helm, file, a)
				return
			}
			checkCompat(t, a)
		})
	}
}

// compatCase is what is in an archive.
type compatCase struct {
	dir      string
	url      string
	commands []string
	recorded map[string]string
}

func unpackCompat(t *testing.T, a *txtar.Archive) compatCase {
	t.Helper()
	c := compatCase{dir: t.TempDir(), recorded: map[string]string{}}
	for _, f := range a.Files {
		switch {
		case f.Name == "commands":
			c.commands = strings.Split(strings.TrimSpace(string(f.Data)), "\n")
			continue
		case strings.HasPrefix(f.Name, "helm/"):
			c.recorded[f.Name] = string(f.Data)
			continue
		}
		path := filepath.Join(c.dir, filepath.FromSlash(f.Name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		data := bytes.ReplaceAll(f.Data, []byte("<CR>\n"), []byte("\r\n"))
		data = bytes.ReplaceAll(data, []byte("<BOM>"), []byte("\ufeff"))
		data = bytes.TrimSuffix(data, []byte("<EOF>\n"))
		if err := os.WriteFile(path, data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if len(c.commands) == 0 {
		t.Fatal("there are no commands")
	}
	if served := filepath.Join(c.dir, "served"); exists(served) {
		srv := httptest.NewServer(http.FileServer(http.Dir(served)))
		t.Cleanup(srv.Close)
		c.url = srv.URL
		for i, command := range c.commands {
			c.commands[i] = strings.ReplaceAll(command, "$URL", c.url)
		}
	}
	return c
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// valueInError is what Helm says of a value that pack does not repeat: it may be secret.
var valueInError = regexp.MustCompile(`\(string=[^)]*\)`)

func checkCompat(t *testing.T, a *txtar.Archive) {
	t.Helper()
	c := unpackCompat(t, a)
	if len(c.recorded) != len(c.commands) {
		t.Fatalf("%d commands, %d outputs: record them again", len(c.commands), len(c.recorded))
	}
	for i, command := range c.commands {
		var out, errs bytes.Buffer
		app := cli.App{
			In: strings.NewReader(""), Out: &out, Err: &errs, Dir: c.dir, Home: filepath.Join(c.dir, "home"),
			Env: func(string) (string, bool) { return "", false }, Now: time.Now, Program: "pack",
		}
		code := cli.Run(t.Context(), app, strings.Fields(command))
		got := c.output(code, out.String(), errs.String())
		want := valueInError.ReplaceAllString(c.recorded[fmt.Sprintf("helm/%d", i+1)], "(string=…)")
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("pack %s (-Helm +pack):\n%s", command, diff)
		}
	}
}

// recordCompat writes what Helm does into an archive.
func recordCompat(t *testing.T, helm, file string, a *txtar.Archive) {
	t.Helper()
	c := unpackCompat(t, a)
	var kept []txtar.File
	for _, f := range a.Files {
		if !strings.HasPrefix(f.Name, "helm/") {
			kept = append(kept, f)
		}
	}
	a.Files = kept
	for i, command := range c.commands {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		cmd := exec.CommandContext(ctx, helm, strings.Fields(command)...)
		cmd.Dir = c.dir
		cmd.Env = []string{"HOME=" + filepath.Join(c.dir, "home")}
		var out, errs bytes.Buffer
		cmd.Stdout, cmd.Stderr = &out, &errs
		_ = cmd.Run() // the exit code is part of what is recorded
		cancel()
		text := c.output(cmd.ProcessState.ExitCode(), out.String(), errs.String())
		a.Files = append(a.Files, txtar.File{Name: fmt.Sprintf("helm/%d", i+1), Data: []byte(text)})
	}
	if err := os.WriteFile(file, txtar.Format(a), 0o644); err != nil {
		t.Fatal(err)
	}
}

// output is what is compared of a command's doings.
func (c *compatCase) output(code int, out, errs string) string {
	first := ""
	for line := range strings.Lines(errs) {
		if strings.HasPrefix(line, "Error:") {
			first = strings.TrimSpace(line)
			break
		}
	}
	text := fmt.Sprintf("exit %d\n%s\n%s", code, first, out)
	text = strings.ReplaceAll(text, c.dir, "$DIR")
	if c.url != "" {
		text = strings.ReplaceAll(text, c.url, "$URL")
	}
	text = strings.ReplaceAll(text, `"helm `, `"pack `)
	if !strings.HasSuffix(text, "\n") {
		text += "(no line break)\n"
	}
	return text
}
