// Package testregistry gives a test a container registry of its own: it runs the
// program of test/registry, which holds the real one.
//
//	r := testregistry.Start(t, testregistry.Config{Binary: os.Getenv("PACK_REGISTRY"), TLS: true})
//
// Without a program the test is skipped; `make test` builds one. The registry
// ends with the test.
package testregistry

import (
	"bufio"
	"context"
	"encoding/json"
	"os/exec"
	"strings"
	"testing"
)

// Config is how a registry is set up. The zero value has no program.
type Config struct {
	// Binary is the program, which PACK_REGISTRY names; empty skips the test.
	Binary string
	// TLS serves over TLS, with an authority of its own.
	TLS bool
	// ClientCert takes only clients with a certificate by that authority.
	ClientCert bool
	// Auth is "none", "basic" or "token"; empty means "none". The user is "user",
	// the password "secret".
	Auth string
	// NoOAuth2 is for a token server that knows only the older requests.
	NoOAuth2 bool
	// Dir keeps the content; empty keeps it in memory.
	Dir string
}

// The user that registries with authentication know.
const (
	User     = "user"
	Password = "secret"
)

// Registry is one that runs.
type Registry struct {
	// Address is "127.0.0.1:port".
	Address string `json:"address"`
	// CAFile, CertFile and KeyFile are there with TLS.
	CAFile   string `json:"caFile"`
	CertFile string `json:"certFile"`
	KeyFile  string `json:"keyFile"`
}

// Start runs a registry until the test ends.
func Start(t testing.TB, cfg Config) *Registry {
	t.Helper()
	if cfg.Binary == "" {
		t.Skip("PACK_REGISTRY names no registry; `make test` builds one")
	}
	//nolint:gosec // The program is the one that the test was told of.
	cmd := exec.CommandContext(context.WithoutCancel(t.Context()), cfg.Binary, cfg.args(t.TempDir())...)
	var stderr strings.Builder
	cmd.Stderr = &stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatalf("start the registry: %v", err)
	}
	t.Cleanup(func() {
		_ = in.Close()
		if err := cmd.Wait(); err != nil {
			t.Errorf("the registry ended with: %v\n%s", err, stderr.String())
		}
	})
	r := new(Registry)
	line, err := bufio.NewReader(out).ReadBytes('\n')
	if err == nil {
		err = json.Unmarshal(line, r)
	}
	if err != nil {
		t.Fatalf("the registry says %q, and no address: %v", line, err)
	}
	return r
}

func (c Config) args(state string) []string {
	args := []string{"--stop-on-stdin-eof", "--state", state}
	if c.TLS {
		args = append(args, "--tls")
	}
	if c.ClientCert {
		args = append(args, "--client-cert")
	}
	if c.Auth != "" {
		args = append(args, "--auth", c.Auth, "--user", User, "--password", Password)
	}
	if c.NoOAuth2 {
		args = append(args, "--oauth2=false")
	}
	if c.Dir != "" {
		args = append(args, "--dir", c.Dir)
	}
	return args
}
