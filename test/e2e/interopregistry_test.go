package e2e_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/seed-0d4f92cc/pack/internal/testregistry"
)

// registryChart has all that comes to stand in an artifact.
const registryChart = `apiVersion: v2
name: hand
version: 1.2.3+b.7
appVersion: "7.0"
kubeVersion: ">=1.20.0-0"
description: |
  serves <pages> & "more",
  on two lines
type: application
deprecated: true
home: https://example.com/?a=1&b=2
icon: https://example.com/icon.svg
keywords: [web, "größer"]
sources: [https://example.com/src, https://example.com/more]
maintainers:
- {name: A B, email: a@example.com}
- {name: C, url: https://example.com/c}
- {name: D, email: d@example.com}
annotations:
  category: a & <b>
  org.opencontainers.image.title: another
  org.opencontainers.image.version: another
  org.opencontainers.image.vendor: some
  org.opencontainers.image.url: https://example.com/other
dependencies:
- name: sub
  version: ~1
  repository: https://example.com/charts
  alias: other
  condition: sub.enabled
  tags: [x]
  import-values: [data, {child: a, parent: b}]
`

// hands are two tools that hand charts to each other through a registry. They
// have one home, which Helm has been used in, and so the same logins.
type hands struct {
	t       *testing.T
	home    string
	address string
	flags   []string
	// env is what the tools' environment has besides.
	env []string
}

func (h *hands) run(with tool, args ...string) string {
	h.t.Helper()
	out, err := h.try(with, args...)
	if err != nil {
		h.t.Fatalf("%s %s: %v\n%s", with.name, strings.Join(args, " "), err, out)
	}
	return out
}

// try runs a tool in the home and returns what it printed, anywhere.
func (h *hands) try(with tool, args ...string) (string, error) {
	//nolint:gosec // The programs are those that the test was told of.
	cmd := exec.CommandContext(h.t.Context(), with.path, args...)
	cmd.Dir = h.home
	cmd.Env = append([]string{"HOME=" + h.home, "PATH=" + os.Getenv("PATH")}, h.env...)
	cmd.Stdin = strings.NewReader(testregistry.Password + "\n")
	out, err := cmd.CombinedOutput()
	return string(out), err
}

func (h *hands) write(name string, data []byte) {
	h.t.Helper()
	path := filepath.Join(h.home, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		h.t.Fatal(err)
	}
	if err := os.WriteFile(path, data, 0o600); err != nil {
		h.t.Fatal(err)
	}
}

func (h *hands) read(name string) []byte {
	h.t.Helper()
	data, err := os.ReadFile(filepath.Join(h.home, name))
	if err != nil {
		h.t.Fatal(err)
	}
	return data
}

// TestInteropRegistry pushes with one tool and pulls with the other, over every
// kind of connection; both must make the same artifact of a chart, to the byte.
func TestInteropRegistry(t *testing.T) {
	t.Parallel()
	binary := os.Getenv("PACK_REGISTRY")
	helms := []tool{}
	for _, h := range []tool{{"helm4", os.Getenv("HELM4")}, {"helm3", os.Getenv("HELM3")}} {
		if h.path != "" {
			helms = append(helms, h)
		}
	}
	if len(helms) == 0 || binary == "" {
		t.Skip("HELM4 and HELM3 name no binaries, or PACK_REGISTRY no registry; `make interop` builds them")
	}
	pack := tool{"pack", packAlone(t)}
	for name, cfg := range map[string]testregistry.Config{
		"plain":       {Binary: binary},
		"tls":         {Binary: binary, TLS: true},
		"certificate": {Binary: binary, TLS: true, ClientCert: true},
		"basic":       {Binary: binary, TLS: true, Auth: "basic"},
		"token":       {Binary: binary, Auth: "token"},
		"no-oauth2":   {Binary: binary, TLS: true, Auth: "token", NoOAuth2: true},
	} {
		for _, helm := range helms {
			t.Run(name+"-"+helm.name, func(t *testing.T) {
				t.Parallel()
				h := newHands(t, cfg)
				for _, pair := range [][2]tool{{pack, helm}, {helm, pack}} {
					h.handOver(pair[0], pair[1], cfg.Auth != "")
				}
			})
		}
	}
}

func newHands(t *testing.T, cfg testregistry.Config) *hands {
	t.Helper()
	r := testregistry.Start(t, cfg)
	h := &hands{t: t, home: t.TempDir(), address: r.Address}
	switch {
	case cfg.ClientCert:
		h.flags = []string{"--ca-file", r.CAFile, "--cert-file", r.CertFile, "--key-file", r.KeyFile}
	case cfg.TLS:
		h.flags = []string{"--ca-file", r.CAFile}
	default:
		h.flags = []string{"--plain-http"}
	}
	h.write("hand/Chart.yaml", []byte(registryChart))
	h.write("hand/values.yaml", []byte("a: 1\n"))
	h.write("hand/charts/sub/Chart.yaml", []byte("apiVersion: v2\nname: sub\nversion: 1.0.0\n"))
	// Where Helm has been used pack keeps its logins up; else it has a file of its own.
	h.write(".config/helm/registry/config.json", []byte("{}"))
	return h
}

// handOver lets one tool log in and push, and the other pull and log out.
func (h *hands) handOver(first, second tool, login bool) {
	t := h.t
	t.Helper()
	archive := "hand-1.2.3+b.7.tgz"
	h.run(first, "package", "hand")
	h.write(archive+".prov", []byte("a signature"))
	when := time.Date(2024, 5, 6, 7, 8, 9, 0, time.Local)
	if err := os.Chtimes(filepath.Join(h.home, archive), when, when); err != nil {
		t.Fatal(err)
	}
	with := func(args ...string) []string { return append(args, h.flags...) }
	base := "oci://" + h.address + "/" + first.name
	if login {
		if out, err := h.try(second, with("push", archive, base)...); err == nil {
			t.Fatalf("%s pushes without a login: %s", second.name, out)
		}
		if out := h.run(first, with("registry", "login", h.address, "-u", testregistry.User, "--password-stdin")...); !strings.Contains(out, "Login Succeeded") {
			t.Fatalf("%s logs in: %s", first.name, out)
		}
	}
	pushed := digestIn(t, h.run(first, with("push", archive, base)...))
	if again := digestIn(t, h.run(second, with("push", archive, base+"/again")...)); again != pushed {
		t.Errorf("%s makes %s of the chart, and %s makes %s", first.name, pushed, second.name, again)
	}
	// Helm cannot pull a tag that stands for a version with "+", unless by
	// --version.
	h.run(first, "package", "hand", "--version", "1.2.2", "--destination", "older")
	older := digestIn(t, h.run(first, with("push", "older/hand-1.2.2.tgz", base)...))
	for _, ref := range []string{base + "/hand:1.2.2", base + "/hand:1.2.2@" + older} {
		if got := digestIn(t, h.run(second, with("pull", ref, "-d", "older")...)); got != older {
			t.Errorf("%s pulls %s as %s, and not %s", second.name, ref, got, older)
		}
	}
	for what, args := range map[string][]string{
		"version": {"pull", base + "/hand", "--version", "1.2.3+b.7", "--prov"},
		"range":   {"pull", base + "/hand", "--version", "^1", "--prov"},
		"newest":  {"pull", base + "/hand", "--prov"},
		"digest":  {"pull", base + "/hand@" + pushed, "--prov"},
	} {
		dir := "got-" + first.name + "-" + what
		if err := os.Mkdir(filepath.Join(h.home, dir), 0o755); err != nil {
			t.Fatal(err)
		}
		got := digestIn(t, h.run(second, with(append(args, "-d", dir)...)...))
		file := archive
		if strings.Contains(args[1], "@") {
			file = "hand@" + strings.Replace(pushed, ":", "-", 1) + ".tgz"
		}
		if got != pushed || !bytes.Equal(h.read(dir+"/"+file), h.read(archive)) || !bytes.Equal(h.read(dir+"/"+file+".prov"), h.read(archive+".prov")) {
			t.Errorf("%s: %s pulls %s, and not what was pushed", what, second.name, got)
		}
	}
	if out := h.run(second, with("show", "chart", base+"/hand")...); !strings.Contains(out, "version: 1.2.3+b.7") {
		t.Errorf("%s shows %s", second.name, out)
	}
	if login {
		h.run(second, "registry", "logout", h.address)
		if out, err := h.try(first, with("pull", base+"/hand")...); err == nil {
			t.Errorf("%s pulls after %s has logged out: %s", first.name, second.name, out)
		}
	}
}

func digestIn(t *testing.T, out string) string {
	t.Helper()
	found := regexp.MustCompile(`(?m)^Digest: (sha256:[0-9a-f]{64})$`).FindStringSubmatch(out)
	if found == nil {
		t.Fatalf("no digest in: %s", out)
	}
	return found[1]
}
