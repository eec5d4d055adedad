package render_test

import (
	"encoding/json"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

var helm = flag.String("helm", "", "a Helm 4.3.1 binary whose results are recorded as those that are wanted of the probes")

// TestRecord writes the results of the probes anew, with -helm.
func TestRecord(t *testing.T) {
	if *helm == "" {
		t.Skip("no -helm")
	}
	for _, name := range []string{"special.tsv", "functions.tsv"} {
		path := filepath.Join("testdata", "functions", name)
		var b strings.Builder
		for _, p := range readProbes(t, path) {
			p.kind, p.text = askHelm(t, p.expr)
			b.WriteString(quoted(t, p.expr) + "\t" + p.kind + "\t" + quoted(t, p.text) + "\n")
		}
		if err := os.WriteFile(path, []byte(b.String()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// quoted is a text as JSON, legible.
func quoted(t *testing.T, text string) string {
	t.Helper()
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(text); err != nil {
		t.Fatal(err)
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// askHelm renders the chart for probes with an expression. The output is hardly
// ever YAML; --debug prints it all the same.
func askHelm(t *testing.T, expr string) (kind, text string) {
	t.Helper()
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(filepath.Join("testdata", "functions"))); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Join(dir, "templates"), 0o700); err != nil {
		t.Fatal(err)
	}
	for _, recorded := range []string{"special.tsv", "functions.tsv"} {
		os.Remove(filepath.Join(dir, recorded))
	}
	if err := os.WriteFile(filepath.Join(dir, "templates", "p.txt"), []byte("<"+expr+">"), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), *helm, "template", "rel", dir, "--namespace", "ns", "--debug")
	var errs strings.Builder
	cmd.Stderr = &errs
	out, err := cmd.Output()
	if text, ok := strings.CutPrefix(string(out), "---\n# Source: probe/templates/p.txt\n"); ok {
		return "out", text
	}
	if err == nil {
		t.Fatalf("%s: helm printed %q", expr, out)
	}
	_, message, _ := strings.Cut("\n"+errs.String(), "\nError: ")
	message, _, _ = strings.Cut(message, "\n\nUse --debug flag")
	return "err", strings.TrimRight(message, "\n")
}
