package e2e_test

import (
	"context"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
)

// killer is a proxy in front of the API server that kills the program which talks
// through it at one of its writes: before the write is passed on, or after.
type killer struct {
	proxy *httputil.ReverseProxy
	url   string
	// ca is the authority of its certificate, in base64; empty for plain HTTP.
	ca string

	mu     sync.Mutex
	writes int
	// at is the write at which the process is killed; 0 means never.
	at     int
	after  bool
	kill   func()
	killed bool
	// signal sends a signal to the process that runs now.
	signal func(os.Signal)

	// fault is what happens to the requests from faultAt on; first is the first.
	fault             *fault
	faultAt, requests int
	first             string
	firstAt           time.Time
}

func newKiller(t *testing.T) *killer {
	t.Helper()
	k := idleKiller(t)
	server := httptest.NewServer(k)
	t.Cleanup(server.Close)
	k.url = server.URL
	return k
}

// connKey is where a request's context has its connection.
type connKey struct{}

// newHTTP2Killer is a killer that speaks as API servers do: HTTP/2 over TLS, where
// connections fail in ways of their own.
func newHTTP2Killer(t *testing.T) *killer {
	t.Helper()
	k := idleKiller(t)
	server := httptest.NewUnstartedServer(k)
	server.EnableHTTP2 = true
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.Config.ConnContext = func(ctx context.Context, c net.Conn) context.Context {
		return context.WithValue(ctx, connKey{}, c)
	}
	server.StartTLS()
	t.Cleanup(server.Close)
	k.url = server.URL
	k.ca = base64.StdEncoding.EncodeToString(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw}))
	return k
}

// reset ends the connection of a request, under HTTP/2 with all that it carries.
func reset(r *http.Request) {
	if conn, ok := r.Context().Value(connKey{}).(net.Conn); ok {
		conn.Close()
	}
	panic(http.ErrAbortHandler)
}

func idleKiller(t *testing.T) *killer {
	t.Helper()
	cfg, err := clientcmd.BuildConfigFromFlags("", cluster(t).Kubeconfig())
	if err != nil {
		t.Fatal(err)
	}
	transport, err := rest.TransportFor(cfg)
	if err != nil {
		t.Fatal(err)
	}
	target, err := url.Parse(cfg.Host)
	if err != nil {
		t.Fatal(err)
	}
	k := &killer{proxy: httputil.NewSingleHostReverseProxy(target)}
	k.proxy.Transport, k.proxy.FlushInterval = transport, -1
	k.proxy.ErrorHandler = func(w http.ResponseWriter, _ *http.Request, _ error) { w.WriteHeader(http.StatusBadGateway) }
	return k
}

// ServeHTTP passes a request on, or kills.
func (k *killer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if f := k.failing(r); f != nil {
		f.do(k, w, r)
		return
	}
	due, after := k.due(r)
	if due && !after {
		k.kill()
		panic(http.ErrAbortHandler)
	}
	if due {
		k.proxy.ServeHTTP(httptest.NewRecorder(), r)
		k.kill()
		panic(http.ErrAbortHandler)
	}
	k.proxy.ServeHTTP(w, r)
}

func (k *killer) due(r *http.Request) (due, after bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.killed && k.kill != nil {
		panic(http.ErrAbortHandler) // nothing of a dead process arrives
	}
	if r.Method == http.MethodGet {
		return false, false
	}
	k.writes++
	due = k.at > 0 && k.writes == k.at
	k.killed = k.killed || due
	return due, k.after
}

// run runs pack through the proxy, killing it at a write, and returns whether it was
// killed, its output, and how it ended.
func (k *killer) run(s *session, at int, after bool, args ...string) (bool, string, error) {
	s.t.Helper()
	return k.runTool(s, packBinary(s.t), at, after, args...)
}

func (k *killer) runTool(s *session, path string, at int, after bool, args ...string) (bool, string, error) {
	s.t.Helper()
	cmd := exec.CommandContext(s.t.Context(), path, append(args, "--namespace", s.namespace)...)
	cmd.Env = append(os.Environ(), "KUBECONFIG="+s.kubeconfig, "HOME="+s.home)
	var out strings.Builder
	cmd.Stdout, cmd.Stderr = &out, &out
	k.mu.Lock()
	k.writes, k.at, k.after, k.killed = 0, at, after, false
	k.signal = func(sig os.Signal) { _ = cmd.Process.Signal(sig) }
	k.kill = func() {}
	if at > 0 {
		k.kill = func() { _ = cmd.Process.Kill() }
	} else {
		k.kill = nil
	}
	k.mu.Unlock()
	err := cmd.Run()
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.killed, out.String(), err
}

func (k *killer) session(t *testing.T) *session {
	t.Helper()
	dir := t.TempDir()
	s := &session{t: t, namespace: namespace(t), home: dir, kubeconfig: filepath.Join(dir, "config"), chart: filepath.Join(dir, "chart")}
	config := fmt.Sprintf(`{apiVersion: v1, kind: Config, current-context: c,
clusters: [{name: c, cluster: {server: %q, certificate-authority-data: %q}}], users: [{name: u, user: {}}], contexts: [{name: c, context: {cluster: c, user: u}}]}`, k.url, k.ca)
	for name, text := range map[string]string{
		"config":            config,
		"chart/Chart.yaml":  "apiVersion: v2\nname: web\nversion: 1.0.0\n",
		"chart/values.yaml": "x: one\nmore: 0\n", "chart/templates/all.yaml": killChart,
	} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

// killChart has objects that every revision has, as many more as a value says, one that
// only revisions with its value have, and hooks before and after.
const killChart = `
{{- $names := list "a" "b" "c" .Values.x }}
{{- range until (int .Values.more) }}{{ $names = append $names (printf "x%02d" .) }}{{ end }}
{{- range $names }}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: m-{{ . }}}
data: {x: {{ $.Values.x }}}
{{- end }}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}, annotations: {x: {{ .Values.x }}}}
    spec: {containers: [{name: c, image: busybox}]}
{{- range list "pre-install,pre-upgrade,pre-rollback,pre-delete" "post-install,post-upgrade,post-rollback,post-delete" }}
---
apiVersion: v1
kind: ConfigMap
metadata:
  name: hook-{{ . | trunc 4 | trimSuffix "-" }}
  annotations: {helm.sh/hook: "{{ . }}", helm.sh/hook-delete-policy: "before-hook-creation,hook-succeeded"}
data: {x: {{ $.Values.x }}}
{{- end }}
`
